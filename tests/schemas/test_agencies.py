"""The register: who is on the bus, what each may send, and what each wants to hear."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.agencies import Agency, Directory, expand
from schemas.registry import EVENT_TYPES


def agency(name: str, **fields: object) -> Agency:
    """An agency with these entitlements."""
    return Agency.model_validate({"name": name, "title": name, "sector": "care", **fields})


def test_a_sector_pattern_stands_for_all_its_types_and_no_others() -> None:
    """``care.*`` is every type of care."""
    assert expand(["care.*"]) == {key for key in EVENT_TYPES if key.startswith("care.")}


@pytest.mark.parametrize("pattern", ["*", "care.", "caring.*", ".*", "care.case-opened", ""])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    """A slip in the settings is an error, never an entitlement."""
    with pytest.raises(ValidationError):
        agency("care", sends=[pattern])


@pytest.mark.parametrize("name", ["", "C", "Care", "care.x", "-care", "care\n", "a" * 42])
def test_a_name_that_could_not_be_an_account_is_refused(name: str) -> None:
    """Names are queue names too."""
    with pytest.raises(ValidationError):
        agency(name)


def test_an_agency_may_send_only_what_it_is_entitled_to() -> None:
    """An unknown agency may send nothing."""
    directory = Directory([agency("care", sends=["care.*"])])
    assert directory.may_send("care", "care.case-opened.v1")
    assert not directory.may_send("care", "health.discharge.v1")
    assert not directory.may_send("nobody", "care.case-opened.v1")


def test_the_receivers_of_a_type_are_those_who_want_it_save_the_sender() -> None:
    """In a fixed order."""
    directory = Directory(agency(n, receives=["care.*"]) for n in ("school", "clinic", "care"))
    assert directory.receivers("care.case-opened.v1", "care") == ("clinic", "school")
    assert directory.receivers("health.discharge.v1", "care") == ()
