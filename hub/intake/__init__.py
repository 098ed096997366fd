"""What arrives, carried out: each batch of events, receipts or key requests is one transaction.

Carries out what ``journey`` decides, through ``store``. Read ``hub.py`` first.
"""
