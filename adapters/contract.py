"""What an adapter is: a format (pure: bytes to events, views to bytes) and a channel (moves bytes).

An adapter is one file that ends in ``ADAPTER = Adapter(...)``, one test file that runs the shared
contract suite (tests/adapters/contract.py), and one entry point in the group
``interagency_hub.adapters``. The built-in adapters register in the same way as anyone else's.

A format never reads a clock, a file or a socket, and never logs: everything it needs comes in with
the document and the speaker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from schemas.errors import Fault, InputRefused
from schemas.event import Event, View


@dataclass(frozen=True, slots=True)
class Document:
    """One native document as a channel carried it.

    ``received_at`` must be the same when the same document is read again (a file's modification
    time, a message's own timestamp), so that reading twice makes the same events.
    """

    body: bytes
    received_at: datetime
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class AgencySystem:
    """Whose system a document comes from or goes to: the agency's name and its format settings.

    ``settings`` are the strings under the adapter's ``[adapters.<name>.settings]``; each format
    documents the ones it reads.
    """

    agency: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A part of a document that was not translated: its fault and its place, never a value."""

    fault: Fault
    where: str = ""

    @classmethod
    def of(cls, error: InputRefused, prefix: str = "") -> Refusal:
        """Make a refusal of an error raised while translating the part at ``prefix``."""
        where = "/".join(p for p in (prefix, error.where) if p)
        return cls(error.fault, where)


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of a document: the events it holds and the parts that were refused.

    A document that holds nothing for the hub (such as a list of other organisations) gives no
    events and a refusal that says so: nothing is dropped without a word.
    """

    events: tuple[Event, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Format(Protocol):
    """The pure half of an adapter.

    ``reads`` and ``writes`` are the event type keys it can make out of documents and put into them.
    """

    reads: frozenset[str]
    writes: frozenset[str]

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Translate a native document; raise InputRefused where none of it can be read.

        Any other exception is a fault of the adapter; ``translate`` contains it.
        """

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Translate a view into a native document, raising CannotExpress where there are no words.

        Fields that are not in the view are left out, never invented. ``view.time`` is the
        document's own time. The result is the same for the same view.
        """


@dataclass(frozen=True, slots=True)
class Adapter:
    """A format under its public name, with the channels it is meant for.

    ``settings`` documents the format's settings, name to sentence. ``suffix`` ends the names of
    files it writes.
    """

    name: str
    title: str
    format: Format
    channels: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ".txt"


class Pickup(Protocol):
    """One document taken from an agency system and not yet answered for.

    Exactly one of the three ends is called. ``accept`` only after the hub has every event durably.
    """

    document: Document

    def accept(self) -> None:
        """The hub has it: acknowledge to the agency system, or move the file to processed."""

    def refuse(self, refusals: tuple[Refusal, ...]) -> None:
        """Some or all of it was refused: say so to the agency system, with the reasons."""

    def postpone(self) -> None:
        """The hub cannot take it now: leave it to be read again, or ask the sender to repeat."""


class Inlet(Protocol):
    """The receiving half of a channel."""

    def pickups(self, stop: Callable[[], bool]) -> Iterator[Pickup]:
        """Yield documents as they come, until ``stop`` says so; each is ended before the next."""

    def close(self) -> None:
        """Stop listening and free what is held."""


class Outlet(Protocol):
    """The sending half of a channel."""

    def hand_over(self, document: Document, delivery_id: str) -> None:
        """Give a document to the agency system; twice with the same delivery id has one effect.

        Raises ChannelBusy (try again later) or ChannelRefused (a person must look).
        """

    def close(self) -> None:
        """Free what is held."""


def translate(
    format_: Format, document: Document, speaker: AgencySystem, limit: int = 1_048_576
) -> Translation:
    """Read a document and contain every failure: the result is always a Translation.

    ``limit`` is the largest document in bytes. A fault of the adapter itself is a refusal with
    UNREADABLE, so that nothing is lost and nothing is raised through.
    """
    if len(document.body) > limit:
        return Translation(refused=(Refusal(Fault.TOO_LARGE),))
    if not document.body.strip():
        return Translation(refused=(Refusal(Fault.EMPTY_INPUT),))
    try:
        translation = format_.read(document, speaker)
    except InputRefused as error:
        return Translation(refused=(Refusal.of(error),))
    except Exception:  # noqa: BLE001  the text of a foreign error may quote the input
        return Translation(refused=(Refusal(Fault.UNREADABLE),))
    if not translation.events and not translation.refused:
        return Translation(refused=(Refusal(Fault.UNSUPPORTED),))
    return translation
