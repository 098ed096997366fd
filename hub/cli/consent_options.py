"""The options of ``hub consent record``: what was decided, by whom, about what, until when."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind

Kind = Annotated[DirectiveKind, typer.Option(help="What was decided.")]
InCapacity = Annotated[Authority, typer.Option(help="The capacity of the person who decided.")]
Decider = Annotated[
    str,
    typer.Option(
        metavar="REF",
        help="Your reference for the person who decided, or the p-... of an earlier directive.",
    ),
]
Evidence = Annotated[
    str, typer.Option(metavar="TEXT", help="Where the evidence is stored. It is sealed.")
]
Categories = Annotated[
    list[Category] | None, typer.Option(help="Only these data. Repeatable. Default: all.")
]
Recipients = Annotated[
    list[str] | None,
    typer.Option(metavar="AGENCY", help="Only to these agencies. Repeatable. Default: all."),
]
Purposes = Annotated[
    list[Purpose] | None, typer.Option(help="Only for these purposes. Repeatable. Default: all.")
]
FirstDay = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day. Default: now.")
]
LastDay = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Last day. Default: no end.")
]
Restriction = Annotated[RestrictionKind | None, typer.Option(help="What a restriction guards.")]
Allow = Annotated[
    list[Purpose] | None,
    typer.Option(help="A purpose that a restriction lets through. Repeatable."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show what it would change; record nothing.")
]
