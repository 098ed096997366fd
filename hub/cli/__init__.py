"""The command line: ``hub NOUN VERB``, one small file per noun, errors as one plain paragraph.

Parses options, calls the packages below and prints the result; never imports ``store``. Read
``root.py`` first.
"""

from __future__ import annotations

from hub.cli.root import main

__all__ = ["main"]
