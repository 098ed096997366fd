"""The ledger's sentences as somebody reads them who knows no codes: agencies and events by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from hub.console.views.text import event_type
from schemas.registry import EVENT_TYPES


def with_names(titles: Callable[[str], str], agencies: Collection[str]) -> Callable[..., str]:
    """Make the filter: codes of agencies and types of events become their names.

    With a ``child`` its id becomes "the child", which is right on a page about one.
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
