"""The demonstration's result as numbers: counted from the store and the ledger, nowhere else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from consent.reasons import Reason
from hub.intake.hub import Hub
from hub.journey.entries.decisions import DecisionEntry


@dataclass(frozen=True, slots=True)
class LoggedSection:
    """One section of a decision: its category, the fields that were shared, and the reasons."""

    category: str
    sharing: str
    fields: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def withheld(self) -> bool:
        """Whether the recipient received nothing of it."""
        return self.sharing == "withheld"


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One decision as the ledger has it: the event, the recipient, each section and its reasons."""

    event: str
    type: str
    source: str
    recipient: str
    permitted: bool
    sections: tuple[LoggedSection, ...]


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """The decisions and entries in the ledger of the whole demonstration."""

    decisions: tuple[LoggedDecision, ...]
    kinds: Counter[str]
    entries: int

    @property
    def permitted(self) -> int:
        """Count the decisions by which the recipient received something."""
        return sum(d.permitted for d in self.decisions)

    def between(self) -> Counter[tuple[str, str, bool]]:
        """Count decisions by sender, recipient and outcome."""
        return Counter((d.source, d.recipient, d.permitted) for d in self.decisions)

    def reasons(self) -> Counter[str]:
        """Count the reasons for which whole sections were withheld."""
        return Counter(
            reason
            for d in self.decisions
            for section in d.sections
            if section.withheld
            for reason in section.reasons
            if not Reason(reason).permits
        )


def read_account(hub: Hub) -> DemoSummary:
    """Read the ledger once and gather the decisions and kinds of entries."""
    decisions: list[LoggedDecision] = []
    kinds: Counter[str] = Counter()
    with hub.reading() as work:
        for row in work.ledger.rows():
            kinds[row.kind] += 1
            body = row.read()
            if isinstance(body, DecisionEntry):
                decisions.append(_decision(body))
    return DemoSummary(tuple(decisions), kinds, sum(kinds.values()))


def _decision(body: DecisionEntry) -> LoggedDecision:
    return LoggedDecision(
        event=body.event,
        type=body.question.event_type,
        source=body.question.source,
        recipient=body.recipient,
        permitted=body.permitted,
        sections=tuple(
            LoggedSection(
                category=s.category.value,
                sharing=s.sharing.value,
                fields=tuple(s.fields),
                reasons=tuple(dict.fromkeys(f.reason.value for f in s.findings)),
            )
            for s in body.decision.sections
        ),
    )


def summarise(  # noqa: PLR0913  the summary's keys are promised
    hub: Hub,
    account: DemoSummary,
    *,
    broker: str,
    verified: bool,
    seconds: float,
    outputs: list[Path],
) -> dict[str, JsonValue]:
    """Return the summary object that ``--json`` prints."""
    with hub.reading() as work:
        inbox, deliveries = work.inbox.counts(), work.deliveries.counts()
        reviews = work.reviews.count()
    recognised = inbox.get("decided", 0) + inbox.get("held", 0)
    quarantined = inbox.get("quarantined", 0)
    return {
        "events_in": recognised + quarantined,
        "recognised": recognised,
        "quarantined": quarantined,
        "held_for_identity": inbox.get("held", 0),
        "decisions": len(account.decisions),
        "permitted": account.permitted,
        "withheld": len(account.decisions) - account.permitted,
        "delivered": deliveries.get("delivered", 0),
        "reviews_opened": reviews,
        "ledger_entries": account.entries,
        "ledger_verified": verified,
        "broker": broker,
        "store": store_name(hub),
        "seconds": round(seconds, 1),
        "outputs": [str(path) for path in outputs],
    }


def store_name(hub: Hub) -> str:
    """Return the store's name, with its version where the store reports one."""
    dialect = hub.engine.dialect
    version = ".".join(str(part) for part in getattr(dialect, "server_version_info", ()) or ())
    return f"{dialect.name} {version}".strip()
