"""A child's copy has everything that was decided and sent, each once, in plain words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from hub.casework.children.changes import erase, merge
from hub.casework.directives.recording import withdraw
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.pages import note_html, note_json, report_html, report_json
from hub.casework.subject_access.reasons import WithholdReason
from hub.casework.subject_access.subject_access import gather
from hub.evidence.child_lookup import Sought, find
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.intake.retention import purge
from hub.journey import entries
from hub.journey.entries import OnWhoseWord
from hub.journey.receipts import ReceiptOutcome
from hub.ledger.checkpoint import verify_checkpoint
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event, RecordStatus
from schemas.identifiers import System, la_child_id
from tests.happenings import (
    APPOINTMENT,
    CARE_PLAN,
    CASE_OPENED,
    Child,
    absent,
    appointed,
    happening,
    said,
    section,
    with_override,
)
from tests.hub.hubs import (
    at_the_clinic,
    delivery_of,
    ledger,
    own_id,
    take,
    verifies,
)
from tests.hub.subject_worlds import (
    CHILD,
    copy_of,
    guarded,
    hub_of,
    open_events,
    page,
    play,
    secret_events,
)

WORD = OnWhoseWord("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub of the tests' agencies."""
    return hub_of(tmp_path)


def first_of(hub: Hub) -> Event:
    """What everybody may know has happened; gives the first event."""
    return play(hub, open_events())[0]


def _events(found: object, word: str) -> list[Any]:
    return [one for one in found.report.events if word in one.title]  # type: ignore[attr-defined]


def _positions(found: object) -> set[int]:
    return {place for one in found.held for place, _, _ in one.entries}  # type: ignore[attr-defined]


def test_who_the_child_is_is_told_with_on_whose_word(hub: Hub) -> None:
    """Names, birth date and numbers, with the agency each number is from."""
    report = copy_of(hub, first_of(hub)).report
    assert CHILD.family_name in {one.value for one in report.particulars}
    assert {(one.system, one.value, one.source) for one in report.identifiers} == {
        ("NHS number", CHILD.nhs, "Oak School"),
        ("Unique pupil number (UPN)", CHILD.upn, "Oak School"),
    }


def test_who_takes_part_is_told(hub: Hub) -> None:
    """By the agencies' own titles."""
    report = copy_of(hub, first_of(hub)).report
    assert [one.agency for one in report.agencies] == ["Oak School", "River Clinic"]


def test_an_event_is_told_with_what_it_said(hub: Hub) -> None:
    """Its fields, in words."""
    (event,) = _events(copy_of(hub, first_of(hub)), "attendance")
    shown = {one.name: one.value for part in event.content for one in part.fields}
    assert shown["Sessions attended"] == "60"
    assert shown["Note"] == "Often tired."


def test_every_decision_is_told(hub: Hub) -> None:
    """As many as the ledger has, where nothing is held back."""
    found = copy_of(hub, first_of(hub))
    told = [made for event in found.report.events for made in event.decisions]
    assert len(told) == len(ledger(hub, "decision"))
    assert found.held == ()


def test_a_decision_says_why_by_which_agreement_and_on_which_basis(hub: Hub) -> None:
    """Reason, purpose, lawful basis, agreement with its version, and the consent behind it."""
    (event,) = _events(copy_of(hub, first_of(hub)), "appointment")
    (made,) = [one for one in event.decisions if one.agency == "Oak School"]
    (health,) = [one for one in made.sections if one.category == "Health"]
    (ground,) = health.grounds
    assert (health.told, ground.purpose) == ("Told", "education provision")
    assert ground.agreement == "What the agencies of the tests may tell each other, version 1"
    assert "UK GDPR Article 6(1)(e)" in ground.basis
    assert ground.said[0].startswith("Consent by a person with parental responsibility")


def test_a_refusal_to_share_is_told_with_its_reason(hub: Hub) -> None:
    """Social care takes no part."""
    (event,) = _events(copy_of(hub, first_of(hub)), "attendance")
    (made,) = [one for one in event.decisions if one.agency == "Children's social care"]
    assert made.outcome == "Told nothing, not even that there was such an event."
    assert "takes no part" in made.sections[0].grounds[0].reason


def test_what_was_sent_is_told_exactly(hub: Hub) -> None:
    """Made again, it opens the ledger's commitment, and has the permitted fields alone."""
    (event,) = _events(copy_of(hub, first_of(hub)), "appointment")
    (sent,) = [one for made in event.decisions for one in made.sent]
    assert sent.exact is True
    (health,) = [part for part in sent.content or () if part.title == "Health"]
    assert [one.name for one in health.fields] == ["Status", "Start"]


def test_every_disclosure_is_told_with_its_release_and_receipt(hub: Hub) -> None:
    """When its keys were given, and that it arrived."""
    first = first_of(hub)
    delivery = delivery_of(hub, first, "council")
    body = json.dumps({"delivery": delivery, "outcome": ReceiptOutcome.DELIVERED.value}).encode()
    assert hub.take_receipts([("council", body)]) == 1
    found = copy_of(hub, first)
    sent = [one for e in found.report.events for made in e.decisions for one in made.sent]
    assert len(sent) == found.disclosures == len(ledger(hub, "delivery"))
    assert [step.what for step in sent[0].steps][-1] == "Received by Council SEND team."
    assert any(step.what.startswith("Given: ") for step in sent[0].steps)


def test_what_was_made_ready_and_never_given_is_told_so(hub: Hub) -> None:
    """Nobody could read it: nothing of it was disclosed."""
    events = open_events()
    take(hub, *events)
    (event,) = _events(copy_of(hub, events[0]), "roll")
    (sent,) = [one for made in event.decisions for one in made.sent]
    assert "never given" in sent.state
    assert sent.content == ()


def test_every_entry_about_the_child_is_told_or_held_back(hub: Hub) -> None:
    """Decisions, deliveries and releases: those of held events are in the note, by position."""
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    found = copy_of(hub, first)
    with hub.reading() as work:
        rows = list(work.ledger.rows())
    kinds = {"decision", "delivery", "release", "event-received", "directive", "review"}
    about = {row.position for row in rows if row.kind in kinds and row.subject.child}
    told = [made for event in found.report.events for made in event.decisions]
    decisions = {row.position for row in rows if row.kind == "decision"}
    assert len(told) + len(decisions & _positions(found)) == len(decisions)
    secret = {row.position for row in rows if row.subject.event in _held_refs(hub)}
    assert secret & about <= _positions(found)


def _held_refs(hub: Hub) -> set[str]:
    with hub.reading() as work:
        rows = [r for r in work.ledger.rows() if r.subject.agency == "care"]
    return {str(row.subject.event) for row in rows if row.kind == "event-received"}


def test_content_that_is_gone_is_told_by_its_fields(hub: Hub) -> None:
    """After its retention: names of fields, what was decided, and that it was destroyed."""
    first = first_of(hub)
    purge(hub, dt.timedelta(seconds=-1), by="test")
    (event,) = _events(copy_of(hub, first), "attendance")
    assert event.content is None
    assert any("Sessions attended" in one for one in event.held)


def test_what_was_sent_and_is_gone_is_told_so(hub: Hub) -> None:
    """The decision still names the fields."""
    first = first_of(hub)
    purge(hub, dt.timedelta(seconds=-1), by="test")
    found = copy_of(hub, first)
    (event,) = _events(found, "appointment")
    (made,) = [one for one in event.decisions if one.sent]
    assert made.sent[0].content is None
    assert "The content is no longer kept" in report_html(found)


def test_a_merged_child_is_told_under_every_id(hub: Hub) -> None:
    """What came under the losing id is there, and what was sent of it is made again exactly."""
    first = first_of(hub)
    booked = section(APPOINTMENT, appointment_id="A9", status="booked")
    other = happening(APPOINTMENT, "clinic", at_the_clinic(Child(77)), booked)
    play(hub, [other])
    merge(hub, own_id(hub, other), own_id(hub, first), WORD)
    found = copy_of(hub, first)
    assert len(_events(found, "appointment")) == 2
    assert [one.what for one in found.report.changes] == [
        "Two records turned out to be the same child."
    ]
    assert all(
        sent.exact for e in found.report.events for made in e.decisions for sent in made.sent
    )


def test_a_correction_is_told_with_who_was_told_of_it(hub: Hub) -> None:
    """The record is named, and each agency that had it."""
    first = first_of(hub)
    record = appointed(CHILD, "A2", record="r2")
    changed = appointed(CHILD, "A2", record="r2", status=RecordStatus.CORRECTED)
    play(hub, [record, changed])
    (correction,) = copy_of(hub, first).report.corrections
    assert correction.what.startswith("River Clinic corrected")
    assert correction.told[0].what.startswith("Oak School")


def test_what_people_said_is_told_and_flagged(hub: Hub) -> None:
    """Who spoke is another person; where the evidence is may name others; a withdrawal shows."""
    first = first_of(hub)
    with hub.reading() as work:
        (directive,) = work.directives(own_id(hub, first))
    withdraw(hub, directive.id, by="jmalik", evidence="Letter of Mrs Bell")
    (spoken,) = copy_of(hub, first).report.said
    flags = {one.value: one.flag for one in spoken.particulars}
    assert spoken.standing == "It was withdrawn."
    assert flags["Mrs Bell"] is About.ANOTHER_PERSON
    assert flags["Letter of Mrs Bell"] is About.FREE_TEXT
    assert "jmalik" not in report_html(copy_of(hub, first))


def test_reviews_are_told_without_who(hub: Hub) -> None:
    """An objection waits for a person."""
    first = first_of(hub)
    play(hub, [said(CHILD, "O1", "objection")])
    (matter,) = copy_of(hub, first).report.reviews
    assert (matter.cause, matter.outcome) == (
        "An objection to sharing was made: uphold or reject it.",
        "Open",
    )


def test_looks_are_told_without_names_of_staff(hub: Hub) -> None:
    """When and at what; the reason is for the officer to read."""
    first = first_of(hub)
    find(hub, Sought(own_id(hub, first)), by="nosy-7", reason="S47-CANARY")
    found = copy_of(hub, first)
    assert [one.what for one in found.report.looks] == [
        "Identifiers and involvement",
        "All that is kept about the child, for a subject access request",
    ]
    told = report_html(found) + json.dumps(report_json(found))
    assert "nosy-7" not in told
    assert "S47-CANARY" not in told
    assert "S47-CANARY" in note_html(found)


def test_the_look_is_recorded_and_the_copy_stands_under_a_signed_head(hub: Hub) -> None:
    """One look for the child, under the head that is in the copy."""
    first = first_of(hub)
    before = len(ledger(hub, "look"))
    found = copy_of(hub, first)
    looks = ledger(hub, "look")
    assert len(looks) == before + 1
    assert (looks[-1]["by"], looks[-1]["reason"]) == ("jmalik", "SAR-1")
    note = found.report.checkpoint.encode()
    head = verify_checkpoint(note, hub.signer.name, [hub.signer.verifier()])
    with hub.reading() as work:
        assert head.checkpoint.size == work.ledger.size()
    assert verifies(hub)


def test_a_look_at_what_is_held_back_is_held_back(hub: Hub) -> None:
    """What a delivery held that the copy does not show, and a look whose words would tell."""
    own = section(CARE_PLAN, plan_kind="short-breaks", change="started", case_id="C9")
    plan = with_override(happening(CARE_PLAN, "care", CHILD.identity(), own))
    first, _ = play(hub, [open_events()[0], plan])
    child, now = own_id(hub, first), clock.now()
    what = f"what delivery {delivery_of(hub, plan, 'school')} holds"
    with hub.writing() as (_, lines):
        lines.append(entries.looked("x", what, child, "y", now))
        lines.append(entries.looked("x", "the safeguarding list", child, "y", now))
    found = copy_of(hub, first)
    assert len(found.report.looks) == 1
    assert len([one for one in found.held if one.kind == "Look"]) == 2


def test_a_number_known_only_from_what_is_held_back_is_held_back(hub: Hub) -> None:
    """The council's own number of the child came with the case."""
    number = la_child_id("NM-CANARY", "council")
    opened = section(CASE_OPENED, case_id="C1", referral_date="2026-01-05")
    case = with_override(happening(CASE_OPENED, "care", CHILD.identity(la_child_id=number), opened))
    first, _ = play(hub, [open_events()[0], case])
    found = copy_of(hub, first)
    assert "NM-CANARY" not in report_html(found)
    assert [one.why for one in found.held if one.kind == "Number"] == [WithholdReason.OVERRIDE]


def test_a_child_is_found_by_its_number(hub: Hub) -> None:
    """As at every other desk."""
    first = first_of(hub)
    found = gather(hub, Sought(CHILD.nhs, System.NHS_NUMBER), by="jmalik", reason="SAR-1")
    assert found.child == own_id(hub, first)


def test_third_parties_are_flagged_for_the_officer(hub: Hub) -> None:
    """Relatives and free text, where they stand, with the law."""
    event = guarded()
    play(hub, [event, absent(CHILD)])
    found = copy_of(hub, event)
    assert {one.about for one in found.flags} == {About.ANOTHER_PERSON, About.FREE_TEXT}
    assert any("Bell" in one.value for one in found.flags)
    assert "Schedule 2 paragraph 16" in note_html(found)


def test_nobody_is_told_of_an_unknown_or_erased_child(hub: Hub) -> None:
    """There is nothing left to copy."""
    first = first_of(hub)
    child = own_id(hub, first)
    erase(hub, child, WORD)
    with pytest.raises(NotFound):
        gather(hub, Sought(child), by="jmalik", reason="SAR-1")


def test_an_item_that_is_not_this_childs_cannot_be_handed_over(hub: Hub) -> None:
    """A slip of the hand is refused."""
    first = first_of(hub)
    with pytest.raises(ConfigurationError):
        copy_of(hub, first, hand_over=("0123456789",))


def test_retention_is_told_in_days(hub: Hub) -> None:
    """As the settings have it."""
    found = copy_of(hub, first_of(hub), retention_days=28)
    assert "28 days" in " ".join(report_html(found).split())


def test_what_agencies_write_cannot_become_markup(hub: Hub) -> None:
    """Whatever stands in a field is shown as text."""
    first = open_events()[0]
    nasty = said(CHILD, "X1", decider_name="<script>alert(1)</script>")
    play(hub, [first, nasty])
    found = copy_of(hub, first)
    assert "<script" not in report_html(found) + note_html(found)
    assert "&lt;script&gt;" in report_html(found)


def test_both_forms_of_the_note_tell_the_same(hub: Hub) -> None:
    """As many items, flags and checks."""
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    found = copy_of(hub, first)
    note = note_json(found)
    assert [len(note[name]) for name in ("held_back", "third_party", "checks")] == [  # type: ignore[arg-type]
        len(found.held),
        len(found.flags),
        len(found.checks),
    ]
    assert page(found)
