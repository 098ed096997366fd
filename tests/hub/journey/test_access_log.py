"""The access log as it is read out of entries."""

from __future__ import annotations

import datetime as dt

from hub.journey import entries
from hub.journey.access_log import Looked, look_of
from hub.ledger.entry import EntryKind, LedgerEntry

NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


def test_a_look_is_read_back_as_it_was_recorded() -> None:
    """Who, at what, of whom, and why."""
    entry, _ = entries.looked("jmalik", "decisions", "child-1", "CASE-9", NOW)
    at = "2026-09-01T00:00:00.000000Z"
    assert look_of(3, entry) == Looked(3, at, "jmalik", "decisions", "child-1", "CASE-9")


def test_a_look_that_found_nobody_names_no_child() -> None:
    """It is a look all the same."""
    entry, _ = entries.looked("jmalik", "decisions", None, "CASE-9", NOW)
    look = look_of(3, entry)
    assert look is not None
    assert look.child is None


def test_other_entries_are_no_looks() -> None:
    """Nobody looked."""
    assert look_of(3, LedgerEntry(kind=EntryKind.REVIEW, at=NOW, body={"by": "jmalik"})) is None
