"""The command line: ``hub NOUN VERB``, one small file per noun, errors as one plain paragraph."""

from __future__ import annotations

from hub.cli.root import main

__all__ = ["main"]
