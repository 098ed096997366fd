r"""HL7 v2 messages: bytes to segments whose fields can be asked for without surprises.

Parsing goes through the ``hl7`` library, but only after the header has been checked here and only
with segments the hub reads, so that its assertions cannot fail on foreign input and a result's
content is never taken apart. Fields are numbered as in the standard: ``PID-5`` is ``pid.text(5)``.

Segments end with CR. In a file without any CR they end with LF; where there is a CR a lone LF is
text inside a field (an MLLP frame may hold one), unless an LF begins a further message header.

Source: HL7 v2.5.1 chapter 2 (2.5 delimiters, 2.7 escape sequences, 2.10.3 batch protocol).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import hl7

from adapters.contract import Refusal
from adapters.hl7v2.codes import CHARSETS, CODE_SYSTEMS
from adapters.hl7v2.time import Stamp, read_stamp
from schemas.errors import Fault, InputRefused
from schemas.people import Coding

KEPT = frozenset(
    [
        "MSH",
        "EVN",
        "PID",
        "PD1",
        "NK1",
        "PV1",
        "PV2",
        "DG1",
        "SCH",
        "TQ1",
        "RGS",
        "AIS",
        "AIL",
        "RF1",
        "PRD",
        "ORC",
        "OBR",
        "TXA",
        "NTE",
        "ARV",
        "DSC",
    ]
)
SHORT, LONG = 200, 20_000
LONGEST_SEGMENT = 65_536  # of those that are read; results may be longer
_ENVELOPES = (b"FHS", b"BHS", b"FTS", b"BTS")
_MIXED_ENDS = re.compile(rb"\n(?:MSH|BHS|FHS|BTS|FTS)[^A-Za-z0-9\s]")
_HEADER = re.compile(r"MSH([^A-Za-z0-9\s\x00-\x1f])([^A-Za-z0-9\s\x00-\x1f]{1,5})(?=\1|$)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The separators a message declares in MSH-1 and MSH-2, and its character set."""

    fields: str
    encoding: str
    charset: str = "utf-8"

    @property
    def component(self) -> str:
        """Between the components of a field."""
        return self.encoding[0]

    @property
    def repetition(self) -> str:
        """Between the repetitions of a field."""
        return self.encoding[1:2] or "~"

    @property
    def escape(self) -> str:
        """Around an escape sequence."""
        return self.encoding[2:3] or "\\"

    @property
    def subcomponent(self) -> str:
        """Between the parts of a component."""
        return self.encoding[3:4] or "&"

    def plain(self, text: str) -> str:
        """Undo escape sequences; an unknown one is left unchanged."""
        if self.escape in text:
            mark = re.escape(self.escape)
            text = re.sub(f"{mark}([^{mark}]*){mark}", self._unescaped, text)
        return _CONTROLS.sub("", text).strip()

    def _unescaped(self, match: re.Match[str]) -> str:
        word = match[1]
        known = {
            "F": self.fields,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
            "P": self.encoding[4:5],
            "H": "",
            "N": "",
        }
        if word in known:
            return known[word]
        if word[:3] in {".br", ".sp", ".ce"}:
            return "\n"
        if word[:3] in {".sk", ".ti", ".in", ".fi", ".nf"}:
            return " "
        if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", word):
            return bytes.fromhex(word[1:]).decode(self.charset, "replace")
        return match[0]


def read_delimiters(text: str) -> Delimiters | None:
    """Read MSH-1 and MSH-2, or None where they are missing or would be ambiguous.

    MSH-2 may have a fifth character (truncation, from v2.7) and may leave out the last ones.
    """
    match = _HEADER.match(text)
    if match is None:
        return None
    found = Delimiters(match[1], match[2])
    marks = (found.fields, found.component, found.repetition, found.escape, found.subcomponent)
    return found if len(set(marks)) == len(marks) else None


@dataclass(frozen=True, slots=True)
class Value:
    """One repetition of a field."""

    node: object
    delimiters: Delimiters

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """Return a part as plain text on one line, empty where it is missing or HL7's null."""
        return " ".join(self.lines(component, subcomponent).split())

    def lines(self, component: int = 1, subcomponent: int = 1) -> str:
        """Return a part as plain text that may have line breaks."""
        found = _child(_child(self.node, component), subcomponent)
        leaf = found if isinstance(found, str) else ""
        return "" if leaf == '""' else self.delimiters.plain(leaf)

    def parts(self, component: int) -> list[str]:
        """Return the non-empty subcomponents of a component."""
        found = _child(self.node, component)
        count = 1 if isinstance(found, str) else len(found) if isinstance(found, list) else 0
        every = (self.text(component, n + 1) for n in range(count))
        return [part for part in every if part]


def _child(node: object, position: int) -> object:
    if isinstance(node, list):
        return node[position - 1] if position <= len(node) else ""
    return node if position == 1 else ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; a field that cannot be used is left out and noted as a refusal."""

    name: str
    place: str
    content: list[object]
    delimiters: Delimiters
    notes: list[Refusal]

    def values(self, position: int) -> list[Value]:
        """Return the repetitions of a field that hold something."""
        if position >= len(self.content):
            return []
        found = self.content[position]
        nodes = list(found) if isinstance(found, list) else [found]
        return [Value(n, self.delimiters) for n in nodes if n not in ("", '""')]

    def value(self, position: int) -> Value:
        """Return the first repetition of a field."""
        return next(iter(self.values(position)), Value("", self.delimiters))

    def text(self, position: int, component: int = 1) -> str:
        """Return a component of a field's first repetition as text, empty where it is missing."""
        return self.value(position).text(component)

    def at(self, position: int) -> str:
        """Return the place of a field, such as ``DG1[2]-3``."""
        return f"{self.place}-{position}"

    def note(self, position: int, fault: Fault = Fault.BAD_VALUE) -> None:
        """Note that a field was left out, and why."""
        refusal = Refusal(fault, self.at(position))
        if refusal not in self.notes:
            self.notes.append(refusal)

    def limited(self, text: str, position: int, limit: int = SHORT) -> str | None:
        """Return a text that fits its place; note one that is longer than ``limit`` characters."""
        if len(text) > limit:
            self.note(position)
            return None
        return text or None

    def short(self, position: int, component: int = 1, limit: int = SHORT) -> str | None:
        """Return a component as a text of one line."""
        return self.limited(self.text(position, component), position, limit)

    def words(self, position: int, limit: int = SHORT) -> str | None:
        """Return the words of a coded field: its text, or its code where it has no text."""
        return self.limited(self.text(position, 2) or self.text(position), position, limit)

    def date(self, position: int, component: int = 1) -> dt.date | None:
        """Return the day of a time stamp, as written."""
        stamp = self._stamp(position, component)
        return stamp.day if stamp else None

    def moment(self, position: int, component: int = 1) -> dt.datetime | None:
        """Return a time stamp's moment in UTC; one without an hour is noted."""
        stamp = self._stamp(position, component)
        if stamp is not None and stamp.moment is None:
            self.note(position)
        return stamp.moment if stamp else None

    def _stamp(self, position: int, component: int) -> Stamp | None:
        text = self.text(position, component)
        stamp = read_stamp(text)
        if text and stamp is None:
            self.note(position)
        return stamp

    def coding(self, position: int) -> Coding | None:
        """Return a coded field (CE, CWE), or its alternate code where it has no first one."""
        value = self.value(position)
        first = 1 if value.text(1) else 4
        code = self.limited(value.text(first), position, 64)
        if code is None:
            return None
        system = value.text(first + 2)
        return Coding(
            code=code,
            display=self.limited(value.text(first + 1), position),
            system=self.limited(CODE_SYSTEMS.get(system.upper(), system), position, 120),
        )


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """One message: its segments in order, and notes of what was left out of its events."""

    segments: tuple[Segment, ...]
    delimiters: Delimiters
    notes: list[Refusal] = field(default_factory=list)

    def every(self, name: str) -> list[Segment]:
        """Return all segments of a name."""
        return [s for s in self.segments if s.name == name]

    def first(self, name: str) -> Segment:
        """Return the first segment of a name, or one without content."""
        empty = Segment(name, name, [], self.delimiters, self.notes)
        return next((s for s in self.segments if s.name == name), empty)

    def has(self, name: str) -> bool:
        """Whether there is a segment of that name."""
        return any(s.name == name for s in self.segments)

    def patients(self) -> Iterator[Hl7Message]:
        """Split a message about several patients, each with what goes before and after all."""
        starts = [n for n, s in enumerate(self.segments) if s.name == "PID"]
        if len(starts) < 2:  # noqa: PLR2004
            yield self
            return
        shared = next((n for n, s in enumerate(self.segments) if s.name == "RGS"), None)
        end = len(self.segments) if shared is None else shared
        for start, stop in zip(starts, [*starts[1:], end], strict=True):
            own = self.segments[: starts[0]] + self.segments[start:stop] + self.segments[end:]
            yield Hl7Message(own, self.delimiters, self.notes)


def split_messages(body: bytes) -> list[bytes]:
    """Split a document into the messages it holds, each with CR between segments.

    Raises InputRefused with WRONG_ENCODING, BINARY_INPUT, NOT_HL7, or UNSUPPORTED for a batch
    without messages.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            body = body.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise InputRefused(Fault.WRONG_ENCODING, "byte 1") from None
    if b"\x00" in body:
        raise InputRefused(Fault.BINARY_INPUT)
    body = body.removeprefix(b"\xef\xbb\xbf").translate(None, b"\x0b\x1c")
    if b"\r" not in body or _MIXED_ENDS.search(body):
        body = body.replace(b"\n", b"\r")
    lines = [line for line in (piece.strip(b"\n \t") for piece in body.split(b"\r")) if line]
    if not lines or not lines[0].startswith((b"MSH", b"FHS", b"BHS")):
        raise InputRefused(Fault.NOT_HL7)
    messages: list[list[bytes]] = []
    for line in lines:
        if line.startswith(b"MSH"):
            messages.append([line])
        elif messages and not line.startswith(_ENVELOPES):
            messages[-1].append(line)
    if not messages:
        raise InputRefused(Fault.UNSUPPORTED, "BHS")
    return [b"\r".join(message) for message in messages]


def parse_message(raw: bytes) -> Hl7Message:
    """Parse one message; raises InputRefused with NOT_HL7, WRONG_ENCODING or TOO_LARGE."""
    delimiters = read_delimiters(raw.split(b"\r", 1)[0].decode("latin-1"))
    if delimiters is None:
        raise InputRefused(Fault.NOT_HL7, "MSH-2")
    text, charset = _decoded(raw, delimiters)
    delimiters = Delimiters(delimiters.fields, delimiters.encoding, charset)
    lines = list(_read_lines(text, delimiters.fields))
    try:
        # the library reads the truncation character as part of MSH-2, which is what we want
        parsed = hl7.parse("\r".join(lines))
    except Exception:  # noqa: BLE001  the library raises whatever it meets, and quotes it
        raise InputRefused(Fault.NOT_HL7, "MSH") from None
    notes: list[Refusal] = []
    seen: dict[str, int] = {}
    segments = []
    for line, content in zip(lines, parsed, strict=False):
        name = line[:3]
        seen[name] = seen.get(name, 0) + 1
        place = name if seen[name] == 1 else f"{name}[{seen[name]}]"
        segments.append(Segment(name, place, list(content), delimiters, notes))
    return Hl7Message(tuple(segments), delimiters, notes)


def _decoded(raw: bytes, delimiters: Delimiters) -> tuple[str, str]:
    header = raw.split(b"\r", 1)[0].decode("latin-1").split(delimiters.fields)
    claim = header[17].split(delimiters.repetition)[0] if len(header) > 17 else ""  # noqa: PLR2004
    charset = CHARSETS.get(claim.strip().upper())
    try:
        return raw.decode(charset or "ascii"), charset or "ascii"
    except UnicodeDecodeError as error:
        where = "MSH-18" if claim else f"byte {error.start + 1}"
        raise InputRefused(Fault.WRONG_ENCODING, where) from None


def _read_lines(text: str, separator: str) -> Iterator[str]:
    for line in text.split("\r"):
        name, mark = line[:3], line[3:4]
        if mark not in ("", separator):
            continue
        if name in KEPT:
            if len(line) > LONGEST_SEGMENT:
                raise InputRefused(Fault.TOO_LARGE, name)
            yield line
        elif name.isalnum():
            yield name  # that a segment stood here tells whose the next note is
