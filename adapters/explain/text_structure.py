"""The elements of text documents: HL7 v2 components, the cells of a table, and plain lines.

Bytes are kept as they are: characters outside ASCII pass through unread.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from adapters.explain.structure import Edits, Part, PartBuilder, container

_BYTES = "latin-1"
_DELIMITERS = (",", ";", "\t", "|")
_COLUMN_NAME = re.compile(r"(?:\xef\xbb\xbf)?[A-Za-z][A-Za-z_ ./()-]*[0-9]{0,2}|")


class Hl7Structure:
    """HL7 v2 messages: segments, fields, repetitions, components and sub-components.

    A path is such as ``PID-5.1``, ``NK1[2]-4`` or ``PID-3[2].1``, with ``message[2]/`` before it
    where there are several messages. The delimiters (MSH-1, MSH-2) are no elements.
    """

    def __init__(self, body: bytes) -> None:
        text = body.decode(_BYTES)
        self._lines = [line for line in re.split(r"[\r\n]+", text) if line.strip("\x0b\x1c")]
        first = next(line for line in self._lines if "MSH" in line or len(line) > len("MSH|^~\\&"))
        head = first.lstrip("\x0b\xef\xbb\xbf")
        self._field = head[3]
        self._levels = (head[5], head[4], head[7])
        builder = PartBuilder()
        self.root = container("", list(self._segments(builder)))
        self.values = tuple(builder.values)

    def render(self, edits: Edits) -> bytes:
        """Write the messages with these elements changed or removed."""
        numbers = iter(range(len(self.values)))
        lines = (self._rendered(line, edits, numbers) for line in self._lines)
        return "\r".join(line for line in lines if line is not None).encode(_BYTES) + b"\r"

    def _segments(self, builder: PartBuilder) -> Iterator[Part]:
        several = sum(_name_of(line) == "MSH" for line in self._lines) > 1
        message = 0
        seen: Counter[str] = Counter()
        for line in self._lines:
            name = _name_of(line)
            if name == "MSH":
                message += 1
                seen.clear()
            seen[name] += 1
            number = f"[{seen[name]}]" if seen[name] > 1 else ""
            prefix = f"message[{message}]/" if several and message else ""
            parts = list(self._fields(line, f"{prefix}{name}{number}", builder))
            if parts:
                yield container(f"{prefix}{name}{number}", parts)

    def _fields(self, line: str, place: str, builder: PartBuilder) -> Iterator[Part]:
        for position, field in _fields_of(line, self._field):
            if field:
                yield self._inner(field, f"{place}-{position}", 0, builder)

    def _inner(self, text: str, path: str, level: int, builder: PartBuilder) -> Part:
        """Number the elements of a field: its repetitions, their components, their parts."""
        if level == len(self._levels):
            return builder.element(path, text)
        pieces = text.split(self._levels[level])
        parts = [
            self._inner(piece, _below(path, level, n, len(pieces)), level + 1, builder)
            for n, piece in enumerate(pieces, start=1)
            if piece
        ]
        if not parts:
            return builder.element(path, text)
        return parts[0] if len(parts) == 1 else container(path, parts)

    def _rendered(self, line: str, edits: Edits, numbers: Iterator[int]) -> str | None:
        fields = _fields_of(line, self._field)
        touched, made = False, []
        for _, field in fields:
            new = self._edited(field, 0, edits, numbers) if field else field
            touched = touched or new != field
            made.append(new)
        if touched and not any(made):
            return None
        head = line[: len(line) - len(self._field.join(field for _, field in fields))]
        return head + self._field.join(made)

    def _edited(self, text: str, level: int, edits: Edits, numbers: Iterator[int]) -> str:
        pieces = text.split(self._levels[level]) if level < len(self._levels) else []
        if not any(pieces):
            number = next(numbers)
            return (edits[number] or "") if number in edits else text
        made = [self._edited(p, level + 1, edits, numbers) if p else p for p in pieces]
        return self._levels[level].join(made)


def _name_of(line: str) -> str:
    return line.lstrip("\x0b\xef\xbb\xbf")[:3]


def _fields_of(line: str, separator: str) -> list[tuple[int, str]]:
    """Return the fields of a segment with their numbers; of MSH those after its delimiters."""
    name = _name_of(line)
    fields = line.split(separator)[1:]
    if name in ("MSH", "FHS", "BHS"):
        return list(enumerate(fields[1:], start=3))
    return list(enumerate(fields, start=1))


def _below(path: str, level: int, n: int, total: int) -> str:
    if level == 0:
        return f"{path}[{n}]" if n > 1 else path
    return f"{path}.{n}" if total > 1 else path


class TableStructure:
    """Delimited text; a path is such as ``row 2/upn``, or ``row 2/column 1`` without a header row.

    Without a header row the first row holds values, which must not appear as names.
    """

    def __init__(self, body: bytes) -> None:
        text = body.decode(_BYTES)
        first = text.lstrip("\xef\xbb\xbf").splitlines()[0]
        self._delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        self._rows = list(reader)
        self._header = self._rows[:1] if _is_header(self._rows[0]) else []
        names = [re.sub(r"[^\w -]", "", name).strip() for row in self._header for name in row]
        builder = PartBuilder()
        parts = []
        self._records = self._rows[len(self._header) :]
        for n, row in enumerate(self._records, start=1 + len(self._header)):
            cells = [
                builder.element(f"row {n}/{_column(names, k)}", cell.strip())
                for k, cell in enumerate(row)
                if cell.strip()
            ]
            if cells:
                parts.append(container(f"row {n}", cells))
        self.root = container("", parts)
        self.values = tuple(builder.values)

    def render(self, edits: Edits) -> bytes:
        """Write the table with these cells changed or emptied; a row without cells is removed."""
        written = io.StringIO(newline="")
        writer = csv.writer(written, delimiter=self._delimiter, lineterminator="\r\n")
        writer.writerows(self._header)
        number = 0
        for row in self._records:
            made = []
            for cell in row:
                filled = bool(cell.strip())
                made.append(edits[number] or "" if filled and number in edits else cell)
                number += filled
            if made == row or any(made):
                writer.writerow(made)
        return written.getvalue().encode(_BYTES)


def _is_header(row: list[str]) -> bool:
    """Whether a first row names columns: distinct words, with at most two digits at the end."""
    return len(set(row)) == len(row) and all(_COLUMN_NAME.fullmatch(name.strip()) for name in row)


def _column(names: list[str], position: int) -> str:
    return names[position] if position < len(names) else f"column {position + 1}"


class LineStructure:
    """Any other text: each line is an element."""

    def __init__(self, body: bytes) -> None:
        self._lines = body.decode(_BYTES).splitlines(keepends=True)
        builder = PartBuilder()
        parts = [
            builder.element(f"line {n}", line.strip())
            for n, line in enumerate(self._lines, start=1)
            if line.strip()
        ]
        self.root = container("", parts)
        self.values = tuple(builder.values)

    def render(self, edits: Edits) -> bytes:
        """Write the text with these lines changed or removed."""
        made, number = [], 0
        for line in self._lines:
            if not line.strip():
                made.append(line)
                continue
            new = edits[number] if number in edits else line.strip()
            made.append(line.replace(line.strip(), new, 1) if new is not None else "")
            number += 1
        return "".join(made).encode(_BYTES)
