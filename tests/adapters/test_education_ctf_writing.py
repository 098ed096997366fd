"""The Common Transfer File adapter: what a school gets to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from lxml import etree

from adapters.contract import AgencySystem, Document, translate
from adapters.education_ctf import ADAPTER
from schemas.errors import CannotExpress
from schemas.event import RecordStatus, View, full_view, make_event
from schemas.events import care, education, ehc, health
from schemas.identifiers import nhs_number, upn
from schemas.people import Coding, Contact, Identity, WhereaboutsFlag
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from tests.adapters.contract import WHEN

SCHOOL = AgencySystem("hillside-school")
WITH_SCHOOL = AgencySystem("hillside-school", {"school-urn": "100004", "school-name": "Hillside"})
ADA = Identity(
    upn=upn("H801200001001"),
    family_name="Okoro",
    given_name="Ada",
    birth_date=dt.date(2015, 3, 9),
)
SAMPLES: Mapping[str, Section] = {
    "education.exclusion": education.Exclusion(
        kind=education.ExclusionKind.SUSPENSION, start_date=dt.date(2026, 9, 3)
    ),
    "health.appointment-changed": health.Appointment(
        appointment_id="A1",
        status=health.AppointmentStatus.ATTENDED,
        start=dt.datetime(2026, 9, 3, 9, 30, tzinfo=dt.UTC),
        service=Coding(code="310101009", display="speech and language therapy"),
    ),
    "health.report-available": health.ReportAvailable(report_id="R1", issued_on=WHEN.date()),
    "ehc.ehc-plan-issued": ehc.PlanIssued(
        issued_on=dt.date(2026, 9, 3),
        provision="Daily speech sessions",
        needs=(education.SenNeed(type=education.SenNeedType.SLCN, rank=1),),
    ),
    "care.plan-changed": care.CarePlan(
        plan_kind=care.CarePlanKind.CHILD_IN_NEED, change=care.CarePlanChange.STARTED
    ),
    "care.worker-allocated": care.WorkerAllocated(worker_role="social worker", team="North"),
}


def view_of(name: str, *sections: Section, status: RecordStatus = RecordStatus.RECORDED) -> View:
    """Make a view of one event about Ada."""
    made = make_event(
        f"{name}.v1", "north-trust", WHEN, [ADA, *sections], seed="x", record="R9", status=status
    )
    return full_view(made, child="child-7")


def written(view: View, speaker: AgencySystem = SCHOOL) -> etree._Element:
    """Write a view and parse what came out."""
    return etree.fromstring(ADAPTER.format.write(view, speaker).body)


class TestWriting:
    """What a school gets."""

    def test_every_type_but_consent_is_written(self) -> None:
        """A school can receive each registered type, even with next to nothing permitted."""
        for key, kind in EVENT_TYPES.items():
            view = View("d1", kind, "north-trust", "child-7", WHEN, {Category.IDENTITY: ADA})
            if kind.sector == "consent":
                with pytest.raises(CannotExpress):
                    ADAPTER.format.write(view, SCHOOL)
            else:
                pupil = written(view).find("CTFpupilData/Pupil")
                assert pupil is not None, key
                assert pupil.findtext("UPN") == "H801200001001"
                assert pupil.findtext("SuppInfo"), key

    @pytest.mark.parametrize("name", sorted(SAMPLES))
    def test_what_is_written_in_sentences_registers_nobody(self, name: str) -> None:
        """Read back, such a file says nothing of a roll: its source is no school."""
        document_ = ADAPTER.format.write(view_of(name, SAMPLES[name]), SCHOOL)
        names = {e.kind.name for e in translate(ADAPTER.format, document_, SCHOOL).events}
        assert names <= {"education.sen-support-recorded"}

    def test_an_appointment_is_said_in_plain_words(self) -> None:
        """The clerk reads what happened, when (in local time) and who told."""
        name = "health.appointment-changed"
        said = written(view_of(name, SAMPLES[name])).findtext("CTFpupilData/Pupil/SuppInfo")
        assert said is not None
        assert said.startswith(
            "Appointment attended 2026-09-03 10:30, speech and language therapy."
        )
        assert "Sent by north-trust on 2026-09-07." in said

    def test_an_issued_plan_sets_provision_e(self) -> None:
        """The plan's level, day and needs have elements; its text is said."""
        pupil = written(view_of("ehc.ehc-plan-issued", SAMPLES["ehc.ehc-plan-issued"]))
        assert pupil.findtext(".//SEN/SENprovision") == "E"
        assert pupil.findtext(".//SEN/StartDate") == "2026-09-03"
        assert pupil.findtext(".//SENneed/SENtype") == "SLCN"
        assert "Section F, provision: Daily speech sessions." in (
            pupil.findtext(".//SuppInfo") or ""
        )

    def test_what_is_taken_back_is_not_written_as_a_fact(self) -> None:
        """A retraction leaves the elements out and asks to disregard."""
        support = education.SenSupport(provision=education.SenProvision.SEN_SUPPORT)
        name = "education.sen-support-recorded"
        file = written(view_of(name, support, status=RecordStatus.RETRACTED))
        assert file.find(".//SENhistory") is None
        assert "please disregard" in (file.findtext(".//SuppInfo") or "")

    def test_a_child_without_a_permitted_name_is_called_by_the_hubs_reference(self) -> None:
        """Nothing is invented in place of what is not permitted."""
        kind = EVENT_TYPES["health.report-available.v1"]
        file = written(View("d1", kind, "north-trust", "child-7", WHEN, {}))
        assert file.find(".//UPN") is None
        assert "child-7" in (file.findtext(".//SuppInfo") or "")

    def test_an_nhs_number_is_only_said(self) -> None:
        """CTF has no element for it."""
        identity = Identity(nhs_number=nhs_number("9990548609"), family_name="Okoro")
        kind = EVENT_TYPES["health.discharge.v1"]
        view = View("d1", kind, "north-trust", "c", WHEN, {Category.IDENTITY: identity})
        assert "NHS number: 9990548609." in (written(view).findtext(".//SuppInfo") or "")

    def test_a_restricted_address_warns_the_clerk(self) -> None:
        """The warning stands first."""
        contact = Contact(confidentiality=WhereaboutsFlag.RESTRICTED)
        said = written(view_of("health.discharge", health.Discharge(outcome="Home"), contact))
        text = said.findtext(".//SuppInfo") or ""
        assert text.startswith("Whereabouts are restricted")

    def test_a_secret_postcode_is_never_said(self) -> None:
        """A field withheld always stays out even if a view should hold it."""
        plan = care.CarePlan(
            plan_kind=care.CarePlanKind.LOOKED_AFTER,
            change=care.CarePlanChange.STARTED,
            placement_postcode="ZZ99 9ZZ",
        )
        assert (
            b"ZZ99 9ZZ" not in ADAPTER.format.write(view_of("care.plan-changed", plan), SCHOOL).body
        )

    def test_control_characters_do_not_break_the_file(self) -> None:
        """Text that XML cannot hold is blanked."""
        plan = ehc.PlanIssued(issued_on=WHEN.date(), views="before\x0bafter")
        assert "before after" in (
            written(view_of("ehc.ehc-plan-issued", plan)).findtext(".//SuppInfo") or ""
        )

    def test_the_destination_is_the_agencys_school(self) -> None:
        """Settings name whom the file is for; without them it is nobody in particular."""
        name = "health.discharge"
        view = view_of(name, health.Discharge(outcome="Home"))
        assert written(view).findtext("Header/DestSchool/Estab") == "XXXX"
        assert written(view, WITH_SCHOOL).findtext("Header/DestSchool/URN") == "100004"

    def test_the_document_carries_the_views_own_time(self) -> None:
        """Writing reads no clock."""
        made = ADAPTER.format.write(
            view_of("health.discharge", health.Discharge(outcome="x")), SCHOOL
        )
        assert isinstance(made, Document)
        assert made.received_at == WHEN
        assert made.suffix == ".xml"
