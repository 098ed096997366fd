"""The index of decisions, and replay, over both stores."""

from __future__ import annotations

from hub import clock
from hub.office import Office
from hub.pipeline import Letter
from hub.replay import Chosen, replay
from hub.search_desk import reindex, search
from hub.store.query import Place, Query
from tests.happenings import Child, absent, registered


def _work(office: Office) -> None:
    children = [Child(number) for number in range(1, 6)]
    events = [event for child in children for event in (registered(child), absent(child))]
    office.take([Letter(event.to_json(), "school", clock.now()) for event in events])


def test_the_index_made_anew_is_the_index_that_grew(office: Office) -> None:
    """Row by row, in the same order."""
    _work(office)
    before = search(office, Query(), 1000)
    assert before.rows
    assert reindex(office).rows == len(before.rows)
    assert search(office, Query(), 1000) == before


def test_pages_never_split_a_decision(office: Office) -> None:
    """Page by page every row comes once, and a decision's rows stay together."""
    _work(office)
    paged, place = [], Place()
    while place is not None:
        page = search(office, Query(agency="care"), 1, place)
        assert len({row.position for row in page.rows}) == 1
        paged += page.rows
        place = page.more
    assert tuple(paged) == search(office, Query(agency="care"), 1000).rows


def test_every_decision_is_made_again(office: Office) -> None:
    """All come out the same."""
    _work(office)
    done = replay(office, Chosen())
    assert done.verified
    assert done.replayed > 0
