"""A child's copy has everything that was decided and sent, each once."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from consent.reasons import Reason, ReviewCause
from hub.casework.children.changes import erase, merge
from hub.casework.directives.recording import withdraw
from hub.casework.subject_access.assemble import assemble
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.render import note_html, note_json, report_html, report_json
from hub.casework.subject_access.report import ShownEvent, SubjectAccess
from hub.casework.subject_access.withheld_fields import WithholdReason
from hub.evidence.child_lookup import Sought, find
from hub.intake.hub import Hub
from hub.intake.retention import purge
from hub.journey.entries import Attribution
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.receipts import ReceiptOutcome
from hub.ledger.checkpoint import verify_checkpoint
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event, RecordStatus
from schemas.identifiers import System, la_child_id
from tests.events import (
    APPOINTMENT,
    CARE_PLAN,
    CASE_OPENED,
    Child,
    absent,
    appointed,
    event_of,
    recorded,
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

WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub of the tests' agencies."""
    return hub_of(tmp_path)


def first_of(hub: Hub) -> Event:
    """Play the events that are not sensitive and return the first one."""
    return play(hub, open_events())[0]


def _events(found: SubjectAccess, word: str) -> list[ShownEvent]:
    return [one for one in found.report.events if word in one.title]


def _positions(found: SubjectAccess) -> set[int]:
    return {entry.position for one in found.withheld for entry in one.entries}


def test_identity_is_shown_with_its_sources(hub: Hub) -> None:
    """Names, birth date and numbers, with the agency each number is from."""
    report = copy_of(hub, first_of(hub)).report
    assert CHILD.family_name in {one.value for one in report.particulars}
    assert {(one.system, one.value, one.source) for one in report.identifiers} == {
        ("NHS number", CHILD.nhs, "Oak School"),
        ("Unique pupil number (UPN)", CHILD.upn, "Oak School"),
    }


def test_involved_agencies_are_shown(hub: Hub) -> None:
    """By their titles."""
    report = copy_of(hub, first_of(hub)).report
    assert [one.agency for one in report.agencies] == ["Oak School", "River Clinic"]


def test_an_event_is_shown_with_its_content(hub: Hub) -> None:
    """Its fields, in words."""
    (event,) = _events(copy_of(hub, first_of(hub)), "attendance")
    shown = {one.name: one.value for part in event.content for one in part.fields}
    assert shown["Sessions attended"] == "60"
    assert shown["Note"] == "Often tired."


def test_every_decision_is_shown(hub: Hub) -> None:
    """As many as the ledger has, where nothing is withheld."""
    found = copy_of(hub, first_of(hub))
    shown = [made for event in found.report.events for made in event.decisions]
    assert len(shown) == len(ledger(hub, "decision"))
    assert found.withheld == ()


def test_a_decision_says_why_by_which_agreement_and_on_which_basis(hub: Hub) -> None:
    """Reason, purpose, lawful basis, agreement with its version, and the consent behind it."""
    (event,) = _events(copy_of(hub, first_of(hub)), "appointment")
    (made,) = [one for one in event.decisions if one.agency == "Oak School"]
    (health,) = [one for one in made.sections if one.category == "Health"]
    (ground,) = health.grounds
    assert (health.fields, ground.purpose) == (("Start", "Status"), "education provision")
    assert ground.agreement == "What the agencies of the tests may tell each other, version 1"
    assert "UK GDPR Article 6(1)(e)" in ground.basis
    assert "parental responsibility" in ground.directives[0]


def test_a_refusal_to_share_is_shown_with_its_reason(hub: Hub) -> None:
    """Social care is not involved."""
    (event,) = _events(copy_of(hub, first_of(hub)), "attendance")
    (made,) = [one for one in event.decisions if one.agency == "Children's social care"]
    assert made.deliveries == ()
    assert not any(part.fields for part in made.sections)
    assert {ground.reason for part in made.sections for ground in part.grounds} == {
        Reason.NOT_INVOLVED.sentence
    }


def test_what_was_sent_is_rebuilt_exactly(hub: Hub) -> None:
    """It opens the ledger's commitment, and has the permitted fields alone."""
    (event,) = _events(copy_of(hub, first_of(hub)), "appointment")
    (sent,) = [one for made in event.decisions for one in made.deliveries]
    assert sent.exact is True
    (health,) = [part for part in sent.content or () if part.title == "Health"]
    assert [one.name for one in health.fields] == ["Status", "Start"]


def test_every_disclosure_is_shown_with_its_release_and_receipt(hub: Hub) -> None:
    """When its keys were released, and that it arrived."""
    first = first_of(hub)
    delivery = delivery_of(hub, first, "council")
    body = json.dumps({"delivery": delivery, "outcome": ReceiptOutcome.DELIVERED.value}).encode()
    assert hub.take_receipts([("council", body)]) == 1
    found = copy_of(hub, first)
    sent = [one for e in found.report.events for made in e.decisions for one in made.deliveries]
    assert len(sent) == found.disclosures == len(ledger(hub, "delivery-made"))
    _, released, received = sent[0].steps
    assert "Education" in released.what
    assert "Council SEND team" in received.what


def test_a_delivery_that_was_never_released_has_no_content(hub: Hub) -> None:
    """Nothing of it was disclosed."""
    events = open_events()
    take(hub, *events)
    (event,) = _events(copy_of(hub, events[0]), "roll")
    (sent,) = [one for made in event.decisions for one in made.deliveries]
    assert "Council SEND team" in sent.state
    assert sent.content == ()
    assert len(sent.steps) == 1


def test_every_entry_about_the_child_is_shown_or_withheld(hub: Hub) -> None:
    """Decisions, deliveries and releases: those of withheld events are in the note, by position."""
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    found = copy_of(hub, first)
    with hub.reading() as work:
        rows = list(work.ledger.rows())
    kinds = {"decision", "delivery", "release", "event-received", "directive", "review"}
    about = {row.position for row in rows if row.kind in kinds and row.subject.child}
    shown = [made for event in found.report.events for made in event.decisions]
    decisions = {row.position for row in rows if row.kind == "decision"}
    assert len(shown) + len(decisions & _positions(found)) == len(decisions)
    secret = {row.position for row in rows if row.subject.event in _held_refs(hub)}
    assert secret & about <= _positions(found)


def _held_refs(hub: Hub) -> set[str]:
    with hub.reading() as work:
        rows = [r for r in work.ledger.rows() if r.subject.agency == "care"]
    return {str(row.subject.event) for row in rows if row.kind == "event-received"}


def test_destroyed_content_is_shown_by_its_field_names(hub: Hub) -> None:
    """After retention only the names of fields and the decisions remain."""
    first = first_of(hub)
    purge(hub, dt.timedelta(seconds=-1), by="test")
    (event,) = _events(copy_of(hub, first), "attendance")
    assert event.content is None
    assert any("Sessions attended" in one for one in event.field_names)


def test_a_delivery_whose_content_is_destroyed_has_none(hub: Hub) -> None:
    """The decision still names the fields."""
    first = first_of(hub)
    purge(hub, dt.timedelta(seconds=-1), by="test")
    found = copy_of(hub, first)
    (event,) = _events(found, "appointment")
    (made,) = [one for one in event.decisions if one.deliveries]
    assert made.deliveries[0].content is None
    assert "Start" in {name for part in made.sections for name in part.fields}


def test_a_merged_child_is_shown_under_every_id(hub: Hub) -> None:
    """Events under the losing id are there, and what was sent of them is rebuilt exactly."""
    first = first_of(hub)
    booked = section(APPOINTMENT, appointment_id="A9", status="booked")
    other = event_of(APPOINTMENT, "clinic", at_the_clinic(Child(77)), booked)
    play(hub, [other])
    merge(hub, own_id(hub, other), own_id(hub, first), WORD)
    found = copy_of(hub, first)
    assert len(_events(found, "appointment")) == 2
    assert len(found.report.changes) == 1
    assert all(
        sent.exact for e in found.report.events for made in e.decisions for sent in made.deliveries
    )


def test_a_correction_is_shown_with_the_agencies_notified(hub: Hub) -> None:
    """The record is named, and each agency that received it."""
    first = first_of(hub)
    record = appointed(CHILD, "A2", record="r2")
    changed = appointed(CHILD, "A2", record="r2", status=RecordStatus.CORRECTED)
    play(hub, [record, changed])
    (correction,) = copy_of(hub, first).report.corrections
    assert correction.what.startswith("River Clinic corrected")
    assert correction.notified[0].what.startswith("Oak School")


def test_directives_are_shown_and_flagged(hub: Hub) -> None:
    """The person is flagged as another person, the evidence as free text; a withdrawal shows."""
    first = first_of(hub)
    with hub.reading() as work:
        (directive,) = work.directives_of(own_id(hub, first))
    withdraw(hub, directive.id, by="jmalik", evidence="Letter of Mrs Bell")
    (shown,) = copy_of(hub, first).report.directives
    flags = {one.value: one.flag for one in shown.fields}
    assert "Withdrawn" in {one.name for one in shown.fields}
    assert flags["Mrs Bell"] is About.ANOTHER_PERSON
    assert flags["Letter of Mrs Bell"] is About.FREE_TEXT
    assert "jmalik" not in report_html(copy_of(hub, first))


def test_reviews_are_shown_without_reviewers(hub: Hub) -> None:
    """An objection waits for a person."""
    first = first_of(hub)
    play(hub, [recorded(CHILD, "O1", "objection")])
    (review,) = copy_of(hub, first).report.reviews
    assert (review.cause, review.closed) == (ReviewCause.OBJECTION_MADE.sentence, "")


def test_accesses_are_shown_without_names_of_staff(hub: Hub) -> None:
    """When and what; only the officer sees the reason."""
    first = first_of(hub)
    find(hub, Sought(own_id(hub, first)), by="nosy-7", reason="S47-CANARY")
    found = copy_of(hub, first)
    assert [one.what.lower() for one in found.report.accesses] == [
        str(look["what"]) for look in ledger(hub, "data-accessed")
    ]
    text = report_html(found) + json.dumps(report_json(found))
    assert "nosy-7" not in text
    assert "S47-CANARY" not in text
    assert "S47-CANARY" in note_html(found)


def test_the_access_is_recorded_and_covered_by_the_signed_head(hub: Hub) -> None:
    """One entry for the child, under the head that is in the copy."""
    first = first_of(hub)
    before = len(ledger(hub, "data-accessed"))
    found = copy_of(hub, first)
    looks = ledger(hub, "data-accessed")
    assert len(looks) == before + 1
    assert (looks[-1]["by"], looks[-1]["reason"]) == ("jmalik", "SAR-1")
    note = found.report.checkpoint.encode()
    head = verify_checkpoint(note, hub.signer.name, [hub.signer.verifier()])
    with hub.reading() as work:
        assert head.checkpoint.size == work.ledger.size()
    assert verifies(hub)


def test_an_access_to_what_is_withheld_is_withheld(hub: Hub) -> None:
    """An access to a delivery that is not shown, and one whose text would reveal something."""
    own = section(CARE_PLAN, plan_kind="short-breaks", change="started", case_id="C9")
    plan = with_override(event_of(CARE_PLAN, "care", CHILD.identity(), own))
    first, _ = play(hub, [open_events()[0], plan])
    child = own_id(hub, first)
    what = f"what delivery {delivery_of(hub, plan, 'school')} holds"
    with hub.writing() as (_, lines):
        lines.append(DataAccessedEntry(by="x", what=what, child=child, reason="y"))
        lines.append(
            DataAccessedEntry(by="x", what="the safeguarding list", child=child, reason="y")
        )
    found = copy_of(hub, first)
    assert len(found.report.accesses) == 1
    assert len([one for one in found.withheld if one.kind == "Access"]) == 2


def test_a_number_known_only_from_what_is_withheld_is_withheld(hub: Hub) -> None:
    """The council's own number of the child came with the case."""
    number = la_child_id("NM-CANARY", "council")
    opened = section(CASE_OPENED, case_id="C1", referral_date="2026-01-05")
    case = with_override(event_of(CASE_OPENED, "care", CHILD.identity(la_child_id=number), opened))
    first, _ = play(hub, [open_events()[0], case])
    found = copy_of(hub, first)
    assert "NM-CANARY" not in report_html(found)
    assert [one.why for one in found.withheld if one.kind == "Number"] == [WithholdReason.OVERRIDE]


def test_a_child_is_found_by_its_number(hub: Hub) -> None:
    """As with every other command."""
    first = first_of(hub)
    found = assemble(hub, Sought(CHILD.nhs, System.NHS_NUMBER), by="jmalik", reason="SAR-1")
    assert found.child == own_id(hub, first)


def test_third_parties_are_flagged_for_the_officer(hub: Hub) -> None:
    """Relatives and free text, with their places and the law."""
    event = guarded()
    play(hub, [event, absent(CHILD)])
    found = copy_of(hub, event)
    assert {one.about for one in found.flags} == {About.ANOTHER_PERSON, About.FREE_TEXT}
    assert any("Bell" in one.value for one in found.flags)
    assert "Schedule 2 paragraph 16" in note_html(found)


def test_an_erased_child_is_not_found(hub: Hub) -> None:
    """There is nothing left to copy."""
    first = first_of(hub)
    child = own_id(hub, first)
    erase(hub, child, WORD)
    with pytest.raises(NotFound):
        assemble(hub, Sought(child), by="jmalik", reason="SAR-1")


def test_an_item_that_is_not_this_childs_cannot_be_disclosed(hub: Hub) -> None:
    """An unknown id is refused."""
    first = first_of(hub)
    with pytest.raises(ConfigurationError):
        copy_of(hub, first, disclosed=("0123456789",))


def test_retention_is_shown_in_days(hub: Hub) -> None:
    """The number of the settings."""
    found = copy_of(hub, first_of(hub), retention_days=28)
    assert "28 days" in " ".join(report_html(found).split())


def test_what_agencies_write_cannot_become_markup(hub: Hub) -> None:
    """Every value is shown as text."""
    first = open_events()[0]
    nasty = recorded(CHILD, "X1", decider_name="<script>alert(1)</script>")
    play(hub, [first, nasty])
    found = copy_of(hub, first)
    assert "<script" not in report_html(found) + note_html(found)
    assert "&lt;script&gt;" in report_html(found)


def test_both_forms_of_the_note_have_the_same_items(hub: Hub) -> None:
    """As many items, flags and checks."""
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    found = copy_of(hub, first)
    note = note_json(found)
    assert [len(note[name]) for name in ("held_back", "third_party", "checks")] == [  # type: ignore[arg-type]
        len(found.withheld),
        len(found.flags),
        len(found.checks),
    ]
    assert page(found)
