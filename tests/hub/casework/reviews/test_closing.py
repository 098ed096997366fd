"""Reviews closed at the desk, on a real store: who it is about, and what flows after."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.reasons import ReviewCause
from hub.casework.reviews.closing import accept, listed, reject, shown
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.pipeline import EventFate
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event
from tests.events import (
    REGISTERED,
    Child,
    absent,
    case_opened,
    event_of,
    recorded,
    registered,
    section,
    with_override,
)
from tests.hub.hubs import (
    ask,
    delivery_of,
    doubtful_absence,
    doubtful_appointment,
    doubtful_referral,
    ledger,
    make_hub,
    own_id,
    ref_of,
    state,
    take,
    verifies,
)

ANNA, BEN = Child(1), Child(2)
WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


def review_of(hub: Hub, event: Event) -> str:
    """The open review that holds an event."""
    ref = ref_of(hub, event)
    (found,) = [r for r in listed(hub) if r.event == ref]
    return found.id


def numbers(hub: Hub, child: str) -> set[str]:
    """The values of a child's identifiers."""
    with hub.reading() as work:
        return {held.value for held in work.children.held(child)}


def mixed(one: Child, other: Child) -> Event:
    """A registration with the NHS number of one child and the UPN of another."""
    own = section(REGISTERED, year_group="4", school={"name": "Oak School", "urn": "999201"})
    return event_of(REGISTERED, "school", one.identity(upn=other.identity().upn), own)


def test_a_held_event_is_decided_when_a_person_says_who_it_is_about(hub: Hub) -> None:
    """It is that child's, as if it had never been in doubt."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    anna = own_id(hub, first)
    closed = accept(hub, review_of(hub, doubtful), WORD, child=anna)
    assert [(e.outcome, e.child) for e in closed.events] == [(EventFate.DECIDED, anna)]
    assert own_id(hub, doubtful) == anna


def test_the_identifiers_of_an_accepted_event_are_linked(hub: Hub) -> None:
    """The next event that bears them is not held."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, first))
    assert "P1" in numbers(hub, own_id(hub, first))
    (verdict,) = take(hub, doubtful_appointment(ANNA, 9))
    assert verdict.fate is EventFate.DECIDED


def test_what_was_held_for_the_same_doubt_flows_in_its_original_order(hub: Hub) -> None:
    """Whichever of the reviews is closed, what came first goes first."""
    first = registered(ANNA)
    waiting = [doubtful_referral(ANNA), *(doubtful_appointment(ANNA, day) for day in (2, 3, 4))]
    take(hub, first, recorded(ANNA, "consent-1"), *waiting)
    for out in hub.pending(100):
        hub.published([out.id])
    closed = accept(hub, review_of(hub, waiting[2]), WORD, child=own_id(hub, first))
    assert [e.event for e in closed.events] == [ref_of(hub, e) for e in waiting]
    out = [o.id for o in hub.pending(100) if o.recipient == "school"]
    assert out == [delivery_of(hub, event, "school") for event in waiting[1:]]
    assert listed(hub) == []


def test_an_earlier_event_does_not_wait_for_what_a_later_one_teaches(hub: Hub) -> None:
    """What the accepted event lets another prove lets a third flow, and still in order."""
    first = registered(ANNA)
    early = doubtful_appointment(ANNA, 2)
    late = doubtful_referral(ANNA)
    take(hub, first, early, late)
    closed = accept(hub, review_of(hub, late), WORD, child=own_id(hub, first))
    assert [e.event for e in closed.events] == [
        ref_of(hub, early), ref_of(hub, late)
    ]  # fmt: skip


def test_what_is_still_in_doubt_stays_held(hub: Hub) -> None:
    """An answer about one child says nothing of another."""
    firsts = registered(ANNA), registered(BEN)
    doubtful, other = doubtful_referral(ANNA), doubtful_referral(BEN)
    take(hub, *firsts, doubtful, other)
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, firsts[0]))
    assert state(hub, other) == "held"
    assert review_of(hub, other)


def test_an_event_may_be_about_a_child_not_known_yet(hub: Hub) -> None:
    """A new child is introduced, with the identifiers of the event."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    accept(hub, review_of(hub, doubtful), WORD, new=True)
    assert own_id(hub, doubtful) != own_id(hub, first)
    assert numbers(hub, own_id(hub, doubtful)) == {"P1"}


def test_an_event_that_introduces_nobody_is_not_about_a_new_child(hub: Hub) -> None:
    """It is refused, and nothing has changed."""
    doubtful = doubtful_absence(ANNA)
    take(hub, registered(ANNA), doubtful)
    with pytest.raises(ConfigurationError):
        accept(hub, review_of(hub, doubtful), WORD, new=True)
    assert state(hub, doubtful) == "held"


def test_a_rejected_match_introduces_the_child_where_the_type_does(hub: Hub) -> None:
    """The event is about none of the candidates."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    closed = reject(hub, review_of(hub, doubtful), WORD)
    assert (closed.outcome, closed.child) == ("rejected", own_id(hub, doubtful))
    assert closed.child != own_id(hub, first)


def test_a_rejected_match_goes_to_the_quarantine_where_the_type_introduces_nobody(
    hub: Hub,
) -> None:
    """As an event about a child nobody has registered."""
    doubtful = doubtful_absence(ANNA)
    take(hub, registered(ANNA), doubtful)
    reject(hub, review_of(hub, doubtful), WORD)
    with hub.reading() as work:
        assert [q.code for q in work.inbox.quarantined()] == ["child-unknown"]
    assert state(hub, doubtful) is None


def test_what_was_rejected_and_comes_again_opens_its_review_again(hub: Hub) -> None:
    """It is no repeat: nobody has decided about it."""
    doubtful = doubtful_absence(ANNA)
    take(hub, registered(ANNA), doubtful)
    before = review_of(hub, doubtful)
    reject(hub, before, WORD)
    (verdict,) = take(hub, doubtful)
    assert verdict.fate is EventFate.HELD
    assert review_of(hub, doubtful) == before


def test_numbers_of_another_child_stay_where_they_are(hub: Hub) -> None:
    """A person says whose the event is, not whose the number is."""
    firsts, doubtful = (registered(ANNA), registered(BEN)), mixed(ANNA, BEN)
    take(hub, *firsts, doubtful)
    anna, ben = (own_id(hub, event) for event in firsts)
    assert listed(hub)[0].cause is ReviewCause.IDENTITY_CONFLICT
    accept(hub, review_of(hub, doubtful), WORD, child=anna)
    assert own_id(hub, doubtful) == anna
    assert BEN.upn not in numbers(hub, anna)
    assert BEN.upn in numbers(hub, ben)


def test_a_later_event_with_the_same_conflict_is_held_again(hub: Hub) -> None:
    """The conflict is in the numbers, and nobody has resolved that."""
    first, doubtful = registered(ANNA), mixed(ANNA, BEN)
    take(hub, first, registered(BEN), doubtful, mixed(ANNA, BEN))
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, first))
    assert [r.cause for r in listed(hub)] == [ReviewCause.IDENTITY_CONFLICT]


def test_the_bytes_of_an_accepted_event_are_sealed_under_its_childs_key(hub: Hub) -> None:
    """So that erasing the child reaches them."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, first))
    with hub.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT DISTINCT key FROM events").scalars().all()
    assert keys == [f"child:{own_id(hub, first)}"]


def test_closing_stands_in_the_ledger(hub: Hub) -> None:
    """Who, why, with what outcome; and the ledger verifies."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful, doubtful_appointment(ANNA, 2))
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, first))
    closed = ledger(hub, "review-closed")
    assert [b["outcome"] for b in closed] == ["accepted", "settled"]
    assert {(b["by"], b["reason"], b["child"]) for b in closed} == {
        ("jmalik", "CASE-104", own_id(hub, first))
    }
    assert verifies(hub)


def test_a_review_is_closed_once(hub: Hub) -> None:
    """The second answer is refused."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    review = review_of(hub, doubtful)
    accept(hub, review, WORD, child=own_id(hub, first))
    with pytest.raises(NotFound):
        reject(hub, review, WORD)


@pytest.mark.parametrize("answer", [{}, {"child": "x", "new": True}])
def test_identity_takes_exactly_one_answer(hub: Hub, answer: dict[str, object]) -> None:
    """A child, or a new one."""
    doubtful = doubtful_referral(ANNA)
    take(hub, registered(ANNA), doubtful)
    with pytest.raises(ConfigurationError):
        accept(hub, review_of(hub, doubtful), WORD, **answer)


def test_a_child_the_hub_does_not_know_is_no_answer(hub: Hub) -> None:
    """Nothing changes."""
    doubtful = doubtful_referral(ANNA)
    take(hub, registered(ANNA), doubtful)
    with pytest.raises(NotFound):
        accept(hub, review_of(hub, doubtful), WORD, child="nobody")
    assert state(hub, doubtful) == "held"


def test_a_review_shows_both_sides_and_the_look_is_recorded(hub: Hub) -> None:
    """What the event says, and each candidate with how alike it is."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    found = shown(hub, review_of(hub, doubtful), by="jmalik", reason="CASE-104")
    assert found.event is not None
    assert found.event.identifiers == (("local-id", "P1"),)
    (candidate,) = found.candidates
    assert (candidate.child, candidate.score) == (own_id(hub, first), 1.0)
    assert ("upn", ANNA.upn) in candidate.identifiers
    assert ledger(hub, "data-accessed")[-1]["by"] == "jmalik"


def test_an_objection_that_is_upheld_stops_what_was_on_its_way(hub: Hub) -> None:
    """The next decision counts it, and the next release does."""
    first = registered(ANNA)
    take(hub, first, recorded(ANNA, "o-1", kind="objection"))
    (review,) = listed(hub)
    assert ask(hub, "council", delivery_of(hub, first, "council")).keys
    closed = accept(hub, review.id, WORD)
    assert closed.directive is not None
    assert ask(hub, "council", delivery_of(hub, first, "council")).code == "withheld"
    with hub.reading() as work:
        directives = work.directives_of(own_id(hub, first))
    assert sorted(d.upheld for d in directives) == [False, True]


def test_an_objection_that_is_rejected_withholds_nothing(hub: Hub) -> None:
    """It stays as it was said."""
    first = registered(ANNA)
    take(hub, first, recorded(ANNA, "o-1", kind="objection"))
    reject(hub, listed(hub)[0].id, WORD)
    assert ask(hub, "council", delivery_of(hub, first, "council")).keys


@pytest.mark.parametrize("close", [accept, reject])
def test_an_override_is_closed_with_an_outcome(hub: Hub, close: object) -> None:
    """What was shared stays shared; what is thought of it stands in the ledger."""
    assert callable(close)
    plan = with_override(_plan_changed(ANNA))
    take(hub, registered(ANNA), case_opened(ANNA), plan)
    (review,) = listed(hub)
    assert review.cause is ReviewCause.OVERRIDE_USED
    closed = close(hub, review.id, WORD)
    assert [r.outcome for r in listed(hub, everything=True)] == [closed.outcome]
    assert listed(hub) == []


def test_only_identity_takes_a_child(hub: Hub) -> None:
    """An objection is about a child already."""
    take(hub, registered(ANNA), recorded(ANNA, "o-1", kind="objection"))
    with pytest.raises(ConfigurationError):
        accept(hub, listed(hub)[0].id, WORD, new=True)


def _plan_changed(child: Child) -> Event:
    changed = section("care.plan-changed.v1", plan_kind="child-protection", change="started")
    return event_of("care.plan-changed.v1", "care", child.identity(), changed)


def test_a_person_may_name_any_child_not_only_a_candidate(hub: Hub) -> None:
    """A likeness is only a hint."""
    firsts, doubtful = (registered(ANNA), registered(BEN)), doubtful_referral(ANNA)
    take(hub, *firsts, doubtful)
    accept(hub, review_of(hub, doubtful), WORD, child=own_id(hub, firsts[1]))
    assert own_id(hub, doubtful) == own_id(hub, firsts[1])


def test_absence_of_a_known_child_is_not_held(hub: Hub) -> None:
    """Doubt about one event does not stop what is certain."""
    take(hub, registered(ANNA), doubtful_referral(ANNA))
    (verdict,) = take(hub, absent(ANNA))
    assert verdict.fate is EventFate.DECIDED
