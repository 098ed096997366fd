"""Import FHIR Consents from other systems as directives.

consent/fhir reads a Consent; here it is compared with what the hub has. The child is found by its
identifiers, the person who decided becomes an opaque reference, an existing directive is not
recorded again, and an old consent does not end a later refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from consent.directive import Directive
from consent.fhir.consent_reading import ConsentRead, Step, read_consents
from consent.fhir.remark import Remark
from consent.fhir.speaker import Hints
from hub.casework.directives.recording import Recorded, decider_of, record_in
from hub.evidence.child_lookup import Sought, matches, the_child
from hub.intake.hub import Hub
from hub.journey.entries import EntryBody
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import BadIdentifier, ConfigurationError, NotFound
from schemas.fhir import systems
from schemas.fhir.reading import FhirIdentifier
from schemas.identifiers import System
from schemas.sharing import DirectiveKind, DirectiveRecorded, Scope
from schemas.suggestion import suggestion

LONGEST_EVIDENCE = 200

_When = dict[str, dt.datetime | None]

_NO_CHILD = "None of its identifiers belongs to a child of this hub; name the child."
_SEVERAL = "Its identifiers belong to several children; name the child."
_ANOTHER = "It is about another child than the one you named."
_FUTURE = "Its date is in the future."
_OLDER = "The same person refused, or withdrew a consent, on or after its date."


@dataclass(frozen=True, slots=True)
class Order:
    """Who imports Consents, where the evidence is stored, and whether to record."""

    by: str
    evidence: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one Consent.

    ``statements`` are the directives it contains; ``recorded`` those that were recorded, none in a
    dry run; ``existing`` the hub's directives with the same content. ``refused`` is why not all of
    it was recorded.
    """

    place: str
    child: str | None = None
    statements: tuple[DirectiveRecorded, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    existing: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a document: each Consent, and what else of it was not imported."""

    outcomes: tuple[ImportOutcome, ...]
    remarks: tuple[Remark, ...]
    refused: Remark | None

    @property
    def complete(self) -> bool:
        """Whether nothing was refused."""
        return self.refused is None and all(one.refused is None for one in self.outcomes)


class _ImportRefused(Exception):
    """A Consent contradicts what the hub has; nothing of its step is recorded."""

    def __init__(self, place: str, sentence: str) -> None:
        self.remark = Remark(place, sentence)
        super().__init__(sentence)


def import_consents(
    hub: Hub,
    data: bytes,
    order: Order,
    *,
    sought: Sought | None = None,
    hints: Hints | None = None,
) -> Imported:
    """Record the Consents of a document as directives; ``sought`` names the child of all of them.

    Each Consent is recorded in full or not at all, except that a refusal with exceptions is
    recorded before its exceptions. Raises NotFound for a named child that is unknown,
    ConfigurationError for invalid hints or evidence.
    """
    known = frozenset(hub.directory.agencies)
    hints = replace(hints or Hints(), agencies=known)
    _check(order, hints, known)
    reading = read_consents(data, hints)
    if hints.decider is not None and len(reading.consents) > 1:
        raise ConfigurationError("A decider goes with one Consent; this document has several.")
    if sought is not None:
        with hub.reading() as work:
            the_child(work, sought)
    when: _When = {}
    done = {
        one.place: _imported(hub, _Import(one, order, sought, when))
        for one in sorted(reading.consents, key=_chronological)
    }
    outcomes = tuple(done[one.place] for one in reading.consents)
    return Imported(outcomes, reading.remarks, reading.refused)


def _chronological(read: ConsentRead) -> tuple[dt.datetime, bool]:
    """Order Consents by date; denials last within a date, and undated ones at the end."""
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    permits = (
        any(one.kind is DirectiveKind.CONSENT for one in read.steps[0]) if read.steps else False
    )
    return read.given_on or latest, not permits


def _check(order: Order, hints: Hints, known: frozenset[str]) -> None:
    if not 0 < len(order.evidence.strip()) <= LONGEST_EVIDENCE:
        raise ConfigurationError(f"The evidence takes 1 to {LONGEST_EVIDENCE} characters.")
    for name in hints.recipients.values():
        if name not in known:
            raise ConfigurationError(f"Unknown agency '{name}'. {suggestion(name, known)}")


@dataclass
class _Import:
    """One Consent while it is imported."""

    read: ConsentRead
    order: Order
    sought: Sought | None
    when: _When
    child: str | None = None
    recorded: list[Recorded] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)


def _imported(hub: Hub, task: _Import) -> ImportOutcome:
    read, order = task.read, task.order
    refused = read.refused
    for step in read.steps:
        try:
            with _unit_of_work(hub, order) as (work, lines):
                done, existing = _step(task, step, work, lines)
        except _ImportRefused as refusal:
            refused = refusal.remark
            break
        # Only now, for the transaction may have failed.
        task.recorded += done
        task.existing += existing
        task.when.update((one.directive.id, read.given_on) for one in done)
    statements = tuple(statement for step in read.steps for statement in step)
    return ImportOutcome(
        place=read.place,
        child=task.child,
        statements=statements,
        recorded=tuple(task.recorded),
        existing=tuple(task.existing),
        remarks=(*read.remarks, *_replaced(statements, order, read.place)),
        refused=refused,
    )


@contextmanager
def _unit_of_work(hub: Hub, order: Order) -> Iterator[tuple[UnitOfWork, list[EntryBody]]]:
    """Open a unit of work to record in, read-only for a dry run."""
    if order.dry_run:
        with hub.reading() as work:
            yield work, []
    else:
        with hub.writing() as (work, lines):
            yield work, lines


def _step(
    task: _Import, step: Step, work: UnitOfWork, lines: list[EntryBody]
) -> tuple[list[Recorded], list[str]]:
    """Record one step, all at one moment, unless all of it exists already."""
    child = task.child = _child(task, work)
    own = [_own(statement, task.order, child, work) for statement in step]
    existing = [_existing(statement, child, task.read.given_on, work) for statement in own]
    if not task.recorded and all(existing):
        return [], [one for one in existing if one]
    for statement in own:
        _must_be_newest(statement, child, task, work)
    if task.order.dry_run:
        return [], []
    by = task.order.by
    return [record_in(work, lines, child, statement, by) for statement in own], []


def _child(task: _Import, work: UnitOfWork) -> str:
    """Return the child it is about; raises _ImportRefused for none, several, or another."""
    place = f"{task.read.place}.patient"
    found = {child for one in task.read.patient for child in _matches(one, work)}
    if task.sought is not None:
        named = the_child(work, task.sought)
        if found - {named}:
            raise _ImportRefused(place, _ANOTHER)
        return named
    if len(found) != 1:
        raise _ImportRefused(place, _SEVERAL if found else _NO_CHILD)
    return found.pop()


def _matches(one: FhirIdentifier, work: UnitOfWork) -> list[str]:
    system = System.NHS_NUMBER if one.system in systems.NHS_NUMBER_SYSTEMS else None
    if one.system == systems.UPN:
        system = System.UPN
    if system is None and one.system != systems.CHILD:
        return []
    try:
        return matches(work, Sought(one.value, system))
    except BadIdentifier:
        return []


def _own(
    statement: DirectiveRecorded, order: Order, child: str, work: UnitOfWork
) -> DirectiveRecorded:
    """Return a statement with the import's evidence and a decider reference of this hub."""
    given = statement.decider_ref or ""
    try:
        decider_of(given, child, work)
    except NotFound:
        # An opaque reference from another hub: one person there is one person here.
        given = f"{systems.PERSON}|{given}"
    return statement.model_copy(update={"evidence": order.evidence.strip(), "decider_ref": given})


def _existing(
    statement: DirectiveRecorded, child: str, given_on: dt.datetime | None, work: UnitOfWork
) -> str | None:
    """Return the id of an existing directive with the same content, not contradicted since.

    Where the same person has since decided otherwise, the statement is new, unless it is from the
    same Consent as before.
    """
    decider = decider_of(statement.decider_ref or "", child, work)
    by_decider = [one for one in work.directives_of(child) if one.decider == decider]
    for one in by_decider:
        same = (
            one.withdrawn_at is None
            and _content(one) == _content(statement)
            and statement.valid_from in (None, one.valid_from)
        )
        if not same:
            continue
        again = one.id == statement.directive_id or _number(one, work) == statement.directive_id
        newer = given_on is None or one.recorded_at >= given_on
        if again or (newer and not _contradicted(one, by_decider)):
            return one.id
    return None


def _number(one: Directive, work: UnitOfWork) -> str | None:
    """Return the id that a directive had in its source document."""
    return DirectiveRecorded.model_validate_json(work.directives.detail(one)).directive_id


def _contradicted(one: Directive, by_decider: list[Directive]) -> bool:
    """Return whether the same person decided otherwise afterwards, about any of it."""
    contrary = {DirectiveKind.CONSENT, DirectiveKind.REFUSAL}
    return any(
        later.recorded_at >= one.recorded_at
        and {later.kind, one.kind} == contrary
        and _overlap(one.scope, later.scope)
        for later in by_decider
    )


def _content(statement: Directive | DirectiveRecorded) -> tuple[object, ...]:
    scope = statement.scope or Scope()
    named = (scope.categories, scope.recipients, scope.purposes, statement.allowed_purposes)
    lists = tuple(frozenset(part) for part in named)
    parts = (statement.kind, statement.authority, statement.valid_until, statement.restriction)
    return (*parts, *lists)


def _must_be_newest(
    statement: DirectiveRecorded, child: str, task: _Import, work: UnitOfWork
) -> None:
    """Raise _ImportRefused for a consent after which the same person refused or withdrew.

    The hub orders one person's directives by when they were recorded. Recorded now, an old consent
    would take precedence over a later refusal. Within one document the dates are known.
    """
    if statement.kind is not DirectiveKind.CONSENT:
        return
    read = task.read
    given_on = read.given_on
    place = f"{read.place}.dateTime"
    if given_on is None or given_on > work.now:
        raise _ImportRefused(place, _FUTURE)
    own = {one.directive.id for one in task.recorded}
    decider, scope = (
        decider_of(statement.decider_ref or "", child, work),
        statement.scope or Scope(),
    )
    for one in work.directives_of(child):
        if one.decider != decider or one.id in own or not _overlap(one.scope, scope):
            continue
        when = task.when.get(one.id, one.recorded_at)
        refused = one.kind is DirectiveKind.REFUSAL and (when is None or when >= given_on)
        withdrew = one.withdrawn_at is not None and one.withdrawn_at >= given_on
        if refused or (withdrew and one.kind is DirectiveKind.CONSENT):
            raise _ImportRefused(place, _OLDER)


def _overlap(one: Scope, other: Scope) -> bool:
    """Return whether two scopes overlap."""
    pairs = (
        (one.categories, other.categories),
        (one.recipients, other.recipients),
        (one.purposes, other.purposes),
    )
    return all(not a or not b or set(a) & set(b) for a, b in pairs)


def _replaced(statements: tuple[DirectiveRecorded, ...], order: Order, place: str) -> list[Remark]:
    """Return a remark where the evidence named in a Consent is replaced by that of the import."""
    if not any(one.evidence not in (None, order.evidence.strip()) for one in statements):
        return []
    return [
        Remark(f"{place}.sourceAttachment.title", "The evidence of the import is recorded instead.")
    ]
