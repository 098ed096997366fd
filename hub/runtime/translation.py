"""Translate files outside the bus: documents into events, events into documents.

What ``hub translate`` does, without a store or a broker: for trying a format on an agency's own
files. Nothing is raised on what a file holds; everything that is not translated has a code.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adapters.contract import Adapter, AgencySystem, Document, translate
from adapters.faults import AdapterFault, fault_of
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, full_view, parse_event

STDIN = "-"
STDIN_NUMBER = 0
UNREADABLE_FILE = "unreadable-file"
ADAPTER_FAILED = "adapter-failed"
SUMMARY_KEYS = frozenset({"files", "events", "refused", "crashed"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """A part that was not translated: its file, code and sentence."""

    file: str
    code: str
    text: str
    crashed: bool = False

    def __str__(self) -> str:
        """Write it as one line: the file, the code, the sentence, the place."""
        return f"{self.file}: {self.code}: {self.text}"


@dataclass(frozen=True, slots=True)
class TranslatedDocument:
    """A document made of one event: from which file and line, and its type."""

    file: str
    line: int
    event_type: str
    document: Document


def files_in(given: Sequence[str]) -> Iterator[str]:
    """List the files, in order; a folder means every file below it."""
    for name in given:
        if name != STDIN and Path(name).is_dir():
            yield from sorted(_below(name))
        else:
            yield name


def _below(folder: str) -> Iterator[str]:
    """Name the files below a folder, and the folders there that cannot be read."""
    closed: list[str] = []
    for root, _, files in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        paths = (Path(root, name) for name in files)
        # A pipe or a device found in a folder might never end; one that is named is read.
        yield from (str(path) for path in paths if path.is_file() or path.is_symlink())
    yield from closed


def read_file(
    name: str, adapter: Adapter, speaker: AgencySystem, limit: int
) -> Iterator[Event | Complaint]:
    """Translate one file of an agency's into events; what is refused comes as complaints."""
    document = read_document(name, limit)
    if isinstance(document, Complaint):
        yield document
        return
    found = translate(adapter.format, document, speaker, limit)
    yield from found.events
    if found.fault:
        yield Complaint(name, Fault.UNREADABLE.value, _fault_text(found.fault), crashed=True)
        return
    for refusal in found.refused:
        where = f" At: {refusal.where}." if refusal.where else ""
        yield Complaint(name, refusal.fault.value, f"{refusal.fault.sentence}{where}")


def read_document(name: str, limit: int) -> Document | Complaint:
    """Read one file as a document, of which at most one byte more than the limit."""
    try:
        with _opened(name) as opened:
            return Document(opened.read(limit + 1), _changed_at(opened), _suffix(name))
    except OSError as error:
        return _unreadable(name, error)


def _fault_text(fault: AdapterFault) -> str:
    """Name the class and the place of an adapter's fault; with HUB_DEBUG=1 print its traceback."""
    if os.environ.get("HUB_DEBUG") == "1":
        traceback.print_exception(fault.cause)
    more = "Set HUB_DEBUG=1 for the traceback."
    return f"The adapter's code failed: {fault.error} at {fault.place}. {more}"


def write_file(
    name: str, adapter: Adapter, speaker: AgencySystem, limit: int
) -> Iterator[TranslatedDocument | Complaint]:
    """Translate one file of events, one JSON object a line, into documents."""
    try:
        with _opened(name) as opened:
            for number, line in enumerate(_lines(opened, limit), start=1):
                if line.strip() and not _is_summary(line):
                    yield _write(name, number, line, adapter, speaker)
    except OSError as error:
        yield _unreadable(name, error)
    except InputRefused as error:
        yield _refused(name, error)


def _write(
    name: str, number: int, line: bytes, adapter: Adapter, speaker: AgencySystem
) -> TranslatedDocument | Complaint:
    place = f"{name}:{number}"
    try:
        event = parse_event(line)
        document = adapter.format.write(full_view(event), speaker)
    except InputRefused as error:
        return _refused(place, error)
    except CannotExpress as error:
        return Complaint(place, error.code, str(error))
    except Exception as error:  # noqa: BLE001  an adapter's fault is its event's, no other's
        text = _fault_text(fault_of(error, adapter.format))
        return Complaint(place, ADAPTER_FAILED, text, crashed=True)
    return TranslatedDocument(name, number, event.kind.key, document)


def _refused(place: str, error: InputRefused) -> Complaint:
    return Complaint(place, error.code, str(error).removeprefix(f"{error.code}: "))


def _unreadable(name: str, error: OSError) -> Complaint:
    return Complaint(
        name, UNREADABLE_FILE, f"The file cannot be read: {error.strerror or type(error).__name__}."
    )


def _opened(name: str) -> BinaryIO:
    if name == STDIN:
        return os.fdopen(os.dup(STDIN_NUMBER), "rb")
    return Path(name).open("rb")


def _changed_at(opened: BinaryIO) -> dt.datetime:
    """Return the time of the file's last change, so that reading twice makes the same events."""
    return dt.datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, dt.UTC)


def _suffix(name: str) -> str:
    return "" if name == STDIN else Path(name).suffix.lower()


def _lines(opened: BinaryIO, limit: int) -> Iterator[bytes]:
    """Read lines, none of them longer than the limit."""
    while line := opened.readline(limit + 2):
        if len(line.rstrip(b"\r\n")) > limit:
            raise InputRefused(Fault.TOO_LARGE)
        yield line


def _is_summary(line: bytes) -> bool:
    """Whether a line is the summary that ``hub translate --json`` ends with."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() == SUMMARY_KEYS
