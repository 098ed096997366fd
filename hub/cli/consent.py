"""``hub consent``: record, withdraw and show what people said about sharing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from consent.directive import Directive
from hub.casework.directives.impact import effect_of_recording, effect_of_withdrawing
from hub.casework.directives.recording import DirectiveView, Recorded
from hub.casework.directives.recording import record as record_said
from hub.casework.directives.recording import show as show_said
from hub.casework.directives.recording import withdraw as withdraw_said
from hub.casework.directives.validation import DoesNotFit, said_of
from hub.cli.consent_fhir import add_to as add_fhir
from hub.cli.consent_impact import DryRun, tell_effect
from hub.cli.consent_options import (
    Allow,
    Categories,
    Decider,
    Evidence,
    From,
    InCapacity,
    Kind,
    Purposes,
    Recipients,
    Restriction,
    Until,
)
from hub.cli.context import hub_of
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
from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError
from schemas.sharing import DirectiveRecorded

LONDON = ZoneInfo("Europe/London")
_OPTIONS = {
    "decider_ref": "--decider names who spoke; it is empty.",
    "restriction": "--restriction and --allow go with --kind restriction.",
    "allowed_purposes": "--restriction and --allow go with --kind restriction.",
    "valid_until": "--until lies before --from.",
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
    begins: From = None,
    until: Until = None,
    restriction: Restriction = None,
    allow: Allow = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> int:
    """Record a consent, refusal, objection or restriction about one child.

    It counts from the next decision on. An objection withholds nothing by
    itself: it opens a review. Who spoke and the evidence are sealed; the ledger
    has opaque references and who wrote it down. Days are days in England, and
    the last one is included. An identifier may be -: it is then asked for,
    hidden, or read from standard input. With --dry-run nothing is recorded: it
    tells what would become of what is queued, of what comes, what could be
    offered again, and what recipients have already and keep.

    JSON keys: directive, child, review. With --dry-run: dry_run, child,
    directive, withdraws, anything, sentences, queued, coming, offers, had, notes.

    Example: hub consent record --nhs-number - --kind consent --authority
    parental-responsibility --decider P-17 --category health --recipient
    oakfield-primary --evidence "Form 12, file 2026/104" --by jmalik
    """
    said = _said(
        kind=kind,
        authority=authority,
        decider_ref=decider,
        scope={"categories": category or (), "recipients": recipient or ()}
        | {"purposes": purpose or ()},
        valid_from=_day(begins) if begins else None,
        valid_until=_day(until, after=1) if until else None,
        evidence=evidence,
        restriction=restriction,
        allowed_purposes=allow or (),
    )
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    with hub_of(context) as hub:
        if dry_run:
            checked_user(by)
            return tell_effect(effect_of_recording(hub, sought, said), as_json=as_json)
        done = record_said(hub, sought, said, by=checked_user(by))
    _tell_recorded(done, as_json=as_json)
    return ExitCode.OK


def _said(**fields: object) -> DirectiveRecorded:
    """Make what was said of the options; raises ConfigurationError where they do not fit."""
    try:
        return said_of(fields)
    except DoesNotFit as error:
        raise ConfigurationError(_OPTIONS.get(error.field, str(error))) from None


def _tell_recorded(done: Recorded, *, as_json: bool) -> None:
    recorded = done.directive
    if as_json:
        emit({"directive": recorded.id, "child": recorded.child, "review": done.review})
        return
    say(f"Recorded {recorded.kind.value} {recorded.id} for child {recorded.child}.")
    if done.review:
        say(f"Review {done.review} was opened: somebody must uphold or reject the objection.")


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
    """Record that a directive no longer holds, from now on.

    What is queued and not yet released is decided again at its release. With
    --dry-run nothing is recorded: it tells what would change.

    JSON keys: directive, child, withdrawn_at. With --dry-run as of 'record'.

    Example: hub consent withdraw d-0f3c... --by jmalik --evidence "Call, 3 May"
    """
    with hub_of(context) as hub:
        if dry_run:
            checked_user(by)
            return tell_effect(effect_of_withdrawing(hub, directive), as_json=as_json)
        done = withdraw_said(hub, directive, by=checked_user(by), evidence=evidence)
    at = done.withdrawn_at.isoformat() if done.withdrawn_at else None
    if as_json:
        emit({"directive": done.id, "child": done.child, "withdrawn_at": at})
    else:
        say(f"Withdrawn: {done.kind.value} {done.id} for child {done.child}.")
    return ExitCode.OK


@consent.command()
def show(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: Annotated[
        str | None, typer.Argument(metavar="[CHILD]", help="The hub's own id of the child.")
    ] = None,
    *,
    by: By = None,
    reason: Reason,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    child: Child = None,
    as_json: AsJson = False,
) -> int:
    """Show all that was ever said about sharing one child's data.

    The look is recorded in the ledger, with who looked and why. An identifier
    may be -: it is then asked for, hidden, or read from standard input.

    JSON keys: child, directives.

    Example: hub consent show --upn - --by jmalik --reason CASE-104
    """
    if child_id is not None and child is not None:
        raise ConfigurationError("Name the child in exactly one way; see --help.")
    sought: Sought = sought_of(nhs=nhs_number, pupil=upn, child=child_id or child)
    with hub_of(context) as hub:
        found, said = show_said(hub, sought, by=checked_user(by), reason=checked_reason(reason))
    if as_json:
        emit({"child": found, "directives": [_as_json(one) for one in said]})
        return ExitCode.OK
    say(f"child {found}: {len(said)} recorded")
    for one in said:
        _say_said(one)
    return ExitCode.OK


def _day(text: str, *, after: int = 0) -> dt.datetime:
    """Read a day in England as its first moment, or that of a day after."""
    try:
        day = dt.date.fromisoformat(text)
        return dt.datetime.combine(day + dt.timedelta(days=after), dt.time(), LONDON)
    except (ValueError, OverflowError):
        raise ConfigurationError("--from and --until take a day such as 2026-09-01.") from None


def _as_json(one: DirectiveView) -> dict[str, object]:
    said: dict[str, object] = one.directive.model_dump(mode="json", exclude_none=True)
    return said | {"standing": one.standing, "detail": one.detail}


def _say_said(one: DirectiveView) -> None:
    said = one.directive
    until = f" until {_moment(said.valid_until)}" if said.valid_until else ""
    say(f"\n{said.id}  {said.kind.value.upper()}, {one.standing}")
    say(f"  by {said.decider} ({said.authority.value}), recorded {_moment(said.recorded_at)}")
    say(f"  about {_scope(said)}; from {_moment(said.valid_from)}{until}")
    if said.restriction:
        allowed = ", ".join(said.allowed_purposes) or "nothing"
        say(f"  guards {said.restriction.value}; lets through {allowed}")
    for name in ("decider_name", "evidence"):
        if one.detail.get(name):
            say(f"  {name.replace('_', ' ')}: {plain(one.detail[name])}")


def _scope(said: Directive) -> str:
    scope = said.scope
    what = ", ".join(scope.categories) or "all data"
    whom = ", ".join(scope.recipients) or "every agency"
    why = ", ".join(scope.purposes) or "any purpose"
    return f"{what} to {whom} for {why}"


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


add_fhir(consent)  # once, however often the command is built
