"""The audit API: read-only JSON for auditors' programs."""
