"""Security: sign-in, permissions, reasons for access, rate limits and response headers.

``guard.py`` admits a request to a page, and is the file to read first. The package may import
``hub.casework.accounts`` and ``page_context``; pages and forms import from it, never the reverse.
"""
