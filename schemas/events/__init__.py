"""The event types, one file per sector: each with its sections and, at the end, its types."""
