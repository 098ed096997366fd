"""The event types, one file per sector; schemas/registry.py lists them all."""
