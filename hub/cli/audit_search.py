"""``hub audit search`` and ``reindex``: find decisions and disclosures by any of their facets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.casework.search.facets import Outcome, check_search
from hub.casework.search.spreadsheet import write_csv
from hub.cli.context import hub_of
from hub.cli.dates import From, Until, period
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    ReasonForChild,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from hub.evidence.disclosure_search import Look, search_all
from hub.evidence.disclosure_search import reindex as rebuild
from hub.evidence.disclosure_search import search as one_page
from hub.evidence.views import disclosure_page, index_size
from hub.journey.disclosure_index import IndexRow, IndexRowKind
from hub.journey.index_query import Place, Query
from schemas.counted import counted
from schemas.errors import ConfigurationError
from schemas.sections import Category
from schemas.sharing import Purpose

if TYPE_CHECKING:
    from hub.evidence.views import DisclosurePage
    from hub.intake.hub import Hub

FACETS = ("type", "category", "sharing", "reason", "rule", "directive")
COLUMNS = ("position", "at", "kind", "source", "recipient", *FACETS)
HEADS = ("entry", "at", "kind", "from", "to", *FACETS)


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
    kind: Annotated[
        IndexRowKind | None, typer.Option(help="Only decisions, or only disclosures.")
    ] = None,
    agency: Annotated[
        str, typer.Option(metavar="NAME", help="Only this sender or recipient.")
    ] = "",
    event_type: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="Only this event type.")
    ] = "",
    category: Annotated[Category | None, typer.Option(help="Only this category of data.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only shared, or only withheld.")] = None,
    reason_code: Annotated[
        str, typer.Option(metavar="CODE", help="Only for this reason: its code.")
    ] = "",
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
    newest: Annotated[bool, typer.Option("--newest", help="Newest first.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many entries; a CSV file has all.")
    ] = 100,
    after: Annotated[
        int | None, typer.Option(metavar="POSITION", min=-1, help="Continue after this entry.")
    ] = None,
    before: Annotated[
        int | None,
        typer.Option(metavar="POSITION", min=0, help="Continue before this entry, newest first."),
    ] = None,
    by: By = None,
    reason: ReasonForChild = None,
    as_json: AsJson = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all rows into a CSV file.")
    ] = None,
) -> int:
    """Search decisions and disclosures.

    All given options must match. There is a row for each reason of each category
    of data, both of what was decided and of what was decided again when keys
    were released. A search by child is recorded in the ledger and needs --reason.
    Days are days in England, and the last one is included. A name that the hub
    does not know is refused.

    JSON keys: rows (each with position, n, at, kind, child, event, source,
    recipient, type, category, sharing, reason, sentence, purpose, rule, basis,
    directive), before, after. Give the next call --after, or with --newest
    --before, until it is null.

    Example: hub audit search --agency oakfield-primary --outcome withheld
    --reason-code no-consent --from 2026-09-01
    """
    begins, until = period(first, last)
    query = Query(
        kind=kind.value if kind else "",
        agency=agency,
        permitted=None if outcome is None else outcome is Outcome.SHARED,
        type=event_type,
        category=category.value if category else "",
        reason=reason_code,
        purpose=purpose.value if purpose else "",
        basis=basis,
        rule=rule,
        directive=directive,
        begins=begins,
        until=until,
    )
    place = _place(after, before, newest=newest)
    look = _look((nhs_number, upn, child), by, reason)
    with hub_of(context) as hub:
        if to_csv is not None:
            return _write(hub, query, place, look, to_csv)
        return _show(hub, query, place, look, limit, as_json=as_json)


def _write(hub: Hub, query: Query, place: Place, look: Look | None, file: Path) -> int:

    check_search(hub, query)
    count = write_csv(file, IndexRow, search_all(hub, query, place, look))
    say(f"Wrote {counted(count, 'row')} to {file}.")
    return ExitCode.OK


def _show(  # noqa: PLR0913  the question, the page, and how it is shown
    hub: Hub, query: Query, place: Place, look: Look | None, limit: int, *, as_json: bool
) -> int:

    check_search(hub, query)
    page = disclosure_page(one_page(hub, query, limit, place, look))
    if as_json:
        emit(page)
    else:
        _say_page(page)
    return ExitCode.OK


def _place(after: int | None, before: int | None, *, newest: bool) -> Place:

    if after is not None and (newest or before is not None):
        raise ConfigurationError("--after goes with the oldest first, --before with --newest.")
    newest_first = newest or before is not None
    return Place(before if newest_first else after, newest_first)


def _look(
    named: tuple[str | None, str | None, str | None], by: str | None, reason: str | None
) -> Look | None:

    nhs, pupil, child = named
    if nhs is None and pupil is None and child is None:
        if reason is not None:
            raise ConfigurationError(
                "--reason is why you search by child. To search by a reason, give --reason-code."
            )
        return None
    sought = sought_of(nhs=nhs, pupil=pupil, child=child)
    return Look(sought, checked_user(by), checked_reason(reason))


def _say_page(page: DisclosurePage) -> None:
    table(HEADS, [[getattr(row, name) for name in COLUMNS] for row in page.rows])
    for option, key in (("after", page.after), ("before", page.before)):
        if key is not None:
            say(f"There are more: give --{option} {key}.")


def reindex(context: typer.Context, *, as_json: AsJson = False) -> int:
    """Rebuild the search index from the ledger.

    The index serves 'hub audit search', 'hub audit access-log' and the figures
    of the console. It grows with the ledger and can always be rebuilt from it.

    JSON keys: decisions, rows, flows, looks.

    Example: hub audit reindex
    """
    with hub_of(context) as hub:
        done = index_size(rebuild(hub))
    if as_json:
        emit(done)
    else:
        parts = (
            counted(done.decisions, "decision"),
            counted(done.rows, "row"),
            counted(done.flows, "count"),
            counted(done.looks, "access", "accesses"),
        )
        say(f"Rebuilt the index: {', '.join(parts)}.")
    return ExitCode.OK
