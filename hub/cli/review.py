"""``hub review``: matters that need a person's decision."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.reviews.closing import ReviewClosed, listed, shown
from hub.casework.reviews.closing import accept as accept_review
from hub.casework.reviews.closing import reject as reject_review
from hub.casework.reviews.views import PersonView, ReviewDetail, review_detail, review_summary
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, moment, plain, say, table
from hub.cli.shared_options import AsJson, AsJsonLines, By, Reason, checked_reason, checked_user
from hub.journey.entries import Attribution
from hub.journey.pipeline import EventFate

review = group("review")
Id = Annotated[str, typer.Argument(metavar="REVIEW", help="The review's id, from the list.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(review)


@review.command("list")
def list_(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also closed reviews.")] = False,
    as_json: AsJsonLines = False,
) -> int:
    """List open reviews, oldest first.

    JSON keys: id, cause, sentence, child, event, state, opened_at, outcome,
    closed_by, closed_at.

    Example: hub review list
    """
    with hub_of(context) as hub:
        found = [review_summary(one) for one in listed(hub, everything=everything)]
    if as_json:
        for one in found:
            emit(one)
    elif found:
        heads = ("id", "opened", "cause", "child", "state")
        rows = [
            (r.id, moment(r.opened_at), r.cause.value, r.child, r.outcome or r.state) for r in found
        ]
        table(heads, rows)
    else:
        say("No review is open.")
    return ExitCode.OK


@review.command()
def show(
    context: typer.Context,
    review_id: Id,
    *,
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Show one review with what is needed to decide it.

    For a matter of identity: what the held event states about the child, and what
    the hub knows of each candidate. This opens personal data, and is recorded in
    the ledger as an access.

    JSON keys: those of the list, and detail, event_says, candidates.

    Example: hub review show 7be0... --by jmalik --reason CASE-104
    """
    with hub_of(context) as hub:
        found = shown(hub, review_id, by=checked_user(by), reason=checked_reason(reason))
    view = review_detail(found)
    if as_json:
        emit(view)
    else:
        _say_review(view)
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
    """Close a review in its favour.

    possible-match, identity-conflict: name with --child or --new the child that
    the held event is about. Its identifiers are linked to that child, except
    those of another child; the event is decided, and so is every other held event
    that is no longer in doubt, in order of arrival. objection-made: the objection
    is upheld, and withholds from now on. Other causes: the matter is recorded as
    in order.

    Ends with 1 where a held event went to the quarantine.

    JSON keys: review, outcome, child, directive, events (each with event,
    outcome, code, child).

    Example: hub review accept 7be0... --child 0f3c... --by jmalik --reason CASE-104
    """
    word = Attribution(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        closed = accept_review(hub, review_id, word, child=child, new=new)
    return _report(closed, as_json=as_json)


@review.command()
def reject(
    context: typer.Context,
    review_id: Id,
    *,
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Close a review against it.

    possible-match, identity-conflict: the held event is about none of the
    candidates. It introduces a new child where events of its type do; otherwise
    it is quarantined until the child has been registered. objection-made: the
    objection withholds nothing. Other causes: the matter is recorded as not in
    order; this does not undo what was shared.

    Ends with 1 where a held event went to the quarantine.

    JSON keys: review, outcome, child, directive, events (each with event,
    outcome, code, child).

    Example: hub review reject 7be0... --by jmalik --reason CASE-104
    """
    word = Attribution(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        closed = reject_review(hub, review_id, word)
    return _report(closed, as_json=as_json)


def _report(closed: ReviewClosed, *, as_json: bool) -> int:
    if as_json:
        emit(closed)
    else:
        about = f" It is about child {closed.child}." if closed.events and closed.child else ""
        say(f"Review {closed.review} is closed: {closed.outcome}.{about}")
        if closed.directive:
            say(f"The objection is upheld: directive {closed.directive}.")
        for event in closed.events:
            code = f" ({event.code})" if event.code else ""
            say(f"event {event.event}  {event.outcome}{code}")
    decided = all(event.outcome is EventFate.DECIDED for event in closed.events)
    return ExitCode.OK if decided else ExitCode.FOUND


def _say_review(one: ReviewDetail) -> None:
    say(f"review {one.id}  {one.cause.value}, {one.outcome or one.state}")
    say(one.sentence)
    for name, value in (("child", one.child), ("event", one.event), ("opened_at", one.opened_at)):
        if value:
            say(f"  {name:<10}{plain(value)}")
    if one.event_says is None:
        for name, fact in one.detail.items():
            say(f"  {plain(name)}: {plain(fact)}")
        return
    people = [("the event", one.event_says), *((c.child or "", c) for c in one.candidates)]
    heads = ("who", "likeness", "family name", "given name", "born", "postcode", "identifiers")
    table(heads, [_row(name, person) for name, person in people])


def _row(name: str, one: PersonView) -> list[object]:
    numbers = ", ".join(f"{number.system} {number.value}" for number in one.identifiers)
    return [
        name, one.likeness, one.family_name, one.given_name, one.birth_date, one.postcode, numbers,
    ]  # fmt: skip
