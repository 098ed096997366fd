"""The categories of personal data an event may carry, and the base every section is built on.

A section holds one category. Its fields are all optional in the model, because a recipient gets
only the fields its agreement allows; which fields a *sender* must give is declared per event type
(schemas/registry.py). How a field is declared is in schemas/fields.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

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


ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=20_000)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class SectionPart(BaseModel):
    """A value inside a section: immutable, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Section(SectionPart):
    """The base of every section; a subclass names its category."""

    category: ClassVar[Category]

    def present(self) -> frozenset[str]:
        """Return the names of the fields that have a value."""
        return frozenset(
            name for name in type(self).model_fields if _has_value(getattr(self, name))
        )

    def only(self, fields: frozenset[str]) -> Section:
        """Return a copy that has the named fields only."""
        kept = {name: getattr(self, name) for name in self.present() & fields}
        return type(self).model_construct(_fields_set=set(kept), **kept)


def _has_value(value: object) -> bool:
    return value is not None and value != ()
