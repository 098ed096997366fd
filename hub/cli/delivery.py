"""``hub delivery``: what became of each delivery, and the dead letters of each agency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.bus.address import HUB_ACCOUNT, account_url
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table
from hub.cli.shared_options import AsJson, By, Reason, checked_reason, checked_user
from hub.journey.release import Contents
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.casework.deliveries.dead_letters import DeadLetter
    from hub.intake.hub import Hub
    from hub.journey.deliveries import DeliveryCard

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
        bool, typer.Option("--dead", help="The dead letters instead, from the broker's queues.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """List deliveries, newest first: for whom, of what type, and what became of each.

    With --dead: what lies in the dead-letter queues because an agency's system
    would not take it. Looking does not move it. What is no delivery of the hub
    is listed as unknown-...; it can only be discarded.

    JSON keys: id, recipient, type, state, code, releases, made_at, published_at,
    receipt_at; with --dead also size.

    Example: hub delivery list --agency oakfield-primary --state failed
    """
    from hub.casework.deliveries.dead_letters import listed  # noqa: PLC0415  the broker's library loads with it

    if state and state not in STATES:
        raise ConfigurationError(f"No state '{state}'. There are: {', '.join(STATES)}.")
    with hub_of(context) as hub:
        if dead:
            return _list_dead(_dead(context, hub, agency), as_json=as_json)
        cards = listed(hub, state=state, agency=agency, limit=limit)
    if as_json:
        for card in cards:
            emit(_row(card))
    elif cards:
        heads = ("id", "made", "recipient", "type", "state", "code", "releases")
        rows = [
            (c.id, c.made_at[:19], c.recipient, c.type, c.state, c.code, c.releases) for c in cards
        ]
        table(heads, rows)
    else:
        say("There are no such deliveries.")
    return ExitCode.OK


def _dead(context: typer.Context, hub: Hub, agency: str) -> list[DeadLetter]:
    from hub.casework.deliveries.dead_letters import dead_letters  # noqa: PLC0415  likewise

    url = account_url(settings_of(context), HUB_ACCOUNT)
    agencies = [agency] if agency else sorted(hub.directory.agencies)
    return [letter for name in agencies for letter in dead_letters(hub, url, name)]


def _list_dead(found: list[DeadLetter], *, as_json: bool) -> int:
    if as_json:
        for letter in found:
            known = _row(letter.card) if letter.card else {"recipient": letter.agency}
            emit({**known, "id": letter.id, "size": letter.size})
    elif found:
        rows = [
            (f.id, f.agency, f.card.type if f.card else "", f.card.code if f.card else "", f.size)
            for f in found
        ]
        table(("id", "recipient", "type", "code", "size"), rows)
    else:
        say("There are no dead letters.")
    return ExitCode.OK


@delivery.command()
def show(
    context: typer.Context,
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="The delivery's id.")],
    as_json: AsJson = False,
) -> int:
    """Show what is known of one delivery: which fields were sealed, and what became of it.

    Names of fields, never what they hold. The child and the event are the hub's
    own references; 'hub audit' finds what the ledger says of them.

    Example: hub delivery show 6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e
    """
    from hub.casework.deliveries.dead_letters import shown  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        card = shown(hub, delivery_id)
    sealed = Contents.model_validate_json(card.contents)
    whole = _row(card) | {
        "event": card.event,
        "child": card.child,
        "sections": {c.value: list(fields) for c, fields in sealed.sections.items()},
        "existence": [c.value for c in sealed.existence],
    }
    if as_json:
        emit(whole)
    else:
        for name, value in whole.items():
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
        str, typer.Option(metavar="NAME", help="With --all: whose dead letters.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="All dead letters of the agency.")
    ] = False,
    reason: Reason = "retried",
) -> int:
    """Put dead letters back into their agency's queue, once its system works again.

    Each is recorded in the ledger, and leaves the dead letters only when the
    broker has it safely. The keys are asked for anew: what may no longer be
    shared is not.

    Example: hub delivery retry --agency oakfield-primary --all --by jmalik
    """
    from hub.casework.deliveries.dead_letters import retry as put_back  # noqa: PLC0415  likewise

    if everything == bool(delivery_ids) or everything != bool(agency):
        raise ConfigurationError("Name dead letters by their ids, or all of an agency's: --all.")
    who, why = checked_user(by), checked_reason(reason)
    url = account_url(settings_of(context), HUB_ACCOUNT)
    with hub_of(context) as hub:
        for name, ids in _by_agency(hub, url, delivery_ids, agency).items():
            done = put_back(hub, url, name, ids, by=who, reason=why)
            say(f"{len(done)} of {name} will be tried again.")
    return ExitCode.OK


@delivery.command()
def discard(context: typer.Context, delivery_ids: Ids, *, by: By = None, reason: Reason) -> int:
    """Take dead letters out for good: their recipient will not get them.

    Example: hub delivery discard 6a1e6c3e-... --by jmalik --reason "told by phone, CASE-104"
    """
    from hub.casework.deliveries.dead_letters import discard as give_up  # noqa: PLC0415  likewise

    who, why = checked_user(by), checked_reason(reason)
    url = account_url(settings_of(context), HUB_ACCOUNT)
    with hub_of(context) as hub:
        for name, ids in _by_agency(hub, url, delivery_ids, "").items():
            for one in give_up(hub, url, name, ids or [], by=who, reason=why):
                say(f"Discarded {one}.")
    return ExitCode.OK


def _by_agency(
    hub: Hub, url: str, ids: list[str] | None, agency: str
) -> dict[str, list[str] | None]:
    """Sort dead letters by whose they are; None stands for all of an agency's."""
    from hub.casework.deliveries.dead_letters import whose  # noqa: PLC0415  likewise

    if not ids:
        return {agency: None}
    found: dict[str, list[str] | None] = {}
    for one in ids:
        named = found.setdefault(whose(hub, url, one), [])
        if named is not None:
            named.append(one)
    return found


def _row(card: DeliveryCard) -> dict[str, object]:
    return {
        "id": card.id,
        "recipient": card.recipient,
        "type": card.type,
        "state": card.state,
        "code": card.code,
        "releases": card.releases,
        "made_at": card.made_at,
        "published_at": card.published_at,
        "receipt_at": card.receipt_at,
    }
