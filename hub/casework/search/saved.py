"""Users' saved searches; none of them names a child."""

from __future__ import annotations

from hub.foundation import clock
from hub.intake.hub import Hub
from hub.store.saved_searches import Saved
from schemas.errors import ConfigurationError, NotFound

LONGEST_NAME = 80
LONGEST_QUERY = 2000
MOST = 50


def listed(hub: Hub, person: str) -> list[Saved]:
    """Return a person's searches, by name."""
    with hub.reading() as work:
        return work.saved_searches.of(person)


def keep(hub: Hub, person: str, name: str, query: str) -> Saved:
    """Save a search; ``query`` is the query string of its address, and names no child.

    Raises ConfigurationError for a name or query that is too long, and for too many searches.
    """
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise ConfigurationError(f"Give the search a name of {LONGEST_NAME} characters or fewer")
    if len(query) > LONGEST_QUERY or "child=" in query:
        raise ConfigurationError("A search by child is not saved: give your reason each time")
    saved = Saved(clock.new_id(), name, query)
    with hub.writing() as (work, _):
        if len(work.saved_searches.of(person)) >= MOST:
            raise ConfigurationError(f"You have {MOST} saved searches. Delete one of them first")
        work.saved_searches.keep(person, saved, work.now)
    return saved


def forget(hub: Hub, person: str, reference: str) -> None:
    """Delete one of a person's own searches; raises NotFound where it is not theirs."""
    with hub.writing() as (work, _):
        if not work.saved_searches.drop(person, reference):
            raise NotFound("You have no such saved search.")
