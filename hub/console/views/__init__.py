"""Views: the texts and values that templates show.

Codes, dates and names are written for people here, and records are grouped as a page shows them.
The modules read no store. Start with ``text.py``, the filters that every template uses.
"""
