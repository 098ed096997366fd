"""``hub docs``: the documentation, which comes with the package.

A wheel holds the pages in ``hub/manual``; in a checkout they are in ``docs``.
"""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import Annotated

import typer

import hub
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, table
from schemas.errors import ConfigurationError

_PACKAGE = Path(hub.__file__).parent
_SUFFIXES = frozenset({".md", ".json", ".yaml"})
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("docs")(docs)


def docs(
    page: Annotated[
        str, typer.Argument(metavar="PAGE", help="A page, such as quickstart. Default: list them.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """List the pages of the documentation, or print one.

    A page is formatted on a terminal and written as Markdown to a file or a
    pipe. Pages name each other by their files: docs/ledger.md is 'ledger'.

    JSON keys: pages (each with page, title); with PAGE: page, title, text.

    Example: hub docs quickstart
    """
    pages = manual_pages()
    if not page:
        titles = {name: _title(name, file) for name, file in pages.items()}
        if as_json:
            emit({"pages": [{"page": name, "title": title} for name, title in titles.items()]})
        else:
            table(("page", "title"), list(titles.items()))
            say("\nPrint one with 'hub docs PAGE'.")
        return ExitCode.OK
    name = find_page(page, pages)
    text = pages[name].read_text(encoding="utf-8")
    if as_json:
        emit({"page": name, "title": _title(name, pages[name]), "text": text})
    elif sys.stdout.isatty() and pages[name].suffix == ".md":
        _show_formatted(text)
    else:
        sys.stdout.write(text)
    return ExitCode.OK


def manual_pages() -> dict[str, Path]:
    """Return the file of every page, by the page's name."""
    packaged = _PACKAGE / "manual"
    folder = packaged if packaged.is_dir() else _PACKAGE.parent / "docs"
    files = [file for file in folder.rglob("*") if file.suffix in _SUFFIXES]
    named = {file.relative_to(folder).as_posix().removesuffix(".md"): file for file in files}
    return {name: named[name] for name in sorted(named, key=_order)}


def _order(name: str) -> tuple[bool, str]:
    """Order the pages at the top before those in folders."""
    return "/" in name, name


def find_page(wanted: str, pages: dict[str, Path]) -> str:
    """Return the name of a page given as its name, its file or its last part.

    Raises ConfigurationError, which suggests a page, where there is no such page.
    """
    name = wanted.removeprefix("docs/").removesuffix(".md")
    if name in pages:
        return name
    ends = [page for page in pages if page.rpartition("/")[2] == name]
    if len(ends) == 1:
        return ends[0]
    near = ends or difflib.get_close_matches(name, pages, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise ConfigurationError(
        f"There is no page '{plain(wanted)}'.{hint} 'hub docs' lists the pages."
    )


def _title(name: str, file: Path) -> str:
    if file.suffix != ".md":
        return "(for programs)"
    found = _HEADING.search(file.read_text(encoding="utf-8"))
    return found.group(1).replace("`", "") if found else name


def _show_formatted(text: str) -> None:
    from rich.console import Console  # noqa: PLC0415  needed on a terminal only
    from rich.markdown import Markdown  # noqa: PLC0415

    Console().print(Markdown(text))
