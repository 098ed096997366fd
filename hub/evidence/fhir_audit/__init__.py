"""Ledger entries as FHIR AuditEvents, in the patterns of IHE BALP. Read ``export.py`` first."""
