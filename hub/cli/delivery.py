"""``hub delivery``: what became of each delivery, and the dead letters of each agency."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.bus.address import HUB_ACCOUNT, account_url
from hub.casework.deliveries.dead_letters import DeadLetter, agency_of, dead_letters, listed, shown
from hub.casework.deliveries.dead_letters import discard as discard_letters
from hub.casework.deliveries.dead_letters import retry as retry_letters
from hub.casework.deliveries.views import dead_letter_view, delivery_detail, delivery_view
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, moment, plain, say, table
from hub.cli.shared_options import AsJson, AsJsonLines, By, Reason, checked_reason, checked_user
from hub.intake.hub import Hub
from schemas.counted import counted
from schemas.errors import ConfigurationError
from schemas.suggestion import suggestion

delivery = group("delivery")
STATES = ("pending", "published", "delivered", "failed", "withheld", "discarded", "void")
Agency = Annotated[str, typer.Option(metavar="NAME", help="Only this recipient.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="From 'hub delivery list --dead'.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(delivery)


@delivery.command("list")
def list_(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    agency: Agency = "",
    state: Annotated[
        str, typer.Option(metavar="STATE", help=f"Only this state: {', '.join(STATES)}.")
    ] = "",
    dead: Annotated[
        bool, typer.Option("--dead", help="Dead letters instead, from the broker's queues.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many at most.")] = 1000,
    as_json: AsJsonLines = False,
) -> int:
    """List deliveries, newest first.

    With --dead: the messages in the dead-letter queues, which an agency's system
    did not take; listing does not move them. A message that is no delivery of the
    hub is listed as unknown-..., and can only be discarded.

    JSON keys: id, recipient, type, state, code, releases, made_at, published_at,
    receipt_at; with --dead also size.

    Example: hub delivery list --agency oakfield-primary --state failed
    """
    if state and state not in STATES:
        raise ConfigurationError(f"Unknown state. {suggestion(state, STATES)}")
    with hub_of(context) as hub:
        if dead:
            return _list_dead(_dead(context, hub, agency), as_json=as_json)
        cards = listed(hub, state=state, agency=agency, limit=limit)
    if as_json:
        for card in cards:
            emit(delivery_view(card))
    elif cards:
        heads = ("id", "made", "recipient", "type", "state", "code", "releases")
        rows = [
            (c.id, moment(c.made_at), c.recipient, c.type, c.state, c.code, c.releases)
            for c in cards
        ]
        table(heads, rows)
    else:
        say("There are no such deliveries.")
    return ExitCode.OK


def _dead(context: typer.Context, hub: Hub, agency: str) -> list[DeadLetter]:
    url = account_url(settings_of(context), HUB_ACCOUNT)
    agencies = [agency] if agency else sorted(hub.directory.agencies)
    return [letter for name in agencies for letter in dead_letters(hub, url, name)]


def _list_dead(found: list[DeadLetter], *, as_json: bool) -> int:
    letters = [dead_letter_view(one.id, one.agency, one.size, one.card) for one in found]
    if as_json:
        for letter in letters:
            emit(letter)
    elif letters:
        rows = [(one.id, one.recipient, one.type, one.code, one.size) for one in letters]
        table(("id", "recipient", "type", "code", "size"), rows)
    else:
        say("There are no dead letters.")
    return ExitCode.OK


@delivery.command()
def show(
    context: typer.Context,
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Show one delivery: its state, and which fields it has.

    Shows names of fields, never their content. Child and event are the hub's own
    references; 'hub audit explain' has the decision.

    JSON keys: id, recipient, type, state, code, releases, made_at, published_at,
    receipt_at, event, child, sections, existence.

    Example: hub delivery show 6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e
    """
    with hub_of(context) as hub:
        found = delivery_detail(shown(hub, delivery_id))
    if as_json:
        emit(found)
    else:
        for name, value in found.model_dump(mode="json").items():
            say(f"{name:<14}{plain(value)}")
    return ExitCode.OK


@delivery.command()
def retry(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    delivery_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID...]", help="From 'hub delivery list --dead'."),
    ] = None,
    *,
    by: By = None,
    agency: Annotated[
        str, typer.Option(metavar="NAME", help="With --all: the agency whose dead letters.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All dead letters of the agency.")
    ] = False,
    reason: Reason = "retried",
) -> int:
    """Return dead letters to their agency's queue.

    Use it once the agency's system works again. Each is recorded in the ledger,
    and leaves the dead letters only when the broker has stored it. The adapter
    asks for the keys again: what may no longer be shared is withheld.

    Example: hub delivery retry --agency oakfield-primary --all --by jmalik
    """
    if everything == bool(delivery_ids) or everything != bool(agency):
        raise ConfigurationError("Name dead letters by their ids, or all of an agency's: --all.")
    user, why = checked_user(by), checked_reason(reason)
    url = account_url(settings_of(context), HUB_ACCOUNT)
    with hub_of(context) as hub:
        for name, ids in _by_agency(hub, url, delivery_ids, agency).items():
            done = retry_letters(hub, url, name, ids, by=user, reason=why)
            say(f"{counted(len(done), 'dead letter')} of {name} will be tried again.")
    return ExitCode.OK


@delivery.command()
def discard(context: typer.Context, delivery_ids: Ids, *, by: By = None, reason: Reason) -> int:
    """Remove dead letters for good: their recipient will not get them.

    Example: hub delivery discard 6a1e6c3e-... --by jmalik --reason "phoned, CASE-104"
    """
    user, why = checked_user(by), checked_reason(reason)
    url = account_url(settings_of(context), HUB_ACCOUNT)
    with hub_of(context) as hub:
        for name, ids in _by_agency(hub, url, delivery_ids, "").items():
            for one in discard_letters(hub, url, name, ids or [], by=user, reason=why):
                say(f"Discarded {one}.")
    return ExitCode.OK


def _by_agency(
    hub: Hub, url: str, ids: list[str] | None, agency: str
) -> dict[str, list[str] | None]:
    """Group dead letters by agency; None means all of an agency's."""
    if not ids:
        return {agency: None}
    found: dict[str, list[str] | None] = {}
    for one in ids:
        named = found.setdefault(agency_of(hub, url, one), [])
        if named is not None:
            named.append(one)
    return found
