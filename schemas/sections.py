"""The categories of personal data an event may carry, and the base every section is built on.

A section holds one category. Its fields are all optional in the model, because a recipient gets
only the fields its agreement allows; which fields a *sender* must give is declared per event type
(schemas/registry.py). A field marked with a Handling is withheld by law or safety whatever a rule
says: see docs/how-it-decides.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Category(StrEnum):
    """One category of personal data; the unit of permission."""

    IDENTITY = "identity"
    CONTACT = "contact"
    FAMILY = "family"
    EDUCATION = "education"
    SEN = "sen"
    HEALTH = "health"
    CARE = "care"
    SAFEGUARDING = "safeguarding"
    CONSENT = "consent"


class Handling(StrEnum):
    """A limit on a field that no agreement can lift.

    locates: tells where a child or a relative can be found; withheld for a person whose address is
    restricted. never: withheld always (a placement's address or postcode).
    """

    LOCATES = "locates"
    NEVER = "never"


def limited(handling: Handling) -> dict[str, Any]:
    """Mark a field's schema with its handling, for ``Field(json_schema_extra=...)``."""
    return {"handling": handling.value}


LOCATES = limited(Handling.LOCATES)
NEVER = limited(Handling.NEVER)

ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=20_000)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class SectionPart(BaseModel):
    """A value inside a section: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Section(SectionPart):
    """The base of every section; a subclass names its category."""

    category: ClassVar[Category]

    def present(self) -> frozenset[str]:
        """Name the fields that hold something."""
        return frozenset(name for name in type(self).model_fields if _holds(getattr(self, name)))

    def only(self, fields: frozenset[str]) -> Section:
        """Keep the named fields and nothing else."""
        kept = {name: getattr(self, name) for name in self.present() & fields}
        return type(self).model_construct(_fields_set=set(kept), **kept)


def _holds(value: object) -> bool:
    return value is not None and value != ()


def handling_of(model: type[Section], field: str) -> Handling | None:
    """Tell the handling a section's field is marked with, if any."""
    extra = model.model_fields[field].json_schema_extra
    if not isinstance(extra, dict) or "handling" not in extra:
        return None
    return Handling(str(extra["handling"]))
