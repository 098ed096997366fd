"""Who each field of an event may be about: the child, another person, a professional. Pure.

A request for a child's data gives no right to the data of others (Data Protection Act 2018,
Schedule 2, paragraphs 16 and 17). The table classifies every field of every section and of every
value inside one; a test fails if one is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from schemas import people, sharing
from schemas.coded import Coded
from schemas.events import care, education, ehc, health
from schemas.identifiers import Identifier
from schemas.sections import SectionPart


class About(Coded):
    """Who a field may be about, with the sentence that a reader of the report sees."""

    CHILD = "child", "About the child."
    ANOTHER_PERSON = "another-person", "May be about another person."
    PROFESSIONAL = "professional", "Names a professional in their role."
    FREE_TEXT = "free-text", "Free text: may name others."

    @property
    def law(self) -> str:
        """The law on disclosing such a field."""
        return _LAW[self]


_OTHERS = "DPA 2018 Schedule 2 paragraph 16: not without that person's consent, unless reasonable."
_LAW: Mapping[About, str] = {
    About.CHILD: "UK GDPR Article 15.",
    About.ANOTHER_PERSON: _OTHERS,
    About.PROFESSIONAL: (
        "DPA 2018 Schedule 2 paragraph 17: reasonable for those who work in health, social work "
        "or education and acted in that role; the serious harm test must not be met."
    ),
    About.FREE_TEXT: f"{_OTHERS} Read it and remove what names or describes another person.",
}

FieldMarks = Mapping[str, About]
_C, _A, _P, _F = About.CHILD, About.ANOTHER_PERSON, About.PROFESSIONAL, About.FREE_TEXT


def _all(about: About, names: str) -> dict[str, About]:
    return dict.fromkeys(names.split(), about)


FIELDS: Mapping[type, FieldMarks] = MappingProxyType(
    {
        people.Identity: _all(
            _C,
            "nhs_number upn former_upn uln la_child_id local_id family_name given_name "
            "middle_names preferred_family_name preferred_given_name birth_date "
            "expected_birth_date death_date sex ethnicity",
        ),
        Identifier: _all(_C, "value assurance issuer original"),
        # A home's telephone and e-mail are mostly a parent's.
        people.Contact: _all(_C, "address gp_practice confidentiality do_not_disclose")
        | _all(_A, "telephones email"),
        people.Address: _all(_C, "lines town county postcode uprn"),
        people.Telephone: _all(_C, "number kind"),
        people.Family: _all(_A, "people contact_points"),
        people.Relative: _all(
            _A, "ref family_name given_name title relationship parental_responsibility"
        ),
        people.ContactPoint: _all(_A, "ref address same_address_as_child telephones email"),
        people.Organisation: _all(_C, "name urn laestab ukprn ods"),
        people.Coding: _all(_C, "code display system"),
        people.DocumentRef: _all(_C, "id media_type sha256") | _all(_F, "title"),
        education.SenNeed: _all(_C, "type rank start_date end_date"),
        education.SchoolRegistration: _all(
            _C, "school entry_date year_group enrolment_status previous_school"
        ),
        education.SchoolPlacement: _all(_C, "from_school to_school changed_on reason"),
        education.AttendanceConcern: _all(
            _C,
            "period_start period_end academic_year sessions_possible sessions_attended "
            "sessions_authorised sessions_unauthorised",
        )
        | _all(_F, "note"),
        education.Exclusion: _all(_C, "kind start_date end_date sessions reason school"),
        education.SenSupport: _all(_C, "provision start_date needs") | _all(_F, "local_needs"),
        # Who asked may be a parent or a neighbour; a primary need may be a parent's illness.
        ehc.AssessmentRequest: _all(_C, "requested_on decision_due needs")
        | _all(_A, "requested_by"),
        ehc.AdviceRequest: _all(_C, "requested_on kind due_on") | _all(_F, "questions"),
        ehc.AdviceProvided: _all(_C, "provided_on kind document") | _all(_F, "summary"),
        ehc.DecisionMade: _all(_C, "decision decided_on plan_due"),
        ehc.PlanIssued: _all(_C, "plan_kind issued_on review_due needs placement")
        | _all(_F, "views needs_text outcomes provision personal_budget"),
        ehc.PlanHealth: _all(_F, "health_needs health_provision"),
        ehc.PlanCare: _all(_C, "placement_postcode") | _all(_F, "care_needs care_provision"),
        ehc.PlanReviewed: _all(_C, "reviewed_on outcome next_review_due"),
        ehc.PlanCeased: _all(_C, "ceased_on reason transferred_to"),
        health.Referral: _all(
            _C, "referral_id status referred_on service priority referred_by referred_to"
        )
        | _all(_F, "reason"),
        health.Appointment: _all(_C, "appointment_id status start end service location referral_id")
        | _all(_F, "reason"),
        health.WaitingStatus: _all(_C, "status service waiting_since weeks_waiting referral_id"),
        health.ReportAvailable: _all(_C, "report_id kind issued_on document service")
        | _all(_P, "author"),
        health.Diagnosis: _all(
            _C, "condition condition_id recorded_on verification clinical_status"
        ),
        health.Discharge: _all(_C, "encounter_id service admitted_on discharged_on")
        | _all(_F, "outcome"),
        care.CaseOpened: _all(_C, "case_id referral_date disabilities")
        | _all(_A, "referral_source primary_need"),
        care.CarePlan: _all(
            _C,
            "case_id plan_kind change start_date end_date reviewed_on legal_status "
            "placement_type placement_postcode",
        ),
        care.ChildProtection: _all(
            _C, "initial_category latest_category previous_plans conference_date"
        ),
        care.WorkerAllocated: _all(_C, "case_id worker_role team allocated_on")
        | _all(_P, "worker_name telephone"),
        care.CaseClosed: _all(_C, "case_id closed_on reason"),
        sharing.Scope: _all(_C, "categories recipients purposes"),
        sharing.DirectiveRecorded: _all(
            _C,
            "directive_id kind authority scope valid_from valid_until obtained restriction "
            "allowed_purposes",
        )
        | _all(_A, "decider_ref decider_name")
        | _all(_F, "evidence"),
        sharing.DirectiveWithdrawn: _all(_C, "directive_id withdrawn_on")
        | _all(_A, "decider_ref")
        | _all(_F, "evidence"),
        sharing.Override: _all(_C, "limb")
        | _all(_P, "authoriser authoriser_ref")
        | _all(_F, "reason"),
    }
)


def about(model: type, name: str) -> About:
    """Return who a field of a model may be about; an unlisted field counts as free text."""
    return FIELDS.get(model, {}).get(name, About.FREE_TEXT)


def about_value(model: type, name: str, value: object) -> About:
    """Return who a field with this value may be about: its own mark, or that of its parts."""
    own = about(model, name)
    if own is not About.CHILD:
        return own
    return next((mark for mark in _inside(value) if mark is not About.CHILD), About.CHILD)


def _inside(value: object) -> Iterator[About]:
    if isinstance(value, tuple):
        for one in value:
            yield from _inside(one)
    elif isinstance(value, SectionPart):
        for name in type(value).model_fields:
            held = getattr(value, name)
            if held is not None and held != ():
                yield about_value(type(value), name, held)
