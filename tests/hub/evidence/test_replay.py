"""Replay, those at release too: one position quickly, and the same as by the whole ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen, remove

from consent.agreement import Agreement
from hub.casework.agreements import publishing
from hub.casework.children.changes import erase, merge, split
from hub.casework.deliveries.reoffer import reoffer
from hub.evidence.child_lookup import Sought
from hub.evidence.logged_decisions import DECIDING, contents_logged
from hub.evidence.replay import UNREADABLE, Again, ReplaySelection, made_again, replay, replay_one
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.release import Contents
from schemas.errors import NotFound
from schemas.event import RecordStatus
from schemas.identifiers import System
from tests.configuration import agreement
from tests.events import (
    Child,
    absent,
    appointed,
    case_opened,
    recorded,
    referred,
    registered,
    withdrawn,
)
from tests.hub.hubs import ask, delivery_of, ledger, make_hub, own_id, take

ANNA, BEN, CARA = Child(1), Child(2), Child(3)
WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


def newer() -> Agreement:
    """A second version of the tests' agreement, with a rule less."""
    paper = agreement()
    rules = tuple(rule for rule in paper.rules if rule.id != "attendance")
    return paper.model_copy(update={"version": 2, "rules": rules})


def ask_for_all(hub: Hub) -> None:
    """Ask for the keys of every delivery there is, each as its recipient."""
    with hub.reading() as work:
        cards = work.deliveries.cards()
    for card in cards:
        ask(hub, card.recipient, card.id)


@pytest.fixture
def busy(hub: Hub) -> Hub:
    """Consents given and withdrawn, keys asked for, a merge, a split, a re-offer, an erasure."""
    take(hub, registered(ANNA), registered(BEN), referred(ANNA), referred(BEN))
    take(hub, case_opened(ANNA), recorded(ANNA, "D1"), recorded(BEN, "D2", kind="refusal"))
    take(hub, appointed(ANNA, "A1"), appointed(BEN, "B1"), absent(ANNA))
    ask_for_all(hub)
    take(hub, withdrawn(ANNA, "D1"), appointed(ANNA, "A2"))
    ask_for_all(hub)
    take(hub, recorded(ANNA, "D3"))
    anna, ben = (ledger(hub, "decision")[n]["child"] for n in (0, 4))
    reoffer(hub, Sought(anna), by="jmalik", reason="T", dry_run=False)
    ask_for_all(hub)
    publishing.publish(hub, [newer()], by="test")
    take(hub, absent(ANNA, attended=50), appointed(ANNA, "A3"))
    merge(hub, ben, anna, WORD)
    take(hub, appointed(BEN, "B2"), recorded(BEN, "D4"))
    ask_for_all(hub)
    split(hub, anna, [(System.NHS_NUMBER, BEN.nhs), (System.UPN, BEN.upn)], WORD)
    take(hub, appointed(BEN, "B3"), appointed(ANNA, "A4"))
    ask_for_all(hub)
    take(hub, registered(CARA), referred(CARA), recorded(CARA, "D5"), appointed(CARA, "C1"))
    ask_for_all(hub)
    erase(hub, anna, WORD)
    ask_for_all(hub)
    return hub


def positions(hub: Hub) -> dict[int, Again]:
    """Every decision made again by reading the whole ledger, by its position."""
    with hub.reading() as work:
        return {row.position: again for row, again in made_again(work, ReplaySelection())}


def forge(hub: Hub, position: int, old: str, new: str) -> None:
    """Change an entry in the store."""
    with hub.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS ledger_no_update"))
        place = {"n": position}
        found = text("SELECT entry FROM ledger WHERE position = :n")
        entry = bytes(connection.scalar(found, place)).decode()
        assert old in entry
        changed = text("UPDATE ledger SET entry = :e WHERE position = :n")
        connection.execute(changed, {"e": entry.replace(old, new).encode(), **place})


def place_of(hub: Hub, kind: str, part: str) -> int:
    """The position of the first entry of a kind in whose bytes something stands."""
    with hub.reading() as work:
        rows = [row for row in work.ledger.rows() if row.kind == kind]
    return next(row.position for row in rows if part.encode() in row.entry)


def fields(hub: Hub, position: int) -> set[str]:
    """What is not the same at a position."""
    return {one.field for one in replay_one(hub, position).again.differences}


# -- releases


def test_what_was_decided_at_release_comes_out_the_same(busy: Hub) -> None:
    """Every decision and every release, after all that has happened."""
    done = replay(busy, ReplaySelection())
    assert done.disagreements == ()
    decided = len(ledger(busy, "decision")) + len(ledger(busy, "release"))
    assert done.replayed == decided
    assert any(not body["anything"] for body in ledger(busy, "release"))
    assert any(body["released"] for body in ledger(busy, "release"))


def test_the_ledger_tells_what_a_delivery_held(busy: Hub) -> None:
    """The same as the store keeps with the delivery, those offered again too."""
    with busy.reading() as work:
        cards = work.deliveries.cards()
        for card in cards:
            told = contents_logged(work.ledger, card.event, card.id)
            assert told == Contents.model_validate_json(card.contents)
    assert len({card.event for card in cards}) < len(cards)


def test_keys_that_were_not_permitted_are_named(hub: Hub) -> None:
    """A release that says less was withheld than follows does not pass."""
    take(hub, registered(ANNA), recorded(ANNA, "D1"))
    event = appointed(ANNA, "A1")
    take(hub, event, withdrawn(ANNA, "D1"))
    ask(hub, "school", delivery_of(hub, event, "school"))
    place = place_of(hub, "release", '"released":[]')
    forge(hub, place, '"released":[]', '"released":["health"]')
    assert fields(hub, place) == {"released"}


def test_a_release_of_what_was_never_made_is_named(busy: Hub) -> None:
    """Its delivery stands nowhere in the ledger."""
    body = ledger(busy, "release")[0]
    place = place_of(busy, "release", body["delivery"])
    forge(busy, place, body["delivery"], "0" * 36)
    assert "delivery" in fields(busy, place)


def test_a_release_without_its_decision_is_named(busy: Hub) -> None:
    """Only a notice has none."""
    place = place_of(busy, "release", '"question"')
    forge(busy, place, '"question"', '"questiom"')
    (found,) = replay_one(busy, place).again.differences
    assert found.logged == UNREADABLE


def test_a_notice_decides_nothing_and_is_left_out(hub: Hub) -> None:
    """Whoever was told of a record is told that it is wrong, whatever is in force."""
    first = appointed(ANNA, "A1", record="appointment-1")
    take(hub, registered(ANNA), recorded(ANNA, "D1"), first)
    ask(hub, "school", delivery_of(hub, first, "school"))
    wrong = appointed(ANNA, "A1", record="appointment-1", status=RecordStatus.RETRACTED)
    take(hub, withdrawn(ANNA, "D1"), wrong)
    ask(hub, "school", delivery_of(hub, wrong, "school"))
    releases = ledger(hub, "release")
    assert ["question" in body for body in releases] == [True, False]
    done = replay(hub, ReplaySelection())
    assert done.verified
    assert done.replayed == len(ledger(hub, "decision")) + 1


# -- one position


def test_one_position_alone_comes_out_as_by_the_whole_ledger(busy: Hub) -> None:
    """At every place: outcome, agreements, directives as they stood, and differences."""
    whole = positions(busy)
    assert len(whole) > 40
    assert {place: replay_one(busy, place).again for place in whole} == whole


def test_a_forged_past_is_seen_alike(busy: Hub) -> None:
    """What was left out, and what was changed, is the same either way."""
    forge(
        busy,
        place_of(busy, "decision", '"considered":["d-'),
        '"considered":["d-',
        '"considered":["x-',
    )
    forge(
        busy,
        place_of(busy, "directive-recorded", '"kind":"consent"'),
        '"kind":"consent"',
        '"kind":"refusal"',
    )
    forge(
        busy, place_of(busy, "agreement-published", '"version":2'), '"agreement":', '"agreememt":'
    )
    whole = positions(busy)
    assert sum(bool(again.differences) for again in whole.values()) > 2
    assert {place: replay_one(busy, place).again for place in whole} == whole


def test_the_whole_ledger_is_not_read_for_one_position(busy: Hub) -> None:
    """Only agreements, what was said about the child, and the decision itself."""
    take(busy, *(registered(Child(number)) for number in range(10, 40)))
    place = place_of(busy, "decision", '"considered":["d-')
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:  # noqa: ANN401  as the library calls it
        asked.append(given[2:4])

    listen(busy.engine, "before_cursor_execute", note)
    with busy.reading() as work:
        assert len(list(made_again(work, ReplaySelection(position=place)))) == 1
    remove(busy.engine, "before_cursor_execute", note)
    with busy.engine.connect() as connection:
        found = [
            len(connection.exec_driver_sql(statement, values).all())
            for statement, values in asked
            if statement.startswith("SELECT")
        ]
    with busy.reading() as work:
        assert 0 < sum(found) < work.ledger.size() / 4


def test_one_position_shows_what_a_person_wants_to_see(busy: Hub) -> None:
    """The decision as logged and made again, with the agreements and directives it used."""
    place = place_of(busy, "release", '"released":["health","identity"]')
    shown = replay_one(busy, place)
    assert (shown.kind, shown.recipient, shown.verified) == ("release", "school", True)
    assert shown.logged == shown.again.made
    assert [one.id for one in shown.again.agreements] == ["test-sharing"]
    assert [one.kind.value for one in shown.again.directives] == ["consent"]
    assert shown.again.given is not None
    assert [c.value for c in shown.again.given.sections] == ["health", "identity"]


def test_a_position_without_a_decision_is_not_found(busy: Hub) -> None:
    """Nor one behind the end."""
    for place in (0, 100_000):
        with pytest.raises(NotFound):
            replay_one(busy, place)


def test_a_former_id_means_the_child(busy: Hub) -> None:
    """Also once the child is erased: the ledger tells who was merged."""
    anna, ben = (ledger(busy, "decision")[n]["child"] for n in (0, 4))
    rows = replay(busy, ReplaySelection(child=anna)).replayed
    alone = replay(busy, ReplaySelection(child=ben)).replayed
    assert 0 < alone < rows


def test_an_event_is_replayed_with_its_releases(hub: Hub) -> None:
    """Decision and release of one event."""
    event = appointed(ANNA, "A1")
    take(hub, registered(ANNA), recorded(ANNA, "D1"), event)
    ask(hub, "school", delivery_of(hub, event, "school"))
    (body,) = ledger(hub, "release")
    mine = [one for one in ledger(hub, "decision") if one["event"] == body["event"]]
    assert replay(hub, ReplaySelection(event=body["event"])).replayed == len(mine) + 1
    assert own_id(hub, event) == body["child"]


def test_every_kind_that_decides_is_replayed() -> None:
    """Decisions when events come, and those at release."""
    assert [model.kind for model in DECIDING] == ["decision", "release"]
