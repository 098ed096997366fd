"""A decision or a release from the ledger, as its AuditEvents need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consent.decision import Decision, SectionDecision, Sharing
from consent.question import Question
from consent.reasons import Reason
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.ledger.entry import LedgerEntry, encode
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


@dataclass(frozen=True, slots=True)
class AuditedDecision:
    """A decision or a release, as its AuditEvents need it.

    A release has ``delivery`` and what follows it. The release of a notice rests on no decision and
    has no question.
    """

    recipient: str
    child: str
    event: str
    question: Question | None
    decision: Decision | None
    considered: tuple[str, ...]
    permitted: bool = False
    notice: bool = False
    reoffer: bool = False
    delivery: str | None = None
    released: tuple[Category, ...] = ()
    withheld: Mapping[Category, tuple[Reason, ...]] = field(default_factory=dict)
    existence: tuple[Category, ...] = ()
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
        """The sections of a release whose content or existence the recipient received."""
        return tuple(
            s
            for s in self.sections()
            if s.category in self.released or s.category in self.existence
        )

    def against(self) -> Mapping[Category, tuple[Reason, ...]]:
        """The reasons why each section was withheld, each once."""
        if self.delivery is not None:
            return self.withheld
        return {
            s.category: tuple(dict.fromkeys(f.reason for f in s.findings if not f.reason.permits))
            for s in self.sections()
            if s.sharing is Sharing.WITHHELD
        }


def audited(body: EntryBody) -> AuditedDecision | None:
    """Return what is audited of an entry; None for one that is neither decision nor release."""
    match body:
        case DecisionEntry():
            return AuditedDecision(
                recipient=body.recipient,
                child=body.child,
                event=body.event,
                question=body.question,
                decision=body.decision,
                considered=body.considered,
                permitted=body.permitted,
                notice=body.notice,
                reoffer=body.reoffer,
            )
        case ReleaseEntry():
            return AuditedDecision(
                recipient=body.recipient,
                child=body.child,
                event=body.event,
                question=body.question,
                decision=body.decision,
                considered=body.considered,
                delivery=body.delivery,
                released=body.released,
                withheld=body.withheld,
                existence=body.existence,
                anything=body.anything,
                repeat=body.repeat,
            )
        case _:
            return None


def rules_of(sections: tuple[SectionDecision, ...], *, permitting: bool) -> tuple[str, ...]:
    """Return the rules that took part, as ``agreement@version/rule``, or only those that permit."""
    found = {
        f.rule
        for s in sections
        for f in s.findings
        if f.rule and (f.reason.permits or not permitting)
    }
    return tuple(sorted(found))


def purposes_of(sections: tuple[SectionDecision, ...], *, permitting: bool) -> tuple[Purpose, ...]:
    """Return the purposes of those rules."""
    found = {
        f.purpose
        for s in sections
        for f in s.findings
        if f.purpose and (f.reason.permits or not permitting)
    }
    return tuple(sorted(found))


def directives_of(sections: tuple[SectionDecision, ...]) -> tuple[str, ...]:
    """Return the directives that the findings cite."""
    return tuple(sorted({d for s in sections for f in s.findings for d in f.directives}))
