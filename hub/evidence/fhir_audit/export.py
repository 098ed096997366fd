"""What leaves the hub in FHIR: decisions and disclosures as AuditEvents, directives as Consents.

consent/fhir and docs/formats/fhir-audit-and-consent.md describe how each is written. A request
about a child is an access to stored data, and is recorded first.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from consent.fhir.consent_writing import ConsentDetail, ConsentWritten, write_consent
from consent.fhir.remark import Remark
from hub.evidence.child_lookup import Sought, the_child
from hub.evidence.disclosure_search import Look, ids_looked_at
from hub.evidence.fhir_audit.audit_event import Audited
from hub.evidence.fhir_audit.audit_event import audit_events as audited
from hub.evidence.fhir_audit.entry_reading import Leaf
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.errors import LedgerError
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.errors import NotFound
from schemas.fhir import systems
from schemas.fhir.building import AgencyTitles, Resource, collection
from schemas.fhir.reading import FhirIdentifier
from schemas.fhir.resources import as_bytes
from schemas.identifiers import System, nhs_number, upn

NDJSON = "application/fhir+ndjson"
JSON = "application/fhir+json"
_AUDITED = (DecisionEntry, ReleaseEntry)
_AUDITED_KINDS = frozenset(model.kind for model in _AUDITED)
_SEALED = ("decider_name", "evidence", "obtained")


@dataclass(frozen=True, slots=True)
class AuditEventSelection:
    """Which entries of the ledger: about an event, at a place, about a child, or of some days."""

    event: str | None = None
    position: int | None = None
    look: Look | None = None
    begins: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentExport:
    """A child's directives as a Bundle of Consents, and what each of them does not say."""

    child: str
    bundle: Resource
    consents: int
    remarks: tuple[tuple[str, Remark], ...] = field(default=())


def audit_events(hub: Hub, chosen: AuditEventSelection) -> Iterator[Audited]:
    """Write the chosen decisions and releases, in the order of the ledger, entry by entry.

    Raises NotFound where the child is unknown (the look is recorded nevertheless), or there is no
    such event or place.
    """
    ids = ids_looked_at(hub, chosen.look) if chosen.look else ()
    titles = AgencyTitles({name: one.title for name, one in hub.directory.agencies.items()})
    found = False
    with hub.reading() as work:
        for row in _rows(work, chosen, ids):
            found = True
            if _wanted(row, chosen):
                yield _audited(row, hub.signer.name, titles)
    if not found and (chosen.event is not None or chosen.position is not None):
        raise NotFound("The ledger has no such event or entry. See 'hub audit tail'.")


def _rows(
    work: UnitOfWork, chosen: AuditEventSelection, ids: tuple[str, ...]
) -> Iterator[LedgerRow]:
    if chosen.position is not None:
        return work.ledger.rows(chosen.position, chosen.position + 1)
    if chosen.event is not None:
        return work.ledger.about(chosen.event)
    if chosen.look is not None:
        return iter(work.ledger.of_children(ids))
    return work.ledger.of_kinds(_AUDITED, work.ledger.size())


def _wanted(row: LedgerRow, chosen: AuditEventSelection) -> bool:
    """Whether a row is a decision or a release of these days; at a named place any is wanted."""
    if chosen.position is not None:
        return True
    begins, until = (times.stamp(day) if day else "" for day in (chosen.begins, chosen.until))
    return row.kind in _AUDITED_KINDS and begins <= row.at and (not until or row.at < until)


def _audited(row: LedgerRow, origin: str, titles: AgencyTitles) -> Audited:
    try:
        entry = row.decoded()
    except LedgerError:
        sentence = "It cannot be read. Run 'hub audit verify'."
        return Audited(remarks=(Remark(f"entry {row.position}", sentence),))
    return audited(Leaf(row.position, entry, origin), titles)


def ndjson(events: Iterable[Resource]) -> Iterator[bytes]:
    """Write resources one a line (media type NDJSON)."""
    return (as_bytes(event) + b"\n" for event in events)


def as_bundle(events: list[Resource]) -> bytes:
    """Write resources as one Bundle (media type JSON)."""
    return as_bytes(collection(events, clock.now())) + b"\n"


def export_consents(
    hub: Hub, sought: Sought, *, by: str, reason: str, with_evidence: bool = False
) -> ConsentExport:
    """Write all directives about a child as Consents; the access is recorded.

    The child is named as it was asked for: by NHS number or UPN where that was given, otherwise by
    the hub's own id. Names of those who spoke stay sealed; where the evidence is kept leaves only
    ``with_evidence``. Raises NotFound.
    """
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        lines.append(
            DataAccessedEntry(by=by, what="directives as FHIR", child=child, reason=reason)
        )
        directives = sorted(work.directives_of(child), key=lambda one: (one.recorded_at, one.id))
        titles = AgencyTitles({name: one.title for name, one in hub.directory.agencies.items()})
        patient, origin = _patient(sought, child), hub.signer.name
        consents: list[ConsentWritten] = []
        for directive in directives:
            detail = _detail(work.directives.detail(directive), with_evidence=with_evidence)
            consents.append(write_consent(directive, patient, origin, titles, detail))
        whole = collection([one.consent for one in consents], work.now)
    remarks = [
        (directive.id, remark)
        for directive, one in zip(directives, consents, strict=True)
        for remark in one.remarks
    ]
    return ConsentExport(child, whole, len(consents), tuple(remarks))


def _patient(sought: Sought, child: str) -> FhirIdentifier:
    if sought.system is System.NHS_NUMBER and (number := nhs_number(sought.value)):
        return FhirIdentifier(systems.NHS_NUMBER, number.value)
    if sought.system is System.UPN and (number := upn(sought.value)):
        return FhirIdentifier(systems.UPN, number.value)
    return FhirIdentifier(systems.CHILD, child)


def _detail(sealed: bytes, *, with_evidence: bool) -> ConsentDetail:
    """Return what is sealed with a directive and exported with it."""
    held = json.loads(sealed)
    given = {"evidence", "obtained"} if with_evidence else set()
    kept_back = tuple(name for name in _SEALED if held.get(name) and name not in given)
    out = {name: held[name] for name in given if isinstance(held.get(name), str)}
    return ConsentDetail(out.get("evidence"), out.get("obtained"), kept_back)
