"""The ledger in use: verify, replay, explain, prove, export, and search what was disclosed.

May import ``intake`` and everything below it. Read ``verification.py`` first.
"""
