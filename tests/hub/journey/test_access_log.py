"""The access log as it is read out of entries."""

from __future__ import annotations

from hub.journey.access_log import Access, access_of
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.reviews import ReviewOpenedEntry
from tests.entry_samples import NOW, sample


def test_an_access_is_read_back_as_it_was_recorded() -> None:
    """Who, to what, about whom, and why."""
    body = sample(DataAccessedEntry, what="decisions", child="child-1")
    at = "2026-09-01T12:00:00.000000Z"
    assert access_of(3, body, NOW) == Access(3, at, "jmalik", "decisions", "child-1", "CASE-9")


def test_an_access_that_found_nobody_names_no_child() -> None:
    """It is an access all the same."""
    access = access_of(3, sample(DataAccessedEntry, child=None), NOW)
    assert access is not None
    assert access.child is None


def test_other_entries_are_no_accesses() -> None:
    """Nobody viewed anything."""
    assert access_of(3, sample(ReviewOpenedEntry), NOW) is None
