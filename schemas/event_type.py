"""What is declared of an event type: its name, its law, its sections, what a sender must give.

A type is ``<sector>.<event>.v<version>``; the same word is the type in the envelope. Within a
version a schema may only grow (tools/publish_schemas.py checks it); a change of meaning is a new
version. Types are declared beside their sections in schemas/events/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from schemas.coded import Coded
from schemas.people import Contact, Family, Identity
from schemas.sections import Category, Section


class Involvement(Coded):
    """What sending an event of a type does to its sender's part in the child's care."""

    BEGINS = "begins", "Begins its sender's part in the child's care."
    ENDS = "ends", "Ends its sender's part in the child's care."
    KEEPS = "keeps", "Leaves its sender's part in the child's care as it is."
    INVITES = "invites", "Invites the agencies it is addressed to into the child's care."


@dataclass(frozen=True, slots=True)
class EventType:
    """One registered type and version.

    ``law`` names the legislation or guidance behind it. ``required`` has, per category, the fields
    a sender must give; every event needs an identity that names a child.
    """

    name: str
    version: int
    title: str
    law: str
    sections: Mapping[Category, type[Section]]
    required: Mapping[Category, frozenset[str]]
    involvement: Involvement = field(default=Involvement.KEEPS)

    @property
    def key(self) -> str:
        """The type as written in an envelope."""
        return f"{self.name}.v{self.version}"

    @property
    def sector(self) -> str:
        """The first word of the name."""
        return self.name.partition(".")[0]

    @property
    def introduces_child(self) -> bool:
        """Whether the event may be about a child the hub does not know yet."""
        return self.involvement is Involvement.BEGINS

    @property
    def own(self) -> type[Section]:
        """The section that the type is named for."""
        return next(m for m in self.sections.values() if m not in _SHARED)


_SHARED: tuple[type[Section], ...] = (Identity, Contact, Family)


def declare(
    name: str,
    title: str,
    *models: type[Section],
    law: str,
    required: str = "",
    involvement: Involvement = Involvement.KEEPS,
) -> EventType:
    """Declare version 1 of a type; the first model is its own section, with the required fields.

    Identity, contact and family come with every type.
    """
    own = models[0]
    return EventType(
        name=name,
        version=1,
        title=title,
        law=law,
        sections=MappingProxyType({m.category: m for m in (*_SHARED, *models)}),
        required=MappingProxyType(
            {Category.IDENTITY: frozenset(), own.category: frozenset(required.split())}
        ),
        involvement=involvement,
    )
