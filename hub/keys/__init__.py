"""The hub's keys: master keys, the vault that encrypts stored data, sealing and witness key pairs.

May import ``bus``, ``sealing``, ``ledger`` and ``foundation``. Read ``vault.py`` first.
"""
