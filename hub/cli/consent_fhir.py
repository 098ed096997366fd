"""``hub consent export`` and ``import``: directives to and from FHIR Consents."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from consent.fhir.speaker import Hints
from hub.casework.directives.fhir_import import Imported, ImportOutcome, Order, import_consents
from hub.casework.directives.import_view import import_report
from hub.cli.consent_options import DryRun, Evidence
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, warn
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    Reason,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from hub.evidence.child_lookup import Sought
from hub.evidence.fhir_audit.export import ConsentExport, export_consents
from hub.evidence.fhir_audit.views import consent_export
from schemas.counted import counted
from schemas.errors import ConfigurationError
from schemas.fhir.resources import as_bytes
from schemas.sharing import Authority


def add_to(consent: typer.Typer) -> None:
    """Add the verbs."""
    consent.command()(export)
    consent.command("import")(import_)


def export(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    by: By = None,
    reason: Reason,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    with_evidence: Annotated[
        bool, typer.Option("--with-evidence", help="Include where the evidence is stored.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the Bundle into a file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a child's directives as a Bundle of FHIR Consents.

    The format is FHIR R4B with the IHE PCF profiles. It is recorded in the ledger
    as an access. The child is identified as you named it; the people who decided
    by opaque references, never by name. What FHIR cannot express is reported on
    standard error, or with --json. An identifier given as - is read from a hidden
    prompt or from standard input.

    JSON keys: child, consents, file, bundle, remarks (each with directive,
    place, sentence).

    Example: hub consent export --nhs-number - --by jmalik --reason SAR-12
    --out consents.json
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    user, why = checked_user(by), checked_reason(reason)
    with hub_of(context) as hub:
        done = export_consents(hub, sought, by=user, reason=why, with_evidence=with_evidence)
    if out is not None:
        out.write_bytes(as_bytes(done.bundle) + b"\n")
    if as_json:
        emit(consent_export(done, str(out) if out else None))
    else:
        _report_export(done, out)
    return ExitCode.OK


def _report_export(done: ConsentExport, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(as_bytes(done.bundle).decode() + "\n")
    else:
        say(f"Wrote {counted(done.consents, 'Consent')} of child {done.child} to {out}.")
    for directive, remark in done.remarks:
        warn(f"{directive}: {remark.place}: {remark.sentence}")


def import_(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Consent or a Bundle, as JSON.")],
    *,
    by: By = None,
    evidence: Evidence,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    authority: Annotated[
        Authority | None,
        typer.Option(help="The performers' capacity, where the document does not state it."),
    ] = None,
    decider: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="Your reference for the person who decided; for one Consent."
        ),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REF=AGENCY",
            help="The agency of an actor: by its reference, or by system|value. Repeatable.",
        ),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> int:
    """Record FHIR Consents as directives.

    The format is FHIR R4 JSON, in the shapes of IHE PCF. The child is found by
    the identifiers in the document, or as you name it. What has no equivalent
    here is reported. A directive may become narrower than the Consent, never
    wider: a Consent that would become wider is refused, and so is an old consent
    after which the same person refused. An existing directive is not recorded
    again. Ends with 1 where something was refused.

    JSON keys: consents (each with place, child, recorded, existing,
    would_record, refused, remarks), remarks, refused.

    Example: hub consent import from-gp.json --by jmalik --evidence "Letter,
    file 2026/31" --authority parental-responsibility --dry-run
    """
    hints = Hints(authority, (decider or "").strip() or None, _actors(actor or ()))
    order = Order(checked_user(by), evidence, dry_run)
    sought: Sought | None = None
    if any(one is not None for one in (nhs_number, upn, child)):
        sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    data = file.read_bytes()
    with hub_of(context) as hub:
        done = import_consents(hub, data, order, sought=sought, hints=hints)
    if as_json:
        emit(import_report(done, dry_run=dry_run))
    else:
        _report_import(done, dry_run=dry_run)
    return ExitCode.OK if done.complete else ExitCode.FOUND


def _actors(given: Iterable[str]) -> dict[str, str]:
    """Return the agency of each actor; a reference may itself contain an equals sign."""
    found = {}
    for one in given:
        reference, _, agency = one.rpartition("=")
        if not reference or not agency:
            raise ConfigurationError("--actor takes REF=AGENCY.")
        found[reference] = agency
    return found


def _report_import(done: Imported, *, dry_run: bool) -> None:
    for one in done.outcomes:
        _report_outcome(one, dry_run=dry_run)
    for remark in done.remarks:
        say(f"{remark.place}: {remark.sentence}")
    if done.refused:
        say(f"REFUSED. {done.refused.place}: {done.refused.sentence}")


def _report_outcome(one: ImportOutcome, *, dry_run: bool) -> None:
    about = f" about child {one.child}" if one.child else ""
    say(f"{one.place}{about}:")
    for recorded in one.recorded:
        directive = recorded.directive
        say(f"  Recorded {directive.kind.value} {directive.id}.")
        if recorded.review:
            say(f"  Opened review {recorded.review}: uphold or reject the objection.")
    for existing in one.existing:
        say(f"  {existing} exists already with the same content.")
    if dry_run and not one.refused and not one.existing:
        for statement in one.statements:
            scope = statement.scope.model_dump(mode="json") if statement.scope else {}
            limits = "; ".join(f"{name}: {', '.join(v)}" for name, v in scope.items() if v)
            say(plain(f"  Would record a {statement.kind} of {limits or 'everything'}."))
    if one.refused:
        say(f"  REFUSED. {one.refused.place}: {one.refused.sentence}")
    for remark in one.remarks:
        say(f"  {remark.place}: {remark.sentence}")
