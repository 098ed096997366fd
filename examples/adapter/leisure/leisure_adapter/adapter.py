"""Short breaks of a leisure service: a CSV file with one row for each child and club."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.settings import FormatSettings
from adapters.text import date_of, read_each, rows_of, section, table
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, RecordStatus, View, document_seed, make_event
from schemas.events.care import CarePlan, CarePlanChange, CarePlanKind
from schemas.identifiers import upn
from schemas.people import Identity

CHANGED = "care.plan-changed.v1"
COLUMNS = ("pupil_number", "surname", "first_name", "born", "club", "first_day", "last_day")
DATES = {"uk": "%d/%m/%Y", "iso": "%Y-%m-%d"}


class LeisureSettings(FormatSettings):
    """The settings of leisure, under [adapters.NAME.settings] in hub.toml."""

    dates: Annotated[Literal["uk", "iso"], Field(description="As 12/09/2026 or 2026-09-12")] = "uk"


class LeisureFormat:
    """A row with a last day is a short break that ended; without one, that started."""

    reads = frozenset({CHANGED})
    writes = frozenset({CHANGED})

    def read(self, document: Document, system: AgencySystem) -> Translation:
        """Make one event of each row; the club is not passed on, because no event carries it."""
        form = DATES[system.settings_as(LeisureSettings).dates]

        def event(place: str, row: Mapping[str, str]) -> Event:
            first = date_of(row["first_day"], "first_day", form)
            last = date_of(row["last_day"], "last_day", form)
            if first is None:
                raise InputRefused(Fault.MISSING_FIELD, "first_day")
            who = section(
                Identity,
                upn=upn(row["pupil_number"]),
                family_name=row["surname"] or None,
                given_name=row["first_name"] or None,
                birth_date=date_of(row["born"], "born", form),
            )
            change = CarePlanChange.ENDED if last else CarePlanChange.STARTED
            kind = CarePlanKind.SHORT_BREAKS
            plan = section(CarePlan, plan_kind=kind, change=change, start_date=first, end_date=last)
            seed = document_seed(document.body, place)
            return make_event(CHANGED, system.agency, document.received_at, [who, plan], seed=seed)

        return read_each(rows_of(document, COLUMNS), event)

    def write(self, view: View, system: AgencySystem) -> Document:
        """Write one row; raises CannotExpress for what a row cannot hold."""
        plan = view.section(CarePlan) or CarePlan()
        if view.kind.key != CHANGED or view.status is not RecordStatus.RECORDED:
            raise CannotExpress("A row holds the start or the end of a short break.")
        change = CarePlanChange.ENDED if plan.end_date else CarePlanChange.STARTED
        short_break = plan.plan_kind is CarePlanKind.SHORT_BREAKS and plan.start_date
        if not short_break or plan.change is not change:
            raise CannotExpress("A row needs the first day, and the last where a break ended.")
        who, form = view.identity, DATES[system.settings_as(LeisureSettings).dates]
        days = (who.birth_date, plan.start_date, plan.end_date)
        born, first, last = (day.strftime(form) if day else None for day in days)
        number = who.upn.value if who.upn else None
        row = (number, who.family_name, who.given_name, born, None, first, last)
        return Document(table(COLUMNS, row), view.time, ADAPTER.suffix)


ADAPTER = Adapter(
    name="leisure",
    title="Leisure service: short breaks, CSV",
    format=LeisureFormat(),
    channels=("folder",),
    settings=LeisureSettings,
    suffix=".csv",
    samples="leisure_adapter/samples",
)
