"""The registry: every type is whole, and every field of every section is described."""

from __future__ import annotations

import re

import pytest

from schemas.errors import Fault, InputRefused
from schemas.event_type import EventType, Involvement
from schemas.people import Contact, Family, Identity
from schemas.registry import EVENT_TYPES, event_type
from schemas.sections import Category, Section

KINDS = list(EVENT_TYPES.values())
MODELS = sorted({m for k in KINDS for m in k.sections.values()}, key=lambda m: m.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_a_key_is_sector_event_and_version(kind: EventType) -> None:
    """The key is fit to be a routing key and holds no personal data."""
    assert re.fullmatch(r"(education|ehc|health|care|consent)\.[a-z-]+\.v[0-9]+", kind.key)
    assert kind.key.startswith(f"{kind.sector}.")
    assert event_type(kind.key) is kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_every_type_has_the_particulars_and_something_of_its_own(kind: EventType) -> None:
    """Identity, contact and family come with each type, and are never all of it."""
    assert kind.sections[Category.IDENTITY] is Identity
    assert kind.sections[Category.CONTACT] is Contact
    assert kind.sections[Category.FAMILY] is Family
    assert len(kind.sections) > 3


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_what_a_type_needs_its_sections_have(kind: EventType) -> None:
    """Each required field is a field of that category's section."""
    for category, fields in kind.required.items():
        assert fields <= kind.sections[category].model_fields.keys()


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_a_section_stands_under_its_own_category(kind: EventType) -> None:
    """The unit of permission is the category the section names."""
    assert all(model.category is category for category, model in kind.sections.items())


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_field_of_a_section_may_be_absent(model: type[Section]) -> None:
    """A recipient gets only the fields it may have, so none is required."""
    assert model().present() == frozenset()


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("health.referral-made.v2", Fault.UNKNOWN_VERSION),
        ("health.referral-made", Fault.UNKNOWN_TYPE),
        ("health.nothing.v1", Fault.UNKNOWN_TYPE),
        ("", Fault.UNKNOWN_TYPE),
    ],
)
def test_an_unknown_type_and_an_unknown_version_are_told_apart(key: str, fault: Fault) -> None:
    """A supplier sees whether the name or the version is wrong."""
    with pytest.raises(InputRefused) as caught:
        event_type(key)
    assert caught.value.fault is fault


def test_each_sector_that_cares_for_children_can_begin_and_end_its_part() -> None:
    """Education, health and care each have a type that begins and one that ends."""
    parts = {(k.sector, k.involvement) for k in KINDS}
    for sector in ("education", "health", "care"):
        assert (sector, Involvement.BEGINS) in parts
        assert (sector, Involvement.ENDS) in parts


def test_the_registry_cannot_be_changed() -> None:
    """Nothing registers a type at run time."""
    with pytest.raises(TypeError):
        EVENT_TYPES["x"] = KINDS[0]  # type: ignore[index]  # the point of the test
