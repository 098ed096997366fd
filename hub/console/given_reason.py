"""Why somebody looks or decides, as they typed it: the rule that every such field keeps. Pure."""

from __future__ import annotations

LONGEST = 200


def problem_with(reason: str) -> str | None:
    """Say what is wrong with a reason; None where it may stand in the ledger."""
    if not reason:
        return "Enter a reason: a case number or a code, no names"
    if len(reason) > LONGEST or not reason.isprintable():
        return f"The reason must be {LONGEST} characters or fewer, on one line"
    return None
