"""Names instead of codes in the ledger's sentences: agencies and event types."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from hub.console.views.text import event_type
from schemas.registry import EVENT_TYPES


def with_names(titles: Callable[[str], str], agencies: Collection[str]) -> Callable[..., str]:
    """Return the filter that replaces codes of agencies and event types with their names.

    With a ``child`` its id becomes "the child", for pages about one child.
    """
    names = sorted([*agencies, *EVENT_TYPES], key=len, reverse=True)
    code = re.compile(r"(?<![\w.-])(" + "|".join(map(re.escape, names)) + r")(?![\w-])")

    def named(match: re.Match[str]) -> str:
        found = match[0]
        return f"“{event_type(found)}”" if found in EVENT_TYPES else titles(found)

    def write(sentence: str, child: str = "") -> str:
        text = sentence.replace(f"child {child}", "the child") if child else sentence
        return code.sub(named, text)

    return write
