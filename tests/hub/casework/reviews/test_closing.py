"""Reviews closed at the desk, on a real store: who it is about, and what flows after."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.reasons import ReviewCause
from hub.casework.reviews.closing import accept, listed, reject, shown
from hub.intake.hub import Office
from hub.journey.entries import Word
from hub.journey.pipeline import Fate
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event
from tests.happenings import (
    REGISTERED,
    Child,
    absent,
    case_opened,
    happening,
    registered,
    said,
    section,
    with_override,
)
from tests.hub.offices import (
    ask,
    delivery_of,
    doubtful_absence,
    doubtful_appointment,
    doubtful_referral,
    ledger,
    make_office,
    own_id,
    ref_of,
    state,
    take,
    verifies,
)

ANNA, BEN = Child(1), Child(2)
WORD = Word("jmalik", "CASE-104")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office on a store of its own."""
    return make_office(tmp_path)


def review_of(office: Office, event: Event) -> str:
    """The open review that holds an event."""
    ref = ref_of(office, event)
    (found,) = [r for r in listed(office) if r.event == ref]
    return found.id


def numbers(office: Office, child: str) -> set[str]:
    """The values of a child's identifiers."""
    with office.reading() as books:
        return {held.value for held in books.children.held(child)}


def mixed(one: Child, other: Child) -> Event:
    """A registration with the NHS number of one child and the UPN of another."""
    own = section(REGISTERED, year_group="4", school={"name": "Oak School", "urn": "999201"})
    return happening(REGISTERED, "school", one.identity(upn=other.identity().upn), own)


def test_a_held_event_is_decided_when_a_person_says_who_it_is_about(office: Office) -> None:
    """It is that child's, as if it had never been in doubt."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    anna = own_id(office, first)
    closed = accept(office, review_of(office, doubtful), WORD, child=anna)
    assert [(e.fate, e.child) for e in closed.events] == [(Fate.DECIDED, anna)]
    assert own_id(office, doubtful) == anna


def test_the_identifiers_of_an_accepted_event_are_linked(office: Office) -> None:
    """The next event that bears them is not held."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, first))
    assert "P1" in numbers(office, own_id(office, first))
    (verdict,) = take(office, doubtful_appointment(ANNA, 9))
    assert verdict.fate is Fate.DECIDED


def test_what_was_held_for_the_same_doubt_flows_in_its_original_order(office: Office) -> None:
    """Whichever of the reviews is closed, what came first goes first."""
    first = registered(ANNA)
    waiting = [doubtful_referral(ANNA), *(doubtful_appointment(ANNA, day) for day in (2, 3, 4))]
    take(office, first, said(ANNA, "consent-1"), *waiting)
    for out in office.pending(100):
        office.published([out.id])
    closed = accept(office, review_of(office, waiting[2]), WORD, child=own_id(office, first))
    assert [e.ref for e in closed.events] == [ref_of(office, e) for e in waiting]
    out = [o.id for o in office.pending(100) if o.recipient == "school"]
    assert out == [delivery_of(office, event, "school") for event in waiting[1:]]
    assert listed(office) == []


def test_an_earlier_event_does_not_wait_for_what_a_later_one_teaches(office: Office) -> None:
    """What the accepted event lets another prove lets a third flow, and still in order."""
    first = registered(ANNA)
    early = doubtful_appointment(ANNA, 2)
    late = doubtful_referral(ANNA)
    take(office, first, early, late)
    closed = accept(office, review_of(office, late), WORD, child=own_id(office, first))
    assert [e.ref for e in closed.events] == [
        ref_of(office, early), ref_of(office, late)
    ]  # fmt: skip


def test_what_is_still_in_doubt_stays_held(office: Office) -> None:
    """An answer about one child says nothing of another."""
    firsts = registered(ANNA), registered(BEN)
    doubtful, other = doubtful_referral(ANNA), doubtful_referral(BEN)
    take(office, *firsts, doubtful, other)
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, firsts[0]))
    assert state(office, other) == "held"
    assert review_of(office, other)


def test_an_event_may_be_about_a_child_not_known_yet(office: Office) -> None:
    """A new child is introduced, with the identifiers of the event."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    accept(office, review_of(office, doubtful), WORD, new=True)
    assert own_id(office, doubtful) != own_id(office, first)
    assert numbers(office, own_id(office, doubtful)) == {"P1"}


def test_an_event_that_introduces_nobody_is_not_about_a_new_child(office: Office) -> None:
    """It is refused, and nothing has changed."""
    doubtful = doubtful_absence(ANNA)
    take(office, registered(ANNA), doubtful)
    with pytest.raises(ConfigurationError):
        accept(office, review_of(office, doubtful), WORD, new=True)
    assert state(office, doubtful) == "held"


def test_a_rejected_match_introduces_the_child_where_the_type_does(office: Office) -> None:
    """The event is about none of the candidates."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    closed = reject(office, review_of(office, doubtful), WORD)
    assert (closed.outcome, closed.child) == ("rejected", own_id(office, doubtful))
    assert closed.child != own_id(office, first)


def test_a_rejected_match_goes_to_the_quarantine_where_the_type_introduces_nobody(
    office: Office,
) -> None:
    """As an event about a child nobody has registered."""
    doubtful = doubtful_absence(ANNA)
    take(office, registered(ANNA), doubtful)
    reject(office, review_of(office, doubtful), WORD)
    with office.reading() as books:
        assert [q.code for q in books.inbox.quarantined()] == ["child-unknown"]
    assert state(office, doubtful) is None


def test_what_was_rejected_and_comes_again_opens_its_review_again(office: Office) -> None:
    """It is no repeat: nobody has decided about it."""
    doubtful = doubtful_absence(ANNA)
    take(office, registered(ANNA), doubtful)
    before = review_of(office, doubtful)
    reject(office, before, WORD)
    (verdict,) = take(office, doubtful)
    assert verdict.fate is Fate.HELD
    assert review_of(office, doubtful) == before


def test_numbers_of_another_child_stay_where_they_are(office: Office) -> None:
    """A person says whose the event is, not whose the number is."""
    firsts, doubtful = (registered(ANNA), registered(BEN)), mixed(ANNA, BEN)
    take(office, *firsts, doubtful)
    anna, ben = (own_id(office, event) for event in firsts)
    assert listed(office)[0].cause is ReviewCause.IDENTITY_CONFLICT
    accept(office, review_of(office, doubtful), WORD, child=anna)
    assert own_id(office, doubtful) == anna
    assert BEN.upn not in numbers(office, anna)
    assert BEN.upn in numbers(office, ben)


def test_a_later_event_with_the_same_conflict_is_held_again(office: Office) -> None:
    """The conflict is in the numbers, and nobody has resolved that."""
    first, doubtful = registered(ANNA), mixed(ANNA, BEN)
    take(office, first, registered(BEN), doubtful, mixed(ANNA, BEN))
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, first))
    assert [r.cause for r in listed(office)] == [ReviewCause.IDENTITY_CONFLICT]


def test_the_bytes_of_an_accepted_event_are_sealed_under_its_childs_key(office: Office) -> None:
    """So that erasing the child reaches them."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, first))
    with office.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT DISTINCT key FROM events").scalars().all()
    assert keys == [f"child:{own_id(office, first)}"]


def test_closing_stands_in_the_ledger(office: Office) -> None:
    """Who, why, with what outcome; and the ledger verifies."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful, doubtful_appointment(ANNA, 2))
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, first))
    closed = [body for body in ledger(office, "review") if "outcome" in body]
    assert [b["outcome"] for b in closed] == ["accepted", "settled"]
    assert {(b["by"], b["reason"], b["child"]) for b in closed} == {
        ("jmalik", "CASE-104", own_id(office, first))
    }
    assert verifies(office)


def test_a_review_is_closed_once(office: Office) -> None:
    """The second answer is refused."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    review = review_of(office, doubtful)
    accept(office, review, WORD, child=own_id(office, first))
    with pytest.raises(NotFound):
        reject(office, review, WORD)


@pytest.mark.parametrize("answer", [{}, {"child": "x", "new": True}])
def test_identity_takes_exactly_one_answer(office: Office, answer: dict[str, object]) -> None:
    """A child, or a new one."""
    doubtful = doubtful_referral(ANNA)
    take(office, registered(ANNA), doubtful)
    with pytest.raises(ConfigurationError):
        accept(office, review_of(office, doubtful), WORD, **answer)


def test_a_child_the_hub_does_not_know_is_no_answer(office: Office) -> None:
    """Nothing changes."""
    doubtful = doubtful_referral(ANNA)
    take(office, registered(ANNA), doubtful)
    with pytest.raises(NotFound):
        accept(office, review_of(office, doubtful), WORD, child="nobody")
    assert state(office, doubtful) == "held"


def test_a_review_shows_both_sides_and_the_look_is_recorded(office: Office) -> None:
    """What the event says, and each candidate with how alike it is."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    found = shown(office, review_of(office, doubtful), by="jmalik", reason="CASE-104")
    assert found.event is not None
    assert found.event.identifiers == (("local-id", "P1"),)
    (candidate,) = found.candidates
    assert (candidate.child, candidate.score) == (own_id(office, first), 1.0)
    assert ("upn", ANNA.upn) in candidate.identifiers
    assert ledger(office, "look")[-1]["by"] == "jmalik"


def test_an_objection_that_is_upheld_stops_what_was_on_its_way(office: Office) -> None:
    """The next decision counts it, and the next release does."""
    first = registered(ANNA)
    take(office, first, said(ANNA, "o-1", kind="objection"))
    (review,) = listed(office)
    assert ask(office, "council", delivery_of(office, first, "council")).keys
    closed = accept(office, review.id, WORD)
    assert closed.directive is not None
    assert ask(office, "council", delivery_of(office, first, "council")).code == "withheld"
    with office.reading() as books:
        directives = books.directives(own_id(office, first))
    assert sorted(d.upheld for d in directives) == [False, True]


def test_an_objection_that_is_rejected_withholds_nothing(office: Office) -> None:
    """It stays as it was said."""
    first = registered(ANNA)
    take(office, first, said(ANNA, "o-1", kind="objection"))
    reject(office, listed(office)[0].id, WORD)
    assert ask(office, "council", delivery_of(office, first, "council")).keys


@pytest.mark.parametrize("close", [accept, reject])
def test_an_override_is_closed_with_an_outcome(office: Office, close: object) -> None:
    """What was shared stays shared; what is thought of it stands in the ledger."""
    assert callable(close)
    plan = with_override(_plan_changed(ANNA))
    take(office, registered(ANNA), case_opened(ANNA), plan)
    (review,) = listed(office)
    assert review.cause is ReviewCause.OVERRIDE_USED
    closed = close(office, review.id, WORD)
    assert [r.outcome for r in listed(office, everything=True)] == [closed.outcome]
    assert listed(office) == []


def test_only_identity_takes_a_child(office: Office) -> None:
    """An objection is about a child already."""
    take(office, registered(ANNA), said(ANNA, "o-1", kind="objection"))
    with pytest.raises(ConfigurationError):
        accept(office, listed(office)[0].id, WORD, new=True)


def _plan_changed(child: Child) -> Event:
    changed = section("care.plan-changed.v1", plan_kind="child-protection", change="started")
    return happening("care.plan-changed.v1", "care", child.identity(), changed)


def test_a_person_may_name_any_child_not_only_a_candidate(office: Office) -> None:
    """A likeness is only a hint."""
    firsts, doubtful = (registered(ANNA), registered(BEN)), doubtful_referral(ANNA)
    take(office, *firsts, doubtful)
    accept(office, review_of(office, doubtful), WORD, child=own_id(office, firsts[1]))
    assert own_id(office, doubtful) == own_id(office, firsts[1])


def test_absence_of_a_known_child_is_not_held(office: Office) -> None:
    """Doubt about one event does not stop what is certain."""
    take(office, registered(ANNA), doubtful_referral(ANNA))
    (verdict,) = take(office, absent(ANNA))
    assert verdict.fate is Fate.DECIDED
