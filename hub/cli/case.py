"""``hub case``: check cases, and explain the decision of one.

Cases need no settings, no store and no broker: only their own file and the agreements it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from consent.agreement import Agreement
from consent.agreement_file import load_agreement
from consent.cases.model import Case, is_agreement, load_case
from consent.cases.run import CaseResult, run_case
from consent.decision import Decision
from hub.cli.case_text import case_lines, decision_lines, difference
from hub.cli.exit_codes import ExitCode, error_code_of, write_error
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson
from schemas.errors import ConfigurationError

case = group("case")
_DEMONSTRATION = Path(__file__).parents[1] / "demo" / "borough" / "files"
_AGREEMENTS = "agreements"


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(case)


@case.command()
def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Cases, or folders of cases (.toml).")
    ],
    as_json: AsJson = False,
) -> int:
    """Run cases through the decision and compare with what they expect.

    It prints each case with what was expected and what came. Ends with 1
    where they differ, with 2 where a file cannot be read. Nothing but the
    files is used: no settings, no store, no broker.

    JSON keys: cases, passed, failed, differences (each with file, title,
    recipient, category, differs, expected, came).

    Example: hub case check examples/cases
    """
    results: list[tuple[Path, CaseResult]] = []
    unreadable = 0
    for file in case_files(paths):
        try:
            read = read_case(file)
            if read is not None:
                results.append((file, run_case(*read)))
        except (ConfigurationError, OSError, UnicodeDecodeError) as error:
            unreadable += 1
            write_error(error_code_of(error), _readable(error, file))
    failed = [(file, result) for file, result in results if not result.passed]
    if not as_json:
        for file, result in results:
            for line in case_lines(str(file), result):
                say(plain(line))
        say(f"{len(results)} cases: {len(results) - len(failed)} passed, {len(failed)} failed.")
    else:
        emit(
            {
                "cases": len(results),
                "passed": len(results) - len(failed),
                "failed": len(failed),
                "differences": [d for file, result in failed for d in _differences(file, result)],
            }
        )
    if unreadable or not results:
        if not results and not unreadable:
            write_error("configuration", "No case found. Name a case, or a folder of cases.")
        return ExitCode.WRONG
    return ExitCode.FOUND if failed else ExitCode.OK


@case.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The case.")],
    as_json: AsJson = False,
) -> int:
    """Print the whole decision of one case for every recipient.

    Each section with every rule's finding, the directives it rests on, the
    fields that are shared and those that are not, each with its reason. Ends
    with 1 where something came that was not expected.

    JSON keys: file, title, passed, decisions (by recipient, as the ledger
    stores them).

    Example: hub case explain examples/cases/withdrawal/her-own-consent.toml
    """
    read = read_case(file)
    if read is None:
        raise ConfigurationError(f"{file}: this is an agreement, not a case.")
    result = run_case(*read)
    if as_json:
        emit(
            {
                "file": str(file),
                "title": result.case.title,
                "passed": result.passed,
                "decisions": {name: _stored(one) for name, one in result.decisions.items()},
            }
        )
    else:
        for line in case_lines(str(file), result):
            say(plain(line))
        for line in decision_lines(result):
            say(plain(line))
    return ExitCode.OK if result.passed else ExitCode.FOUND


def case_files(paths: list[Path]) -> Iterator[Path]:
    """List the named files, and every .toml file below the named folders, in order of path."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"))
        else:
            yield path


def read_case(file: Path) -> tuple[Case, list[Agreement]] | None:
    """Read a case and its agreements; None where the file is an agreement beside cases.

    Raises ConfigurationError and OSError.
    """
    text = file.read_text(encoding="utf-8")
    if is_agreement(text, name=str(file)):
        return None
    found = load_case(text, name=str(file))
    return found, [_agreement(file, name) for name in found.agreements]


def _agreement(file: Path, name: str) -> Agreement:
    """Read an agreement: a path from the case's file, else from an ``agreements`` folder above it.

    Last, the demonstration's own agreements are searched.
    """
    parents = file.resolve().parents
    places = [
        file.parent / name,
        *(folder / _AGREEMENTS / name for folder in parents),
        _DEMONSTRATION / _AGREEMENTS / name,
        _DEMONSTRATION / "scenarios" / name,
    ]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise ConfigurationError(f"{file}: agreements: there is no file {name}.")
    return load_agreement(path.read_text(encoding="utf-8"), name=name)


def _readable(error: Exception, file: Path) -> str:
    if isinstance(error, OSError):
        return f"{file}: {error.strerror or type(error).__name__}."
    if isinstance(error, UnicodeDecodeError):
        return f"{file}: not UTF-8 text."
    return str(error).removeprefix(f"{error_code_of(error)}: ")


def _differences(file: Path, result: CaseResult) -> Iterator[dict[str, object]]:
    for outcome in result.outcomes:
        if outcome.differs:
            yield {"file": str(file), "title": result.case.title, **difference(outcome)}


def _stored(decision: Decision) -> dict[str, object]:
    stored: dict[str, object] = decision.model_dump(mode="json", exclude_defaults=True)
    return stored
