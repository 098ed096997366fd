"""What would tip somebody off is held back, and whatever cannot be told to be harmless with it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.question import Question, SectionShape
from consent.reasons import Reason
from hub.casework.subject_access.facts import Answered, Arrived, DeliveryFacts, Facts, Given, item
from hub.casework.subject_access.holding import sort
from hub.casework.subject_access.reasons import WithholdReason
from hub.foundation import clock
from schemas.event import Event, RecordStatus
from schemas.people import Contact
from schemas.sections import Category
from schemas.sharing import Purpose
from tests.happenings import (
    CARE_PLAN,
    CASE_OPENED,
    Child,
    absent,
    case_opened,
    happening,
    registered,
    section,
)

ONE = Child(1)
DAY = "2026-03-0{}T09:00:00.000000Z"


def arrived(event: Event, place: int, *answers: Answered, **more: object) -> Arrived:
    """An event as the sorting sees it, at a place of the ledger."""
    made = Arrived(
        ref=f"e{place}",
        position=place,
        at=DAY.format(place % 10),
        child="c",
        type=event.kind.key,
        source=event.source,
        content=event,
        answers=answers,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # a test's own fields


def answered(
    place: int,
    recipient: str,
    reason: Reason = Reason.BASIS_WITHOUT_CONSENT,
    *,
    purpose: Purpose = Purpose.CARE_PLANNING,
    involved: bool = False,
    addressed: bool = False,
    given: tuple[Given, ...] = (),
) -> Answered:
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
    made = (DeliveryFacts("d", given),) if given else ()
    return Answered(place, DAY.format(1), question, decision, deliveries=made)


def plan(kind: str | None = "short-breaks", case: str = "C1", **fields: object) -> Event:
    """Social care changes a plan."""
    own = section(CARE_PLAN, plan_kind="short-breaks", change="started", case_id=case, **fields)
    event = happening(CARE_PLAN, "care", ONE.identity(), own, record=f"plan {case}")
    if kind is None:
        return replace(event, sections={c: s for c, s in event.sections.items() if s != own})
    changed = own.model_copy(update={"plan_kind": kind})
    return replace(event, sections={**event.sections, Category.CARE: changed})


def why(event: Event, **more: object) -> WithholdReason | None:
    """Why one event alone is held back."""
    return sort(Facts((arrived(event, 1, **more),), police=frozenset({"police"}))).events.get("e1")


def test_an_ordinary_event_is_shown() -> None:
    """Nothing about attendance is held back."""
    assert why(absent(ONE)) is None


def test_an_event_under_an_override_is_held_back() -> None:
    """That an override was asserted would tip somebody off."""
    assert why(absent(ONE), override=True) is WithholdReason.OVERRIDE


def test_a_child_protection_plan_is_held_back() -> None:
    """Its kind says so."""
    assert why(plan("child-protection")) is WithholdReason.CHILD_PROTECTION


@pytest.mark.parametrize("status", ["L1", "l2", "L3"])
def test_emergency_protection_is_held_back(status: str) -> None:
    """Police protection, emergency protection and assessment orders are child protection."""
    assert why(plan(legal_status=status)) is WithholdReason.CHILD_PROTECTION


def test_a_case_opened_for_abuse_is_held_back() -> None:
    """Primary need N1 of the census is abuse or neglect; another need is shown."""
    abuse = section(CASE_OPENED, case_id="C1", referral_date="2026-01-05", primary_need="N1")
    assert (
        why(happening(CASE_OPENED, "care", ONE.identity(), abuse))
        is WithholdReason.CHILD_PROTECTION
    )
    assert why(case_opened(ONE)) is None


def test_safeguarding_data_is_held_back_even_where_only_its_shape_is_known() -> None:
    """The ledger keeps which sections there were after the content is gone."""
    shape = SectionShape(category=Category.SAFEGUARDING, fields=("initial_category",))
    one = answered(2, "school")
    asked = replace(one, question=one.question.model_copy(update={"sections": (shape,)}))
    assert why(absent(ONE), content=None, answers=(asked,)) is WithholdReason.SAFEGUARDING


def test_social_care_of_which_the_content_is_gone_is_held_back() -> None:
    """Nobody can say any more that it was not child protection."""
    assert why(plan(), content=None) is WithholdReason.CANNOT_TELL
    assert why(plan(None)) is WithholdReason.CANNOT_TELL


def test_whatever_the_police_send_is_held_back() -> None:
    """DPA 2018 Schedule 2 paragraph 2."""
    assert why(absent(ONE), source="police") is WithholdReason.POLICE


def test_what_corrects_a_held_record_is_held_back_with_it() -> None:
    """A retraction holds nothing, and would still say that there was something."""
    first = arrived(absent(ONE), 1, override=True, record="r1")
    taken_back = arrived(absent(ONE), 2, record="r1", status=RecordStatus.RETRACTED.value)
    held = sort(Facts((first, taken_back))).events
    assert held == {"e1": WithholdReason.OVERRIDE, "e2": WithholdReason.LINKED}


def test_the_whole_case_is_held_back_and_another_case_is_not() -> None:
    """What has the case's number, or none, goes with it."""
    events = (
        arrived(plan("child-protection", "C1"), 1),
        arrived(plan(case="C1"), 2),
        arrived(plan(case="C2"), 3),
    )
    assert set(sort(Facts(events)).events) == {"e1", "e2"}


def test_a_decision_for_safeguarding_is_held_back_and_its_event_is_not() -> None:
    """That attendance was shared for safeguarding tips off; the attendance does not."""
    one = answered(2, "care", purpose=Purpose.SAFEGUARDING)
    found = sort(Facts((arrived(absent(ONE), 1, one),)))
    assert (found.events, found.answers) == ({}, {2: WithholdReason.PURPOSE})


def test_a_decision_that_rests_on_a_restriction_is_held_back() -> None:
    """Its reason would say that there is one."""
    one = answered(2, "care", Reason.RESTRICTED_SENSITIVE)
    assert sort(Facts((arrived(absent(ONE), 1, one),))).answers == {2: WithholdReason.RESTRICTION}


def test_a_release_that_a_restriction_stopped_is_held_back() -> None:
    """The decision was to share; at release it was restricted."""
    stopped = Given(
        3, DAY.format(2), (), {Category.EDUCATION: (Reason.RESTRICTED_COURT_ORDER,)}, anything=False
    )
    one = answered(2, "care", given=(stopped,))
    assert sort(Facts((arrived(absent(ONE), 1, one),))).answers == {2: WithholdReason.RESTRICTION}


def test_a_decision_for_the_police_is_held_back() -> None:
    """Nobody learns from the copy that the police were told."""
    found = sort(
        Facts((arrived(absent(ONE), 1, answered(2, "police")),), police=frozenset({"police"}))
    )
    assert found.answers == {2: WithholdReason.POLICE}


def test_an_agency_known_only_by_what_is_held_back_is_nowhere() -> None:
    """Its part in the care does not show, nor what it was told because of that part."""
    case = arrived(case_opened(ONE), 1, override=True)
    told = answered(3, "care", involved=True)
    found = sort(Facts((case, arrived(absent(ONE), 2, told))))
    assert (found.parts, found.answers, found.quiet) == (
        (),
        {3: WithholdReason.INVOLVEMENT},
        {"care"},
    )


def test_an_agency_known_otherwise_keeps_its_part() -> None:
    """What it was told by a part that the copy shows is shown."""
    told = answered(3, "care", involved=True)
    found = sort(Facts((arrived(case_opened(ONE), 1), arrived(absent(ONE), 2, told))))
    assert [part.agency for part in found.parts] == ["care"]
    assert not found.answers


def test_a_part_begins_with_the_first_event_that_is_shown() -> None:
    """As it would be in a world without what is held back."""
    events = (arrived(registered(ONE), 1, override=True), arrived(registered(ONE), 2))
    (part,) = sort(Facts(events)).parts
    assert part.since == DAY.format(2)


def test_the_officer_may_hand_an_event_over() -> None:
    """Then it is sorted as if it were harmless."""
    one = arrived(absent(ONE), 1, override=True)
    assert not sort(Facts((one,), handed=frozenset({item("event", "e1")}))).events


def test_a_child_guarded_once_is_guarded_here() -> None:
    """An old decision that says so is enough."""
    one = answered(2, "care")
    child = one.question.child.model_copy(update={"guarded": True})
    asked = replace(one, question=one.question.model_copy(update={"child": child}))
    hidden = sort(Facts((arrived(registered(ONE), 1, asked),))).hidden
    assert hidden.why(Contact, "address") is WithholdReason.WHEREABOUTS
    assert sort(Facts(())).hidden.why(Contact, "address") is None


def test_every_reason_has_its_law_and_its_question() -> None:
    """An officer is told on what to decide, and what."""
    assert all(one.law and one.decide and one.sentence for one in WithholdReason)


@pytest.mark.parametrize("name", ["holding", "fields", "facts", "reasons"])
def test_the_sorting_is_pure(name: str) -> None:
    """It imports no store, no clock, no files: only values."""
    file = Path(__file__).parents[4] / "hub" / "casework" / "subject_access" / f"{name}.py"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    own = {m for m in modules if m.startswith("hub.")}
    assert {m for m in own if not m.startswith("hub.casework.subject_access.")} == set()
