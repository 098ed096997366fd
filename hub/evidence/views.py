"""View models of the ledger: decisions, disclosures, explanations, replays, counts, accesses.

``hub audit --json``, the audit API and the console's pages are made of these. They hold codes,
sentences and opaque ids: names of fields, never their content.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, JsonValue

from consent.decision import Decision
from consent.reasons import Reason
from hub.evidence.replay import Disagreement, Replay, ReplayDifference, Replayed
from hub.foundation.view_model import ViewModel
from hub.journey.access_log import Access, FoundAccesses
from hub.journey.daily_counts import DailyCount
from hub.journey.disclosure_index import IndexReason, IndexRow
from hub.journey.entries import CountKind
from hub.journey.index_query import Page
from hub.store.index import Indexed

_SENTENCES = {one.value: one.sentence for kind in (Reason, IndexReason) for one in kind}


class DisclosureRow(ViewModel):
    """One reason about one category of data; an entry has a row for each."""

    position: Annotated[int, Field(description="The entry in the ledger")]
    n: Annotated[int, Field(description="Which of the entry's rows")]
    at: Annotated[str, Field(description="When, in UTC")]
    kind: Annotated[str, Field(description="decision, or disclosure: keys were released")]
    child: Annotated[str | None, Field(description="The hub's own id of the child")]
    event: Annotated[str | None, Field(description="The hub's own reference for the event")]
    source: Annotated[str, Field(description="The agency that sent it")]
    recipient: Annotated[str, Field(description="The agency that the decision is about")]
    type: Annotated[str, Field(description="The event's type")]
    category: Annotated[str, Field(description="Category of data; empty for the whole record")]
    sharing: Annotated[str, Field(description="content, existence or withheld")]
    reason: Annotated[str, Field(description="The reason's code; empty where none is recorded")]
    sentence: Annotated[str, Field(description="The reason in a sentence")]
    purpose: Annotated[str | None, Field(description="The purpose of the rule")]
    rule: Annotated[str | None, Field(description="agreement@version/rule")]
    basis: Annotated[str | None, Field(description="Articles of the UK GDPR")]
    directive: Annotated[str | None, Field(description="The directive it rests on")]


class DisclosurePage(ViewModel):
    """One page of a search; no entry is split between two pages."""

    rows: tuple[DisclosureRow, ...]
    before: Annotated[
        int | None,
        Field(description="Newest first: ask for the next page with this; null on the last page"),
    ]
    after: Annotated[
        int | None,
        Field(description="Oldest first: ask for the next page with this; null on the last page"),
    ]


def disclosure_row(row: IndexRow) -> DisclosureRow:
    """Return a row of the index as it is shown."""
    return DisclosureRow(
        position=row.position,
        n=row.n,
        at=row.at,
        kind=row.kind,
        child=row.child,
        event=row.event,
        source=row.source,
        recipient=row.recipient,
        type=row.type,
        category=row.category,
        sharing=row.sharing,
        reason=row.reason,
        sentence=_SENTENCES.get(row.reason, row.reason),
        purpose=row.purpose,
        rule=row.rule,
        basis=row.basis,
        directive=row.directive,
    )


def disclosure_page(page: Page) -> DisclosurePage:
    """Return a page of the index, with where the next page begins."""
    more = page.more
    key = more.key if more else None
    newest_first = more is not None and more.newest_first
    return DisclosurePage(
        rows=tuple(map(disclosure_row, page.rows)),
        before=key if newest_first else None,
        after=None if newest_first else key,
    )


class ReplayView(ViewModel):
    """Logged decisions made again; ``verified`` where all are the same and the ledger verifies."""

    entries: Annotated[int, Field(description="How many entries the ledger has")]
    replayed: Annotated[int, Field(description="How many decisions were made again")]
    verified: bool
    problem: Annotated[str | None, Field(description="Why the ledger does not verify")]
    disagreements: Annotated[
        tuple[Disagreement, ...], Field(description="Decisions that are not the same")
    ]


class ReplayedDecision(ViewModel):
    """One decision made again from the question, agreements and directives of its time."""

    position: int
    at: str
    kind: Annotated[str, Field(description="decision, or release: when keys were asked for")]
    event: str
    child: str
    recipient: str
    verified: Annotated[
        bool, Field(description="It is the same, and the ledger's signed head verifies")
    ]
    problem: Annotated[str | None, Field(description="Why the head does not verify")]
    differences: tuple[ReplayDifference, ...]
    logged: Decision | None
    replayed: Decision | None
    agreements: Annotated[tuple[str, ...], Field(description="agreement@version it considered")]
    directives: Annotated[tuple[str, ...], Field(description="Directives it considered")]


def replay_view(done: Replay) -> ReplayView:
    """Return the outcome of a replay as it is shown."""
    return ReplayView.model_validate(done)


def replayed_decision(found: Replayed) -> ReplayedDecision:
    """Return one decision made again as it is shown."""
    return ReplayedDecision(
        position=found.position,
        at=found.at,
        kind=found.kind,
        event=found.event,
        child=found.child,
        recipient=found.recipient,
        verified=found.verified,
        problem=found.problem,
        differences=found.again.differences,
        logged=found.logged,
        replayed=found.again.made,
        agreements=tuple(f"{one.id}@{one.version}" for one in found.again.agreements),
        directives=tuple(one.id for one in found.again.directives),
    )


class LedgerEntrySummary(ViewModel):
    """One entry of the ledger in a sentence."""

    position: int
    at: str
    kind: str
    sentence: str


class LedgerEntryView(LedgerEntrySummary):
    """One entry of the ledger with its body, which is empty where the entry cannot be read."""

    body: dict[str, JsonValue]


class DailyFlow(ViewModel):
    """How often something happened to an agency on a day in England."""

    day: dt.date
    agency: Annotated[str, Field(description="Empty for an account that is no registered agency")]
    what: CountKind
    count: int


class DailyFlows(ViewModel):
    """The counts of some days, in order; a day without any has no row."""

    first: dt.date
    last: dt.date
    flows: tuple[DailyFlow, ...]


def daily_flows(first: dt.date, last: dt.date, flows: Iterable[DailyCount]) -> DailyFlows:
    """Return counts by day and agency as they are shown."""
    rows = tuple(DailyFlow.model_validate(one) for one in flows)
    return DailyFlows(first=first, last=last, flows=rows)


class AccessRow(ViewModel):
    """One access to what is stored: when, by whom, to what, about which child, and why."""

    position: Annotated[int, Field(description="The entry in the ledger")]
    at: Annotated[str, Field(description="When, in UTC")]
    by: Annotated[str, Field(description="The person's staff reference")]
    what: str
    child: Annotated[str | None, Field(description="The hub's own id of the child")]
    reason: str


class AccessLogPage(ViewModel):
    """One page of the access log, newest first."""

    rows: tuple[AccessRow, ...]
    before: Annotated[
        int | None, Field(description="Ask for the next page with this; null on the last page")
    ]


def access_row(one: Access) -> AccessRow:
    """Return one access as it is shown."""
    return AccessRow.model_validate(one)


def access_log_page(page: FoundAccesses) -> AccessLogPage:
    """Return a page of the access log as it is shown."""
    return AccessLogPage(rows=tuple(map(access_row, page.rows)), before=page.before)


class IndexSize(ViewModel):
    """What the rebuilt index holds: decisions, their rows, daily counts, accesses."""

    decisions: int
    rows: int
    flows: int
    looks: int


def index_size(done: Indexed) -> IndexSize:
    """Return the size of the index as it is shown."""
    return IndexSize.model_validate(done)
