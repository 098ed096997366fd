"""What people do with the hub, one sub-package or file a noun; command line and console call it.

Each function is one transaction together with its ledger entries. May import ``evidence`` and
everything below it. Read ``directives/recording.py`` first.
"""
