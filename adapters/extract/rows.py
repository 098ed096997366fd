"""The rows of an extract: from a CSV or JSON file's bytes to named cells, each row with its place.

CSV: the header alone decides the delimiter (comma, semicolon or tab), header names may differ in
case and order, quoted cells may hold line breaks, blank rows are passed over. JSON: one object, an
array of objects, or one object to a line.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator
from typing import NoReturn

from pydantic import JsonValue

from adapters.contract import Refusal
from adapters.extract.settings import ExtractSettings
from schemas.errors import Fault, InputRefused

TYPE = "record_type"
FREE = "x_"  # prefix of columns that are not read
_DELIMITERS = (",", ";", "\t")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CODECS = {"utf-8": "utf-8", "windows-1252": "cp1252"}


def codec_of(settings: ExtractSettings) -> str:
    """Return the codec that the setting ``encoding`` names."""
    return _CODECS[settings.encoding]


def decoded(body: bytes, codec: str) -> str:
    """Decode a file; a byte order mark outranks the codec.

    Raises InputRefused with EMPTY_INPUT, BINARY_INPUT or WRONG_ENCODING.
    """
    if body.startswith(_UTF16):
        codec = "utf-16"
    elif body.startswith(codecs.BOM_UTF8):
        codec = "utf-8-sig"
    elif b"\x00" in body:
        raise InputRefused(Fault.BINARY_INPUT)
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        raise InputRefused(Fault.WRONG_ENCODING, f"byte {error.start}") from None
    if "\x00" in text:
        raise InputRefused(Fault.BINARY_INPUT)
    if not text.strip():
        raise InputRefused(Fault.EMPTY_INPUT)
    return text


def tidied(name: str) -> str:
    """Write a column's name as the documentation has it: lower case, with underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def undocumented(header: list[str], known: Collection[str]) -> int | None:
    """Find the first column, from 1, that is not documented or occurs twice; None where none is."""
    for n, name in enumerate(header):
        if name in header[:n] or not (name in known or name.startswith(FREE)):
            return n + 1
    return None


def csv_rows(
    text: str, known: Collection[str]
) -> Iterator[tuple[str, dict[str, JsonValue] | Refusal]]:
    """Return each row by its place; a row that is no row of the header is a refusal.

    Raises InputRefused with NOT_CSV where the header has no record type or an undocumented column.
    """
    delimiter = next((d for d in _DELIMITERS if TYPE in _header(text, d)), None)
    if delimiter is None:
        raise InputRefused(Fault.NOT_CSV, "row 1")
    header = _header(text, delimiter)
    wrong = undocumented(header, known)
    if wrong is not None:
        raise InputRefused(Fault.NOT_CSV, f"row 1/column {wrong}")
    records = _records(text, delimiter)
    next(records)
    for n, cells in records:
        place = f"row {n}"
        if cells is None or len(cells) != len(header):
            yield place, Refusal(Fault.BAD_VALUE, place)
        else:
            yield place, dict(zip(header, cells, strict=True))


def _header(text: str, delimiter: str) -> list[str]:
    _, cells = next(_records(text, delimiter), (0, None))
    return [tidied(name) for name in cells or ()]


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Return each record that is not blank, or None where its quotes are wrong.

    The number is the row as a spreadsheet counts it, from 1.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    n = 0
    while True:
        n += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield n, None
            continue
        if any(cell.strip() for cell in cells):
            yield n, cells


def json_rows(text: str) -> Iterator[tuple[str, JsonValue | Refusal]]:
    """Return each value of an array, of lines, or the one object, by its place.

    Raises InputRefused with NOT_JSON, or BAD_VALUE where a member occurs twice.
    """
    try:
        value = _loaded(text)
    except InputRefused:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if not isinstance(_line(lines[0][1], ""), dict):
            raise
        yield from ((f"line {n}", _line(line, f"line {n}")) for n, line in lines)
        return
    if isinstance(value, list):
        yield from ((f"[{n}]", each) for n, each in enumerate(value))
    else:
        yield "", value


def _line(line: str, place: str) -> JsonValue | Refusal:
    try:
        return _loaded(line)
    except InputRefused as error:
        return Refusal.of(error, place)


def _loaded(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InputRefused(Fault.NOT_JSON, f"line {error.lineno}") from None
    except (ValueError, RecursionError):
        raise InputRefused(Fault.NOT_JSON) from None
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):  # one of the two values would be lost without a word
        raise InputRefused(Fault.BAD_VALUE, "(a member that occurs twice)")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError
