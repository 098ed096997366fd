"""The audit console: a website on which an IG officer finds, understands and proves what was done.

Every page is plain HTML that works without JavaScript, loads nothing from elsewhere, and is opened
only by a role that may (schemas/roles.py). Whoever opens one is written into the ledger first.
"""
