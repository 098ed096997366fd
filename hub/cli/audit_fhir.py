"""``hub audit fhir``: decisions and disclosures as FHIR AuditEvents, for another audit system."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.audit_answers import Event, Position
from hub.cli.context import hub_of
from hub.cli.dates import From, Until, period
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, warn
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    ReasonForChild,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from hub.evidence.disclosure_search import Look
from hub.evidence.fhir_audit.export import AuditEventSelection, as_bundle, audit_events, ndjson
from hub.evidence.fhir_audit.views import audit_event_export
from schemas.counted import counted
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from consent.fhir.remark import Remark
    from hub.evidence.fhir_audit.audit_event import Audited
    from schemas.fhir.building import Resource


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(fhir)


def fhir(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    event: Event = None,
    position: Position = None,
    child: Child = None,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    first: From = None,
    last: Until = None,
    by: By = None,
    reason: ReasonForChild = None,
    in_bundle: Annotated[
        bool, typer.Option("--bundle", help="Write one Bundle instead of a resource a line.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write into a file.")] = None,
    as_json: AsJson = False,
) -> int:
    """Write decisions and disclosures as FHIR AuditEvents.

    The format is FHIR R4B with the IHE BALP profiles. A decision is one
    authorisation, permit or deny; a release of keys is a disclosure, as its
    source and as its recipient record it. They go to standard output, one a line
    (NDJSON). Each names its position in the ledger and its leaf hash, for
    'hub audit prove'. Days are days in England, and the last one is included.
    Those of a child are recorded as an access and need --reason. What has no
    AuditEvent is reported on standard error, or with --json, which goes with
    --out.

    JSON keys: entries, events, file, remarks (each with place, sentence).

    Example: hub audit fhir --from 2026-09-01 --until 2026-09-30 --out sept.ndjson
    """
    if as_json and out is None:
        raise ConfigurationError("--json goes with --out: what is written is JSON already.")
    named = child is not None or nhs_number is not None or upn is not None
    look = None
    if named:
        sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
        look = Look(sought, checked_user(by), checked_reason(reason), "AuditEvents")
    chosen = AuditEventSelection(event, position, look, *period(first, last))
    _check(chosen)
    tally = _Tally()
    with hub_of(context) as hub:
        events = tally.events(audit_events(hub, chosen))
        _write([as_bundle(list(events))] if in_bundle else ndjson(events), out)
    _report(tally, out, as_json=as_json)
    return ExitCode.OK


def _check(chosen: AuditEventSelection) -> None:
    """Check that one thing is asked for; raises ConfigurationError."""
    days = chosen.begins is not None or chosen.until is not None
    alone = [chosen.event is not None, chosen.position is not None, chosen.look is not None]
    if sum(alone) > 1 or not (any(alone) or days):
        raise ConfigurationError("Give one of --event, --position, a child, or --from and --until.")
    if days and chosen.position is not None:
        raise ConfigurationError(
            "--position names one entry; --from and --until do not go with it."
        )


class _Tally:
    """Counts entries and AuditEvents as they pass, and collects the remarks."""

    def __init__(self) -> None:
        self.entries = 0
        self.written = 0
        self.remarks: list[Remark] = []

    def events(self, audited: Iterable[Audited]) -> Iterator[Resource]:
        """Pass the AuditEvents on."""
        for one in audited:
            self.entries += 1
            self.remarks.extend(one.remarks)
            for event in one.events:
                self.written += 1
                yield event


def _write(lines: Iterable[bytes], out: Path | None) -> None:
    """Write to standard output, or into a file that appears only once it is complete."""
    if out is None:
        for line in lines:
            sys.stdout.write(line.decode())
        return
    fresh = out.with_name(f".{out.name}.new")
    try:
        with fresh.open("wb") as file:
            file.writelines(lines)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def _report(tally: _Tally, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        emit(audit_event_export(tally.entries, tally.written, str(out), tally.remarks))
        return
    for remark in tally.remarks:
        warn(f"{remark.place}: {remark.sentence}")
    if out is not None:
        entries = counted(tally.entries, "entry", "entries")
        say(f"Wrote {counted(tally.written, 'AuditEvent')} of {entries} to {out}.")
