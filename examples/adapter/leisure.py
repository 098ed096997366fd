"""An adapter in one file: a leisure service's cases, lines of ``UPN;family name;case;date``."""

from __future__ import annotations

import datetime as dt

from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, View, document_seed, make_event
from schemas.events.care import CaseOpened
from schemas.identifiers import upn
from schemas.people import Identity

CASE_OPENED = "care.case-opened.v1"
COLUMNS = 4


class Leisure:
    """Reads and writes lines of ``UPN;family name;case;date``."""

    reads = frozenset({CASE_OPENED})
    writes = frozenset({CASE_OPENED})

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Make one event of each line; a bad line is refused and the others go on."""
        try:
            text = document.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputRefused(Fault.WRONG_ENCODING) from None
        if "\x00" in text:
            raise InputRefused(Fault.BINARY_INPUT)
        events: list[Event] = []
        refused: list[Refusal] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                events.append(_event(line, number, document, speaker))
            except InputRefused as error:
                refused.append(Refusal.of(error, f"line {number}"))
        return Translation(tuple(events), tuple(refused))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write one line; raises CannotExpress for other events, or without the case."""
        del speaker
        case = view.section(CaseOpened)
        if view.kind.key != CASE_OPENED or case is None or case.case_id is None:
            raise CannotExpress(f"A leisure line cannot say {view.kind.key}.")
        number = view.identity.upn.value if view.identity.upn else ""
        date = case.referral_date.isoformat() if case.referral_date else ""
        line = ";".join((number, view.identity.family_name or "", case.case_id, date))
        return Document(f"{line}\n".encode(), view.time, ".txt")


def _event(line: str, number: int, document: Document, speaker: AgencySystem) -> Event:
    parts = [part.strip() for part in line.split(";")]
    if len(parts) != COLUMNS:
        raise InputRefused(Fault.UNSUPPORTED)
    pupil, family_name, case, date = parts
    try:
        opened = dt.date.fromisoformat(date)
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE, "date") from None
    if not case or len(case) > 64 or len(family_name) > 200:  # noqa: PLR2004  the schema's limits
        raise InputRefused(Fault.BAD_VALUE)
    return make_event(
        CASE_OPENED,
        speaker.agency,
        document.received_at,
        [
            Identity(upn=upn(pupil), family_name=family_name or None),
            CaseOpened(case_id=case, referral_date=opened),
        ],
        seed=document_seed(document.body, str(number)),
        record=case,
    )


ADAPTER = Adapter(
    name="leisure",
    title="Leisure service lines",
    format=Leisure(),
    channels=("folder",),
    suffix=".txt",
)
