"""``hub consent``: consents, refusals, objections and restrictions about sharing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from consent.directive import Directive
from hub.casework.directives.impact import Impact, impact_of_recording, impact_of_withdrawing
from hub.casework.directives.impact_text import sentences
from hub.casework.directives.impact_view import impact_report
from hub.casework.directives.recording import Recorded
from hub.casework.directives.recording import record as record_directive
from hub.casework.directives.recording import show as show_directives
from hub.casework.directives.recording import withdraw as withdraw_directive
from hub.casework.directives.validation import InvalidDirective, validated
from hub.casework.directives.views import DirectiveView, RecordedDirective, WithdrawnDirective
from hub.cli.consent_fhir import add_to as add_fhir
from hub.cli.consent_options import (
    Allow,
    Categories,
    Decider,
    DryRun,
    Evidence,
    FirstDay,
    InCapacity,
    Kind,
    LastDay,
    Purposes,
    Recipients,
    Restriction,
)
from hub.cli.context import hub_of
from hub.cli.dates import period
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say
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
from schemas.counted import counted
from schemas.errors import ConfigurationError
from schemas.sharing import DirectiveRecorded
from schemas.times import LONDON

_OPTIONS = {
    "decider_ref": "--decider names the person who decided; it is empty.",
    "restriction": "--restriction and --allow go with --kind restriction.",
    "allowed_purposes": "--restriction and --allow go with --kind restriction.",
    "valid_until": "--until is before --from.",
}

consent = group("consent")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(consent)


@consent.command()
def record(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    kind: Kind,
    authority: InCapacity,
    decider: Decider,
    evidence: Evidence,
    by: By = None,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    category: Categories = None,
    recipient: Recipients = None,
    purpose: Purposes = None,
    first: FirstDay = None,
    last: LastDay = None,
    restriction: Restriction = None,
    allow: Allow = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> int:
    """Record a consent, refusal, objection or restriction.

    It applies from the next decision on. An objection withholds nothing by
    itself: it opens a review. The person who decided and the evidence are sealed;
    the ledger has opaque references and the user who recorded it. Days are days
    in England, and the last one is included. An identifier given as - is read
    from a hidden prompt or from standard input. With --dry-run nothing is
    recorded: it shows what would become of queued deliveries and future events,
    what could be offered again, and what recipients already have.

    JSON keys: directive, child, review. With --dry-run: dry_run, child,
    directive, withdraws, has_effect, sentences, queued, future, offers,
    already_shared, notes.

    Example: hub consent record --nhs-number - --kind consent --authority
    parental-responsibility --decider P-17 --category health --recipient
    oakfield-primary --evidence "Form 12, file 2026/104" --by jmalik
    """
    begins, until = period(first, last)
    scope = {
        "categories": category or (),
        "recipients": recipient or (),
        "purposes": purpose or (),
    }
    statement = _statement(
        kind=kind,
        authority=authority,
        decider_ref=decider,
        scope=scope,
        valid_from=begins,
        valid_until=until,
        evidence=evidence,
        restriction=restriction,
        allowed_purposes=allow or (),
    )
    sought, user = sought_of(nhs=nhs_number, pupil=upn, child=child), checked_user(by)
    with hub_of(context) as hub:
        if dry_run:
            return _show_impact(impact_of_recording(hub, sought, statement), as_json=as_json)
        done = record_directive(hub, sought, statement, by=user)
    _report(done, as_json=as_json)
    return ExitCode.OK


def _statement(**fields: object) -> DirectiveRecorded:
    """Return the directive of the options; raises ConfigurationError where they do not fit."""
    try:
        return validated(fields)
    except InvalidDirective as error:
        raise ConfigurationError(_OPTIONS.get(error.field, str(error))) from None


def _report(done: Recorded, *, as_json: bool) -> None:
    recorded = done.directive
    if as_json:
        emit(RecordedDirective(directive=recorded.id, child=recorded.child, review=done.review))
        return
    say(f"Recorded {recorded.kind.value} {recorded.id} for child {recorded.child}.")
    if done.review:
        say(f"Opened review {done.review}: a person must uphold or reject the objection.")


def _show_impact(impact: Impact, *, as_json: bool) -> int:
    if as_json:
        emit(impact_report(impact))
        return ExitCode.OK
    kind = impact.directive.kind.value
    act = f"Withdrawing {kind} {impact.directive.id}" if impact.withdraws else f"This {kind}"
    say(f"{act}, about child {impact.child}:")
    for sentence in sentences(impact):
        say(f"- {sentence}")
    say("Nothing was recorded.")
    return ExitCode.OK


@consent.command()
def withdraw(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    directive: Annotated[str, typer.Argument(metavar="DIRECTIVE", help="Its id, d-...")],
    *,
    by: By = None,
    evidence: Evidence,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> int:
    """Withdraw a directive from now on.

    Queued deliveries are decided again at their release. With --dry-run nothing
    is recorded: it shows what would change.

    JSON keys: directive, child, withdrawn_at. With --dry-run as for 'record'.

    Example: hub consent withdraw d-0f3c... --by jmalik --evidence "Call, 3 May"
    """
    user = checked_user(by)
    with hub_of(context) as hub:
        if dry_run:
            return _show_impact(impact_of_withdrawing(hub, directive), as_json=as_json)
        done = withdraw_directive(hub, directive, by=user, evidence=evidence)
    if as_json:
        withdrawn_at = done.withdrawn_at
        emit(WithdrawnDirective(directive=done.id, child=done.child, withdrawn_at=withdrawn_at))
    else:
        say(f"Withdrew {done.kind.value} {done.id} for child {done.child}.")
    return ExitCode.OK


@consent.command()
def show(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: Annotated[
        str | None, typer.Argument(metavar="[CHILD]", help="The hub's id of the child.")
    ] = None,
    *,
    by: By = None,
    reason: Reason,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    as_json: AsJson = False,
) -> int:
    """Show all directives about one child.

    It is recorded in the ledger as an access. An identifier given as - is read
    from a hidden prompt or from standard input.

    JSON keys: child, directives (each with directive, standing, recorded_by,
    decider_name, obtained, evidence, withdrawal_evidence).

    Example: hub consent show --upn - --by jmalik --reason CASE-104
    """
    if child_id is not None and child is not None:
        raise ConfigurationError("Name the child in exactly one way; see --help.")
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child_id or child)
    with hub_of(context) as hub:
        found = show_directives(hub, sought, by=checked_user(by), reason=checked_reason(reason))
    if as_json:
        emit(found)
        return ExitCode.OK
    say(f"child {found.child}: {counted(len(found.directives), 'directive')}")
    for one in found.directives:
        _say_directive(one)
    return ExitCode.OK


def _say_directive(one: DirectiveView) -> None:
    found = one.directive
    until = f" until {_moment(found.valid_until)}" if found.valid_until else ""
    say(f"\n{found.id}  {found.kind.value.upper()}, {one.standing.value}")
    say(f"  by {found.decider} ({found.authority.value}), recorded {_moment(found.recorded_at)}")
    say(f"  about {_scope(found)}; from {_moment(found.valid_from)}{until}")
    if found.restriction:
        allowed = ", ".join(found.allowed_purposes) or "nothing"
        say(f"  guards {found.restriction.value}; lets through {allowed}")
    for label, text in (("decided by", one.decider_name), ("evidence", one.evidence)):
        if text:
            say(f"  {label}: {plain(text)}")


def _scope(directive: Directive) -> str:
    scope = directive.scope
    data = ", ".join(scope.categories) or "all data"
    recipients = ", ".join(scope.recipients) or "every agency"
    purposes = ", ".join(scope.purposes) or "any purpose"
    return f"{data} to {recipients} for {purposes}"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


add_fhir(consent)  # once, however often the command is built
