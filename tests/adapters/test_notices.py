"""A notice that a record is wrong: formats that file documents can say so, a census cannot."""

from __future__ import annotations

import datetime as dt

import pytest

from adapters.contract import AgencySystem
from hub.runtime.plugins import load_adapter
from schemas.errors import CannotExpress
from schemas.event import RecordStatus, View
from schemas.registry import EVENT_TYPES

RECORD = "5f0c6f5e6d0c5a539b7b6a1de0b3c7a1"
SPEAKER = AgencySystem("school")
TYPES = sorted(key for key, kind in EVENT_TYPES.items() if kind.sector != "consent")
CHANGES = (RecordStatus.CORRECTED, RecordStatus.RETRACTED)
WRITERS = ("education-ctf", "health-hl7v2", "health-fhir", "care-extract")


def notice(key: str, status: RecordStatus) -> View:
    """What the hub sends of a correction of which the recipient may see nothing."""
    return View(
        delivery_id="6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e",
        kind=EVENT_TYPES[key],
        source="clinic",
        child="0123456789abcdef0123456789abcdef",
        time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        sections={},
        record=RECORD,
        status=status,
    )


@pytest.mark.parametrize("status", CHANGES)
@pytest.mark.parametrize("name", WRITERS)
def test_a_notice_of_every_type_can_be_written_and_names_the_record(
    name: str, status: RecordStatus
) -> None:
    """By the recipient's own pseudonym, with which the first document was marked."""
    for key in TYPES:
        body = load_adapter(name).format.write(notice(key, status), SPEAKER).body
        assert RECORD.encode() in body


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("education-ctf", RecordStatus.RETRACTED, "please disregard"),
        ("education-ctf", RecordStatus.CORRECTED, "Corrected by the sender"),
        ("health-hl7v2", RecordStatus.RETRACTED, "made in error"),
        ("health-hl7v2", RecordStatus.CORRECTED, "do not rely on the earlier version"),
        ("health-fhir", RecordStatus.RETRACTED, "entered-in-error"),
        ("health-fhir", RecordStatus.CORRECTED, "do not rely on the earlier version"),
        ("care-extract", RecordStatus.RETRACTED, "retracted"),
        ("care-extract", RecordStatus.CORRECTED, "corrected"),
    ],
)
def test_a_notice_says_what_became_of_the_record(
    name: str, status: RecordStatus, words: str
) -> None:
    """In the format's own words."""
    view = notice("education.attendance-concern.v1", status)
    assert words in load_adapter(name).format.write(view, SPEAKER).body.decode()


@pytest.mark.parametrize("status", CHANGES)
def test_a_census_has_no_words_for_a_notice(status: RecordStatus) -> None:
    """The receipt is then failed, and the correction stays unacknowledged, for a person to see."""
    for key in TYPES:
        with pytest.raises(CannotExpress):
            load_adapter("care-cin").format.write(notice(key, status), SPEAKER)
