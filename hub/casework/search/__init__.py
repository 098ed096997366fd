"""Searches of the disclosure index and the access log, saved searches, and CSV."""
