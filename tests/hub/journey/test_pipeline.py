"""The story of one event, told without broker or store: judge is pure, total and default-deny."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.foundation import clock
from hub.journey.decisions import RecipientDecision, delivery_id
from hub.journey.identify import usable_identifiers
from hub.journey.pipeline import (
    DecidedEvent,
    DuplicateEvent,
    EventFate,
    Letter,
    Limits,
    RefusedInput,
    Verdict,
    judge,
    reference,
)
from schemas.errors import Fault
from schemas.event import Event, RecordStatus, dump_section
from schemas.sections import Category
from tests.configuration import agencies
from tests.events import (
    ADVICE_REQUESTED,
    APPOINTMENT,
    Child,
    absent,
    appointed,
    case_opened,
    event_of,
    recorded,
    registered,
    section,
    withdrawn,
)
from tests.hub.knowledge import Memory

# Later than every event these tests make, which happen when they are made.
NOW = clock.now() + dt.timedelta(hours=1)
ANNA = Child(1)


def tell(known: Memory, body: Event | bytes, account: str | None = "school") -> Verdict:
    """What becomes of one letter."""
    raw = body.to_json() if isinstance(body, Event) else body
    numbered = iter(range(10))
    return judge(Letter(raw, account, NOW), known, NOW, lambda: f"child-{next(numbered)}")


def learn(known: Memory, *events: Event) -> None:
    """Judge events and take in what they say, as a hub would."""
    for event in events:
        verdict = tell(known, event, event.source)
        assert isinstance(verdict, DecidedEvent)
        child = verdict.decisions.context.child
        known.learn(verdict, usable_identifiers(event.identity, event.source), NOW)
        if event.kind.involvement == "begins":
            known.parts[child] = known.involved(child) | {event.source}


def answers(verdict: Verdict) -> tuple[RecipientDecision, ...]:
    """The decisions about an event that must be decided."""
    assert isinstance(verdict, DecidedEvent)
    return verdict.decisions.answers


def permitted(verdict: Verdict) -> list[str]:
    """Who gets a view."""
    return [a.question.recipient for a in answers(verdict) if a.view is not None]


# JSON of every shape, and envelopes bent in every place.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ACCOUNTS = st.sampled_from([None, "", "school", "clinic", "care", "hub", "nobody", "\x00"])


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=300), account=ACCOUNTS)
def test_judge_never_raises_on_any_bytes(body: bytes, account: str | None) -> None:
    """Whatever arrives, the answer is a verdict; bytes that are no event are quarantined."""
    verdict = tell(Memory(), body, account)
    assert isinstance(verdict, RefusedInput)
    assert verdict.letter.body == body


@settings(max_examples=300, deadline=None)
@given(value=JSON, account=ACCOUNTS)
def test_judge_never_raises_on_any_json(value: object, account: str | None) -> None:
    """JSON that is no event is quarantined with a fault."""
    verdict = tell(Memory(), json.dumps(value).encode(), account)
    assert isinstance(verdict, RefusedInput)
    assert verdict.fault in Fault


def paths(value: object, way: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The way to every member of a JSON object, however deep."""
    if not isinstance(value, Mapping):
        return [way]
    inner = [path for key, part in value.items() for path in paths(part, (*way, key))]
    return ([way] if way else []) + inner


SPOKEN = [registered(ANNA), absent(ANNA), case_opened(ANNA), recorded(ANNA, "1"), appointed(ANNA)]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_judge_never_raises_on_an_event_bent_in_any_place(data: st.DataObject) -> None:
    """A good event with one or two members replaced by anything is judged, never stumbled over."""
    event = data.draw(st.sampled_from(SPOKEN))
    raw = json.loads(event.to_json())
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(paths(raw)))
        place = raw
        for step in way:
            place = place[step] if isinstance(place.get(step), dict) else place
        place[last] = data.draw(JSON)
    known = Memory()
    learn(known, registered(ANNA))
    verdict = tell(known, json.dumps(raw).encode(), event.source)
    assert verdict.fate in EventFate


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"[" * 5_000_000 + b"]" * 5_000_000, Fault.NOT_JSON),
        (b'{"data":' * 1_000_000 + b"1" + b"}" * 1_000_000, Fault.NOT_JSON),
        (b'{"id":"' + b"x" * 10_000_000 + b'"}', Fault.SCHEMA_INVALID),
        (b'{"specversion":"1.0","data":' + b"9" * 4_000 + b"}", Fault.MISSING_FIELD),
        (b'{"id":"\\udc00"}', Fault.NOT_JSON),
        (b'{"id":"\\u0000"}', Fault.MISSING_FIELD),
        (b"\xef\xbb\xbf{}", Fault.NOT_JSON),
    ],
    ids=["lists", "objects", "text", "number", "surrogate", "nul", "byte order mark"],
)
def test_hostile_json_is_quarantined_at_once(body: bytes, fault: Fault) -> None:
    """Ten megabytes of nesting, a number of four thousand digits: refused, not suffered."""
    letter = Letter(body, "school", NOW)
    verdict = judge(letter, Memory(), NOW, lambda: "c", Limits(max_bytes=2**26))
    assert isinstance(verdict, RefusedInput)
    assert verdict.fault is fault


def test_the_same_letter_gives_the_same_verdict() -> None:
    """Nothing but what is given decides."""
    known, event = Memory(), registered(ANNA)
    assert tell(known, event) == tell(known, event)


def test_an_event_that_was_taken_before_is_a_duplicate() -> None:
    """And nobody is asked about it again."""
    known, event = Memory(), registered(ANNA)
    learn(known, event)
    assert isinstance(tell(known, event), DuplicateEvent)


def test_without_agreements_nobody_is_told_anything() -> None:
    """Default deny: every recipient is asked about, and none permitted."""
    known = Memory()
    known.rules = type(known.rules)(())
    verdict = tell(known, registered(ANNA))
    assert len(answers(verdict)) == 3
    assert permitted(verdict) == []


def test_the_sender_is_never_a_recipient_of_its_own_event() -> None:
    """An agency knows what it said."""
    assert "school" not in [a.question.recipient for a in answers(tell(Memory(), registered(ANNA)))]


@settings(max_examples=100, deadline=None)
@given(
    event=st.sampled_from(SPOKEN), parts=st.frozensets(st.sampled_from(sorted(agencies()))),
    consent=st.booleans(),
)  # fmt: skip
def test_a_view_holds_no_field_that_the_decision_does_not_name(
    event: Event, parts: frozenset[str], consent: bool
) -> None:
    """Whatever is delivered, each field of it is permitted by a rule that can be cited."""
    known = Memory()
    learn(known, registered(ANNA))
    if consent:
        learn(known, recorded(ANNA, "consent"))
    known.parts["child-0"] = parts
    for answer in answers(tell(known, event, event.source)):
        assert (answer.view is not None) == answer.decision.permitted
        if answer.view is None:
            continue
        cited = {s.category: s.fields for s in answer.decision.sections}
        for category, content in answer.view.sections.items():
            assert set(dump_section(content)) <= set(cited[category])
            assert all(cited[category][name] for name in dump_section(content))


def test_consent_counts_from_the_next_event_and_until_its_withdrawal() -> None:
    """The same appointment is withheld, shared and withheld again."""
    known = Memory()
    learn(known, registered(ANNA))
    before = permitted(tell(known, appointed(ANNA), "clinic"))
    learn(known, recorded(ANNA, "c"))
    between = permitted(tell(known, appointed(ANNA), "clinic"))
    learn(known, withdrawn(ANNA, "c"))
    after = permitted(tell(known, appointed(ANNA), "clinic"))
    assert (before, between, after) == ([], ["school"], [])


def test_only_those_who_are_addressed_and_permitted_are_invited() -> None:
    """Addressing an agency that may not know does not make it take part."""
    known = Memory()
    learn(known, registered(ANNA))
    asked = section(ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16")
    event = event_of(
        ADVICE_REQUESTED, "council", ANNA.identity(), asked, addressed_to=("clinic", "porter")
    )
    verdict = tell(known, event, "council")
    assert isinstance(verdict, DecidedEvent)
    assert verdict.invited == ("clinic",)


def test_an_event_that_canonical_json_cannot_carry_is_judged_all_the_same() -> None:
    """A number beyond 2**53 has no canonical spelling; the event is fingerprinted as it came."""
    raw = json.loads(absent(ANNA).to_json())
    raw["data"]["sections"]["education"]["sessions_possible"] = 2**60
    known = Memory()
    learn(known, registered(ANNA))
    assert tell(known, json.dumps(raw).encode()).fate in EventFate


def test_references_and_delivery_ids_follow_from_the_event_alone() -> None:
    """So that a repeat after a crash makes the same rows, and only the hub can make them."""
    blind = Memory().blind
    same = reference("school", "1", blind)
    assert same == reference("school", "1", blind) != reference("clinic", "1", blind)
    assert delivery_id("r", "care") == delivery_id("r", "care") != delivery_id("r", "clinic")


def test_an_event_may_be_as_far_ahead_as_clocks_differ_and_no_further() -> None:
    """Exactly the skew is taken, one second more is not."""
    skew = Limits().skew
    on_time = registered(ANNA, time=NOW + skew)
    late = registered(ANNA, time=NOW + skew + dt.timedelta(seconds=1))
    assert tell(Memory(), on_time).fate is EventFate.DECIDED
    verdict = tell(Memory(), late)
    assert isinstance(verdict, RefusedInput)
    assert verdict.fault is Fault.FROM_THE_FUTURE


def test_a_view_never_names_the_child_as_the_hub_or_another_recipient_does() -> None:
    """Each recipient has its own pseudonym."""
    known = Memory()
    learn(known, registered(ANNA), case_opened(ANNA))
    verdict = tell(known, absent(ANNA))
    views = [a.view for a in answers(verdict) if a.view is not None]
    assert views
    assert verdict.decisions.context.child not in {view.child for view in views}
    assert Category.IDENTITY in views[0].sections


def taken_back() -> Event:
    """The clinic takes an appointment back, naming the child and the record only."""
    return event_of(
        APPOINTMENT, "clinic", ANNA.identity(), record="A-1", status=RecordStatus.RETRACTED
    )


def test_who_was_told_of_a_record_is_told_by_a_notice_that_it_is_taken_back() -> None:
    """Nothing is permitted, and the notice has no section."""
    known = Memory(told={("clinic", "A-1"): frozenset({"school", "care"})})
    learn(known, registered(ANNA))
    given = {a.question.recipient: a for a in answers(tell(known, taken_back(), "clinic"))}
    noticed = {name: a for name, a in given.items() if a.notice}
    assert set(noticed) == {"school", "care"}
    for one in noticed.values():
        assert one.view is not None
        assert not one.decision.permitted
        assert (dict(one.view.sections), one.view.existence) == ({}, ())
    assert len({one.view.record for one in noticed.values() if one.view}) == 2


def test_who_was_never_told_of_a_record_gets_no_notice() -> None:
    """Nor does an agency that is no longer registered."""
    known = Memory(told={("clinic", "A-1"): frozenset({"gone"})})
    learn(known, registered(ANNA))
    assert permitted(tell(known, taken_back(), "clinic")) == []


def test_a_later_delivery_of_the_same_event_has_an_id_of_its_own() -> None:
    """Each time another one, and the same one each time it is made."""
    ids = [delivery_id("r", "care", again) for again in (0, 1, 2)]
    assert len(set(ids)) == 3
    assert ids[0] == delivery_id("r", "care")
