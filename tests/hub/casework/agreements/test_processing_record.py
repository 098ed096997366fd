"""The record of processing activities, from agreements and settings on a real store."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from pathlib import Path

import pytest

from hub.casework.agreements import publishing
from hub.casework.agreements.processing_record import (
    Activity,
    ActivityStatus,
    ProcessingRecord,
    processing_record,
)
from hub.casework.agreements.processing_text import lines, rows, write_csv
from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from schemas.sections import Category
from tests.configuration import SETTINGS, agreement
from tests.hub.hubs import make_hub


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


def settings(**changes: object) -> Settings:
    """The tests' settings."""
    text = SETTINGS.format(url="", vhost="hub", general="", adapters="")
    return Settings(**{**tomllib.loads(text), **changes})


def record(hub: Hub) -> ProcessingRecord:
    """The record as of now."""
    return processing_record(hub, settings())


def activity(found: ProcessingRecord, rule: str) -> Activity:
    """The activity of one rule."""
    return next(one for one in found.activities if one.rule == rule)


def test_each_rule_is_an_activity(hub: Hub) -> None:
    """With its agreement and version."""
    found = record(hub)
    assert [one.rule for one in found.activities] == [rule.id for rule in agreement().rules]
    assert {(one.agreement, one.version) for one in found.activities} == {("test-sharing", 1)}


def test_it_says_who_tells_whom_what_for(hub: Hub) -> None:
    """Controllers and recipients with their titles, purpose and basis in parts."""
    one = activity(record(hub), "register")
    assert [party.title for party in one.controllers] == ["Oak School"]
    assert [party.title for party in one.recipients] == ["Council SEND team"]
    assert one.recipient_categories == ("local authority",)
    assert (one.purpose, one.only_involved) == ("record-keeping", False)
    assert one.basis.sentence().startswith("UK GDPR Article 6(1)(e)")
    assert (one.dpia, one.approved_on) == ("DPIA-TEST", dt.date(2020, 1, 1))


def test_it_says_which_data_and_about_whom(hub: Hub) -> None:
    """Fields by category; the existence of a record apart; health is a special category."""
    found = record(hub)
    data = {one.category: one for one in activity(found, "diagnosis-exists").data}
    health = data[Category.HEALTH]
    assert (health.fields, health.existence, health.special) == ((), True, True)
    assert data[Category.IDENTITY].fields == ("nhs_number", "family_name", "birth_date")
    assert (
        "people who share the child's home or telephone"
        in activity(found, "register").data_subjects
    )
    assert len(activity(found, "attendance").data_subjects) == 1


def test_what_is_to_come_and_what_is_over_is_marked(hub: Hub) -> None:
    """A version published for later stands beside the one in force; an expired one is said so."""
    later = {"version": 2, "valid_from": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}
    over = {"id": "over", "valid_until": dt.datetime(2021, 1, 1, tzinfo=dt.UTC)}
    paper = agreement()
    publishing.publish(hub, [paper.model_copy(update=u) for u in (later, over)], by="test")
    found = {(o.agreement, o.version): o.status for o in record(hub).activities}
    assert found == {
        ("over", 1): ActivityStatus.EXPIRED,
        ("test-sharing", 1): ActivityStatus.IN_FORCE,
        ("test-sharing", 2): ActivityStatus.TO_COME,
    }


def test_a_version_that_was_replaced_is_left_out(hub: Hub) -> None:
    """What counts now is the record."""
    publishing.publish(hub, [agreement().model_copy(update={"version": 2})], by="test")
    assert {one.version for one in record(hub).activities} == {2}


def test_time_limits_are_those_of_the_settings(hub: Hub) -> None:
    """How long content is kept."""
    found = processing_record(hub, settings(retention_days=12))
    assert "destroyed 12 days after it was decided" in found.retention[0]


def test_what_is_missing_is_named(hub: Hub) -> None:
    """The tests' agencies have neither contact nor data-protection officer."""
    gaps = record(hub).gaps
    assert any(gap.startswith("school has no 'dpo'") for gap in gaps)
    assert any(gap.startswith("school has no 'contact'") for gap in gaps)


def test_csv_has_a_row_for_each_activity(hub: Hub, tmp_path: Path) -> None:
    """Under headings, and nothing empty that Article 30(1) asks for."""
    file = tmp_path / "record.csv"
    found = record(hub)
    assert write_csv(file, found) == len(found.activities)
    with file.open(encoding="utf-8", newline="") as read:
        written = list(csv.DictReader(read))
    assert written == list(rows(found))
    asked = ("controllers", "purpose", "data_subjects", "personal_data", "recipient_categories")
    also = ("recipients", "transfers", "retention", "security", "lawful_basis")
    assert all(row[name] for row in written for name in (*asked, *also))


def test_programs_and_people_read_the_same(hub: Hub) -> None:
    """As many activities, and their lawful basis."""
    found = record(hub)
    written = found.model_dump(mode="json")
    assert len(written["activities"]) == len(found.activities)
    said = "\n".join(lines(found))
    assert all(one.basis.sentence() in said for one in found.activities)
