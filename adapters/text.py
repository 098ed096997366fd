"""Helpers for formats of plain text: decoding, lines, checked sections, cells that stay whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from pydantic import ValidationError

from adapters.contract import Document, Refusal, Translation
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event
from schemas.sections import Section

S = TypeVar("S", bound=Section)
T = TypeVar("T")


def text_of(document: Document, encoding: str = "utf-8-sig") -> str:
    """Decode a document; raises InputRefused (EMPTY_INPUT, BINARY_INPUT or WRONG_ENCODING)."""
    if b"\x00" in document.body:
        raise InputRefused(Fault.BINARY_INPUT)
    try:
        text = document.body.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputRefused(Fault.WRONG_ENCODING, f"byte {error.start}") from None
    if not text.strip():
        raise InputRefused(Fault.EMPTY_INPUT)
    return text


def lines_of(document: Document, encoding: str = "utf-8-sig") -> Iterator[tuple[str, str]]:
    """Yield the lines of a document that are not blank, each with its place, such as ``line 3``."""
    text = text_of(document, encoding).replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"line {number}", line


def read_each(
    parts: Iterable[tuple[str, T | InputRefused]], read: Callable[[str, T], Event]
) -> Translation:
    """Make an event of each part; a part that raises or is InputRefused is refused at its place.

    The other parts are read all the same.
    """
    events: list[Event] = []
    refused: list[Refusal] = []
    for place, part in parts:
        try:
            if isinstance(part, InputRefused):
                raise part
            events.append(read(place, part))
        except InputRefused as error:
            refused.append(Refusal.of(error, place))
    return Translation(tuple(events), tuple(refused))


def section(model: type[S], **values: object) -> S:
    """Make a section; raises InputRefused (BAD_VALUE) with the name of the field that is wrong."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InputRefused(Fault.BAD_VALUE, str(first["loc"][0]) if first["loc"] else "") from None


def date_of(text: str, field: str, form: str = "%Y-%m-%d") -> dt.date | None:
    """Read a date, by default as 2026-09-01; None where there is none.

    Raises InputRefused (BAD_VALUE).
    """
    if not text.strip():
        return None
    try:
        return dt.datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  a day
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE, field) from None


def joined(cells: Sequence[object], separator: str) -> str:
    """Join cells to a line, an absent one empty.

    Raises CannotExpress where a cell holds the separator or a control character, such as a line
    end: the recipient's system would read other cells than were written.
    """
    texts = ["" if cell is None else str(cell) for cell in cells]
    for text in texts:
        if separator in text or any(unicodedata.category(c) == "Cc" for c in text):
            raise CannotExpress("A value holds a separator or a control character.")
    return separator.join(texts)


def rows_of(
    document: Document, columns: Sequence[str], delimiter: str = ","
) -> Iterator[tuple[str, Mapping[str, str] | InputRefused]]:
    """Yield the rows of a CSV document as columns to cells, each with its place, such as ``row 3``.

    A row is numbered as a spreadsheet does; one with too many or too few cells is an error in its
    place. Raises InputRefused (NOT_CSV) where the header is not exactly these columns.
    """
    text = text_of(document)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = enumerate(_records(reader), start=1)
    _, header = next(records)
    for number, (found, expected) in enumerate(zip_longest(header or (), columns), start=1):
        if found is None or expected is None or found.strip().casefold() != expected:
            raise InputRefused(Fault.NOT_CSV, f"row 1/column {number}")
    for number, cells in records:
        if cells is None or len(cells) != len(columns):
            yield f"row {number}", InputRefused(Fault.BAD_VALUE)
        elif any(cells):
            yield f"row {number}", dict(zip(columns, map(str.strip, cells), strict=True))


def _records(reader: Iterator[list[str]]) -> Iterator[list[str] | None]:
    """Yield each record of a CSV reader; None for one that is not well formed."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def table(columns: Sequence[str], *rows: Sequence[object], delimiter: str = ",") -> bytes:
    """Write rows under their header as CSV, an absent cell empty.

    Raises CannotExpress where a cell holds a control character other than a line end or a tab.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        texts = ["" if cell is None else str(cell) for cell in row]
        if any(unicodedata.category(c) == "Cc" and c not in "\r\n\t" for c in "".join(texts)):
            raise CannotExpress("A value holds a control character.")
        writer.writerow(texts)
    return out.getvalue().encode()
