"""The options of ``hub consent record``: what was said, by whom, about what, until when."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind

Kind = Annotated[DirectiveKind, typer.Option(help="What was said.")]
InCapacity = Annotated[Authority, typer.Option(help="In what capacity.")]
Decider = Annotated[
    str,
    typer.Option(
        metavar="REF", help="Your reference for who spoke, or the p-... of an earlier word."
    ),
]
Evidence = Annotated[
    str, typer.Option(metavar="TEXT", help="Where the evidence is kept. It is sealed.")
]
Categories = Annotated[
    list[Category] | None, typer.Option(help="Only these data. Repeatable. Default: all.")
]
Recipients = Annotated[
    list[str] | None,
    typer.Option(metavar="AGENCY", help="Only to these. Repeatable. Default: all."),
]
Purposes = Annotated[
    list[Purpose] | None, typer.Option(help="Only for these. Repeatable. Default: all.")
]
From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day. Default: now.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Last day. Default: no end.")
]
Restriction = Annotated[RestrictionKind | None, typer.Option(help="What a restriction guards.")]
Allow = Annotated[
    list[Purpose] | None,
    typer.Option(help="Purpose that a restriction lets through. Repeatable."),
]
