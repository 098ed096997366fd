"""``hub audit search`` and ``reindex``: find what was decided and disclosed, by whatever counts."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consent.reasons import Reason as Code
from hub.cli.context import hub_of
from hub.cli.dates import From, Until, period
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from hub.journey.disclosure_index import IndexReason, IndexRow, IndexRowKind
from schemas.errors import ConfigurationError
from schemas.sections import Category
from schemas.sharing import Purpose

if TYPE_CHECKING:
    from hub.evidence.disclosure_search import Look
    from hub.journey.index_query import Page, Place

FACETS = ("type", "category", "sharing", "reason", "rule", "directive")
COLUMNS = ("position", "at", "told", "source", "recipient", *FACETS)
HEADS = ("entry", "at", "what", "from", "to", *FACETS)


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
    told: Annotated[
        IndexRowKind | None, typer.Option(help="Only what was decided, or only as keys were given.")
    ] = None,
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
    basis: Annotated[
        str, typer.Option(metavar="TEXT", help="Only on this basis, as '6(1)(e) 9(2)(g)'.")
    ] = "",
    rule: Annotated[
        str, typer.Option(metavar="RULE", help="Only by this rule: agreement@version/rule.")
    ] = "",
    directive: Annotated[
        str, typer.Option(metavar="ID", help="Only because of this directive.")
    ] = "",
    first: From = None,
    last: Until = None,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many entries; in a CSV file all are.")
    ] = 100,
    after: Annotated[
        int | None, typer.Option(metavar="POSITION", min=-1, help="Go on behind this entry.")
    ] = None,
    before: Annotated[
        int | None,
        typer.Option(metavar="POSITION", min=0, help="Go on before this entry, newest first."),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows into a CSV file.")
    ] = None,
) -> int:
    """Search decisions and disclosures: all that is named must be so.

    There is a row for each reason of each category of data, of what was decided
    and of what was decided again as keys were given. A search by child is
    recorded in the ledger: it needs --by, and a --reason that says why; a
    --reason that is a code of a decision says what to look for instead. Days
    are days in England, and the last one is included.

    JSON keys: rows, after, before. Give the next call --after, or with --newest
    --before, until it is null.

    Example: hub audit search --agency oakfield-primary --outcome withheld
    --reason no-consent --from 2026-09-01
    """
    from hub.casework.search.spreadsheet import write_csv  # noqa: PLC0415  likewise
    from hub.evidence.disclosure_search import search as one_page  # noqa: PLC0415  the store's library loads
    from hub.evidence.disclosure_search import search_all  # noqa: PLC0415  likewise
    from hub.journey.index_query import Query  # noqa: PLC0415  likewise

    codes, texts = _sorted_out(reason or [])
    begins, until = period(first, last)
    query = Query(
        told=told.value if told else "",
        agency=agency,
        permitted=None if outcome is None else outcome is Outcome.PERMITTED,
        type=kind,
        category=category.value if category else "",
        reason=codes[0] if codes else "",
        purpose=purpose.value if purpose else "",
        basis=basis,
        rule=rule,
        directive=directive,
        begins=begins,
        until=until,
    )
    place = _place(after, before, newest=newest)
    look = _look((nhs_number, upn, child), by, texts)
    with hub_of(context) as hub:
        if to_csv is not None:
            count = write_csv(to_csv, IndexRow, search_all(hub, query, place, look))
            say(f"{count} rows are in {to_csv}.")
            return ExitCode.OK
        page = one_page(hub, query, limit, place, look)
    if as_json:
        emit({"rows": [asdict(row) for row in page.rows], **_keys(page)})
    else:
        _say_page(page)
    return ExitCode.OK


def _place(after: int | None, before: int | None, *, newest: bool) -> Place:
    from hub.journey.index_query import Place  # noqa: PLC0415  the store's library loads with it

    if after is not None and (newest or before is not None):
        raise ConfigurationError("--after goes with the oldest first, --before with --newest.")
    backwards = newest or before is not None
    return Place(before if backwards else after, backwards)


def _keys(page: Page) -> dict[str, int | None]:
    """Name where the next page begins, by the option that takes it."""
    more = page.more
    return {
        "after": more.key if more and not more.newest_first else None,
        "before": more.key if more and more.newest_first else None,
    }


def _sorted_out(given: list[str]) -> tuple[list[str], list[str]]:
    """Tell codes of decisions from reasons for looking; raises ConfigurationError for two."""
    known = {code.value for code in (*Code, *IndexReason)}
    codes, texts = [g for g in given if g in known], [g for g in given if g not in known]
    if len(codes) > 1 or len(texts) > 1:
        raise ConfigurationError("--reason takes one code and one text that says why you look.")
    return codes, texts


def _look(
    named: tuple[str | None, str | None, str | None], by: str | None, why: list[str]
) -> Look | None:
    from hub.evidence.disclosure_search import Look  # noqa: PLC0415  the store's library loads with it

    nhs, pupil, child = named
    if nhs is None and pupil is None and child is None:
        if why:
            raise ConfigurationError(f"There is no reason code '{why[0]}'. See the page of codes.")
        return None
    sought = sought_of(nhs=nhs, pupil=pupil, child=child)
    return Look(sought, checked_user(by), checked_reason(why[0] if why else ""))


def _say_page(page: Page) -> None:
    rows = [[getattr(row, name) for name in COLUMNS] for row in page.rows]
    table(HEADS, rows)
    for option, key in _keys(page).items():
        if key is not None:
            say(f"There is more: give --{option} {key}.")


def reindex(context: typer.Context, *, as_json: AsJson = False) -> int:
    """Make the index anew, from the ledger.

    The index serves 'hub audit search' and 'hub audit looks', and the figures
    of the console. It is filled as the ledger grows and holds nothing of its
    own, so it can always be made anew.

    JSON keys: decisions, rows, flows, looks.

    Example: hub audit reindex
    """
    from hub.evidence.disclosure_search import reindex as make_anew  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        done = make_anew(hub)
    if as_json:
        emit(asdict(done))
    else:
        rows = f"{done.decisions} decisions, {done.rows} rows"
        say(f"The index is made anew: {rows}, {done.flows} counts, {done.looks} looks.")
    return ExitCode.OK
