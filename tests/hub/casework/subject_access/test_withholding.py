"""What would tip someone off is withheld, and so is what cannot be shown to be harmless."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.question import Question, SectionShape
from consent.reasons import Reason
from hub.casework.subject_access.case_file import (
    CaseDecision,
    CaseDelivery,
    CaseFile,
    CaseFileEvent,
    KeyResponse,
)
from hub.casework.subject_access.withheld_fields import WithholdReason, item_id
from hub.casework.subject_access.withholding import withhold
from hub.foundation import clock
from schemas.event import Event, RecordStatus
from schemas.people import Contact
from schemas.sections import Category
from schemas.sharing import Purpose
from tests.events import (
    CARE_PLAN,
    CASE_OPENED,
    Child,
    absent,
    case_opened,
    event_of,
    registered,
    section,
)

ONE = Child(1)
DAY = "2026-03-0{}T09:00:00.000000Z"


def received(event: Event, place: int, *decisions: CaseDecision, **more: object) -> CaseFileEvent:
    """An event of the case file, at a position of the ledger."""
    made = CaseFileEvent(
        ref=f"e{place}",
        position=place,
        at=DAY.format(place % 10),
        child="c",
        type=event.kind.key,
        source=event.source,
        content=event,
        decisions=decisions,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # a test's own fields


def decided(
    place: int,
    recipient: str,
    reason: Reason = Reason.BASIS_WITHOUT_CONSENT,
    *,
    purpose: Purpose = Purpose.CARE_PLANNING,
    involved: bool = False,
    addressed: bool = False,
    responses: tuple[KeyResponse, ...] = (),
) -> CaseDecision:
    """A decision about one section of education data, with one finding."""
    category = Category.EDUCATION
    sharing = Sharing.CONTENT if reason.permits else Sharing.WITHHELD
    question = Question(
        event_type="education.attendance-concern.v1",
        source="school",
        recipient=recipient,
        sections=(SectionShape(category=category, fields=("note",)),),
        involved=involved,
        addressed=addressed,
    )
    part = SectionDecision(
        category=category,
        sharing=sharing,
        fields={"note": ("a@1/r",)} if reason.permits else {},
        findings=(RuleFinding(reason=reason, rule="a@1/r", purpose=purpose),),
    )
    decision = Decision(recipient=recipient, sections=(part,), decided_at=clock.now())
    made = (CaseDelivery("d", responses),) if responses else ()
    return CaseDecision(place, DAY.format(1), question, decision, deliveries=made)


def plan(kind: str | None = "short-breaks", case: str = "C1", **fields: object) -> Event:
    """Social care changes a plan."""
    own = section(CARE_PLAN, plan_kind="short-breaks", change="started", case_id=case, **fields)
    event = event_of(CARE_PLAN, "care", ONE.identity(), own, record=f"plan {case}")
    if kind is None:
        return replace(event, sections={c: s for c, s in event.sections.items() if s != own})
    changed = own.model_copy(update={"plan_kind": kind})
    return replace(event, sections={**event.sections, Category.CARE: changed})


def why(event: Event, **more: object) -> WithholdReason | None:
    """Return why one event alone is withheld."""
    return withhold(
        CaseFile((received(event, 1, **more),), police=frozenset({"police"}))
    ).events.get("e1")


def test_an_ordinary_event_is_shown() -> None:
    """Nothing about attendance is withheld."""
    assert why(absent(ONE)) is None


def test_an_event_under_an_override_is_withheld() -> None:
    """That an override was asserted would tip someone off."""
    assert why(absent(ONE), override=True) is WithholdReason.OVERRIDE


def test_a_child_protection_plan_is_withheld() -> None:
    """Its kind says so."""
    assert why(plan("child-protection")) is WithholdReason.CHILD_PROTECTION


@pytest.mark.parametrize("status", ["L1", "l2", "L3"])
def test_emergency_protection_is_withheld(status: str) -> None:
    """Police protection, emergency protection and assessment orders are child protection."""
    assert why(plan(legal_status=status)) is WithholdReason.CHILD_PROTECTION


def test_a_case_opened_for_abuse_is_withheld() -> None:
    """Primary need N1 of the census is abuse or neglect; another need is shown."""
    abuse = section(CASE_OPENED, case_id="C1", referral_date="2026-01-05", primary_need="N1")
    assert (
        why(event_of(CASE_OPENED, "care", ONE.identity(), abuse)) is WithholdReason.CHILD_PROTECTION
    )
    assert why(case_opened(ONE)) is None


def test_safeguarding_data_is_withheld_even_where_only_its_shape_is_known() -> None:
    """The ledger keeps which sections there were after the content is gone."""
    shape = SectionShape(category=Category.SAFEGUARDING, fields=("initial_category",))
    one = decided(2, "school")
    asked = replace(one, question=one.question.model_copy(update={"sections": (shape,)}))
    assert why(absent(ONE), content=None, decisions=(asked,)) is WithholdReason.SAFEGUARDING


def test_social_care_of_which_the_content_is_gone_is_withheld() -> None:
    """It may have been child protection."""
    assert why(plan(), content=None) is WithholdReason.CANNOT_TELL
    assert why(plan(None)) is WithholdReason.CANNOT_TELL


def test_what_the_police_send_is_withheld() -> None:
    """DPA 2018 Schedule 2 paragraph 2."""
    assert why(absent(ONE), source="police") is WithholdReason.POLICE


def test_what_corrects_a_withheld_record_is_withheld_with_it() -> None:
    """A retraction has no content, and would still reveal a record."""
    first = received(absent(ONE), 1, override=True, record="r1")
    taken_back = received(absent(ONE), 2, record="r1", status=RecordStatus.RETRACTED.value)
    held = withhold(CaseFile((first, taken_back))).events
    assert held == {"e1": WithholdReason.OVERRIDE, "e2": WithholdReason.LINKED}


def test_the_whole_case_is_withheld_and_another_case_is_not() -> None:
    """Events with the number of the case, or without a number, belong to it."""
    events = (
        received(plan("child-protection", "C1"), 1),
        received(plan(case="C1"), 2),
        received(plan(case="C2"), 3),
    )
    assert set(withhold(CaseFile(events)).events) == {"e1", "e2"}


def test_a_decision_for_safeguarding_is_withheld_and_its_event_is_not() -> None:
    """That attendance was shared for safeguarding tips someone off; the attendance does not."""
    one = decided(2, "care", purpose=Purpose.SAFEGUARDING)
    found = withhold(CaseFile((received(absent(ONE), 1, one),)))
    assert (found.events, found.decisions) == ({}, {2: WithholdReason.PURPOSE})


def test_a_decision_that_rests_on_a_restriction_is_withheld() -> None:
    """Its reason would reveal the restriction."""
    one = decided(2, "care", Reason.RESTRICTED_SENSITIVE)
    assert withhold(CaseFile((received(absent(ONE), 1, one),))).decisions == {
        2: WithholdReason.RESTRICTION
    }


def test_a_release_that_a_restriction_stopped_is_withheld() -> None:
    """The decision was to share; at release it was restricted."""
    stopped = KeyResponse(
        3,
        DAY.format(2),
        (),
        {Category.EDUCATION: (Reason.RESTRICTED_COURT_ORDER,)},
        disclosed=False,
    )
    one = decided(2, "care", responses=(stopped,))
    assert withhold(CaseFile((received(absent(ONE), 1, one),))).decisions == {
        2: WithholdReason.RESTRICTION
    }


def test_a_decision_for_the_police_is_withheld() -> None:
    """The copy does not show that the police received anything."""
    found = withhold(
        CaseFile((received(absent(ONE), 1, decided(2, "police")),), police=frozenset({"police"}))
    )
    assert found.decisions == {2: WithholdReason.POLICE}


def test_an_agency_known_only_by_what_is_withheld_is_not_shown() -> None:
    """Neither its involvement is shown nor what it received because of it."""
    case = received(case_opened(ONE), 1, override=True)
    made = decided(3, "care", involved=True)
    found = withhold(CaseFile((case, received(absent(ONE), 2, made))))
    assert (found.involvement, found.decisions, found.shared_only) == (
        (),
        {3: WithholdReason.INVOLVEMENT},
        {"care"},
    )


def test_an_agency_known_otherwise_stays_involved() -> None:
    """What it received because of an involvement that the copy shows is shown."""
    made = decided(3, "care", involved=True)
    found = withhold(CaseFile((received(case_opened(ONE), 1), received(absent(ONE), 2, made))))
    assert [one.agency for one in found.involvement] == ["care"]
    assert not found.decisions


def test_involvement_begins_with_the_first_event_that_is_shown() -> None:
    """As it would be in a world without what is withheld."""
    events = (received(registered(ONE), 1, override=True), received(registered(ONE), 2))
    (period,) = withhold(CaseFile(events)).involvement
    assert period.since == DAY.format(2)


def test_the_officer_may_disclose_an_event() -> None:
    """It is then treated as harmless."""
    one = received(absent(ONE), 1, override=True)
    assert not withhold(CaseFile((one,)), frozenset({item_id("event", "e1")})).events


def test_a_child_guarded_once_is_guarded_here() -> None:
    """An old decision that says so is enough."""
    one = decided(2, "care")
    child = one.question.child.model_copy(update={"guarded": True})
    asked = replace(one, question=one.question.model_copy(update={"child": child}))
    hidden = withhold(CaseFile((received(registered(ONE), 1, asked),))).fields
    assert hidden.why(Contact, "address") is WithholdReason.WHEREABOUTS
    assert withhold(CaseFile(())).fields.why(Contact, "address") is None


def test_every_reason_has_its_law_and_its_question() -> None:
    """An officer sees the law to decide on, and what to decide."""
    assert all(one.law and one.decide and one.sentence for one in WithholdReason)


@pytest.mark.parametrize("name", ["withholding", "withheld_fields"])
def test_the_rules_are_pure(name: str) -> None:
    """Importing them loads no store, broker, web or database library, directly or indirectly."""
    loaded = f"import sys, hub.casework.subject_access.{name}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, timeout=60
    )
    modules = done.stdout.split()
    foreign = ("sqlalchemy", "pika", "fastapi", "hub.store", "hub.foundation", "hub.intake")
    assert [one for one in modules if one.startswith(foreign)] == []
