"""Forms: what a user typed or chose, read from a request and validated.

A form is a frozen value that keeps the input as typed, so that a page can show it again with the
problems found. The package may import ``views`` and ``security``. Start with ``date_input.py``, the
smallest one.
"""
