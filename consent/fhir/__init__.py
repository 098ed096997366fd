"""The standards of health records: what was decided as AuditEvent, what was said as Consent."""
