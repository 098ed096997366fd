"""An event: one happening about one child, recognised, with its data in typed sections.

The wire form is a CloudEvent whose ``data`` is EventData; ``read_event`` goes from the envelope to
the typed event and ``Event.envelope`` goes back. A *view* is what one recipient gets of it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from schemas.envelope import (
    HUB_SOURCE,
    Envelope,
    agency_of,
    agency_source,
    parse_envelope,
    refusal_of,
)
from schemas.errors import Fault, InputRefused
from schemas.event_type import EventType
from schemas.people import Identity
from schemas.registry import event_type
from schemas.sections import Category, Section
from schemas.sharing import AgencyName, Override

S = TypeVar("S", bound=Section)
_EVENT_NAMESPACE = uuid.UUID("5f0c6f5e-6d0c-5a53-9b7b-6a1de0b3c7a1")
MAX_ADDRESSEES = 50


class RecordStatus(StrEnum):
    """Whether the source asserts its record, corrects it, or takes it back."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class EventData(BaseModel):
    """The ``data`` of an event's envelope, sections not yet typed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: Annotated[
        str | None,
        Field(max_length=120, description="The source's stable id of the record"),
    ] = None
    status: Annotated[
        RecordStatus, Field(description="Whether the record is new, corrected or retracted")
    ] = RecordStatus.RECORDED
    addressed_to: Annotated[
        tuple[AgencyName, ...],
        Field(max_length=MAX_ADDRESSEES, description="Agencies the sender wants to inform"),
    ] = ()
    override: Annotated[Override | None, Field(description="A safeguarding override")] = None
    sections: Annotated[
        dict[Category, dict[str, JsonValue]], Field(description="The data, by category")
    ]


@dataclass(frozen=True, slots=True)
class Event:
    """One recognised happening. ``source`` is an agency's name; ``time`` has a UTC offset."""

    id: str
    source: str
    kind: EventType
    time: datetime
    sections: Mapping[Category, Section]
    record: str | None = None
    status: RecordStatus = RecordStatus.RECORDED
    addressed_to: tuple[str, ...] = ()
    override: Override | None = None
    correlation: str | None = None

    def section(self, model: type[S]) -> S | None:
        """Return the section of a model, or None where the event has none of it."""
        found = self.sections.get(model.category)
        return found if isinstance(found, model) else None

    @property
    def identity(self) -> Identity:
        """The child the event is about."""
        return self.section(Identity) or Identity()

    def envelope(self) -> Envelope:
        """Write the event as a CloudEvent."""
        data = EventData(
            record=self.record,
            status=self.status,
            addressed_to=self.addressed_to,
            override=self.override,
            sections={c: dump_section(s) for c, s in self.sections.items()},
        )
        return Envelope(
            specversion="1.0",
            id=self.id,
            source=agency_source(self.source),
            type=self.kind.key,
            time=self.time,
            datacontenttype="application/json",
            data=data.model_dump(mode="json", exclude_none=True),
            extensions={"correlationid": self.correlation} if self.correlation else {},
        )

    def to_json(self) -> bytes:
        """Write the event's structured-mode bytes."""
        return self.envelope().to_json()


@dataclass(frozen=True, slots=True)
class View:
    """What one recipient gets of an event: permitted fields, and which records merely exist.

    ``child`` is the recipient's own pseudonym for the child. ``existence`` names categories of
    which the recipient learns only that a record exists. ``withheld`` names sections that were in
    the delivery but not released; what was refused before that is never mentioned.
    """

    delivery_id: str
    kind: EventType
    source: str
    child: str
    time: datetime
    sections: Mapping[Category, Section]
    existence: tuple[Category, ...] = ()
    withheld: tuple[Category, ...] = ()
    record: str | None = None
    status: RecordStatus = RecordStatus.RECORDED
    purposes: Mapping[Category, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def section(self, model: type[S]) -> S | None:
        """Return the section of a model, or None where the view has none of it."""
        found = self.sections.get(model.category)
        return found if isinstance(found, model) else None

    @property
    def identity(self) -> Identity:
        """The child's identity, with the fields that the recipient may have."""
        return self.section(Identity) or Identity()


class ViewData(BaseModel):
    """The ``data`` of a delivered envelope."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: AgencyName
    record: str | None = None
    status: RecordStatus = RecordStatus.RECORDED
    existence: tuple[Category, ...] = ()
    purposes: dict[Category, tuple[str, ...]] = {}
    sections: dict[Category, dict[str, JsonValue]]


def dump_section(section: Section) -> dict[str, JsonValue]:
    """Write a section's present fields as JSON values."""
    dumped: dict[str, JsonValue] = section.model_dump(
        mode="json", exclude_none=True, include=set(section.present())
    )
    return dumped


def view_envelope(view: View) -> Envelope:
    """Write a view as the CloudEvent its recipient gets; its id is the delivery's."""
    data = ViewData(
        source=view.source,
        record=view.record,
        status=view.status,
        existence=view.existence,
        purposes=dict(view.purposes),
        sections={c: dump_section(s) for c, s in view.sections.items()},
    )
    return Envelope(
        specversion="1.0",
        id=view.delivery_id,
        source=HUB_SOURCE,
        type=view.kind.key,
        subject=view.child,
        time=view.time,
        datacontenttype="application/json",
        data=data.model_dump(mode="json", exclude_none=True),
    )


def read_view(envelope: Envelope) -> View:
    """Read a delivered CloudEvent back into a view; raises InputRefused."""
    kind = event_type(envelope.type)
    if envelope.time is None or envelope.subject is None:
        raise InputRefused(Fault.MISSING_FIELD, "time, subject")
    try:
        data = ViewData.model_validate(envelope.data)
    except ValidationError as error:
        raise refusal_of(error, "data.") from None
    return View(
        delivery_id=envelope.id,
        kind=kind,
        source=data.source,
        child=envelope.subject,
        time=envelope.time,
        sections=_typed(kind, data.sections),
        existence=data.existence,
        record=data.record,
        status=data.status,
        purposes=MappingProxyType(dict(data.purposes)),
    )


def full_view(event: Event, child: str = "child") -> View:
    """Show a whole event as a view: for ``hub translate --reverse`` and for tests of formats."""
    return View(
        delivery_id=event.id,
        kind=event.kind,
        source=event.source,
        child=child,
        time=event.time,
        sections=event.sections,
        record=event.record,
        status=event.status,
    )


def make_event(  # noqa: PLR0913
    key: str,
    source: str,
    time: datetime,
    sections: Iterable[Section],
    *,
    seed: str,
    record: str | None = None,
    status: RecordStatus = RecordStatus.RECORDED,
    addressed_to: tuple[str, ...] = (),
    override: Override | None = None,
    correlation: str | None = None,
) -> Event:
    """Build a checked event. The same ``seed`` from the same source gives the same event id.

    A seed is made of the native document's hash and the place of the happening in it, so reading
    a document twice makes the same events. Raises InputRefused where the type's needs are not met.
    """
    kind = event_type(key)
    present = {s.category: s for s in sections if s.present()}
    event = Event(
        id=str(uuid.uuid5(_EVENT_NAMESPACE, f"{source}\n{key}\n{seed}")),
        source=source,
        kind=kind,
        time=time,
        sections=MappingProxyType(present),
        record=record,
        status=status,
        addressed_to=addressed_to,
        override=override,
        correlation=correlation,
    )
    for category, section in present.items():
        if type(section) is not kind.sections.get(category):
            raise InputRefused(Fault.SCHEMA_INVALID, f"data.sections.{category.value}")
    check_needs(event)
    return event


@lru_cache(maxsize=1)
def _digest(body: bytes) -> str:
    """Hash a document once for all its events."""
    return hashlib.sha256(body).hexdigest()


def document_seed(body: bytes, place: str) -> str:
    """Make a seed for ``make_event`` from a document's bytes and a place in it."""
    return f"{_digest(body)}/{place}"


def read_event(envelope: Envelope) -> Event:
    """Recognise an event: registered type, sections that fit their models, all needs met.

    Raises InputRefused with UNKNOWN_TYPE, UNKNOWN_VERSION, SENDER_UNKNOWN, SCHEMA_INVALID,
    MISSING_FIELD or NO_CHILD.
    """
    kind = event_type(envelope.type)
    source = agency_of(envelope.source)
    if source is None:
        raise InputRefused(Fault.SENDER_UNKNOWN, "source")
    if envelope.time is None:
        raise InputRefused(Fault.MISSING_FIELD, "time")
    try:
        data = EventData.model_validate(envelope.data)
    except ValidationError as error:
        raise refusal_of(error, "data.") from None
    correlation = envelope.extensions.get("correlationid")
    event = Event(
        id=envelope.id,
        source=source,
        kind=kind,
        time=envelope.time,
        sections=_typed(kind, data.sections),
        record=data.record,
        status=data.status,
        addressed_to=data.addressed_to,
        override=data.override,
        correlation=str(correlation) if correlation is not None else None,
    )
    check_needs(event)
    return event


def parse_event(body: bytes) -> Event:
    """Read structured-mode bytes into a recognised event; raises InputRefused."""
    return read_event(parse_envelope(body))


def _typed(
    kind: EventType, raw: Mapping[Category, Mapping[str, JsonValue]]
) -> Mapping[Category, Section]:
    typed: dict[Category, Section] = {}
    for category, values in raw.items():
        model = kind.sections.get(category)
        if model is None:
            raise InputRefused(Fault.SCHEMA_INVALID, f"data.sections.{category.value}")
        try:
            typed[category] = model.model_validate(values)
        except ValidationError as error:
            raise refusal_of(error, f"data.sections.{category.value}.") from None
    return MappingProxyType(typed)


def check_needs(event: Event) -> None:
    """Check that a sender gave all that the type needs and that a child is named.

    Raises InputRefused with MISSING_FIELD or NO_CHILD. A retraction needs only the child and the
    record it takes back.
    """
    if not names_a_child(event.identity):
        raise InputRefused(Fault.NO_CHILD, "data.sections.identity")
    if event.status is RecordStatus.RETRACTED and event.record:
        return
    for category, fields in event.kind.required.items():
        section = event.sections.get(category)
        missing = fields - (section.present() if section else frozenset())
        if section is None or missing:
            named = ", ".join(sorted(missing)) or "(the section)"
            raise InputRefused(Fault.MISSING_FIELD, f"data.sections.{category.value}.{named}")


def names_a_child(identity: Identity) -> bool:
    """Whether an identity holds a usable identifier, or a name with a birth date."""
    numbers = (identity.nhs_number, identity.upn, identity.la_child_id, identity.local_id)
    if any(n is not None and n.usable for n in numbers) or (identity.uln and identity.uln.usable):
        return True
    born = identity.birth_date or identity.expected_birth_date
    return identity.family_name is not None and born is not None
