"""Every field that may be about someone other than the child is classified as such."""

from __future__ import annotations

from hub.casework.subject_access.field_subjects import About, about, about_value
from schemas.events.care import CaseOpened, WorkerAllocated
from schemas.events.health import ReportAvailable
from schemas.people import Address, Contact, DocumentRef, Family, Relative


def test_an_unknown_field_counts_as_free_text() -> None:
    """A field without a classification is flagged."""
    assert about(Contact, "new_field") is About.FREE_TEXT


def test_relatives_are_other_people() -> None:
    """The family section is about others."""
    kin = (Relative(ref="m", family_name="Bell"),)
    assert about_value(Family, "people", kin) is About.ANOTHER_PERSON


def test_a_worker_is_a_professional_and_a_referrer_another_person() -> None:
    """Names of staff and of referrers have different marks."""
    assert about(WorkerAllocated, "worker_name") is About.PROFESSIONAL
    assert about(CaseOpened, "referral_source") is About.ANOTHER_PERSON


def test_free_text_inside_a_value_marks_the_whole_field() -> None:
    """A document's title may name others; a document without one does not."""
    titled = DocumentRef(id="1", title="Letter to Mrs Bell")
    assert about_value(ReportAvailable, "document", titled) is About.FREE_TEXT
    assert about_value(ReportAvailable, "document", DocumentRef(id="1")) is About.CHILD


def test_a_home_address_is_the_childs_and_a_home_telephone_may_be_a_parents() -> None:
    """The two fields of one section differ."""
    assert about_value(Contact, "address", Address(town="Northmoor")) is About.CHILD
    assert about(Contact, "telephones") is About.ANOTHER_PERSON


def test_every_mark_has_its_law() -> None:
    """The officer sees the law to decide on."""
    assert all(mark.law for mark in About)
