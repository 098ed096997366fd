"""``hub review``: matters that need a person, and what a person says of them."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.reviews.closing import Closed, Person, ReviewView, listed, shown
from hub.casework.reviews.closing import accept as accept_one
from hub.casework.reviews.closing import reject as reject_one
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table
from hub.cli.shared_options import AsJson, By, Reason, checked_reason, checked_user
from hub.journey.entries import OnWhoseWord
from hub.journey.pipeline import EventFate
from hub.journey.reviews import Review

review = group("review")
Id = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id, from the list.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(review)


@review.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also what was closed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """List the matters that wait for a person, oldest first.

    JSON keys: id, cause, sentence, child, event, state, opened_at, outcome,
    closed_by, closed_at.

    Example: hub review list
    """
    with hub_of(context) as hub:
        found = listed(hub, everything=everything)
    if as_json:
        for one in found:
            emit(_as_json(one))
    elif found:
        heads = ("id", "opened", "cause", "child", "state")
        rows = [
            (r.id, r.opened_at[:19], r.cause.value, r.child, r.outcome or r.state) for r in found
        ]
        table(heads, rows)
    else:
        say("Nothing waits for a person.")
    return ExitCode.OK


@review.command()
def show(
    context: typer.Context, review_id: Id, *, by: By = None, reason: Reason, as_json: AsJson = False
) -> int:
    """Show one matter with what is needed to decide it.

    For a matter of identity: what the held event says of the child, and what
    the hub knows of each child it might be. That is a look at personal data,
    and is recorded in the ledger.

    JSON keys: those of the list, and detail, event_says, candidates.

    Example: hub review show 7be0... --by jmalik --reason CASE-104
    """
    with hub_of(context) as hub:
        found = shown(hub, review_id, by=checked_user(by), reason=checked_reason(reason))
    if as_json:
        emit(_shown_json(found))
    else:
        _say_shown(found)
    return ExitCode.OK


@review.command()
def accept(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    review_id: Id,
    *,
    by: By = None,
    reason: Reason,
    child: Annotated[
        str | None, typer.Option(metavar="ID", help="Identity: the held event is about this child.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Identity: it is about a child not known yet.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Close a matter in its favour.

    possible-match, identity-conflict: say with --child or --new who the held
    event is about. Its identifiers are linked to that child, except those that
    are another's; it is decided, and so is every other held event about which
    there is no doubt any more, in the order in which they came.
    objection-made: the objection is upheld, and withholds from now on.
    Others: the matter is closed as in order.

    Ends with 1 where a held event went to the quarantine.
    JSON keys: review, outcome, child, directive, events.

    Example: hub review accept 7be0... --child 0f3c... --by jmalik --reason CASE-104
    """
    word = OnWhoseWord(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        closed = accept_one(hub, review_id, word, child=child, new=new)
    return _tell(closed, as_json=as_json)


@review.command()
def reject(
    context: typer.Context, review_id: Id, *, by: By = None, reason: Reason, as_json: AsJson = False
) -> int:
    """Close a matter against it.

    possible-match, identity-conflict: the held event is about none of the
    candidates. It introduces a child of its own where events of its type do;
    otherwise it goes to the quarantine until the child has been registered.
    objection-made: the objection withholds nothing. Others: the matter is
    closed as not in order; what was shared is not undone by that.

    Ends with 1 where a held event went to the quarantine.
    JSON keys: review, outcome, child, directive, events.

    Example: hub review reject 7be0... --by jmalik --reason CASE-104
    """
    word = OnWhoseWord(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        closed = reject_one(hub, review_id, word)
    return _tell(closed, as_json=as_json)


def _tell(closed: Closed, *, as_json: bool) -> int:
    events = [
        {"event": e.ref, "outcome": e.fate.value, "code": e.fault.value if e.fault else ""}
        for e in closed.events
    ]
    if as_json:
        emit(
            {
                "review": closed.review,
                "outcome": closed.outcome,
                "child": closed.child,
                "directive": closed.directive,
                "events": events,
            }
        )
    else:
        about = f" It is about child {closed.child}." if closed.events and closed.child else ""
        say(f"Review {closed.review} is closed: {closed.outcome}.{about}")
        if closed.directive:
            say(f"The objection is upheld: directive {closed.directive}.")
        for event in events:
            code = f" ({event['code']})" if event["code"] else ""
            say(f"event {event['event']}  {event['outcome']}{code}")
    good = all(e.fate is EventFate.DECIDED for e in closed.events)
    return ExitCode.OK if good else ExitCode.FOUND


def _as_json(one: Review) -> dict[str, object]:
    return {
        "id": one.id,
        "cause": one.cause.value,
        "sentence": one.cause.sentence,
        "child": one.child,
        "event": one.event,
        "state": one.state,
        "opened_at": one.opened_at,
        "outcome": one.outcome,
        "closed_by": one.closed_by,
        "closed_at": one.closed_at,
    }


def _shown_json(found: ReviewView) -> dict[str, object]:
    return _as_json(found.review) | {
        "detail": found.detail,
        "event_says": _person_json(found.event) if found.event else None,
        "candidates": [_person_json(one) for one in found.candidates],
    }


def _person_json(one: Person) -> dict[str, object]:
    who = one.particulars
    return {
        "child": one.child,
        "likeness": one.score,
        "family_name": who.family_name,
        "given_name": who.given_name,
        "birth_date": who.birth_date.isoformat() if who.birth_date else None,
        "postcode": who.postcode,
        "identifiers": [{"system": s, "value": v} for s, v in one.identifiers],
    }


def _say_shown(found: ReviewView) -> None:
    one = found.review
    say(f"review {one.id}  {one.cause.value}, {one.outcome or one.state}")
    say(one.cause.sentence)
    for name, value in _as_json(one).items():
        if name in {"child", "event", "opened_at"} and value:
            say(f"  {name:<10}{plain(value)}")
    if found.event is None:
        for name, value in found.detail.items():
            say(f"  {plain(name)}: {plain(value)}")
        return
    people = [("the event", found.event), *((c.child or "", c) for c in found.candidates)]
    heads = ("who", "likeness", "family name", "given name", "born", "postcode", "identifiers")
    table(heads, [_row(name, person) for name, person in people])


def _row(name: str, one: Person) -> list[object]:
    who = one.particulars
    numbers = ", ".join(f"{system} {value}" for system, value in one.identifiers)
    return [
        name, one.score, who.family_name, who.given_name, who.birth_date, who.postcode, numbers,
    ]  # fmt: skip
