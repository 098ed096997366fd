"""``hub audit looks``: the access log, who looked at what is kept about whom, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.dates import From, Until, period
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson, Child

COLUMNS = ("position", "at", "by", "what", "child", "reason")
HEADS = ("entry", *COLUMNS[1:])


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(looks)


def looks(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    by_person: Annotated[
        str, typer.Option(metavar="NAME", help="Only looks of this staff reference.")
    ] = "",
    child: Child = None,
    first: From = None,
    last: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many looks.")] = 100,
    before: Annotated[
        int | None, typer.Option(metavar="POSITION", min=0, help="Go on with older entries.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Read the access log, newest first: every look by every person is in it.

    A look at the ids of a child that were merged into it is a look at the
    child. Days are days in England, and the last one is included.

    JSON keys: rows, before. Give the next call --before, until it is null.

    Example: hub audit looks --by-person jmalik --from 2026-09-01
    """
    from hub.evidence.disclosure_search import looks as one_page  # noqa: PLC0415  the store's library loads
    from hub.journey.access_log import LookQuery  # noqa: PLC0415  likewise

    begins, until = period(first, last)
    query = LookQuery(by_person, (child,) if child else (), begins, until)
    with hub_of(context) as hub:
        page = one_page(hub, query, limit, before)
    if as_json:
        emit({"rows": [asdict(row) for row in page.rows], "before": page.before})
        return ExitCode.OK
    table(HEADS, [[getattr(row, name) for name in COLUMNS] for row in page.rows])
    if page.before is not None:
        say(f"There is more: give --before {page.before}.")
    return ExitCode.OK
