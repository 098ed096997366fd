"""Web console: pages for information-governance officers, and the audit API.

The pages are plain HTML without JavaScript and load nothing from other hosts. A page opens only to
a role that has its permission (``schemas/roles.py``), and each access is recorded in the ledger.
The package may import ``casework``, ``evidence`` and what is below them, but never ``store``; it is
the only one that imports web libraries. Read ``register.py`` first: it lists every route.
"""
