"""Explain a translation: for each element of a native document, which field of an event it became.

Measured, not declared: each element is changed and removed in turn, the document is translated
again, and the events are compared. So it works for every format that is XML, JSON, HL7 v2 or
delimited text, one written outside this project too. Pure. Read ``explaining.py`` first.
"""
