"""The catalogue of event types: whole, and every example in it is accepted."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from schemas.event import RecordStatus, parse_event
from schemas.event_type import EventType
from schemas.examples import example_event, example_section, field_example
from schemas.registry import EVENT_TYPES
from schemas.sections import Section
from tools.event_catalogue import SECTORS, examples, page
from tools.publish_schemas import event_schema

PAGE = page()
KINDS = list(EVENT_TYPES.values())
MODELS = sorted({m for k in KINDS for m in k.sections.values()}, key=lambda m: m.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_every_example_is_read_by_the_hub_and_fits_the_published_schema(kind: EventType) -> None:
    published = Draft202012Validator(event_schema(kind))
    for status, text in examples(kind).items():
        event = parse_event(text.encode())
        assert (event.kind, event.status) == (kind, status)
        assert list(published.iter_errors(json.loads(text))) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_a_correction_and_a_retraction_are_about_the_same_record(kind: EventType) -> None:
    made = [example_event(kind, status) for status in RecordStatus]
    assert len({event.record for event in made}) == 1
    assert len({event.id for event in made}) == len(made)
    assert [set(made[-1].sections)] == [{"identity"}]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_field_of_a_section_has_an_example_that_it_accepts(model: type[Section]) -> None:
    for name in model.model_fields:
        assert field_example(model, name) is not None
        assert example_section(model, only=[name]).present() == {name}


def test_the_page_has_every_type_under_its_sector() -> None:
    headings = re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE)
    assert sorted(headings) == sorted(EVENT_TYPES)
    assert {kind.sector for kind in KINDS} == set(SECTORS)


def test_every_json_block_of_the_page_is_an_event() -> None:
    blocks = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert len(blocks) == len(KINDS) * len(RecordStatus)
    assert {parse_event(block.encode()).kind.key for block in blocks} == set(EVENT_TYPES)


def test_required_fields_are_marked() -> None:
    marked = PAGE.count("** |") + PAGE.count("**required** |")
    assert marked
    discharge = PAGE[PAGE.index("### `health.discharge.v1`") :].split("###")[1]
    assert "**required**" not in discharge


def test_links_within_the_page_lead_to_headings() -> None:
    headings = {
        re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-")
        for h in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
