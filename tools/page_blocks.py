"""Blocks of hand-written pages that come from the code, such as tables of columns and codes.

A block is between ``<!-- NAME: written by 'make docs' -->`` and ``<!-- end of NAME -->``;
``python -m tools.reference`` fills it, and a test fails where it has drifted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from consent.reasons import Reason, ReviewCause
from schemas.coded import Coded
from tools.case_list import case_list
from tools.extract_columns import child_columns, type_columns

ROOT = Path(__file__).parents[1]

Block = Callable[[], str]


class BlockMissingError(Exception):
    """A page does not have the marks of a block; the message names page and block."""


def _codes(codes: Iterable[Coded]) -> str:
    rows = [f"| `{code.value}` | {code.sentence} |" for code in codes]
    return "\n".join(["| code | sentence |", "|---|---|", *rows])


BLOCKS: Mapping[str, Mapping[str, Block]] = {
    "docs/cases.md": {"cases": case_list},
    "docs/formats/care-extract.md": {"child columns": child_columns, "columns": type_columns},
    "docs/how-it-decides.md": {
        "reasons": lambda: _codes(Reason),
        "review causes": lambda: _codes(ReviewCause),
    },
}


def filled(page: str, text: str) -> str:
    """Return a page with its blocks filled; raises BlockMissingError where a mark is missing."""
    for name, block in BLOCKS[page].items():
        begin, end = f"<!-- {name}: written by 'make docs' -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        content = f"{begin}\n\n{block()}\n\n{end}"
        count = len(pattern.findall(text))
        if count != 1:
            raise BlockMissingError(f"{page} needs the block '{name}' once; it is there {count}x")
        text = pattern.sub(content.replace("\\", r"\\"), text)
    return text


def fill_pages(root: Path = ROOT) -> None:
    """Fill the blocks of every page."""
    for page in BLOCKS:
        path = root / page
        path.write_text(filled(page, path.read_text(encoding="utf-8")), encoding="utf-8")
