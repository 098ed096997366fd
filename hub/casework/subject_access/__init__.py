"""Subject access (UK GDPR Article 15): the copy of a child's record, and the officer's note."""
