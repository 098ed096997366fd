"""The audit console: a website on which an IG officer finds, understands and proves what was done.

Every page is plain HTML that works without JavaScript, loads nothing from other hosts, and opens
only for a role that may see it (schemas/roles.py). Each access is recorded in the ledger first.
Only this package imports the web framework; it never imports ``store``. Read ``app.py`` first.
"""
