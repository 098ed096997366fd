"""The dashboard: what was exchanged, what waits for a person, what needs attention soon.

It has counts, codes and agencies' names only, nothing about a child: any operator may see it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hub.casework.agreements.publishing import expiry
from hub.evidence.verification import Audit, verify_head
from hub.evidence.views import DailyFlows, daily_flows
from hub.foundation.settings import Settings
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.daily_counts import DailyCount
from hub.journey.entries import CountKind
from hub.store.unit_of_work import UnitOfWork
from hub.store.verifications import Verification
from schemas.times import LONDON

MONTH = dt.timedelta(days=29)
"""A month is today and the 29 days before it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each thing happened; zero where it never did."""

    of: Mapping[CountKind, int] = field(default_factory=dict)

    def __getitem__(self, what: str) -> int:
        """Return one count by its name."""
        return self.of.get(CountKind(what), 0)

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(self.of.values())


@dataclass(frozen=True, slots=True)
class AgencyFlow:
    """One agency's counts today and this month, and the day of its last event."""

    name: str
    title: str
    today: Counts
    month: Counts
    last_event: dt.date | None
    silent: bool


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Something that waits for a person: what, how many, and the page to handle it on."""

    code: str
    count: int
    place: str


@dataclass(frozen=True, slots=True)
class Expiring:
    """An agreement that has expired, soon will, or is due for review."""

    agreement: str
    version: int
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The whole dashboard at one moment."""

    today: dt.date
    agencies: tuple[AgencyFlow, ...]
    days: tuple[tuple[dt.date, Counts], ...]
    tasks: tuple[OpenTask, ...]
    expiring: tuple[Expiring, ...]
    head: Audit
    verified: Verification | None

    @property
    def silent(self) -> tuple[AgencyFlow, ...]:
        """The agencies that have sent nothing for too long."""
        return tuple(one for one in self.agencies if one.silent)


def dashboard(hub: Hub, settings: Settings) -> Dashboard:
    """Return the dashboard as of now."""
    head = verify_head(hub)
    with hub.reading() as work:
        today = work.now.astimezone(LONDON).date()
        flows = work.daily_counts.between(today - MONTH, today)
        return Dashboard(
            today=today,
            agencies=tuple(_agencies(work, flows, today, settings.console.silent_days)),
            days=tuple(_days(flows, today)),
            tasks=tuple(_open_tasks(work, settings)),
            expiring=tuple(_expiring(work)),
            head=head,
            verified=work.verifications.newest(),
        )


def _agencies(
    work: UnitOfWork, flows: Iterable[DailyCount], today: dt.date, silent_days: int
) -> Iterator[AgencyFlow]:
    month: dict[str, Counter[CountKind]] = {}
    this_day: dict[str, Counter[CountKind]] = {}
    for flow in flows:
        month.setdefault(flow.agency, Counter())[flow.what] += flow.count
        if flow.day == today:
            this_day.setdefault(flow.agency, Counter())[flow.what] += flow.count
    last = work.daily_counts.last_event_day()
    for name, agency in sorted(work.directory.agencies.items()):
        last_event = last.get(name)
        yield AgencyFlow(
            name=name,
            title=agency.title,
            today=Counts(this_day.get(name, {})),
            month=Counts(month.get(name, {})),
            last_event=last_event,
            silent=_is_silent(bool(agency.sends), last_event, today, silent_days),
        )


def _days(flows: Iterable[DailyCount], today: dt.date) -> Iterator[tuple[dt.date, Counts]]:
    counted: dict[dt.date, Counter[CountKind]] = {}
    for flow in flows:
        counted.setdefault(flow.day, Counter())[flow.what] += flow.count
    for back in range(MONTH.days, -1, -1):
        day = today - dt.timedelta(days=back)
        yield day, Counts(counted.get(day, {}))


def _open_tasks(work: UnitOfWork, settings: Settings) -> Iterator[OpenTask]:
    """Return what waits for a person, each kind once."""
    causes = Counter(one.cause for one in work.reviews.listed())
    for cause, count in sorted(causes.items()):
        yield OpenTask(cause.value, count, "/reviews")
    codes = Counter(one.code for one in work.inbox.quarantined())
    for code, count in sorted(codes.items()):
        yield OpenTask(code, count, "/quarantine")
    failed = len(work.deliveries.cards(state="failed"))
    if failed:
        yield OpenTask("dead-letters", failed, "")
    deadline = work.now - dt.timedelta(hours=settings.receipt_hours)
    late = len(work.retention.overdue(deadline, told=True))
    if late:
        yield OpenTask("receipts-overdue", late, "")


def _expiring(work: UnitOfWork) -> Iterator[Expiring]:
    for one in work.agreements.current(work.now):
        late = expiry(one, work.now)
        if late is not None:
            yield Expiring(one.id, one.version, one.title, late)


class AgencyCounts(ViewModel):
    """One agency's counts over some days, the day of its last event, and whether it is silent."""

    agency: str
    events: int
    told: int
    withheld: int
    overrides: int
    quarantined: int
    failed: int
    last_event: dt.date | None
    silent: bool


class CountsByAgency(ViewModel):
    """The counts of some days, agency by agency."""

    first: dt.date
    last: dt.date
    agencies: tuple[AgencyCounts, ...]


def counts_by_agency(hub: Hub, days: int, silent_days: int) -> CountsByAgency:
    """Return each agency's counts over the last days, today included.

    An agency that may send events is silent where its last one is ``silent_days`` old.
    """
    with hub.reading() as work:
        last = work.now.astimezone(LONDON).date()
        first = last - dt.timedelta(days=days - 1)
        counts = {
            (one.agency, one.what): one.count for one in work.daily_counts.totals(first, last)
        }
        last_events = work.daily_counts.last_event_day()
        found = tuple(
            AgencyCounts(
                agency=name,
                **{what.value: counts.get((name, what), 0) for what in CountKind},
                last_event=last_events.get(name),
                silent=_is_silent(bool(agency.sends), last_events.get(name), last, silent_days),
            )
            for name, agency in sorted(work.directory.agencies.items())
        )
    return CountsByAgency(first=first, last=last, agencies=found)


def counts_by_day(hub: Hub, days: int) -> DailyFlows:
    """Return the counts of the last days, today included, by day and agency."""
    with hub.reading() as work:
        last = work.now.astimezone(LONDON).date()
        first = last - dt.timedelta(days=days - 1)
        return daily_flows(first, last, work.daily_counts.between(first, last))


def _is_silent(sends: bool, last_event: dt.date | None, today: dt.date, silent_days: int) -> bool:
    """Return whether an agency that sends events has sent none for so many days."""
    return sends and (last_event is None or last_event <= today - dt.timedelta(days=silent_days))
