"""Case file: everything the hub holds about one child, read once from the store and the ledger.

``read_case_file`` covers every id the child has had. The content of an event may have been
destroyed after its retention period. Its field names are then known from the question that its
decisions answered, which the ledger keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from consent.decision import Decision
from consent.directive import Directive
from consent.question import Question
from consent.reasons import Reason
from hub.evidence.commitments import delivery_in_ledger, proves, sent_view
from hub.evidence.explanation import Cited, Decided, explained
from hub.journey.directives import withdrawal_in
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import DeliveryEntry, ReleaseEntry
from hub.journey.entries.directives import DirectiveRecordedEntry, DirectiveWithdrawnEntry
from hub.journey.entries.events import EventReceivedEntry
from hub.journey.entries.reviews import ReviewEntry
from hub.journey.ledger_rows import LedgerRow
from hub.journey.matching import Particulars
from hub.journey.reviews import Review
from hub.store.children import StoredIdentifier
from hub.store.unit_of_work import UnitOfWork
from schemas.agencies import OrganisationType
from schemas.errors import InputRefused, NotFound, Unavailable
from schemas.event import Event, View, parse_event
from schemas.event_type import EventType
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import DirectiveRecorded, DirectiveWithdrawn

UNREADABLE = "unreadable"
Kind = TypeVar("Kind", bound=EntryBody)


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One ledger entry about the child, with the sentence that describes it."""

    position: int
    at: str
    kind: str
    event: str
    body: EntryBody | None
    sentence: str

    @property
    def directive(self) -> str | None:
        """Reference of the directive that the entry records or withdraws, if it does."""
        if isinstance(self.body, DirectiveRecordedEntry):
            return self.body.directive.id
        return self.body.withdrawn if isinstance(self.body, DirectiveWithdrawnEntry) else None

    @property
    def delivery(self) -> str | None:
        """Id of the delivery that the entry is about, if it is about one."""
        return self.body.delivery if isinstance(self.body, DeliveryEntry) else None


@dataclass(frozen=True, slots=True)
class KeyResponse:
    """One response to a recipient's request for the keys of a delivery.

    ``disclosed``: the recipient received keys, or learned that a record exists.
    """

    position: int
    at: str
    released: tuple[Category, ...]
    withheld: Mapping[Category, tuple[Reason, ...]]
    disclosed: bool
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class RebuiltView:
    """What was sealed for a recipient, rebuilt; ``exact``: it opens the ledger's commitment."""

    view: View
    exact: bool


@dataclass(frozen=True, slots=True)
class CaseDelivery:
    """One delivery. ``rebuilt`` is None where the event is no longer stored."""

    id: str
    responses: tuple[KeyResponse, ...] = ()
    rebuilt: RebuiltView | None = None


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """The decision for one recipient; ``reoffered``: made later than the event was received."""

    position: int
    at: str
    question: Question
    decision: Decision
    notice: bool = False
    reoffered: bool = False
    deliveries: tuple[CaseDelivery, ...] = ()
    cited: Mapping[str, Cited] = field(default_factory=dict)

    @property
    def recipient(self) -> str:
        """The agency that the decision is for."""
        return self.decision.recipient


@dataclass(frozen=True, slots=True)
class CaseFileEvent:
    """One event about the child. ``content`` is None once it is destroyed or unreadable.

    ``child`` is the id it was decided under, ``directive`` the directive it recorded or withdrew,
    ``record`` the blind index of the record it is about.
    """

    ref: str
    position: int
    at: str
    child: str
    type: str
    source: str
    status: str = "recorded"
    override: bool = False
    record: str | None = None
    content: Event | None = None
    directive: Directive | None = None
    decisions: tuple[CaseDecision, ...] = ()

    @property
    def registered(self) -> EventType | None:
        """The event type in the register; None if the register has dropped it."""
        return EVENT_TYPES.get(self.type)

    @property
    def sector(self) -> str:
        """The first part of the event type's name."""
        return self.type.partition(".")[0]

    def fields(self) -> Mapping[Category, tuple[str, ...]]:
        """Return the names of the fields it had, by category."""
        if self.content is not None:
            return {c: tuple(sorted(s.present())) for c, s in self.content.sections.items()}
        return {s.category: s.fields for one in self.decisions for s in one.question.sections}

    def do_not_disclose(self) -> frozenset[str]:
        """Return the contact fields that its decisions treated as do-not-disclose."""
        shapes = (shape for one in self.decisions for shape in one.question.sections)
        return frozenset(name for shape in shapes for name in shape.do_not_disclose)


@dataclass(frozen=True, slots=True)
class DirectiveDetail:
    """The sealed part of a directive, of its withdrawal, and the agency that recorded it."""

    recorded: DirectiveRecorded
    recorder: str
    withdrawal: DirectiveWithdrawn | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything held about a child. ``entries`` are the ledger's, by position, each once.

    ``ids``: the child's id, then its former ids. ``police``: agencies that are police forces.
    ``open_reviews``: reviews of held events that may turn out to be about the child.
    """

    events: tuple[CaseFileEvent, ...]
    directives: tuple[Directive, ...] = ()
    police: frozenset[str] = frozenset()
    guarded: bool = False
    ids: tuple[str, ...] = ()
    entries: Mapping[int, CaseEntry] = field(default_factory=dict)
    details: Mapping[str, DirectiveDetail] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    identifiers: tuple[StoredIdentifier, ...] = ()
    particulars: Mapping[str, Particulars] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    open_reviews: tuple[str, ...] = ()
    involved: frozenset[str] = frozenset()

    def about_event(self, ref: str) -> list[CaseEntry]:
        """Return the entries about one event, in order."""
        return [one for one in self.entries.values() if one.event == ref]

    def about_delivery(self, delivery: str) -> list[CaseEntry]:
        """Return the entries about one delivery, in order."""
        return [one for one in self.entries.values() if one.delivery == delivery]

    def of_kind(self, kind: type[Kind]) -> list[tuple[CaseEntry, Kind]]:
        """Return the entries of one kind with their bodies, in order."""
        return [(one, one.body) for one in self.entries.values() if isinstance(one.body, kind)]

    def title(self, agency: str) -> str:
        """Return the display name of an agency."""
        return self.titles.get(agency, agency)


# -- reading


def read_case_file(work: UnitOfWork, child: str) -> CaseFile:
    """Read everything the hub holds about a child."""
    ids = (child, *work.children.former(child))
    entries = _entries(work, ids)
    directives = work.directives_of(child)
    agencies = work.directory.agencies
    received = [
        (one, one.body) for one in entries.values() if isinstance(one.body, EventReceivedEntry)
    ]
    return CaseFile(
        events=tuple(_event(one, body, entries.values(), work) for one, body in received),
        directives=directives,
        police=frozenset(n for n, a in agencies.items() if a.kind is OrganisationType.POLICE),
        guarded=work.guarded(child),
        ids=ids,
        entries=entries,
        details={one.id: _detail(one, work) for one in directives},
        standing={one.id: one.standing(work.now).value for one in directives},
        reviews=_reviews(entries.values(), work),
        identifiers=tuple(work.children.held(child)),
        particulars={one: work.particulars(one) for one in ids},
        titles={name: agency.title for name, agency in agencies.items()},
        contacts={name: agency.contact or "" for name, agency in agencies.items()},
        open_reviews=tuple(_open_reviews(ids, work)),
        involved=work.involved(child),
    )


def _entries(work: UnitOfWork, ids: Sequence[str]) -> dict[int, CaseEntry]:
    """Read the entries about the child, and those about its events, in order."""
    found = {one.position: one for one in map(_entry, work.ledger.of_children(ids))}
    for ref in dict.fromkeys(one.event for one in found.values() if one.event):
        found |= {one.position: one for one in map(_entry, work.ledger.about(ref))}
    return dict(sorted(found.items()))


def _entry(row: LedgerRow) -> CaseEntry:
    event, body = row.subject.event or "", row.readable()
    if body is None:
        return CaseEntry(row.position, row.at, UNREADABLE, event, None, "This entry is unreadable.")
    return CaseEntry(row.position, row.at, row.kind, event, body, body.sentence())


def _event(
    received: CaseEntry, body: EventReceivedEntry, entries: Iterable[CaseEntry], work: UnitOfWork
) -> CaseFileEvent:
    own = [one for one in entries if one.event == received.event]
    content = _content(received.event, work)
    decided = explained(work, received.event).decisions
    decisions = (_decision(one, received, own, work) for one in decided)
    return CaseFileEvent(
        ref=received.event,
        position=received.position,
        at=received.at,
        child=body.child,
        type=body.type,
        source=body.source,
        status=body.status.value,
        override=body.override,
        record=work.disclosures.record_of(received.event),
        content=content,
        directive=_directive(own, content, body.child, work),
        decisions=tuple(one for one in decisions if one is not None),
    )


def _content(ref: str, work: UnitOfWork) -> Event | None:
    """Open the content of an event; None where it was destroyed or cannot be read."""
    with suppress(InputRefused, Unavailable):
        stored = work.inbox.find(ref)
        return parse_event(stored.body) if stored and stored.body else None
    return None


def _directive(
    own: Sequence[CaseEntry], content: Event | None, child: str, work: UnitOfWork
) -> Directive | None:
    """Find the directive that an event recorded or withdrew."""
    for entry in own:
        if entry.directive is not None:
            return work.directives.find(entry.directive)
    if content is None or content.section(DirectiveWithdrawn) is None:
        return None
    with suppress(InputRefused):
        return work.directives.find(withdrawal_in(content, child, work) or "")
    return None


def _decision(
    one: Decided, received: CaseEntry, own: Sequence[CaseEntry], work: UnitOfWork
) -> CaseDecision | None:
    body = next((entry.body for entry in own if entry.position == one.position), None)
    if not isinstance(body, DecisionEntry):
        return None
    return CaseDecision(
        position=one.position,
        at=one.at,
        question=body.question,
        decision=one.decision,
        notice=one.notice,
        reoffered=one.at != received.at,
        deliveries=tuple(
            CaseDelivery(d.id, tuple(_responses(d.id, own)), _rebuilt(work, received.event, d.id))
            for d in one.deliveries
        ),
        cited=one.cited,
    )


def _responses(delivery: str, own: Iterable[CaseEntry]) -> Iterator[KeyResponse]:
    for entry in own:
        body = entry.body
        if isinstance(body, ReleaseEntry) and body.delivery == delivery:
            yield KeyResponse(
                position=entry.position,
                at=entry.at,
                released=body.released,
                withheld=body.withheld,
                disclosed=body.anything,
                decision=body.decision,
            )


def _rebuilt(work: UnitOfWork, ref: str, delivery: str) -> RebuiltView | None:
    """Rebuild what was sealed into a delivery, where the event is still stored."""
    with suppress(NotFound, InputRefused, Unavailable):
        made = delivery_in_ledger(work, ref, delivery)
        view = sent_view(work, delivery, made)
        return RebuiltView(view, proves(work, delivery, made, view))
    return None


def _detail(directive: Directive, work: UnitOfWork) -> DirectiveDetail:
    recorded, withdrawal = DirectiveRecorded(), None
    with suppress(ValidationError, Unavailable):
        recorded = DirectiveRecorded.model_validate_json(work.directives.detail(directive))
    if directive.withdrawn_at is not None:
        with suppress(ValidationError, Unavailable):
            withdrawal = DirectiveWithdrawn.model_validate_json(
                work.directives.withdrawal(directive)
            )
    return DirectiveDetail(recorded, work.directives.recorder(directive.id), withdrawal)


def _reviews(entries: Iterable[CaseEntry], work: UnitOfWork) -> dict[str, Review]:
    named = [one.body.review for one in entries if isinstance(one.body, ReviewEntry)]
    found = {one: work.reviews.find(one) for one in named}
    return {one: review for one, review in found.items() if review is not None}


def _open_reviews(ids: Sequence[str], work: UnitOfWork) -> Iterator[str]:
    """Yield the open reviews of held events that may turn out to be about the child."""
    for review in work.reviews.listed():
        if review.child is None and review.event is not None:
            with suppress(Unavailable):
                candidates = json.loads(work.reviews.detail(review.id)).get("candidates", ())
                if set(ids) & set(candidates):
                    yield review.id
