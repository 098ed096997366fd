"""``hub audit access-log``: who accessed what, about which child, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.search.facets import check_access_log
from hub.cli.context import hub_of
from hub.cli.dates import From, Until, period
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson, Child
from hub.evidence.disclosure_search import looks
from hub.evidence.views import access_log_page
from hub.journey.access_log import AccessQuery

COLUMNS = ("position", "at", "by", "what", "child", "reason")
HEADS = ("entry", *COLUMNS[1:])


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command("access-log")(access_log)


def access_log(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    person: Annotated[
        str, typer.Option(metavar="NAME", help="Only accesses by this staff reference.")
    ] = "",
    child: Child = None,
    first: From = None,
    last: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many rows.")] = 100,
    before: Annotated[
        int | None, typer.Option(metavar="POSITION", min=0, help="Continue with older entries.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show who accessed what and why, newest first.

    Accesses to ids that were merged into a child count as accesses to the child.
    Days are days in England, and the last one is included.

    JSON keys: rows (each with position, at, by, what, child, reason), before.
    Give the next call --before, until it is null.

    Example: hub audit access-log --person jmalik --from 2026-09-01
    """
    begins, until = period(first, last)
    query = AccessQuery(person, (child,) if child else (), begins, until)
    with hub_of(context) as hub:
        check_access_log(hub, query)
        page = access_log_page(looks(hub, query, limit, before))
    if as_json:
        emit(page)
        return ExitCode.OK
    table(HEADS, [[getattr(row, name) for name in COLUMNS] for row in page.rows])
    if page.before is not None:
        say(f"There are more: give --before {page.before}.")
    return ExitCode.OK
