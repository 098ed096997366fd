"""Events: made, written, read, and refused with the place that is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from pydantic import JsonValue

from schemas.envelope import Envelope, agency_source
from schemas.errors import Fault, InputRefused
from schemas.event import (
    Event,
    RecordStatus,
    document_seed,
    full_view,
    make_event,
    names_a_child,
    parse_event,
    read_event,
    read_view,
    view_envelope,
)
from schemas.events.health import Referral, ReferralStatus
from schemas.identifiers import Assurance, Identifier
from schemas.people import Contact, Identity
from schemas.sections import Category, Section
from schemas.sharing import Override

WHEN = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
KEY = "health.referral-made.v1"
NUMBER = Identifier(value="9990548609")
CHILD = Identity(nhs_number=NUMBER, family_name="Ash")
REFERRAL = Referral(referral_id="ref-1", status=ReferralStatus.ACTIVE)


def made(*sections: Section, status: RecordStatus = RecordStatus.RECORDED) -> Event:
    """Make a referral."""
    return make_event(
        KEY,
        "trust-paeds",
        WHEN,
        sections or (CHILD, REFERRAL),
        seed="s",
        record="rec-1",
        status=status,
        correlation="thread",
        addressed_to=("oak-school",),
        override=Override(
            authoriser="A. Birch",
            authoriser_ref="sw-9",
            reason="Immediate risk",
            limb="consent-would-prejudice",
        ),
    )


def refused(do: Callable[[], object]) -> tuple[Fault, str]:
    """Say how something is refused, and where."""
    with pytest.raises(InputRefused) as caught:
        do()
    return caught.value.fault, caught.value.where


def sent(data: JsonValue, **changes: object) -> Envelope:
    """Make an envelope as an agency might send it."""
    attributes = {
        "specversion": "1.0",
        "id": "e-1",
        "source": agency_source("trust-paeds"),
        "type": KEY,
        "time": WHEN,
        "data": data,
    }
    return Envelope.model_validate({**attributes, **changes})


SECTIONS: dict[str, JsonValue] = {
    "identity": {"nhs_number": {"value": "9990548609"}},
    "health": {"referral_id": "ref-1", "status": "active"},
}


def test_what_is_written_is_read() -> None:
    """Bytes and back give the same event, with record, override, addressees and thread."""
    assert parse_event(made().to_json()) == made()


def test_the_same_document_makes_the_same_event_id() -> None:
    """Reading a file twice makes no second event; another place or type does."""
    seed = document_seed(b"bytes", "row 3")
    one = make_event(KEY, "trust-paeds", WHEN, [CHILD, REFERRAL], seed=seed)
    two = make_event(KEY, "trust-paeds", WHEN, [CHILD, REFERRAL], seed=seed)
    other = document_seed(b"bytes", "row 4")
    assert one == two
    assert made().id != one.id
    assert make_event(KEY, "trust-paeds", WHEN, [CHILD, REFERRAL], seed=other).id != one.id


def test_an_empty_section_is_no_section() -> None:
    """A section without a field is dropped when an event is made."""
    event = made(CHILD, REFERRAL, Contact())
    assert event.sections.keys() == {Category.IDENTITY, Category.HEALTH}


def test_a_section_of_another_type_is_refused() -> None:
    """A referral does not stand in an event about attendance."""
    fault = refused(
        lambda: make_event("education.exclusion.v1", "oak", WHEN, [CHILD, REFERRAL], seed="s")
    )
    assert fault == (Fault.SCHEMA_INVALID, "data.sections.health")


def test_what_a_type_needs_must_be_given() -> None:
    """A referral without its number is refused, and the field is named."""
    assert refused(lambda: made(CHILD, Referral(status=ReferralStatus.ACTIVE))) == (
        Fault.MISSING_FIELD,
        "data.sections.health.referral_id",
    )


def test_a_missing_section_is_named() -> None:
    """The fields it needs stand in the message."""
    assert refused(lambda: made(CHILD)) == (
        Fault.MISSING_FIELD,
        "data.sections.health.referral_id, status",
    )


def test_a_retraction_needs_only_the_child_and_the_record() -> None:
    """What is taken back need not be repeated."""
    assert made(CHILD, status=RecordStatus.RETRACTED).sections.keys() == {Category.IDENTITY}


def test_an_event_names_a_child() -> None:
    """Without an identity nobody can be told."""
    assert refused(lambda: made(REFERRAL)) == (Fault.NO_CHILD, "data.sections.identity")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (Identity(nhs_number=NUMBER), True),
        (Identity(upn=Identifier(value="B801200005001")), True),
        (Identity(uln=Identifier(value="1000000043")), True),
        (Identity(la_child_id=Identifier(value="7")), True),
        (Identity(local_id=Identifier(value="7")), True),
        (Identity(former_upn=Identifier(value="B801200005001")), False),
        (Identity(nhs_number=Identifier(value="1", assurance=Assurance.SUSPECT)), False),
        (Identity(family_name="Ash", birth_date=dt.date(2017, 1, 1)), True),
        (Identity(family_name="Ash", expected_birth_date=dt.date(2026, 9, 1)), True),
        (Identity(given_name="Robin", birth_date=dt.date(2017, 1, 1)), False),
        (Identity(family_name="Ash"), False),
    ],
)
def test_a_child_is_named_by_a_usable_number_or_name_and_birth(
    identity: Identity, expected: bool
) -> None:
    """A suspect number names nobody, nor does a name alone."""
    assert bool(names_a_child(identity)) is expected


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        (sent({"sections": SECTIONS}, type="nobody.knows.v1"), (Fault.UNKNOWN_TYPE, "type")),
        (
            sent({"sections": SECTIONS}, type="health.referral-made.v9"),
            (Fault.UNKNOWN_VERSION, "type"),
        ),
        (sent({"sections": SECTIONS}, source="urn:x"), (Fault.SENDER_UNKNOWN, "source")),
        (sent({"sections": SECTIONS}, time=None), (Fault.MISSING_FIELD, "time")),
        (sent({}), (Fault.MISSING_FIELD, "data.sections")),
        (sent(None), (Fault.SCHEMA_INVALID, "data")),
        (
            sent({"sections": {**SECTIONS, "care": {}}}),
            (Fault.SCHEMA_INVALID, "data.sections.care"),
        ),
        (
            sent({"sections": {**SECTIONS, "health": {"status": "lost"}}}),
            (Fault.SCHEMA_INVALID, "data.sections.health.status"),
        ),
        (
            sent({"sections": {**SECTIONS, "health": {"Robin Ash": 1}}}),
            (Fault.SCHEMA_INVALID, "data.sections.health.(a field the schema does not have)"),
        ),
    ],
)
def test_a_refusal_names_the_place_and_never_the_value(
    envelope: Envelope, expected: tuple[Fault, str]
) -> None:
    """Sender, type, time, section and field are each told apart."""
    assert refused(lambda: read_event(envelope)) == expected


def test_a_view_goes_to_its_recipient_and_is_read_there() -> None:
    """The delivered envelope comes from the hub and holds what the view holds."""
    view = full_view(made(), child="p-1")
    envelope = view_envelope(view)
    assert envelope.subject == "p-1"
    assert envelope.source == "urn:interagency-hub:hub"
    assert read_view(envelope) == view


def test_a_view_tells_nothing_of_overrides_addressees_and_threads() -> None:
    """These are between the sender and the hub."""
    body = view_envelope(full_view(made())).to_json().decode()
    assert not [w for w in ("Birch", "addressed", "oak-school", "thread") if w in body]
