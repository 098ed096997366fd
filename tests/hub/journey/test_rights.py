"""Which agency may record which directive: every right is off unless it is set."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.reasons import Reason, ReviewCause
from hub.foundation import clock
from hub.journey.identify import usable_identifiers
from hub.journey.pipeline import DecidedEvent, Letter, RefusedInput, judge
from schemas.agencies import Agency, Directory
from schemas.errors import Fault
from schemas.event import Event
from tests.configuration import agencies
from tests.events import Child, appointed, recorded, registered
from tests.hub.knowledge import Memory

NOW = clock.now() + dt.timedelta(hours=1)
ANNA = Child(1)
ORDER = {
    "authority": "court",
    "decider_name": "Family Court at Northmoor",
    "evidence": "NM26P00104",
    "valid_from": "2026-01-05T00:00:00Z",
}


def knowing(**rights: bool) -> Memory:
    """Know Anna, with the school's rights changed."""
    fields = agencies()
    fields["school"] = {**fields["school"], **rights}
    known = Memory(directory=Directory(Agency(name=n, **a) for n, a in fields.items()))
    learn(known, registered(ANNA))
    return known


def learn(known: Memory, event: Event) -> DecidedEvent:
    """Judge an event and take in what it says."""
    verdict = tell(known, event)
    assert isinstance(verdict, DecidedEvent), verdict
    known.learn(verdict, usable_identifiers(event.identity, event.source), NOW)
    child = verdict.decisions.context.child
    if event.kind.involvement == "begins":
        known.parts[child] = known.involved(child) | {event.source}
    return verdict


def tell(known: Memory, event: Event) -> object:
    """What becomes of an event."""
    return judge(Letter(event.to_json(), event.source, NOW), known, NOW, lambda: "child-1")


@pytest.mark.parametrize(
    ("right", "directive", "place"),
    [
        ("may_record_directives", {}, "type"),
        ("may_record_court_orders", ORDER, "data.sections.consent.authority"),
        ("may_record_restrictions", {"kind": "restriction"}, "data.sections.consent.kind"),
    ],
)
def test_without_the_right_a_directive_is_refused_whole(
    right: str, directive: dict[str, str], place: str
) -> None:
    """With its place; with the right it is taken."""
    event = recorded(ANNA, "d-1", **directive)
    refused = tell(knowing(**{right: False}), event)
    assert isinstance(refused, RefusedInput)
    assert (refused.fault, refused.where) == (Fault.DIRECTIVE_NOT_ALLOWED, place)
    assert isinstance(tell(knowing(), event), DecidedEvent)


@pytest.mark.parametrize("missing", ["decider_name", "evidence", "valid_from"])
def test_a_court_s_directive_names_the_court_the_order_and_its_date(missing: str) -> None:
    """Otherwise it is refused."""
    order = {name: value for name, value in ORDER.items() if name != missing}
    refused = tell(knowing(), recorded(ANNA, "d-1", "refusal", **order))
    assert isinstance(refused, RefusedInput)
    assert (refused.fault, refused.where) == (
        Fault.MISSING_FIELD,
        f"data.sections.consent.{missing}",
    )


def test_an_order_that_ends_before_it_begins_is_refused() -> None:
    """It is quarantined whole, for a person."""
    refused = tell(knowing(), recorded(ANNA, "d-1", **ORDER, valid_until="2026-01-04T00:00:00Z"))
    assert isinstance(refused, RefusedInput)
    assert refused.where == "data.sections.consent.valid_until"


def test_each_court_order_is_reviewed() -> None:
    """And so is a parent's restriction, as an objection."""
    order = learn(knowing(), recorded(ANNA, "d-1", "refusal", **ORDER))
    assert order.decisions.reviews == (ReviewCause.COURT_ORDER_RECORDED,)
    mark = learn(knowing(), recorded(ANNA, "d-2", "restriction"))
    assert mark.decisions.reviews == (ReviewCause.OBJECTION_MADE,)
    address = learn(knowing(), recorded(ANNA, "d-3", "restriction", restriction="address"))
    assert address.decisions.reviews == ()


@pytest.mark.parametrize("own", [True, False])
def test_a_consent_in_its_own_favour_waits_without_the_right(*, own: bool) -> None:
    """The school says the mother consented to the school; nothing follows from that alone."""
    known = knowing(may_record_in_own_favour=own)
    learn(known, recorded(ANNA, "d-1"))
    decided = learn(known, appointed(ANNA))
    (answer,) = [a for a in decided.decisions.answers if a.question.recipient == "school"]
    assert answer.decision.permitted is own
    if not own:
        reasons = {f.reason for s in answer.decision.sections for f in s.findings}
        assert Reason.CONSENT_UNCONFIRMED in reasons
        assert decided.decisions.reviews == (ReviewCause.CONSENT_TO_CONFIRM,)


def test_a_consent_that_another_agency_recorded_counts() -> None:
    """The council has no interest of its own in it."""
    known = knowing(may_record_in_own_favour=False)
    learn(known, recorded(ANNA, "d-1", by="council"))
    decided = learn(known, appointed(ANNA))
    (answer,) = [a for a in decided.decisions.answers if a.question.recipient == "school"]
    assert answer.decision.permitted
