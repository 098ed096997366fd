"""The list of cases for docs/cases.md: each group with its cases, what they rest on, what comes."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from consent.cases.model import Case, CaseExpect, load_case

FOLDER = Path(__file__).parents[1] / "examples" / "cases"


def case_list() -> str:
    """Return a section for each group of cases, each with a table."""
    files = sorted(FOLDER.glob("*-*/*.toml"), key=_order)
    parts = [f"{len(files)} cases."]
    for group, members in groupby(files, key=lambda file: file.parent.name):
        rows = [_row(file) for file in members]
        heading = f"### {_title(group)}"
        parts.append(
            "\n".join([heading, "", "| case | expected | source |", "|---|---|---|", *rows])
        )
    return "\n\n".join(parts)


def _order(file: Path) -> tuple[int, str]:
    number, _, _ = file.parent.name.partition("-")
    return int(number), file.name


def _title(group: str) -> str:
    _, _, words = group.partition("-")
    return words.replace("-", " ").capitalize()


def _row(file: Path) -> str:
    case = load_case(file.read_text(encoding="utf-8"), name=file.name)
    link = f"[{_cell(case.title)}](../examples/cases/{file.parent.name}/{file.name})"
    return f"| {link} | {_expected(case)} | {_cell(case.source)} |"


def _expected(case: Case) -> str:
    return "<br>".join(_one(expected) for expected in case.expect)


def _one(expected: CaseExpect) -> str:
    reason = f" (`{expected.reason}`)" if expected.reason else ""
    review = f", review `{expected.review}`" if expected.review else ""
    where = f"{expected.category.value} to {expected.recipient}"
    return f"{where}: {expected.sharing.value}{reason}{review}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
