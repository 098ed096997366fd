"""What an adapter is: a format (pure: bytes to events, views to bytes) and a channel (moves bytes).

An adapter is one file that ends in ``ADAPTER = Adapter(...)``, one test file that runs the shared
suite (``adapters.testing``), and one entry point in the group ``interagency_hub.adapters``. The
built-in adapters register in the same way as anyone else's.

A format never reads a clock, a file or a socket, and never logs: everything it needs comes in with
the document and the agency system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from adapters.faults import AdapterFault, fault_of
from adapters.settings import FormatSettings, NoSettings, read_settings
from schemas.errors import Fault, InputRefused
from schemas.event import Event, View

S = TypeVar("S", bound=FormatSettings)
DEFAULT_LIMIT = 1_048_576


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
    """The system a document comes from or goes to: its agency's name and its format settings.

    ``settings`` are the values under the adapter's ``[adapters.<name>.settings]``: the format's own
    settings model, or the names and values to read one from.
    """

    agency: str
    settings: FormatSettings | Mapping[str, object] = field(default_factory=dict)

    def settings_as(self, model: type[S]) -> S:
        """Return the settings as the format's model; raises ConfigurationError."""
        if isinstance(self.settings, model):
            return self.settings
        given = {} if isinstance(self.settings, FormatSettings) else self.settings
        return read_settings(model, given)


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
    """The result of reading a document: its events and the parts that were refused.

    A document that holds nothing for the hub (such as a list of other organisations) has no events
    and one refusal: nothing is dropped in silence. ``fault`` is an error of the adapter itself.
    """

    events: tuple[Event, ...] = ()
    refused: tuple[Refusal, ...] = ()
    fault: AdapterFault | None = None


class Format(Protocol):
    """The pure half of an adapter.

    ``reads`` and ``writes`` are the keys of the event types that it makes out of documents and
    writes into them.
    """

    reads: frozenset[str]
    writes: frozenset[str]

    def read(self, document: Document, system: AgencySystem, /) -> Translation:
        """Translate a native document; raises InputRefused where none of it can be read.

        Any other exception is a fault of the adapter; ``translate`` contains it.
        """

    def write(self, view: View, system: AgencySystem, /) -> Document:
        """Translate a view into a native document; raises CannotExpress where the format cannot.

        Fields that are not in the view are left out, never invented. ``view.time`` is the
        document's own time. The result is the same for the same view.
        """


@dataclass(frozen=True, slots=True)
class Adapter:
    """A format under its public name, with the channels it is meant for.

    ``settings`` is the model of the format's settings. ``suffix`` ends the names of the files it
    writes. ``samples`` is the folder of its sample documents as ``package/folder``, for ``hub
    adapter check``; docs/adding-an-adapter.md says what lies in it. ``ignored`` states why elements
    of the native format are left out: a pattern of their path and a sentence, for ``hub translate
    --explain``.
    """

    name: str
    title: str
    format: Format
    channels: tuple[str, ...]
    settings: type[FormatSettings] = NoSettings
    suffix: str = ".txt"
    samples: str = ""
    ignored: Mapping[str, str] = field(default_factory=dict)

    def system(self, agency: str, settings: Mapping[str, object], where: str = "") -> AgencySystem:
        """Check settings and return the agency's system; raises ConfigurationError.

        ``where`` names their place in the settings file, such as ``adapters.oakfield.settings``.
        """
        return AgencySystem(agency, read_settings(self.settings, settings, where))


class Pickup(Protocol):
    """One document taken from an agency system and not yet acknowledged.

    Exactly one of the three methods is called. ``accept`` only after the hub has stored every
    event.
    """

    document: Document

    def accept(self) -> None:
        """The hub has stored it: acknowledge it, or move the file to processed."""

    def refuse(self, refusals: tuple[Refusal, ...]) -> None:
        """Some or all of it was refused: report that to the agency system, with the reasons."""

    def postpone(self) -> None:
        """The hub cannot store it now: leave it to be read again, or ask the sender to repeat."""


class Inlet(Protocol):
    """The receiving half of a channel."""

    def pickups(self, stop: Callable[[], bool]) -> Iterator[Pickup]:
        """Yield documents as they come until ``stop()`` is true; each is ended before the next."""

    def close(self) -> None:
        """Stop listening and free resources."""


class Outlet(Protocol):
    """The sending half of a channel."""

    def hand_over(self, document: Document, delivery_id: str) -> None:
        """Deliver a document to the agency system; a repeated delivery id has one effect.

        Raises ChannelBusy (try again later) or ChannelRefused (a person must act).
        """

    def close(self) -> None:
        """Free resources."""


def translate(
    format_: Format, document: Document, system: AgencySystem, limit: int = DEFAULT_LIMIT
) -> Translation:
    """Read a document and contain every failure: the result is always a Translation.

    ``limit`` is the largest document in bytes. A fault of the adapter itself becomes a refusal with
    UNREADABLE, with its exception class and place in ``fault``.
    """
    if len(document.body) > limit:
        return Translation(refused=(Refusal(Fault.TOO_LARGE),))
    if not document.body.strip():
        return Translation(refused=(Refusal(Fault.EMPTY_INPUT),))
    try:
        translation = format_.read(document, system)
    except InputRefused as error:
        return Translation(refused=(Refusal.of(error),))
    except Exception as error:  # noqa: BLE001  the text of a foreign error may quote the input
        found = fault_of(error, format_)
        return Translation(refused=(Refusal(Fault.UNREADABLE),), fault=found)
    if not translation.events and not translation.refused:
        return Translation(refused=(Refusal(Fault.UNSUPPORTED),))
    return translation
