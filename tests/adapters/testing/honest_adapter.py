"""A small adapter that has every behaviour; the broken ones differ from it in one place each.

Its documents are JSON: ``{"export": ..., "cases": [{"kind", "upn", "surname", "case", "on",
"at"}]}``. ``export`` is in what an agency's system writes and never in what the hub writes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.settings import FormatSettings
from adapters.testing import Samples
from adapters.text import date_of, read_each, section, text_of
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, RecordStatus, View, document_seed, make_event
from schemas.events.care import CaseClosed, CaseOpened
from schemas.identifiers import upn
from schemas.people import Identity
from schemas.times import LONDON

OPENED, CLOSED = "care.case-opened.v1", "care.case-closed.v1"
Case = Mapping[str, Any]


class HonestSettings(FormatSettings):
    """One setting of each sort."""

    label: Annotated[str, Field(description="A text")] = ""
    rounds: Annotated[int, Field(ge=1, description="A number")] = 1
    form: Annotated[Literal["long", "short"], Field(description="A choice")] = "long"


class HonestFormat:
    """Reads and writes opened and closed cases."""

    reads = frozenset({OPENED, CLOSED})
    writes = frozenset({OPENED, CLOSED})

    def read(self, document: Document, system: AgencySystem) -> Translation:
        """Make an event of each case."""
        whole = self.opened(document)
        cases = [(f"cases[{n}]", case) for n, case in enumerate(whole["cases"])]
        return read_each(cases, lambda place, case: self.event(place, case, document, system))

    def text(self, document: Document) -> str:
        """Decode a document."""
        return text_of(document)

    def opened(self, document: Document) -> Case:
        """Open a document; raises InputRefused."""
        try:
            whole = json.loads(self.text(document))
        except (ValueError, RecursionError):
            raise InputRefused(Fault.NOT_JSON) from None
        if not isinstance(whole, dict) or not isinstance(whole.get("cases"), list):
            raise InputRefused(Fault.UNSUPPORTED)
        return whole

    def event(self, place: str, case: Case, document: Document, system: AgencySystem) -> Event:
        """Make an event of a case."""
        if not isinstance(case, dict) or not all(isinstance(v, str) for v in case.values()):
            raise InputRefused(Fault.BAD_VALUE)
        number, on = case.get("case") or None, date_of(case.get("on", ""), "on")
        if number is None:
            raise InputRefused(Fault.MISSING_FIELD, "case")
        who = section(
            Identity, upn=upn(case.get("upn", "")), family_name=case.get("surname") or None
        )
        opened = section(CaseOpened, case_id=number, referral_date=on)
        closed = section(CaseClosed, case_id=number, closed_on=on)
        ended = case.get("kind") == "closed"
        return make_event(
            CLOSED if ended else OPENED,
            self.source(document, system),
            self.time(case, document),
            [who, closed if ended else opened],
            seed=self.seed(place, document),
            record=self.record(number),
        )

    def source(self, document: Document, system: AgencySystem) -> str:
        """Name the agency."""
        del document
        return system.agency

    def record(self, number: str) -> str:
        """Name the record."""
        return number

    def seed(self, place: str, document: Document) -> str:
        """Seed the event's id."""
        return document_seed(document.body, place)

    def time(self, case: Case, document: Document) -> dt.datetime:
        """Give the time of a case: with an offset, or London's, or that of arrival."""
        text = case.get("at")
        if not text:
            return document.received_at
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise InputRefused(Fault.BAD_VALUE, "at") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=LONDON).astimezone(dt.UTC)

    def write(self, view: View, system: AgencySystem) -> Document:
        """Write one case; raises CannotExpress."""
        del system
        opened, closed = view.section(CaseOpened), view.section(CaseClosed)
        own = opened or closed
        if view.kind.key not in self.writes or own is None or own.case_id is None:
            raise CannotExpress("Only cases can be written.")
        if view.status is not RecordStatus.RECORDED:
            raise CannotExpress("A case cannot be taken back.")
        on = opened.referral_date if opened else closed.closed_on if closed else None
        case = {
            "kind": "closed" if closed else "opened",
            "upn": view.identity.upn.value if view.identity.upn else None,
            "surname": self.surname(view),
            "case": self.number(own.case_id),
            "on": on.isoformat() if on else None,
            "at": self.stamp(view.time),
        }
        filled = {name: value for name, value in case.items() if value is not None}
        return Document(self.bytes({"cases": [filled]}), view.time, ".json")

    def surname(self, view: View) -> str | None:
        """Give the surname to write."""
        return view.identity.family_name

    def number(self, case: str) -> str:
        """Give the case number to write."""
        return case

    def stamp(self, moment: dt.datetime) -> str:
        """Give the time to write."""
        return moment.isoformat()

    def bytes(self, whole: Case) -> bytes:
        """Encode what is written."""
        return json.dumps(whole).encode()


def adapter_of(format_: HonestFormat) -> Adapter:
    """Make an adapter of a format."""
    return Adapter(
        "honest", "Honest", format_, ("folder",), settings=HonestSettings, suffix=".json"
    )


def _sample(*cases: Case) -> bytes:
    return json.dumps({"export": "nightly", "cases": cases}).encode()


_ADA = {"upn": "B801200005001", "surname": "Ashgrove", "case": "SWIM-1"}
_MAY = {"upn": "P207000016049", "surname": "Oakfield", "case": "SWIM-2"}
SAMPLES = Samples(
    accepted={
        "opened and closed": _sample(
            {"kind": "opened", **_ADA, "on": "2026-07-01"},
            {"kind": "closed", **_ADA, "on": "2026-07-09"},
        ),
        "with a local time": _sample(
            {"kind": "opened", **_MAY, "on": "2026-07-01", "at": "2026-07-01T09:30:00"}
        ),
    },
    refused={
        "no case": (_sample({**_ADA, "case": "", "surname": "CANARY"}), Fault.MISSING_FIELD),
        "a wrong day": (_sample({**_ADA, "surname": "CANARY", "on": "soon"}), Fault.BAD_VALUE),
    },
    round_trip=frozenset({OPENED, CLOSED}),
    times={"with a local time": dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC)},
)
HONEST = adapter_of(HonestFormat())
