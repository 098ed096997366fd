"""What a decision or a release says in the ledger, read back for those who audit it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from consent.decision import Decision, SectionDecision, Sharing
from consent.question import Question
from consent.reasons import Reason
from hub.ledger.entry import EntryKind, LedgerEntry, encode
from hub.ledger.merkle import leaf_hash
from schemas.sections import Category
from schemas.sharing import Purpose


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry, its place in the ledger counted from 0, and the name of that ledger."""

    position: int
    entry: LedgerEntry
    origin: str

    @property
    def hash(self) -> bytes:
        """The entry's leaf hash, 32 bytes: an inclusion proof leads from it to a signed head."""
        return leaf_hash(encode(self.entry))


class DecisionBody(BaseModel):
    """The body of a ``decision`` or ``release`` entry (docs/ledger.md).

    A decision has ``permitted``, a release ``delivery`` and what follows it. A release of a notice
    rests on no decision and has no question.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    recipient: str
    child: str | None = None
    event: str | None = None
    question: Question | None = None
    decision: Decision | None = None
    considered: tuple[str, ...] = ()
    permitted: bool = False
    notice: bool = False
    reoffer: bool = False
    delivery: str | None = None
    released: tuple[Category, ...] = ()
    withheld: dict[Category, tuple[Reason, ...]] = {}
    anything: bool = False
    repeat: int = 0

    @property
    def source(self) -> str | None:
        """The agency that the event came from, where a question says so."""
        return self.question.source if self.question else None

    def sections(self) -> tuple[SectionDecision, ...]:
        """What was decided of each section; nothing for a notice."""
        return self.decision.sections if self.decision else ()

    def disclosed(self) -> tuple[SectionDecision, ...]:
        """The sections of a release that its recipient got, or may be told the existence of."""
        return tuple(
            s
            for s in self.sections()
            if s.category in self.released
            or (s.sharing is Sharing.EXISTENCE and s.category not in self.withheld)
        )

    def against(self) -> dict[Category, tuple[Reason, ...]]:
        """The reasons why each section was withheld, each once."""
        if self.delivery is not None:
            return self.withheld
        return {
            s.category: tuple(dict.fromkeys(f.reason for f in s.findings if not f.reason.permits))
            for s in self.sections()
            if s.sharing is Sharing.WITHHELD
        }


def told(entry: LedgerEntry) -> DecisionBody | None:
    """Read the body of a decision or a release; None where it is not one that can be read."""
    if entry.kind not in (EntryKind.DECISION, EntryKind.RELEASE):
        return None
    try:
        read = DecisionBody.model_validate(entry.body)
    except ValidationError:
        return None
    if entry.kind is EntryKind.RELEASE:
        return read if read.delivery else None
    return read if read.question and read.decision else None


def rules_of(sections: tuple[SectionDecision, ...], *, permitting: bool) -> tuple[str, ...]:
    """Name the rules, as ``agreement@version/rule``, that had a say, or only those that permit."""
    found = {
        f.rule
        for s in sections
        for f in s.findings
        if f.rule and (f.reason.permits or not permitting)
    }
    return tuple(sorted(found))


def purposes_of(sections: tuple[SectionDecision, ...], *, permitting: bool) -> tuple[Purpose, ...]:
    """Name the purposes of those rules."""
    found = {
        f.purpose
        for s in sections
        for f in s.findings
        if f.purpose and (f.reason.permits or not permitting)
    }
    return tuple(sorted(found))


def directives_of(sections: tuple[SectionDecision, ...]) -> tuple[str, ...]:
    """Name the directives that the findings rest on."""
    return tuple(sorted({d for s in sections for f in s.findings for d in f.directives}))
