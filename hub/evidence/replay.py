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

from pydantic import BaseModel, JsonValue

from consent.agreement import Agreement
from consent.decide import decide
from consent.decision import Decision
from consent.directive import Directive
from consent.reasons import Reason
from hub.evidence.history import ABOUT_ALL, ABOUT_CHILD, Past, family, with_their_past
from hub.evidence.logged_decisions import DECIDING, DECIDING_KINDS, basis_of, contents_logged
from hub.evidence.verification import verify_head, verify_ledger
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries.decisions import DecisionBasis, DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.journey.ledger_rows import LedgerRow
from hub.journey.release import Contents, Released, reconsider
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound
from schemas.sections import Category

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


class ReplayDifference(ViewModel):
    """One place where the logged decision and the one made again are not the same."""

    field: str
    logged: JsonValue
    replayed: JsonValue


class Disagreement(ViewModel):
    """One logged decision that does not come out the same."""

    position: int
    event: str
    recipient: str
    differences: tuple[ReplayDifference, ...]


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
    differences: tuple[ReplayDifference, ...] = ()


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
                event, recipient = row.subject.event or "", row.subject.agency or ""
                found.append(
                    Disagreement(
                        position=row.position,
                        event=event,
                        recipient=recipient,
                        differences=again.differences,
                    )
                )
        size = work.ledger.size()
    if not count and not chosen.everything:
        raise NotFound(_NONE)
    return Replay(size, count, tuple(found), checked.problem)


def replay_one(hub: Hub, position: int) -> Replayed:
    """Make the decision at one position again, quickly, with all a person wants to see of it.

    Raises NotFound where no decision is recorded there.
    """
    problem = verify_head(hub).problem
    with hub.reading() as work:
        for row, again in made_again(work, ReplaySelection(position=position)):
            basis = basis_of(row.readable())
            return Replayed(
                position=row.position,
                at=row.at,
                kind=row.kind,
                event=row.subject.event or "",
                child=row.subject.child or "",
                recipient=row.subject.agency or "",
                logged=basis.decision if basis else None,
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
    named = [row for row in _named(work, chosen) if row.kind in DECIDING_KINDS]
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
        if row.kind not in DECIDING_KINDS:
            past.learn(row)
        elif (again := _again(work, past, row)) is not None:
            yield row, again


def _again(work: UnitOfWork, past: Past, row: LedgerRow) -> Again | None:
    """Make one entry's decision again; None for a notice, which decides nothing."""
    body, contents = row.readable(), None
    if isinstance(body, ReleaseEntry):
        contents = contents_logged(work.ledger, body.event, body.delivery)
        if body.basis is None and contents is not None and contents.notice:
            return None
    basis = basis_of(body)
    if not isinstance(body, DECIDING) or basis is None:
        return Again(
            None, differences=(ReplayDifference(field="entry", logged=UNREADABLE, replayed=None),)
        )
    known = past.directives(body.child)
    directives = tuple(known[one] for one in basis.considered if one in known)
    digests = basis.decision.agreements.values()
    made = decide(basis.question, past.book(digests), directives, basis.decision.decided_at)
    given = reconsider(contents, made) if contents is not None else None
    differences = [*_differences(body, basis, made), *_left_out(basis, past, known)]
    if isinstance(body, ReleaseEntry):
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


def _differences(
    body: DecisionEntry | ReleaseEntry, basis: DecisionBasis, made: Decision
) -> Iterator[ReplayDifference]:
    yield from _compared("decision", _plain(basis.decision), _plain(made))
    yield from _compared("recipient", body.recipient, made.recipient)
    if isinstance(body, DecisionEntry):
        yield from _compared("permitted", body.permitted, made.permitted and not body.notice)


def _plain(model: BaseModel) -> JsonValue:
    plain: JsonValue = model.model_dump(mode="json", exclude_defaults=True)
    return plain


def _left_out(
    basis: DecisionBasis, past: Past, known: Collection[str]
) -> Iterator[ReplayDifference]:
    """Return what was not looked at, and was there."""
    cited = basis.decision.agreements
    book = past.book(past.counting(basis.decision.decided_at).values())
    then = book.clauses(basis.question).digests()
    sound = all(past.text(digest) is not None for digest in cited.values())
    if not sound or then.items() - cited.items():
        yield from _compared("agreements", dict(cited), {**then})
    yield from _compared("considered", [*sorted(basis.considered)], [*sorted(known)])


def _given(body: ReleaseEntry, given: Released | None) -> Iterator[ReplayDifference]:
    """Compare what was given at a release with what follows from the decision made again."""
    if given is None:
        yield ReplayDifference(field="delivery", logged=body.delivery, replayed=None)
        return
    yield from _compared("released", _values(body.released), _values(given.sections))
    yield from _compared("withheld", _by_category(body.withheld), _by_category(given.withheld))
    yield from _compared("anything", body.anything, given.anything)


def _values(codes: Iterable[Category | Reason]) -> JsonValue:
    return [code.value for code in codes]


def _by_category(withheld: Mapping[Category, tuple[Reason, ...]]) -> JsonValue:
    return {category.value: _values(why) for category, why in withheld.items()}


def _compared(name: str, logged: JsonValue, made: JsonValue) -> Iterator[ReplayDifference]:
    """Compare two values field by field."""
    if isinstance(logged, dict) and isinstance(made, dict):
        for key in sorted({*logged, *made}):
            yield from _compared(f"{name}.{key}", logged.get(key), made.get(key))
    elif isinstance(logged, list) and isinstance(made, list) and len(logged) == len(made):
        for place, (one, other) in enumerate(zip(logged, made, strict=True)):
            yield from _compared(f"{name}.{place}", one, other)
    elif logged != made:
        yield ReplayDifference(field=name, logged=logged, replayed=made)
