"""All that the store and the ledger hold about one child, read once, under every id it ever had."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from consent.decision import Decision
from consent.directive import Directive
from consent.question import Question
from consent.reasons import Reason
from hub.casework.subject_access.facts import Answered, Arrived, DeliveryFacts, Facts, Given
from hub.evidence.commitments import made_of, proves, sent_view
from hub.evidence.entry_text import sentence
from hub.evidence.explanation import Cited, Decided, explained
from hub.journey.directives import withdrawal_in
from hub.journey.ledger_rows import LedgerRow
from hub.journey.matching import Particulars
from hub.journey.reviews import Review
from hub.ledger.entry import EntryKind, decode
from hub.ledger.errors import LedgerError
from hub.store.children import StoredIdentifier
from hub.store.unit_of_work import UnitOfWork
from schemas.agencies import OrganisationType
from schemas.errors import InputRefused, NotFound, Unavailable
from schemas.event import Event, View, parse_event
from schemas.sections import Category
from schemas.sharing import DirectiveRecorded, DirectiveWithdrawn

UNREADABLE = "unreadable"
Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the ledger: its place, moment, kind, body, and what it says in words."""

    position: int
    at: str
    kind: str
    event: str
    body: Body
    words: str


@dataclass(frozen=True, slots=True)
class Remade:
    """What was sent, made again; ``exact``: the ledger's commitment opens with it."""

    view: View
    exact: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """What was sealed with a directive, who recorded it, and what its withdrawal said."""

    said: DirectiveRecorded
    recorder: str
    withdrawal: DirectiveWithdrawn | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is held about a child. ``lines`` are the ledger's, by position, each once."""

    child: str
    ids: tuple[str, ...]
    facts: Facts
    lines: Mapping[int, Line]
    cited: Mapping[int, Mapping[str, Cited]]
    details: Mapping[str, Detail]
    remade: Mapping[str, Remade]
    reviews: Mapping[str, Review]
    numbers: tuple[StoredIdentifier, ...]
    faces: Mapping[str, Particulars]
    titles: Mapping[str, str]
    contacts: Mapping[str, str]
    waiting: tuple[str, ...]
    involved: frozenset[str]

    def of_event(self, ref: str) -> list[Line]:
        """Give the lines about one event, in order."""
        return [line for line in self.lines.values() if line.event == ref]

    def of_delivery(self, number: str) -> list[Line]:
        """Give the lines about one delivery, in order."""
        return [line for line in self.lines.values() if line.body.get("delivery") == number]

    def title(self, agency: str) -> str:
        """Name an agency for people."""
        return self.titles.get(agency, agency)


def read(work: UnitOfWork, child: str, handed: frozenset[str]) -> Case:
    """Read all that is held about a child; ``handed`` are items the officer hands over."""
    ids = (child, *work.children.former(child))
    lines = {line.position: line for line in map(_line, work.ledger.of_children(ids))}
    for ref in dict.fromkeys(line.event for line in lines.values() if line.event):
        lines |= {line.position: line for line in map(_line, work.ledger.about(ref))}
    lines = dict(sorted(lines.items()))
    first = [one for one in lines.values() if one.kind == EntryKind.EVENT_RECEIVED]
    cited: dict[int, Mapping[str, Cited]] = {}
    arrived = tuple(_arrived(one, lines.values(), work, cited) for one in first)
    directives = work.directives(child)
    deliveries = [(d, one.ref) for one in arrived for a in one.answers for d in a.deliveries]
    agencies = work.directory.agencies
    return Case(
        child=child,
        ids=ids,
        facts=Facts(
            arrived=arrived,
            directives=directives,
            police=frozenset(n for n, a in agencies.items() if a.kind is OrganisationType.POLICE),
            guarded=work.guarded(child),
            handed=handed,
        ),
        lines=lines,
        cited=cited,
        details={d.id: _detail(d, work) for d in directives},
        remade={d.id: made for d, ref in deliveries if (made := _remade(work, ref, d.id))},
        reviews=_reviews(lines.values(), work),
        numbers=tuple(work.children.held(child)),
        faces={one: work.particulars(one) for one in ids},
        titles={name: agency.title for name, agency in agencies.items()},
        contacts={name: agency.contact or "" for name, agency in agencies.items()},
        waiting=tuple(_waiting(ids, work)),
        involved=work.involved(child),
    )


def _line(row: LedgerRow) -> Line:
    event = row.subject.event or ""
    try:
        entry = decode(row.entry)
    except LedgerError:
        return Line(row.position, row.at, UNREADABLE, event, {}, "This entry cannot be read.")
    return Line(row.position, row.at, row.kind, event, entry.body, sentence(entry))


def _arrived(
    line: Line, lines: Iterable[Line], work: UnitOfWork, cited: dict[int, Mapping[str, Cited]]
) -> Arrived:
    own = [one for one in lines if one.event == line.event]
    content = _content(line.event, work)
    child = str(line.body.get("child"))
    decided = explained(work, line.event).decisions
    cited |= {one.position: one.cited for one in decided}
    answers = (_answered(one, line, own) for one in decided)
    return Arrived(
        ref=line.event,
        position=line.position,
        at=line.at,
        child=child,
        type=str(line.body.get("type")),
        source=str(line.body.get("source")),
        status=str(line.body.get("status", "recorded")),
        override=bool(line.body.get("override")),
        record=work.trail.record_of(line.event),
        content=content,
        said=_said(own, content, child, work),
        answers=tuple(one for one in answers if one is not None),
    )


def _content(ref: str, work: UnitOfWork) -> Event | None:
    """Open an event's content, as far as it is still kept and can be read."""
    with suppress(InputRefused, Unavailable):
        kept = work.inbox.find(ref)
        return parse_event(kept.body) if kept and kept.body else None
    return None


def _said(
    own: Sequence[Line], content: Event | None, child: str, work: UnitOfWork
) -> Directive | None:
    """Find the directive that an event recorded or withdrew."""
    for line in own:
        if line.kind == EntryKind.DIRECTIVE:
            said = line.body.get("directive")
            named = said.get("id") if isinstance(said, Mapping) else line.body.get("withdrawn")
            return work.said.find(str(named))
    if content is None or content.section(DirectiveWithdrawn) is None:
        return None
    with suppress(InputRefused):
        return work.said.find(withdrawal_in(content, child, work) or "")
    return None


def _answered(one: Decided, event: Line, own: Sequence[Line]) -> Answered | None:
    body = next((line.body for line in own if line.position == one.position), {})
    try:
        question = Question.model_validate(body.get("question"))
    except ValidationError:
        return None
    return Answered(
        position=one.position,
        at=one.at,
        question=question,
        decision=one.decision,
        notice=one.notice,
        again=one.at != event.at,
        deliveries=tuple(DeliveryFacts(d.id, tuple(_given(d.id, own))) for d in one.deliveries),
    )


def _given(delivery: str, own: Iterable[Line]) -> Iterator[Given]:
    for line in own:
        if line.kind == EntryKind.RELEASE and line.body.get("delivery") == delivery:
            named, kept = line.body.get("released"), line.body.get("withheld")
            decision = None
            with suppress(ValidationError):
                decision = Decision.model_validate(line.body.get("decision"))
            yield Given(
                position=line.position,
                at=line.at,
                sections=tuple(Category(str(c)) for c in named) if isinstance(named, list) else (),
                withheld=_withheld(kept) if isinstance(kept, Mapping) else {},
                anything=bool(line.body.get("anything")),
                decision=decision,
            )


def _withheld(kept: Mapping[str, JsonValue]) -> dict[Category, tuple[Reason, ...]]:
    return {
        Category(name): tuple(Reason(str(code)) for code in why)
        for name, why in kept.items()
        if isinstance(why, list)
    }


def _remade(work: UnitOfWork, ref: str, delivery: str) -> Remade | None:
    """Make again what was sealed into a delivery, where the event is still kept."""
    with suppress(NotFound, InputRefused, Unavailable):
        made = made_of(work, ref, delivery)
        view = sent_view(work, delivery, made)
        return Remade(view, proves(work, delivery, made, view))
    return None


def _detail(directive: Directive, work: UnitOfWork) -> Detail:
    said, withdrawal = DirectiveRecorded(), None
    with suppress(ValidationError, Unavailable):
        said = DirectiveRecorded.model_validate_json(work.said.detail(directive))
    if directive.withdrawn_at is not None:
        with suppress(ValidationError, Unavailable):
            withdrawal = DirectiveWithdrawn.model_validate_json(work.said.withdrawal(directive))
    return Detail(said, work.said.recorder(directive.id), withdrawal)


def _reviews(lines: Iterable[Line], work: UnitOfWork) -> dict[str, Review]:
    named = (str(line.body["review"]) for line in lines if "review" in line.body)
    found = {one: work.reviews.find(one) for one in named}
    return {one: review for one, review in found.items() if review is not None}


def _waiting(ids: Sequence[str], work: UnitOfWork) -> Iterator[str]:
    """Name the open reviews of held events that may turn out to be about the child."""
    for review in work.reviews.listed():
        if review.child is None and review.event is not None:
            with suppress(Unavailable):
                candidates = json.loads(work.reviews.detail(review.id)).get("candidates", ())
                if set(ids) & set(candidates):
                    yield review.id
