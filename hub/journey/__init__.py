"""The journey of one event, as pure functions on values: no broker, SQL, clock, logger or files.

From recognising an event to deciding, releasing and the ledger entries that record it. Imports
``schemas``, ``consent`` and the two pure neighbours ``hub.ledger`` and ``hub.sealing``. Read
``pipeline.py`` first: its numbered steps are the story that everything else serves.
"""
