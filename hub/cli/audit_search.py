"""``hub audit search`` and ``reindex``: find decisions by child, agency, data, reason or time."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from consent.reasons import Reason as Code
from hub.cli.endings import Ending
from hub.cli.ground import office_of
from hub.cli.paper import emit, say, table
from hub.cli.person import AsJson, Child, NhsNumber, Upn, checked_by, checked_reason, sought_of
from schemas.errors import ConfigurationError
from schemas.sections import Category
from schemas.sharing import Purpose

if TYPE_CHECKING:
    from hub.search_desk import Look
    from hub.store.findings import Page

LONDON = ZoneInfo("Europe/London")
HEADS = ("entry", "at", "from", "to", "type", "category", "sharing", "reason", "rule", "directive")


class Outcome(StrEnum):
    """Whether anything of a category was shared."""

    PERMITTED = "permitted"
    WITHHELD = "withheld"


def add_to(audit: typer.Typer) -> None:
    """Add the verbs."""
    audit.command()(search)
    audit.command()(reindex)


def search(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    child: Child = None,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    agency: Annotated[
        str, typer.Option(metavar="NAME", help="Only what it sent, or might be told.")
    ] = "",
    kind: Annotated[str, typer.Option("--type", metavar="TYPE", help="Only this event type.")] = "",
    category: Annotated[Category | None, typer.Option(help="Only these data.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only shared, or only withheld.")] = None,
    reason: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE|TEXT",
            help="Only for this reason, by its code. Any other text is why you look. Repeatable.",
        ),
    ] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="Only for this purpose.")] = None,
    rule: Annotated[
        str, typer.Option(metavar="RULE", help="Only by this rule: agreement@version/rule.")
    ] = "",
    directive: Annotated[
        str, typer.Option(metavar="ID", help="Only because of this directive.")
    ] = "",
    begins: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many decisions; in a CSV file all are.")
    ] = 100,
    after: Annotated[
        int, typer.Option(metavar="POSITION", min=-1, help="Go on behind this entry.")
    ] = -1,
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Who looks, where a child is named: for the ledger.")
    ] = "",
    as_json: AsJson = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows into a CSV file.")
    ] = None,
) -> int:
    """Search the decisions: all that is named must be so.

    There is a row for each reason of each category of data. A search by child
    is recorded in the ledger: it needs --by, and a --reason that says why; a
    --reason that is a code of a decision says what to look for instead. Days
    are days in England, and the last one is included.

    JSON keys: rows, after. Give the next call --after, until it is null.

    Example: hub audit search --agency oakfield-primary --outcome withheld
    --reason no-consent --from 2026-09-01
    """
    from hub.search_desk import search as one_page  # noqa: PLC0415  the store's library loads
    from hub.search_desk import search_all, write_csv  # noqa: PLC0415  likewise
    from hub.store.findings import Query  # noqa: PLC0415  likewise

    codes, texts = _sorted_out(reason or [])
    query = Query(
        agency=agency,
        permitted=None if outcome is None else outcome is Outcome.PERMITTED,
        type=kind,
        category=category.value if category else "",
        reason=codes[0] if codes else "",
        purpose=purpose.value if purpose else "",
        rule=rule,
        directive=directive,
        begins=_day(begins) if begins else None,
        until=_day(until, after=1) if until else None,
    )
    look = _look((nhs_number, upn, child), by, texts)
    with office_of(context) as office:
        if to_csv is not None:
            count = write_csv(to_csv, search_all(office, query, look))
            say(f"{count} rows are in {to_csv}.")
            return Ending.OK
        page = one_page(office, query, limit, after, look)
    if as_json:
        emit({"rows": [asdict(row) for row in page.rows], "after": page.after})
    else:
        _say_page(page)
    return Ending.OK


def _sorted_out(given: list[str]) -> tuple[list[str], list[str]]:
    """Tell codes of decisions from reasons for looking; raises ConfigurationError for two."""
    known = {code.value for code in Code}
    codes, texts = [g for g in given if g in known], [g for g in given if g not in known]
    if len(codes) > 1 or len(texts) > 1:
        raise ConfigurationError("--reason takes one code and one text that says why you look.")
    return codes, texts


def _look(named: tuple[str | None, str | None, str | None], by: str, why: list[str]) -> Look | None:
    from hub.search_desk import Look  # noqa: PLC0415  the store's library loads with it

    nhs, pupil, child = named
    if nhs is None and pupil is None and child is None:
        if why:
            raise ConfigurationError(f"There is no reason code '{why[0]}'. See the page of codes.")
        return None
    sought = sought_of(nhs=nhs, pupil=pupil, child=child)
    return Look(sought, checked_by(by), checked_reason(why[0] if why else ""))


def _day(text: str, after: int = 0) -> dt.datetime:
    """Give the moment at which a day begins in England, or one so many days later."""
    try:
        day = dt.date.fromisoformat(text) + dt.timedelta(days=after)
        return dt.datetime.combine(day, dt.time(), LONDON)
    except (ValueError, OverflowError):
        raise ConfigurationError("--from and --until take a day such as 2026-09-01.") from None


def _say_page(page: Page) -> None:
    columns = ("position", "at", "source", "recipient", *HEADS[4:])
    rows = [[getattr(row, name) for name in columns] for row in page.rows]
    table(HEADS, rows)
    if page.after is not None:
        say(f"There is more: give --after {page.after}.")


def reindex(context: typer.Context, *, as_json: AsJson = False) -> int:
    """Make the index of decisions anew, from the ledger.

    The index serves 'hub audit search'. It is filled as the ledger grows and
    holds nothing of its own, so it can always be made anew.

    JSON keys: decisions, rows.

    Example: hub audit reindex
    """
    from hub.search_desk import reindex as make_anew  # noqa: PLC0415  likewise

    with office_of(context) as office:
        decisions, rows = make_anew(office)
    if as_json:
        emit({"decisions": decisions, "rows": rows})
    else:
        say(f"The index is made anew: {decisions} decisions, {rows} rows.")
    return Ending.OK
