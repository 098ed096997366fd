"""Validation of the reason for a decision or for opening something."""

from __future__ import annotations

from hub.console.security.access_reason import LONGEST_REASON


def problem_with(reason: str) -> str | None:
    """Return the problem with a reason; None if it may be recorded in the ledger."""
    if not reason:
        return "Enter a reason: a case number or a code, without names"
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        return f"The reason must be {LONGEST_REASON} characters or fewer, on one line"
    return None
