"""Replaying: every logged decision is made again, and must come out the same.

All that a decision looked at is taken from what cannot be altered unseen: the question, the
agreements and the directives it considered are in the ledger, each agreement's text is found by its
digest, and a directive is taken as it stood at that place of the ledger (history.py). Not as it
stood at that moment by the clock: events of one batch have the same moment, and a later one may
withdraw what an earlier one still rested on. So a replay agrees after a withdrawal, a new version
of an agreement, a merge and an erasure.

What a decision left out would change it as well. So the ledger must not have an agreement that
counted then and was not looked at, nor a directive about the child that was not considered.

What was decided again when keys were asked for is replayed too, and held against what the delivery
was made of: the sections whose keys were given, and the reasons for the others, must follow.
A notice decides nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from consent.agreement import Agreement
from consent.decide import decide
from consent.decision import Decision
from consent.directive import Directive
from hub.evidence.history import ABOUT_ALL, ABOUT_CHILD, Past, decoded, family, with_their_past
from hub.evidence.logged_decisions import DECIDING, Logged, contents_logged, logged
from hub.evidence.verification import verify_head, verify_ledger
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.ledger_rows import LedgerRow
from hub.journey.release import Contents, Released, reconsider
from hub.ledger.entry import EntryKind, LedgerEntry
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound

UNREADABLE = "cannot be read as a decision"
_NONE = "The ledger has no such decision. See 'hub audit tail'."


@dataclass(frozen=True, slots=True)
class ReplaySelection:
    """Which decisions are made again; with nothing named, all."""

    event: str | None = None
    child: str | None = None
    position: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is named."""
        return self.event is None and self.child is None and self.position is None


class Difference(ViewModel):
    """One place where the logged decision and the one made again are not the same."""

    field: str
    logged: JsonValue
    replayed: JsonValue


class Disagreement(ViewModel):
    """One logged decision that does not come out the same."""

    position: int
    event: str
    recipient: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it; ``entries`` is the size of the ledger, ``problem`` why it does not verify.

    ``replayed`` counts decisions, those at release among them.
    """

    entries: int
    replayed: int
    disagreements: tuple[Disagreement, ...]
    problem: str | None

    @property
    def verified(self) -> bool:
        """Whether the ledger verifies and every decision came out the same."""
        return not self.disagreements and self.problem is None


@dataclass(frozen=True, slots=True)
class Again:
    """One decision made again: the outcome, what it was made of, and what is not as logged.

    ``agreements`` are those it looked at, ``directives`` all that was considered, as it stood then.
    Of a release, ``contents`` is what was sealed and ``given`` what of it follows.
    """

    made: Decision | None
    agreements: tuple[Agreement, ...] = ()
    directives: tuple[Directive, ...] = ()
    contents: Contents | None = None
    given: Released | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """One position replayed, for a person to see: the decision as logged, and made again.

    ``kind`` is decision or release; ``problem`` is why the ledger's head does not verify.
    """

    position: int
    at: str
    kind: str
    event: str
    child: str
    recipient: str
    logged: Decision | None
    again: Again
    problem: str | None

    @property
    def verified(self) -> bool:
        """Whether the ledger's head verifies and the decision came out the same."""
        return not self.again.differences and self.problem is None


def replay(hub: Hub, chosen: ReplaySelection) -> Replay:
    """Make logged decisions again; raises NotFound where there is none of what is named.

    With everything, the whole ledger is verified and read. Otherwise only its head is verified, and
    only what tells of the past of the children concerned is read.
    """
    checked = verify_ledger(hub) if chosen.everything else verify_head(hub)
    with hub.reading() as work:
        count, found = 0, list[Disagreement]()
        for row, again in made_again(work, chosen):
            count += 1
            if again.differences:
                event, whom = row.subject.event or "", row.subject.agency or ""
                found.append(
                    Disagreement(
                        position=row.position,
                        event=event,
                        recipient=whom,
                        differences=again.differences,
                    )
                )
        size = work.ledger.size()
    if not count and not chosen.everything:
        raise NotFound(_NONE)
    return Replay(size, count, tuple(found), checked.problem)


def replay_one(hub: Hub, position: int) -> Replayed:
    """Make the decision at one position again, quickly, with all a person wants to see of it.

    Raises NotFound where no decision stands there.
    """
    problem = verify_head(hub).problem
    with hub.reading() as work:
        for row, again in made_again(work, ReplaySelection(position=position)):
            said = logged(decoded(row))
            return Replayed(
                position=row.position,
                at=row.at,
                kind=row.kind,
                event=row.subject.event or "",
                child=row.subject.child or "",
                recipient=row.subject.agency or "",
                logged=said.decision if said else None,
                again=again,
                problem=problem,
            )
    raise NotFound(_NONE)


def made_again(work: UnitOfWork, chosen: ReplaySelection) -> Iterator[tuple[LedgerRow, Again]]:
    """Make again what is named, each at its own place of the past."""
    size = work.ledger.size()
    if chosen.everything:
        rows = work.ledger.of_kinds((*ABOUT_ALL, *ABOUT_CHILD, *DECIDING), size)
        return _replayed(work, rows)
    named = [row for row in _named(work, chosen) if row.kind in DECIDING]
    ids = family(work, {row.subject.child for row in named if row.subject.child})
    end = max((row.position for row in named), default=0)
    return _replayed(work, with_their_past(work, named, ids, end))


def _named(work: UnitOfWork, chosen: ReplaySelection) -> list[LedgerRow]:
    """Find the entries that are meant; a child's former ids mean the child."""
    children = family(work, {chosen.child}) if chosen.child is not None else None
    rows: Iterable[LedgerRow]
    if chosen.position is not None:
        rows = work.ledger.rows(chosen.position, chosen.position + 1)
    elif chosen.event is not None:
        rows = work.ledger.about(chosen.event)
    else:
        rows = work.ledger.of_children(children or (), DECIDING)
    return [row for row in rows if _meant(row, chosen, children)]


def _meant(row: LedgerRow, chosen: ReplaySelection, children: Collection[str] | None) -> bool:
    return chosen.event in {None, row.subject.event} and (
        children is None or row.subject.child in children
    )


def _replayed(work: UnitOfWork, rows: Iterable[LedgerRow]) -> Iterator[tuple[LedgerRow, Again]]:
    """Go through rows in the order of the ledger: learn from some, make the others again."""
    past = Past(work.agreements)
    for row in rows:
        entry = decoded(row)
        if row.kind not in DECIDING:
            if entry is not None:
                past.learn(entry)
        elif (again := _again(work, past, entry)) is not None:
            yield row, again


def _again(work: UnitOfWork, past: Past, entry: LedgerEntry | None) -> Again | None:
    """Make one entry's decision again; None for a notice, which decides nothing."""
    body: Mapping[str, JsonValue] = entry.body if entry is not None else {}
    contents = None
    if entry is not None and entry.kind is EntryKind.RELEASE:
        event, delivery = str(body.get("event")), str(body.get("delivery"))
        contents = contents_logged(work.ledger, event, delivery)
        if contents is not None and contents.notice and "question" not in body:
            return None
    case = logged(entry)
    if case is None:
        return Again(
            None, differences=(Difference(field="entry", logged=UNREADABLE, replayed=None),)
        )
    said = past.said(case.child)
    directives = tuple(said[one] for one in case.considered if one in said)
    digests = case.decision.agreements.values()
    made = decide(case.question, past.book(digests), directives, case.decision.decided_at)
    given = reconsider(contents, made) if contents is not None else None
    differences = [*_differences(case, made), *_left_out(case, past, said)]
    if case.kind is EntryKind.RELEASE:
        differences += _given(body, given)
    texts = (past.text(digest) for digest in digests)
    return Again(
        made,
        agreements=tuple(text for text in texts if text is not None),
        directives=directives,
        contents=contents,
        given=given,
        differences=tuple(differences),
    )


def _differences(case: Logged, made: Decision) -> Iterator[Difference]:
    body = case.body
    again = made.model_dump(mode="json", exclude_defaults=True)
    yield from _compared("decision", body.get("decision"), again)
    yield from _compared("recipient", body.get("recipient"), made.recipient)
    if case.kind is EntryKind.DECISION:
        told = made.permitted and not body.get("notice")
        yield from _compared("permitted", body.get("permitted"), told)


def _left_out(case: Logged, past: Past, said: Collection[str]) -> Iterator[Difference]:
    """Give what was not looked at, and was there."""
    cited = case.decision.agreements
    book = past.book(past.counting(case.decision.decided_at).values())
    then = book.clauses(case.question).digests()
    sound = all(past.text(digest) is not None for digest in cited.values())
    if not sound or then.items() - cited.items():
        yield from _compared("agreements", dict(cited), {**then})
    yield from _compared("considered", [*sorted(case.considered)], [*sorted(said)])


def _given(body: Mapping[str, JsonValue], given: Released | None) -> Iterator[Difference]:
    """Compare what was given at a release with what follows from the decision made again."""
    if given is None:
        yield Difference(field="delivery", logged=body.get("delivery"), replayed=None)
        return
    withheld: dict[str, JsonValue] = {
        category.value: [reason.value for reason in why] for category, why in given.withheld.items()
    }
    yield from _compared("released", body.get("released"), [c.value for c in given.sections])
    yield from _compared("withheld", body.get("withheld"), withheld)
    yield from _compared("anything", body.get("anything"), given.anything)


def _compared(name: str, logged: JsonValue, made: JsonValue) -> Iterator[Difference]:
    """Compare two values field by field."""
    if isinstance(logged, dict) and isinstance(made, dict):
        for key in sorted({*logged, *made}):
            yield from _compared(f"{name}.{key}", logged.get(key), made.get(key))
    elif isinstance(logged, list) and isinstance(made, list) and len(logged) == len(made):
        for place, (one, other) in enumerate(zip(logged, made, strict=True)):
            yield from _compared(f"{name}.{place}", one, other)
    elif logged != made:
        yield Difference(field=name, logged=logged, replayed=made)
