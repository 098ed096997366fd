"""Why somebody decides or opens something, as they typed it: the rule that such a field keeps."""

from __future__ import annotations

from hub.console.security.access_reason import LONGEST_REASON


def problem_with(reason: str) -> str | None:
    """Say what is wrong with a reason; None where it may stand in the ledger."""
    if not reason:
        return "Enter a reason: a case number or a code, no names"
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        return f"The reason must be {LONGEST_REASON} characters or fewer, on one line"
    return None
