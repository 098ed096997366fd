"""The declaration of an event's field: meaning, example, who it is about, what it can locate.

One declaration, read by everything that needs it: the published schemas and the catalogue of event
types (meaning, example), the copy of a child's record (``About``), the decision (``Whereabouts``).
A field without a declaration fails the build (tests/schemas/test_fields.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, Field, JsonValue
from pydantic.fields import FieldInfo

from schemas.coded import Coded


class About(Coded):
    """Who a field may be about; the sentence is shown to the reader of a copy of the record."""

    CHILD = "child", "About the child."
    ANOTHER_PERSON = "another-person", "May be about another person."
    PROFESSIONAL = "professional", "Names a professional in their role."
    FREE_TEXT = "free-text", "Free text: may name others."

    @property
    def law(self) -> str:
        """What the law says about giving such a field to a person who asks for a copy."""
        return _LAW[self]


_OTHERS = "DPA 2018 Schedule 2 paragraph 16: not without that person's consent, unless reasonable."
_LAW: Mapping[About, str] = MappingProxyType(
    {
        About.CHILD: "UK GDPR Article 15.",
        About.ANOTHER_PERSON: _OTHERS,
        About.PROFESSIONAL: (
            "DPA 2018 Schedule 2 paragraph 17: reasonable for those who work in health, social "
            "work or education and acted in that role; the serious harm test must not be met."
        ),
        About.FREE_TEXT: f"{_OTHERS} Read it: take out what names or describes another person.",
    }
)


class Whereabouts(Coded):
    """Whether a field can tell where a child or a relative is, and what follows from that.

    no: it cannot. may: it may, as a reference number or free text does; no rule withholds it for
    that. locates: a place where the child is or will be (a home, a school, a placement, a unit, a
    team, a telephone there); withheld for a child whose whereabouts are restricted. never: withheld
    always. What is inside a field is handled as the field is.
    """

    NO = "no", "Cannot tell where the child is."
    MAY = "may", "May tell where the child is; not withheld for that reason."
    LOCATES = "locates", "Tells where the child is: withheld where the address is restricted."
    NEVER = "never", "Address of a placement: never shared."


CHILD: Final = About.CHILD
OTHERS: Final = About.ANOTHER_PERSON
PROFESSIONAL: Final = About.PROFESSIONAL
TEXT: Final = About.FREE_TEXT
NOWHERE: Final = Whereabouts.NO
MAY_LOCATE: Final = Whereabouts.MAY
LOCATES: Final = Whereabouts.LOCATES
NEVER: Final = Whereabouts.NEVER

_PUBLISHED = frozenset({Whereabouts.LOCATES, Whereabouts.NEVER})


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What is declared of a field besides its type and limits."""

    about: About
    whereabouts: Whereabouts


def described(  # noqa: PLR0913  one declaration holds all that is known of a field
    about: About,
    whereabouts: Whereabouts,
    meaning: str,
    example: JsonValue = None,
    *,
    min_length: int | None = None,
    max_length: int | None = None,
    ge: int | None = None,
    le: int | None = None,
    pattern: str | None = None,
) -> FieldInfo:
    """Declare a field, for ``Annotated``; without ``example`` one is made from the field's type.

    Handling that no agreement can lift is published with the schema, as the keyword ``handling``.
    """
    limits: dict[str, Any] = {
        "min_length": min_length,
        "max_length": max_length,
        "ge": ge,
        "le": le,
        "pattern": pattern,
        "examples": None if example is None else [example],
        "json_schema_extra": {"handling": whereabouts.value} if whereabouts in _PUBLISHED else None,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    declared: FieldInfo = Field(description=meaning, **given)
    # Pydantic keeps annotations it does not know as the field's metadata.
    declared.metadata.append(FieldNote(about, whereabouts))
    return declared


def note_of(model: type[BaseModel], name: str) -> FieldNote | None:
    """Return what is declared of a model's field; None where it has no declaration."""
    field = model.model_fields.get(name)
    notes = (one for one in field.metadata if isinstance(one, FieldNote)) if field else iter(())
    return next(notes, None)


def whereabouts_of(model: type[BaseModel], name: str) -> Whereabouts:
    """Return whether a field tells whereabouts; a field without a declaration is never shared."""
    note = note_of(model, name)
    return note.whereabouts if note else Whereabouts.NEVER
