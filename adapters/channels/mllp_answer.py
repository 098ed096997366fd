"""Acknowledgments of HL7 v2 messages: what the hub answers, and what an answer to it says.

An answer uses the delimiters of the message it answers, so that MSA-2 can repeat its MSH-10 byte
for byte. Its texts are the hub's own sentences: no value of the message but its header comes back.

Sources: HL7 v2.5.1 section 2.9.2 (acknowledgment), 2.15.5 (ERR), 2.15.8 (MSA), table 0357; v2.4
section 2.16.5 (ERR-1).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.contract import Refusal
from adapters.hl7v2.message import Delimiters, read_delimiters
from adapters.hl7v2.time import read_stamp
from schemas.errors import Fault
from schemas.times import LONDON

UNTIMED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ACCEPTED, REFUSED = frozenset({"AA", "CA"}), frozenset({"AE", "AR", "CE", "CR"})
REPEAT = "The hub cannot take this message now. Please send it again."

_NOT_TAKEN = frozenset(
    {
        Fault.EMPTY_INPUT,
        Fault.BINARY_INPUT,
        Fault.TOO_LARGE,
        Fault.WRONG_ENCODING,
        Fault.NOT_HL7,
        Fault.UNSUPPORTED,
    }
)
_INTERNAL = "207"
_CONDITIONS: Mapping[Fault, str] = {
    Fault.NOT_HL7: "100",
    Fault.MISSING_FIELD: "101",
    Fault.NO_CHILD: "101",
    Fault.BAD_VALUE: "102",
    Fault.WRONG_ENCODING: "102",
    Fault.UNSUPPORTED: "200",
    Fault.CHILD_UNKNOWN: "204",
    Fault.DUPLICATE_CONFLICT: "205",
}
_PLACE = re.compile(r"(?:.*/)?([A-Z][A-Z0-9]{2})(?:\[([0-9]+)\])?(?:-([0-9]+))?")
_LINE_ENDS = re.compile(rb"[\r\n]")
_LONGEST_ID, _MOST_ERRORS = 199, 20
_PLAIN = Delimiters("|", "^~\\&")


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """The header of a message, its fields as raw Latin-1 so that every byte survives."""

    delimiters: Delimiters
    fields: Sequence[str]

    def field(self, position: int) -> str:
        """Return a field of MSH by its number."""
        return self.fields[position - 1] if position <= len(self.fields) else ""

    def component(self, position: int, component: int = 1) -> str:
        """Return a component of a field of MSH."""
        parts = self.field(position).split(self.delimiters.component)
        return parts[component - 1].strip() if component <= len(parts) else ""

    @property
    def control_id(self) -> str:
        """The sender's own number for the message (MSH-10)."""
        return self.field(10).strip()[:_LONGEST_ID]

    @property
    def version(self) -> str:
        """The sender's version of HL7 v2; 2.4 where it names none."""
        written = self.component(12)
        return written if re.fullmatch(r"2\.[0-9](\.[0-9])?", written) else "2.4"


def read_header(message: bytes) -> MessageHeader:
    """Read the header; one without fields where the message does not begin with a readable MSH."""
    first = _LINE_ENDS.split(message.lstrip(b"\xef\xbb\xbf \r\n"), maxsplit=1)[0].decode("latin-1")
    delimiters = read_delimiters(first)
    if delimiters is None:
        return MessageHeader(_PLAIN, ())
    return MessageHeader(delimiters, [delimiters.fields, *first.split(delimiters.fields)[1:]])


def received_at(message: bytes) -> dt.datetime:
    """Tell when a message counts as received: at its own time (MSH-7), else at ``UNTIMED``.

    A repeated message must be the same document, so the clock is not asked.
    """
    stamp = read_stamp(read_header(message).component(7))
    return stamp.local.astimezone(dt.UTC) if stamp and stamp.local else UNTIMED


def acceptance(message: bytes, number: str, now: dt.datetime) -> bytes:
    """Answer AA. ``number`` is the answer's own MSH-10."""
    return _answer(read_header(message), "AA", "", (), number=number, now=now)


def refusal(message: bytes, refusals: Sequence[Refusal], number: str, now: dt.datetime) -> bytes:
    """Answer AR where nothing but the message as a whole is at fault, else AE, with the reasons."""
    header = read_header(message)
    whole = bool(refusals) and all(r.fault in _NOT_TAKEN for r in refusals)
    reported = refusals[:_MOST_ERRORS]
    text = " ".join(dict.fromkeys(r.fault.sentence for r in reported))
    return _answer(
        header, "AR" if whole else "AE", text, _errors(header, reported), number=number, now=now
    )


def postponement(message: bytes, number: str, now: dt.datetime) -> bytes:
    """Answer AE and ask for the message again."""
    return _answer(read_header(message), "AE", REPEAT, (), number=number, now=now)


def read_answer(message: bytes) -> tuple[str, str]:
    """Read the code (MSA-1) and the number answered (MSA-2) of an answer, empty where missing."""
    header = read_header(message)
    for line in _LINE_ENDS.split(message):
        fields = line.decode("latin-1").split(header.delimiters.fields)
        if fields[0] == "MSA":
            code, number = [*fields[1:3], "", ""][:2]
            return code.strip().upper(), number.strip()
    return "", ""


def _answer(  # noqa: PLR0913
    header: MessageHeader,
    code: str,
    text: str,
    errors: Sequence[str],
    *,
    number: str,
    now: dt.datetime,
) -> bytes:
    marks = header.delimiters
    trigger = header.component(9, 2)
    kind = f"ACK{marks.component}{trigger}" if re.fullmatch("[A-Z0-9]{3}", trigger) else "ACK"
    sender, receiver = (header.field(3), header.field(4)), (header.field(5), header.field(6))
    stamp = f"{now.astimezone(LONDON):%Y%m%d%H%M%S%z}"
    processing = header.component(11) or "P"
    fields = ["MSH", marks.encoding, *receiver, *sender, stamp, "", kind, number, processing]
    msh = marks.fields.join([*fields, header.version])
    msa = marks.fields.join(["MSA", code, header.control_id, _text(text, marks)])
    lines = [msh, msa.rstrip(marks.fields) if not text else msa, *errors]
    return "".join(line + "\r" for line in lines).encode("latin-1", "replace")


def _errors(header: MessageHeader, refusals: Sequence[Refusal]) -> list[str]:
    """Write ERR: one segment each from v2.5 on, one repetition of ERR-1 each before."""
    marks = header.delimiters
    if header.version >= "2.5":
        return [marks.fields.join(["ERR", "", *_error_fields(r, marks)]) for r in refusals]
    located = [_error_location(r, marks) for r in refusals]
    return [marks.fields.join(["ERR", marks.repetition.join(located)])] if located else []


def _error_fields(refused: Refusal, marks: Delimiters) -> list[str]:
    condition = marks.component.join([_condition(refused), "", "HL70357"])
    own = marks.component.join([refused.fault.value, "", "L"])
    place = marks.component.join(_place(refused.where))
    return [place, condition, "E", own, "", "", _text(refused.fault.sentence, marks)]


def _error_location(refused: Refusal, marks: Delimiters) -> str:
    code = [_condition(refused), "", "HL70357", refused.fault.value, "", "L"]
    place = [*_place(refused.where), "", "", ""][:3]
    return marks.component.join([*place, marks.subcomponent.join(code)])


def _condition(refused: Refusal) -> str:
    return _CONDITIONS.get(refused.fault, _INTERNAL)


def _place(where: str) -> list[str]:
    """Read a place such as ``DG1[2]-3`` as segment, its number and field."""
    match = _PLACE.fullmatch(where)
    if match is None:
        return []
    return [match[1], match[2] or "1", *([match[3]] if match[3] else [])]


def _text(text: str, marks: Delimiters) -> str:
    taken = {marks.fields, marks.component, marks.repetition, marks.escape, marks.subcomponent}
    return "".join(" " if c in taken else c for c in text)
