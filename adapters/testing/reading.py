"""Behaviours of an adapter that reads its own samples."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from adapters.testing.behaviour import NotApplicable, behaviour, expect, fail
from adapters.testing.invented import WHEN
from adapters.testing.subject import Subject
from schemas.errors import InputRefused
from schemas.event import Event, parse_event
from schemas.event_type import Involvement

LATER = WHEN + dt.timedelta(days=3, hours=5)
_STAGES = {
    Involvement.BEGINS: 0,
    Involvement.KEEPS: 1,
    Involvement.INVITES: 1,
    Involvement.ENDS: 2,
}


@behaviour
def reads_its_samples(subject: Subject) -> None:
    """It makes events of every accepted sample, and refuses no part of it."""
    if not subject.adapter.format.reads:
        raise NotApplicable("the adapter reads nothing")
    expect(subject.samples.accepted, "There is no accepted sample.")
    for label, translation in subject.accepted.items():
        if translation.fault:
            fault = translation.fault
            fail(f"{label}: {fault.error} at {fault.place}.")
        refused = ", ".join(
            f"{r.fault.value} at {r.where or '(whole)'}" for r in translation.refused
        )
        expect(not translation.refused, f"{label}: refused: {refused}.")
        expect(translation.events, f"{label}: no event.")


@behaviour
def makes_only_event_types_it_declares(subject: Subject) -> None:
    """It makes only event types that it declares in `reads`."""
    for label, event in subject.events:
        declared = event.kind.key in subject.adapter.format.reads
        expect(declared, f"{label}: {event.kind.key} is not in `reads`.")


@behaviour
def names_the_sending_agency_as_source(subject: Subject) -> None:
    """It names the agency whose system sent the document as the source of every event."""
    for label, event in subject.events:
        expect(
            event.source == subject.system.agency,
            f"{label}: the source of an event is not the agency of the system.",
        )


@behaviour
def makes_events_that_the_bus_can_carry(subject: Subject) -> None:
    """It makes events that are the same after they were written to the bus and read back."""
    for label, event in subject.events:
        try:
            again = parse_event(event.to_json())
        except InputRefused as error:
            fail(f"{label}: {event.kind.key}: {error}")
        except Exception as error:  # noqa: BLE001  of whatever an adapter put into the event
            fail(f"{label}: {event.kind.key}: {type(error).__name__}.")
        else:
            expect(again == event, f"{label}: {event.kind.key} is another event afterwards.")


@behaviour
def makes_the_same_events_of_the_same_document(subject: Subject) -> None:
    """It makes the same events, with the same ids in the same order, of the same document."""
    for label, body in subject.samples.accepted.items():
        again = subject.read(body)
        ids = [event.id for event in again.events]
        before = [event.id for event in subject.accepted[label].events]
        expect(ids == before, f"{label}: other event ids when it is read again.")
        expect(again == subject.accepted[label], f"{label}: other events when it is read again.")


@behaviour
def keeps_event_ids_when_a_copy_arrives_later(subject: Subject) -> None:
    """It gives the events of a copy that arrives later the same ids, so that it is a duplicate."""
    for label, body in subject.samples.accepted.items():
        ids = [event.id for event in subject.read(body, LATER).events]
        before = [event.id for event in subject.accepted[label].events]
        expect(ids == before, f"{label}: the ids depend on the time of arrival.")


@behaviour
def gives_every_event_an_id_of_its_own(subject: Subject) -> None:
    """It gives every event of every document an id of its own."""
    seen: dict[str, str] = {}
    for label, event in subject.events:
        other = seen.setdefault(event.id, label)
        expect(other == label, f"{label} and {other}: two events have one id.")
    for label, translation in subject.accepted.items():
        ids = [event.id for event in translation.events]
        expect(len(ids) == len(set(ids)), f"{label}: two events have one id.")


@behaviour
def puts_events_in_the_order_of_what_happened(subject: Subject) -> None:
    """It puts the events of one child in order: by time, and first what introduces the child."""
    for label, translation in subject.accepted.items():
        by_child: dict[object, list[Event]] = {}
        for event in translation.events:
            by_child.setdefault(event.identity, []).append(event)
        for events in by_child.values():
            for first, second in pairwise(events):
                where = f"{label}: {first.kind.key} before {second.kind.key}"
                expect(_in_time(first, second), f"{where}, which is earlier.")
                expect(
                    first.record != second.record
                    or first.time != second.time
                    or _STAGES[first.kind.involvement] <= _STAGES[second.kind.involvement],
                    f"{where}, of the same record and time.",
                )


def _in_time(first: Event, second: Event) -> bool:
    try:
        return first.time <= second.time
    except TypeError:  # one has no offset: another behaviour's matter
        return True


@behaviour
def reads_local_times_as_london_time(subject: Subject) -> None:
    """It reads a time without an offset as London time, in summer and in winter."""
    if not subject.samples.times:
        raise NotApplicable("no sample has a declared time ([times] in samples.toml)")
    for label, expected in subject.samples.times.items():
        events = subject.accepted[label].events
        expect(events, f"{label}: no event.")
        for event in events[:1]:
            same = event.time == expected
            wrong = f"{event.time:%Y-%m-%dT%H:%M:%S%z} and not {expected:%Y-%m-%dT%H:%M:%S%z}"
            expect(same, f"{label}: the time is {wrong}.")


@behaviour
def takes_the_time_of_arrival_in_any_offset(subject: Subject) -> None:
    """It makes the same events whatever offset the document's time of arrival is written in."""
    elsewhere = WHEN.astimezone(dt.timezone(dt.timedelta(hours=-9, minutes=-30)))
    for label, body in subject.samples.accepted.items():
        again = subject.read(body, elsewhere)
        expect(again == subject.accepted[label], f"{label}: other events.")
