"""What recording or withdrawing a directive would change, told before it is done."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hub.casework.children.changes import merge
from hub.casework.deliveries.reoffer import reoffer
from hub.casework.directives.impact import Impact, impact_of_recording, impact_of_withdrawing
from hub.casework.directives.impact_text import NOTHING, sentences
from hub.casework.directives.impact_view import impact_report
from hub.casework.directives.precedence import PrecedenceCode
from hub.casework.directives.recording import record, withdraw
from hub.evidence.child_lookup import Sought
from hub.intake.hub import Hub
from hub.intake.retention import purge
from hub.journey.entries import Attribution
from schemas.errors import ConfigurationError, NotFound
from schemas.people import Address, Contact
from schemas.sections import Category
from schemas.sharing import DirectiveRecorded
from tests.events import (
    APPOINTMENT,
    SEN_SUPPORT,
    Child,
    appointed,
    case_opened,
    event_of,
    recorded,
    registered,
    section,
)
from tests.hub.hubs import ask, delivery_of, ledger, make_hub, take

ANNA, BEN = Child(1), Child(2)
WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


@pytest.fixture
def child(hub: Hub) -> str:
    """Anna, whose mother consented, with three appointments on their way to the school."""
    take(hub, registered(ANNA), recorded(ANNA, "D1"))
    take(hub, *(appointed(ANNA, f"A{number}") for number in range(3)))
    return str(ledger(hub, "decision")[0]["child"])


def word(kind: str, **fields: object) -> DirectiveRecorded:
    """What somebody says at the desk."""
    return DirectiveRecorded.model_validate(
        {
            "kind": kind,
            "authority": "parental-responsibility",
            "decider_ref": "F-1",
            "evidence": "Form 12",
            **fields,
        }
    )


def consent_id(hub: Hub) -> str:
    """The first directive that was recorded."""
    return str(ledger(hub, "directive-recorded")[0]["directive"]["id"])


def size(hub: Hub) -> int:
    """How long the ledger is."""
    with hub.reading() as work:
        return work.ledger.size()


# -- what is queued


def test_what_is_queued_and_would_become_unreadable_is_counted(hub: Hub, child: str) -> None:
    """Three deliveries rest on the consent."""
    effect = impact_of_withdrawing(hub, consent_id(hub))
    (queued,) = [one for one in effect.queued if one.recipient == "school"]
    assert (queued.waiting, queued.unreadable, queued.keys_given) == (3, 3, 0)
    assert "3 queued deliveries to school will become unreadable." in sentences(effect)
    assert effect.child == child


def test_it_comes_true(hub: Hub, child: str) -> None:
    """What was told is what happens when it is recorded and keys are asked for."""
    effect = impact_of_recording(hub, child, word("refusal"))
    record(hub, Sought(child), word("refusal"), by="jmalik")
    with hub.reading() as work:
        waiting = work.deliveries.open_of(child)
    given = [ask(hub, one.recipient, one.id) for one in waiting]
    refused = sum(not answer.keys for answer in given)
    assert refused == sum(one.unreadable for one in effect.queued) == 3


def test_keys_that_were_given_before_are_told_apart(hub: Hub, child: str) -> None:
    """They cannot be taken back: the recipient may have read it."""
    event = appointed(ANNA, "A9")
    take(hub, event)
    ask(hub, "school", delivery_of(hub, event, "school"))
    effect = impact_of_recording(hub, child, word("refusal"))
    (queued,) = [one for one in effect.queued if one.recipient == "school"]
    assert (queued.unreadable, queued.keys_given) == (4, 1)
    assert any("The keys of 1 of them" in text for text in sentences(effect))


def test_single_sections_are_told(hub: Hub, child: str) -> None:
    """A restriction on particulars leaves the appointment readable."""
    only = {"categories": ["identity"], "recipients": ["school"]}
    effect = impact_of_recording(
        hub,
        child,
        word("restriction", authority="professional", restriction="sensitive", scope=only),
    )
    (queued,) = [one for one in effect.queued if one.recipient == "school"]
    assert (queued.unreadable, queued.withheld) == (0, ((Category.IDENTITY, 3),))
    assert "identity will be withheld from 3 queued deliveries to school." in sentences(effect)


def test_what_would_become_readable_again_is_told(hub: Hub, child: str) -> None:
    """Withdrawing a refusal that came after."""
    refusal = record(hub, Sought(child), word("refusal"), by="jmalik").directive
    effect = impact_of_withdrawing(hub, refusal.id)
    (queued,) = [one for one in effect.queued if one.recipient == "school"]
    assert (queued.readable, queued.unreadable) == (3, 0)
    assert "3 queued deliveries to school will become readable." in sentences(effect)


def test_what_cannot_be_decided_any_more_is_counted_apart(hub: Hub, child: str) -> None:
    """Its event is no longer kept: it is never released either way."""
    purge(hub, dt.timedelta(0), by="jmalik")
    effect = impact_of_recording(hub, child, word("refusal"))
    (queued,) = [one for one in effect.queued if one.recipient == "school"]
    assert (queued.waiting, queued.undecided, queued.unreadable) == (3, 3, 0)


# -- what comes, what could be offered, what was given


def test_what_comes_is_told_by_the_newest_like_it(hub: Hub, child: str) -> None:
    """The school would no longer be told of appointments."""
    effect = impact_of_recording(hub, child, word("refusal"))
    (coming,) = effect.future
    assert (coming.source, coming.recipient, coming.type) == ("clinic", "school", APPOINTMENT)
    assert (coming.ends, coming.begins) == (True, False)
    assert {change.category for change in coming.changes} == {Category.IDENTITY, Category.HEALTH}
    assert any(text.startswith("school will stop receiving ") for text in sentences(effect))


def test_fields_are_told_where_something_is_left(hub: Hub, child: str) -> None:
    """An address that is to be kept secret is a field of an event that goes on."""
    home = Contact(address=Address(lines=("1 Low Lane",)))
    support = section(SEN_SUPPORT, provision="K")
    take(hub, event_of(SEN_SUPPORT, "school", ANNA.identity(), home, support))
    secret = word("restriction", authority="court", restriction="address")
    effect = impact_of_recording(hub, child, secret)
    text = "council will no longer see contact (address) of education.sen-support-recorded.v1"
    assert any(text in one for one in sentences(effect))


def test_what_could_be_offered_again_is_counted(hub: Hub) -> None:
    """After a late consent; and doing it makes as many."""
    take(hub, registered(ANNA), appointed(ANNA, "A1"), appointed(ANNA, "A2"))
    child = str(ledger(hub, "decision")[0]["child"])
    effect = impact_of_recording(hub, child, word("consent"))
    assert effect.offers == (("school", 2),)
    assert any("'hub reoffer'" in text for text in sentences(effect))
    record(hub, Sought(child), word("consent"), by="jmalik")
    offers = reoffer(hub, Sought(child), by="jmalik", reason="T", dry_run=False).offers
    assert len(offers) == 2
    assert impact_of_recording(hub, child, word("consent")).offers == ()


def test_what_was_given_cannot_be_undone(hub: Hub, child: str) -> None:
    """Counted for each recipient, for what it would no longer get."""
    for number in range(2):
        event = appointed(ANNA, f"B{number}")
        take(hub, event)
        ask(hub, "school", delivery_of(hub, event, "school"))
    effect = impact_of_withdrawing(hub, consent_id(hub))
    (had,) = effect.already_shared
    assert (had.recipient, had.deliveries) == ("school", 2)
    assert dict(had.categories) == {Category.IDENTITY: 2, Category.HEALTH: 2}
    assert impact_of_recording(hub, child, word("consent")).already_shared == ()


def test_after_a_merge_both_ids_are_looked_at(hub: Hub, child: str) -> None:
    """What was decided about either is about the child."""
    take(hub, registered(BEN), case_opened(BEN))
    ben = str(ledger(hub, "decision")[-1]["child"])
    merge(hub, child, ben, WORD)
    effect = impact_of_recording(hub, child, word("refusal"))
    assert effect.child == ben
    assert [one.recipient for one in effect.future] == ["school"]


# -- what stands in its way


def notes(effect: Impact) -> set[PrecedenceCode]:
    """The codes of the notes."""
    return {note.code for note in effect.notes}


def test_what_outranks_it_is_told(hub: Hub, child: str) -> None:
    """A court refused: a parent's consent has no effect there."""
    record(hub, Sought(child), word("refusal", authority="court"), by="jmalik")
    effect = impact_of_recording(hub, child, word("consent"))
    assert PrecedenceCode.OUTRANKED in notes(effect)
    assert not effect.has_effect
    assert sentences(effect)[-1] == NOTHING


def test_a_refusal_of_what_rests_on_no_consent_is_told(hub: Hub, child: str) -> None:
    """The council is told of registrations by duty."""
    effect = impact_of_recording(
        hub,
        child,
        word("refusal", scope={"recipients": ["council"], "categories": ["education"]}),
    )
    assert PrecedenceCode.WITHOUT_CONSENT in notes(effect)
    assert not effect.has_effect
    assert PrecedenceCode.WITHOUT_CONSENT not in notes(
        impact_of_recording(hub, child, word("refusal"))
    )


def test_an_objection_changes_nothing_by_itself(hub: Hub, child: str) -> None:
    """A review would be opened."""
    effect = impact_of_recording(hub, child, word("objection"))
    assert (effect.has_effect, notes(effect)) == (False, {PrecedenceCode.OBJECTS})


def test_what_begins_later_is_told_as_if_it_held(hub: Hub, child: str) -> None:
    """With the day on which it begins."""
    effect = impact_of_recording(hub, child, word("refusal", valid_from="2090-05-01T12:00:00Z"))
    assert sentences(effect)[0].startswith("It begins on 2090-05-01.")
    assert effect.has_effect


def test_what_is_over_changes_nothing(hub: Hub, child: str) -> None:
    """Its period has ended."""
    past = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2020-02-01T00:00:00Z"}
    effect = impact_of_recording(hub, child, word("refusal", **past))
    assert (effect.has_effect, PrecedenceCode.OVER in notes(effect)) == (False, True)


# -- nothing is changed


def test_nothing_is_changed_or_recorded(hub: Hub, child: str) -> None:
    """Neither ledger nor directives nor deliveries."""
    before = size(hub)
    impact_of_recording(hub, child, word("refusal"))
    impact_of_withdrawing(hub, consent_id(hub))
    with hub.reading() as work:
        assert len(work.directives_of(child)) == 1
        assert len(work.deliveries.open_of(child)) == 4
    assert size(hub) == before


def test_what_is_not_there_is_refused(hub: Hub, child: str) -> None:
    """As recording and withdrawing refuse it."""
    with pytest.raises(NotFound):
        impact_of_recording(hub, "nobody", word("refusal"))
    with pytest.raises(NotFound):
        impact_of_withdrawing(hub, "d-none")
    with pytest.raises(ConfigurationError):
        impact_of_recording(hub, child, word("refusal", scope={"recipients": ["stranger"]}))
    withdraw(hub, consent_id(hub), by="jmalik", evidence="Call")
    with pytest.raises(NotFound):
        impact_of_withdrawing(hub, consent_id(hub))


def test_programs_read_the_same(hub: Hub, child: str) -> None:
    """Counts by recipient, and the sentences."""
    impact = impact_of_recording(hub, child, word("refusal"))
    written = impact_report(impact).model_dump(mode="json")
    assert written["has_effect"] is True
    assert [one["unreadable"] for one in written["queued"] if one["recipient"] == "school"] == [3]
