"""``hub consent export`` and ``import``: what people said, to and from FHIR Consent."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.consent_options import Evidence
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
from schemas.errors import ConfigurationError
from schemas.sharing import Authority

if TYPE_CHECKING:
    from consent.fhir.remark import Remark
    from hub.casework.directives.fhir_import import Imported, ImportOutcome
    from hub.evidence.child_lookup import Sought


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
        bool, typer.Option("--with-evidence", help="Give out where the evidence is kept, too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the Bundle into a file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write all that was said about a child as a Bundle of FHIR Consents (R4B, IHE PCF).

    The look is recorded in the ledger, with who looked and why. The child is
    named as you named it; those who spoke by opaque references, never by name.
    What FHIR cannot say is said on standard error, or with --json. An
    identifier may be -: it is then asked for, hidden, or read from standard
    input.

    JSON keys: child, consents, file, bundle, remarks (each with directive,
    place, sentence).

    Example: hub consent export --nhs-number - --by jmalik --reason SAR-12
    --out consents.json
    """
    from hub.evidence.fhir_audit.export import export_consents  # noqa: PLC0415  the store's library loads with it
    from schemas.fhir.resources import as_bytes  # noqa: PLC0415  only this verb needs it

    sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    word = {"by": checked_user(by), "reason": checked_reason(reason)}
    with hub_of(context) as hub:
        done = export_consents(hub, sought, **word, with_evidence=with_evidence)
    if out is not None:
        out.write_bytes(as_bytes(done.bundle) + b"\n")
    if as_json:
        remarks = [{"directive": d} | _remark(remark) for d, remark in done.remarks]
        shown = {"child": done.child, "consents": done.consents, "file": str(out) if out else None}
        emit(shown | {"bundle": None if out else done.bundle, "remarks": remarks})
        return ExitCode.OK
    if out is None:
        sys.stdout.write(as_bytes(done.bundle).decode() + "\n")
    else:
        say(f"{done.consents} Consents of child {done.child} are in {out}.")
    for directive, remark in done.remarks:
        warn(f"{directive}: {remark.place}: {remark.sentence}")
    return ExitCode.OK


def import_(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Consent, or a Bundle; JSON.")],
    *,
    by: By = None,
    evidence: Evidence,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    authority: Annotated[
        Authority | None,
        typer.Option(help="In what capacity its performers spoke, where it does not say so."),
    ] = None,
    decider: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Your reference for who spoke, for a single Consent."),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REF=AGENCY",
            help="Which agency an actor is: by its reference, or by system|value. Repeatable.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be recorded, and record nothing.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Record what FHIR Consents say about sharing (R4, JSON; the shapes of IHE PCF).

    The child is found by the identifiers in the document, or as you name it.
    Whatever has no place here is said. A directive may come out narrower than
    what was said, never wider: a Consent of which that would become is refused.
    So is an old consent after which the same person refused. What is held
    already is not recorded again. Ends with 1 where something was refused.

    JSON keys: consents (each with place, child, recorded, held, would_record,
    refused, remarks), remarks, refused.

    Example: hub consent import from-gp.json --by jmalik --evidence "Letter,
    file 2026/31" --authority parental-responsibility --dry-run
    """
    from consent.fhir.speaker import Hints  # noqa: PLC0415  only this verb needs it
    from hub.casework.directives.fhir_import import Order, import_consents  # noqa: PLC0415  the store's library loads

    hints = Hints(authority, (decider or "").strip() or None, _actors(actor or ()))
    order = Order(checked_user(by), evidence, dry_run)
    named = any(one is not None for one in (nhs_number, upn, child))
    sought: Sought | None = None
    if named:
        sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    data = file.read_bytes()
    with hub_of(context) as hub:
        done = import_consents(hub, data, order, sought=sought, hints=hints)
    if as_json:
        _emit_imported(done, dry_run=dry_run)
    else:
        _say_imported(done, dry_run=dry_run)
    return ExitCode.OK if done.whole else ExitCode.FOUND


def _actors(given: Iterable[str]) -> dict[str, str]:
    """Read which agency an actor is; the reference may hold an equals sign itself."""
    found = {}
    for one in given:
        reference, _, agency = one.rpartition("=")
        if not reference or not agency:
            raise ConfigurationError("--actor takes REF=AGENCY.")
        found[reference] = agency
    return found


def _remark(remark: Remark) -> dict[str, object]:
    return {"place": remark.place, "sentence": remark.sentence}


def _emit_imported(done: Imported, *, dry_run: bool) -> None:
    emit(
        {
            "consents": [_as_json(one, dry_run=dry_run) for one in done.outcomes],
            "remarks": [_remark(remark) for remark in done.remarks],
            "refused": _remark(done.refused) if done.refused else None,
        }
    )


def _as_json(one: ImportOutcome, *, dry_run: bool) -> dict[str, object]:
    would = one.said if dry_run and not one.refused and not one.held else ()
    return {
        "place": one.place,
        "child": one.child,
        "recorded": [done.directive.id for done in one.recorded],
        "held": list(one.held),
        "would_record": [
            said.model_dump(mode="json", exclude_none=True, exclude={"decider_name", "evidence"})
            for said in would
        ],
        "refused": _remark(one.refused) if one.refused else None,
        "remarks": [_remark(remark) for remark in one.remarks],
    }


def _say_imported(done: Imported, *, dry_run: bool) -> None:
    for one in done.outcomes:
        _say_outcome(one, dry_run=dry_run)
    for remark in done.remarks:
        say(f"{remark.place}: {remark.sentence}")
    if done.refused:
        say(f"REFUSED. {done.refused.place}: {done.refused.sentence}")


def _say_outcome(one: ImportOutcome, *, dry_run: bool) -> None:
    about = f" about child {one.child}" if one.child else ""
    say(f"{one.place}{about}:")
    for recorded in one.recorded:
        said = recorded.directive
        say(f"  Recorded {said.kind.value} {said.id}.")
        if recorded.review:
            say(f"  Review {recorded.review} was opened: uphold or reject the objection.")
    for held in one.held:
        say(f"  {held} says the same already.")
    if dry_run and not one.refused and not one.held:
        for would in one.said:
            scope = would.scope.model_dump(mode="json") if would.scope else {}
            limits = "; ".join(f"{name}: {', '.join(v)}" for name, v in scope.items() if v)
            say(plain(f"  Would record a {would.kind} of {limits or 'everything'}."))
    if one.refused:
        say(f"  REFUSED. {one.refused.place}: {one.refused.sentence}")
    for remark in one.remarks:
        say(f"  {remark.place}: {remark.sentence}")
