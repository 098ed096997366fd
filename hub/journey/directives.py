"""Read the directive, or the withdrawal of one, that an event carries. Pure.

References to people are made opaque with the hub's key: a decision must tell two people apart and
the same person again, and never who they are.
"""

from __future__ import annotations

import datetime as dt

from consent.directive import Directive
from hub.journey.ports import Knowledge
from schemas.agencies import Agency
from schemas.errors import Fault, InputRefused
from schemas.event import Event
from schemas.sharing import (
    Authority,
    DirectiveKind,
    DirectiveRecorded,
    DirectiveWithdrawn,
    RestrictionKind,
    Scope,
)

_PLACE = "data.sections.consent"


def directive_ref(recorded_by: str, child: str, number: str, known: Knowledge) -> str:
    """Make the hub's id of a directive from its recorder, child and the recorder's own number."""
    return "d-" + known.blind("directive", recorded_by, child, number)[:24]


def person_ref(recorded_by: str, reference: str, known: Knowledge) -> str:
    """Make the opaque reference of a person who spoke."""
    return "p-" + known.blind("person", recorded_by, reference)[:24]


def directive_in(event: Event, child: str, known: Knowledge, now: dt.datetime) -> Directive | None:
    """Read the directive an event records, if it records one.

    Raises InputRefused with DUPLICATE_CONFLICT where its number was used before.
    """
    statement = event.section(DirectiveRecorded)
    if statement is None or statement.directive_id is None:
        return None
    reference = directive_ref(event.source, child, statement.directive_id, known)
    if _meant(event.source, child, statement.directive_id, known):
        raise InputRefused(Fault.DUPLICATE_CONFLICT, "data.sections.consent.directive_id")
    decider = person_ref(event.source, statement.decider_ref or "", known)
    begins = statement.valid_from or min(event.time, now)
    return make_directive(
        statement.model_copy(update={"valid_from": begins}),
        child,
        reference=reference,
        decider=decider,
        now=now,
        recorded_by=event.source,
    )


def check_right_to_record(event: Event, agency: Agency) -> None:
    """Raise InputRefused where an agency may not record the directive that an event holds.

    DIRECTIVE_NOT_ALLOWED without the right; MISSING_FIELD for a court's directive that does not
    name the court, the order and its date; SCHEMA_INVALID for one that ends before it begins.
    """
    if not agency.may_record_directives:
        raise InputRefused(Fault.DIRECTIVE_NOT_ALLOWED, "type")
    statement = event.section(DirectiveRecorded)
    if statement is None:
        return
    court = statement.authority is Authority.COURT
    if court and not agency.may_record_court_orders:
        raise InputRefused(Fault.DIRECTIVE_NOT_ALLOWED, f"{_PLACE}.authority")
    restricts = statement.kind is DirectiveKind.RESTRICTION
    if restricts and not court and not agency.may_record_restrictions:
        raise InputRefused(Fault.DIRECTIVE_NOT_ALLOWED, f"{_PLACE}.kind")
    needed = ("decider_name", "evidence", "valid_from") if court else ()
    for name in needed:
        if not getattr(statement, name):
            raise InputRefused(Fault.MISSING_FIELD, f"{_PLACE}.{name}")
    begins, ends = statement.valid_from, statement.valid_until
    if begins is not None and ends is not None and ends <= begins:
        raise InputRefused(Fault.SCHEMA_INVALID, f"{_PLACE}.valid_until")


def make_directive(  # noqa: PLR0913  a directive has these parts
    statement: DirectiveRecorded,
    child: str,
    *,
    reference: str,
    decider: str,
    now: dt.datetime,
    recorded_by: str = "",
) -> Directive:
    """Make a directive of a statement, under its reference, by an opaque decider.

    ``recorded_by`` names the agency that recorded it; the hub's own officer has none.
    """
    kind = statement.kind or DirectiveKind.REFUSAL
    restriction = statement.restriction
    if kind is DirectiveKind.RESTRICTION and restriction is None:
        restriction = RestrictionKind.SENSITIVE
    return Directive(
        id=reference,
        child=child,
        kind=kind,
        authority=statement.authority or Authority.PARENTAL_RESPONSIBILITY,
        decider=decider,
        scope=statement.scope or Scope(),
        valid_from=statement.valid_from or now,
        valid_until=statement.valid_until,
        recorded_at=now,
        recorded_by=recorded_by,
        restriction=restriction,
        allowed_purposes=statement.allowed_purposes,
    )


def withdrawal_in(event: Event, child: str, known: Knowledge) -> str | None:
    """Read which directive an event withdraws, if it withdraws one.

    Raises InputRefused with DIRECTIVE_UNKNOWN where its sender recorded no such directive, and with
    DUPLICATE_CONFLICT where it means two, each recorded before its child was merged with the other.
    """
    statement = event.section(DirectiveWithdrawn)
    if statement is None or statement.directive_id is None:
        return None
    place = "data.sections.consent.directive_id"
    meant = _meant(event.source, child, statement.directive_id, known)
    if not meant:
        raise InputRefused(Fault.DIRECTIVE_UNKNOWN, place)
    standing = [d for d in meant if d.withdrawn_at is None] or meant
    if len(standing) > 1:
        raise InputRefused(Fault.DUPLICATE_CONFLICT, place)
    return standing[0].id


def _meant(recorded_by: str, child: str, number: str, known: Knowledge) -> list[Directive]:
    """Find what a recorder's number means, also where it was given under an id merged since."""
    ids = (child, *known.former(child))
    refs = {directive_ref(recorded_by, one, number, known) for one in ids}
    return [d for d in known.directives_of(child) if d.id in refs]
