"""FHIR Consents that come in from other systems, recorded as directives at the desk.

What a Consent comes to is read by consent/fhir; here it meets what the hub holds. The child is
found by its identifiers, who spoke is made opaque, what is held already is not recorded again, and
an old consent does not end what was said after it.
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
from hub.journey.entries import PendingEntry
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import BadIdentifier, ConfigurationError, NotFound
from schemas.fhir import systems
from schemas.fhir.reading import FhirIdentifier
from schemas.identifiers import System
from schemas.sharing import DirectiveKind, DirectiveRecorded, Scope

LONGEST_EVIDENCE = 200

_When = dict[str, dt.datetime | None]

_NO_CHILD = "None of its identifiers is that of a child the hub knows; name the child."
_SEVERAL = "Its identifiers are those of several children; name the child."
_ANOTHER = "It is about another child than the one that was named."
_FUTURE = "It says it was given in the future."
_OLDER = "The same person refused, or withdrew a consent, on or after the day it was given."


@dataclass(frozen=True, slots=True)
class Order:
    """On whose word Consents are imported, where the evidence is kept, and whether to record."""

    by: str
    evidence: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one Consent.

    ``said`` is what it comes to; ``recorded`` what was recorded of it, nothing in a dry run;
    ``held`` the directives that say the same already. ``refused`` says why not all was.
    """

    place: str
    child: str | None = None
    said: tuple[DirectiveRecorded, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    held: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a document: each Consent, and what else of it was not taken over."""

    outcomes: tuple[ImportOutcome, ...]
    remarks: tuple[Remark, ...]
    refused: Remark | None

    @property
    def whole(self) -> bool:
        """Whether nothing was refused."""
        return self.refused is None and all(one.refused is None for one in self.outcomes)


class _ImportRefused(Exception):
    """A Consent does not fit what the hub holds; nothing of its step is recorded."""

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
    """Record what the Consents of a document say; ``sought`` names the child of all of them.

    Each Consent is recorded whole or not at all, save that of a refusal with exceptions the refusal
    stands first. Raises NotFound for a child that was named and is not there, ConfigurationError
    for hints or evidence that cannot be.
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
        for one in sorted(reading.consents, key=_as_said)
    }
    outcomes = tuple(done[one.place] for one in reading.consents)
    return Imported(outcomes, reading.remarks, reading.refused)


def _as_said(read: ConsentRead) -> tuple[dt.datetime, bool]:
    """Order Consents as they were said: of one moment the denials last, as of no known one."""
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    permits = (
        any(said.kind is DirectiveKind.CONSENT for said in read.steps[0]) if read.steps else False
    )
    return read.said_on or latest, not permits


def _check(order: Order, hints: Hints, known: frozenset[str]) -> None:
    if not 0 < len(order.evidence.strip()) <= LONGEST_EVIDENCE:
        raise ConfigurationError(f"The evidence takes 1 to {LONGEST_EVIDENCE} characters.")
    for name in hints.recipients.values():
        if name not in known:
            raise ConfigurationError(f"No agency '{name}'. There are: {', '.join(sorted(known))}.")


@dataclass
class _Import:
    """One Consent under way."""

    read: ConsentRead
    order: Order
    sought: Sought | None
    when: _When
    child: str | None = None
    recorded: list[Recorded] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


def _imported(hub: Hub, task: _Import) -> ImportOutcome:
    read, order = task.read, task.order
    refused = read.refused
    for step in read.steps:
        try:
            with _books(hub, order) as (work, lines):
                done, held = _step(task, step, work, lines)
        except _ImportRefused as refusal:
            refused = refusal.remark
            break
        # Only now, for the transaction may have failed.
        task.recorded += done
        task.held += held
        task.when.update((one.directive.id, read.said_on) for one in done)
    said = tuple(said for step in read.steps for said in step)
    return ImportOutcome(
        place=read.place,
        child=task.child,
        said=said,
        recorded=tuple(task.recorded),
        held=tuple(task.held),
        remarks=(*read.remarks, *_replaced(said, order, read.place)),
        refused=refused,
    )


@contextmanager
def _books(hub: Hub, order: Order) -> Iterator[tuple[UnitOfWork, list[PendingEntry]]]:
    """Open a unit of work: to record, or for a dry run to read only."""
    if order.dry_run:
        with hub.reading() as work:
            yield work, []
    else:
        with hub.writing() as (work, lines):
            yield work, lines


def _step(
    task: _Import, step: Step, work: UnitOfWork, lines: list[PendingEntry]
) -> tuple[list[Recorded], list[str]]:
    """Record one step at one moment, or find all of it held already."""
    child = task.child = _child(task, work)
    mine = [_mine(said, task.order, child, work) for said in step]
    held = [_held(said, child, task.read.said_on, work) for said in mine]
    if not task.recorded and all(held):
        return [], [one for one in held if one]
    for said in mine:
        _must_be_newest(said, child, task, work)
    if task.order.dry_run:
        return [], []
    return [record_in(work, lines, child, said, task.order.by) for said in mine], []


def _child(task: _Import, work: UnitOfWork) -> str:
    """Find whom it is about; raises _ImportRefused where that is nobody, or somebody else."""
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


def _mine(said: DirectiveRecorded, order: Order, child: str, work: UnitOfWork) -> DirectiveRecorded:
    """Make what was said the desk's own: with its evidence, and a decider that it can know."""
    given = said.decider_ref or ""
    try:
        decider_of(given, child, work)
    except NotFound:
        # An opaque reference of another hub: the same person there is one person here.
        given = f"{systems.PERSON}|{given}"
    return said.model_copy(update={"evidence": order.evidence.strip(), "decider_ref": given})


def _held(
    said: DirectiveRecorded, child: str, said_on: dt.datetime | None, work: UnitOfWork
) -> str | None:
    """Name a directive that stands for the same: from the same Consent, or with nothing since.

    Where the same person has since said the contrary, the same word is a new one, unless it comes
    from the very document that it came from before.
    """
    decider = decider_of(said.decider_ref or "", child, work)
    spoken = [one for one in work.directives(child) if one.decider == decider]
    for one in spoken:
        same = (
            one.withdrawn_at is None
            and _gist(one) == _gist(said)
            and said.valid_from in (None, one.valid_from)
        )
        if not same:
            continue
        again = one.id == said.directive_id or _number(one, work) == said.directive_id
        newer = said_on is None or one.recorded_at >= said_on
        if again or (newer and not _answered(one, spoken)):
            return one.id
    return None


def _number(one: Directive, work: UnitOfWork) -> str | None:
    """Open the id that a directive had where it came from."""
    return DirectiveRecorded.model_validate_json(work.said.detail(one)).directive_id


def _answered(one: Directive, spoken: list[Directive]) -> bool:
    """Whether the same person said the contrary afterwards, about any of it."""
    contrary = {DirectiveKind.CONSENT, DirectiveKind.REFUSAL}
    return any(
        later.recorded_at >= one.recorded_at
        and {later.kind, one.kind} == contrary
        and _meet(one.scope, later.scope)
        for later in spoken
    )


def _gist(said: Directive | DirectiveRecorded) -> tuple[object, ...]:
    scope = said.scope or Scope()
    parts = (scope.categories, scope.recipients, scope.purposes, said.allowed_purposes)
    lists = tuple(frozenset(part) for part in parts)
    return (said.kind, said.authority, said.valid_until, said.restriction, *lists)


def _must_be_newest(said: DirectiveRecorded, child: str, task: _Import, work: UnitOfWork) -> None:
    """Refuse a consent after which the same person said or withdrew something that it would end.

    The hub orders what one person said by when it was recorded. Recorded now, an old consent would
    outrank a refusal that was said after it. Of what came in the same document it is known when it
    was said.
    """
    if said.kind is not DirectiveKind.CONSENT:
        return
    read = task.read
    said_on = read.said_on
    place = f"{read.place}.dateTime"
    if said_on is None or said_on > work.now:
        raise _ImportRefused(place, _FUTURE)
    own = {one.directive.id for one in task.recorded}
    decider = decider_of(said.decider_ref or "", child, work)
    for one in work.directives(child):
        if one.decider != decider or one.id in own or not _meet(one.scope, said.scope or Scope()):
            continue
        when = task.when.get(one.id, one.recorded_at)
        refused = one.kind is DirectiveKind.REFUSAL and (when is None or when >= said_on)
        withdrew = one.withdrawn_at is not None and one.withdrawn_at >= said_on
        if refused or (withdrew and one.kind is DirectiveKind.CONSENT):
            raise _ImportRefused(place, _OLDER)


def _meet(one: Scope, other: Scope) -> bool:
    """Whether two scopes speak about anything in common."""
    pairs = (
        (one.categories, other.categories),
        (one.recipients, other.recipients),
        (one.purposes, other.purposes),
    )
    return all(not a or not b or set(a) & set(b) for a, b in pairs)


def _replaced(said: tuple[DirectiveRecorded, ...], order: Order, place: str) -> list[Remark]:
    """Say that the evidence a Consent named gave way to that of the import."""
    if not any(one.evidence not in (None, order.evidence.strip()) for one in said):
        return []
    return [Remark(f"{place}.sourceAttachment.title", "The evidence of the import stands instead.")]
