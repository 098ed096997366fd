"""An adapter in one file: a leisure service's cases, lines of ``UPN;family name;case;date``."""

from __future__ import annotations

from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.text import date_of, joined, lines_of, read_each, section
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, RecordStatus, View, document_seed, make_event
from schemas.events.care import CaseOpened
from schemas.identifiers import upn
from schemas.people import Identity

CASE_OPENED = "care.case-opened.v1"
COLUMNS = 4


class Leisure:
    """Reads and writes lines of ``UPN;family name;case;date``."""

    reads = frozenset({CASE_OPENED})
    writes = frozenset({CASE_OPENED})

    def read(self, document: Document, system: AgencySystem) -> Translation:
        """Make one event of each line; a bad line is refused and the others are read."""
        return read_each(
            lines_of(document), lambda place, line: _event(place, line, document, system)
        )

    def write(self, view: View, system: AgencySystem) -> Document:
        """Write one line; raises CannotExpress for other events, or without the case."""
        del system
        case = view.section(CaseOpened)
        if view.kind.key != CASE_OPENED or case is None or case.case_id is None:
            raise CannotExpress("A leisure line holds an opened case and nothing else.")
        if view.status is not RecordStatus.RECORDED:
            raise CannotExpress("A leisure line cannot correct or retract a case.")
        who = view.identity
        number = who.upn.value if who.upn else None
        line = joined((number, who.family_name, case.case_id, case.referral_date), ";")
        return Document(f"{line}\n".encode(), view.time, ADAPTER.suffix)


def _event(place: str, line: str, document: Document, system: AgencySystem) -> Event:
    cells = [cell.strip() for cell in line.split(";")]
    if len(cells) != COLUMNS:
        raise InputRefused(Fault.UNSUPPORTED)
    pupil, family_name, case, date = cells
    return make_event(
        CASE_OPENED,
        system.agency,
        document.received_at,
        [
            section(Identity, upn=upn(pupil), family_name=family_name or None),
            section(CaseOpened, case_id=case or None, referral_date=date_of(date, "date")),
        ],
        seed=document_seed(document.body, place),
        record=case,
    )


ADAPTER = Adapter("leisure", "Leisure service lines", Leisure(), ("folder",), suffix=".txt")
