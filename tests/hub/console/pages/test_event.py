"""One event's life in the console: what happened, who was told what and why, made again."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from hub.casework.children.changes import erase, merge
from hub.console.views.event_decisions import recipients_of
from hub.evidence.event_timeline import UNREADABLE, life_of
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from schemas.roles import Role
from tests.happenings import (
    ADVICE_REQUESTED,
    DIAGNOSIS,
    appointed,
    happening,
    said,
    section,
    withdrawn,
)
from tests.hub.console.busy import ANNA, BEN, REASON, Busy, looks, make_busy, say_why
from tests.hub.console.conftest import Console, Guest
from tests.hub.hubs import ref_of, take

WORD = Attribution("jmalik", "CASE-9")


@pytest.fixture
def busy(console: Console) -> Busy:
    """A console over a hub where things happened."""
    return make_busy(console.hub)


def with_reason(console: Console, child: str, role: Role = Role.AUDITOR) -> Guest:
    """Somebody who said why they look at a child."""
    guest = console.sign_in(role)
    say_why(guest, child)
    return guest


def decision_of(hub: Hub, event: str, recipient: str) -> int:
    """The entry of an event's decision about a recipient."""
    life = life_of(hub, event)
    return next(
        one.position for one in life.explained.decisions if one.decision.recipient == recipient
    )


def forge(hub: Hub, position: int, old: str, new: str) -> None:
    """Alter an entry behind the hub's back."""
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS ledger_no_update")
        found = connection.scalar(
            text("SELECT entry FROM ledger WHERE position = :n"), {"n": position}
        )
        altered = bytes(found).replace(old.encode(), new.encode())
        assert altered != bytes(found)
        connection.execute(
            text("UPDATE ledger SET entry = :e WHERE position = :n"),
            {"e": altered, "n": position},
        )


def test_an_event_asks_why_first(console: Console, busy: Busy) -> None:
    """And nothing of it is shown until then."""
    answer = console.sign_in(Role.AUDITOR).get(f"/events/{busy.appointment}")
    assert answer.status_code == 303
    onward = f"next=%2Fevents%2F{busy.appointment}"
    assert answer.headers["location"] == f"/children/{busy.anna}/why?{onward}"


def test_the_look_stands_in_the_ledger(console: Console, busy: Busy) -> None:
    """With the child and the reason."""
    with_reason(console, busy.anna).get(f"/events/{busy.appointment}")
    assert looks(console.hub)[-1] == ("auditor", "an event's life", busy.anna, REASON)


def test_the_timeline_goes_from_receipt_to_receipt(console: Console, busy: Busy) -> None:
    """In the order of the ledger, each with its entry."""
    guest = with_reason(console, busy.anna)
    page = guest.get(f"/events/{busy.appointment}").text
    timeline = page[page.index('id="timeline"') : page.index('id="told"')]
    entries = [int(one) for one in re.findall(r'href="/integrity/entries/(\d+)"', timeline)]
    assert entries == sorted(entries)
    said = (
        "River Clinic sent “Appointment changed” about the child",
        "Oak School may see",
        "was made for Oak School",
        "the keys of",
        "Oak School has delivery",
    )
    places = [timeline.index(words) for words in said]
    assert places == sorted(places)


def test_it_says_what_was_shared_and_on_what_that_rests(console: Console, busy: Busy) -> None:
    """Fields, rule, agreement with its version, basis, directive and in whose capacity."""
    page = with_reason(console, busy.anna).get(f"/events/{busy.appointment}").text
    told = page[page.index('id="told"') :]
    for words in (
        "It may see health and identity data",
        "start, status",
        'href="/agreements/test-sharing/1#appointments"',
        "What the agencies of the tests may tell each other, version 1",
        "UK GDPR Article 6(1)(e); Article 9(2)(h); confidentiality met by consent",
        busy.directive,
        "by somebody with the authority of parental responsibility",
        "not withdrawn",
        "Not shared: appointment id, location, reason.",
    ):
        assert words in told


def test_who_was_not_told_is_said_with_why(console: Console, busy: Busy) -> None:
    """The school learns nothing of Ben's appointment."""
    page = with_reason(console, busy.ben).get(f"/events/{busy.refused}").text
    assert "It was told nothing, not even that there is such an event." in page
    assert "no person with authority has given it." in page


def test_a_withdrawal_is_seen(console: Console, busy: Busy) -> None:
    """The directive that it rested on holds no more."""
    take(console.hub, withdrawn(ANNA, "1"))
    page = with_reason(console, busy.anna).get(f"/events/{busy.appointment}").text
    assert ", withdrawn 2" in page


def test_a_held_event_is_about_nobody_and_needs_no_reason(console: Console, busy: Busy) -> None:
    """It says that it waits for a person."""
    page = console.sign_in(Role.REVIEWER).get(f"/events/{busy.held}")
    assert page.status_code == 200
    assert "it waits for a person to say who it is about" in page.text
    assert looks(console.hub)[-1] == ("reviewer", "an event's life", None, "")


def test_a_merged_childs_event_is_its_survivors(console: Console, busy: Busy) -> None:
    """The reason is asked for the child of now."""
    merge(console.hub, busy.ben, busy.anna, WORD)
    guest = console.sign_in(Role.AUDITOR)
    assert f"/children/{busy.anna}/why" in guest.get(f"/events/{busy.refused}").headers["location"]


def test_an_erased_childs_event_still_tells_why(console: Console, busy: Busy) -> None:
    """The ledger holds no content; a directive that is gone is named by its id."""
    event = appointed(BEN, "A9")
    take(console.hub, said(BEN, "9"), event)
    erase(console.hub, busy.ben, WORD)
    page = with_reason(console, busy.ben).get(f"/events/{ref_of(console.hub, event)}")
    assert page.status_code == 200
    assert "which is no longer kept" in page.text


def test_only_a_records_existence_may_be_told(console: Console, busy: Busy) -> None:
    """Then it says so, in the sentence and in the table."""
    assert busy
    diagnosis = section(DIAGNOSIS, condition={"code": "15188001"}, recorded_on="2026-01-01")
    event = happening(DIAGNOSIS, "clinic", ANNA.identity(), diagnosis)
    take(console.hub, event)
    page = with_reason(console, busy.anna).get(f"/events/{ref_of(console.hub, event)}").text
    assert "that there is a record of health" in page
    assert "only that there is a record" in page


def test_an_unknown_event_is_not_found(console: Console) -> None:
    """Nor is what cannot be an event's reference."""
    guest = console.sign_in(Role.AUDITOR)
    assert guest.get("/events/e-1").status_code == 404
    assert guest.get("/events/%00").status_code in {404, 422}


def test_an_operator_sees_no_event(console: Console, busy: Busy) -> None:
    """Not even one that is about nobody."""
    guest = console.sign_in(Role.OPERATOR)
    assert guest.get(f"/events/{busy.held}").status_code == 403
    assert guest.post(f"/events/{busy.appointment}/again", position="1").status_code == 403


def test_a_reviewer_sees_no_way_to_the_childs_own_page(console: Console, busy: Busy) -> None:
    """The page shows no door that does not open."""
    guest = with_reason(console, busy.anna, Role.REVIEWER)
    page = guest.get(f"/events/{busy.appointment}").text
    assert "/integrity/entries/" in page
    assert f'href="/children/{busy.anna}"' not in page


def test_an_entry_that_cannot_be_read_is_said_to_be_so(console: Console, busy: Busy) -> None:
    """The others are told all the same."""
    position = decision_of(console.hub, busy.appointment, "school")
    forge(console.hub, position, '"kind"', '"kond"')
    life = life_of(console.hub, busy.appointment)
    assert UNREADABLE in [step.sentence for step in life.steps]
    assert "school" not in [one.name for one in recipients_of(life)]


# --- FHIR


def test_decisions_and_disclosures_are_taken_away_as_fhir(console: Console, busy: Busy) -> None:
    """As a Bundle of AuditEvents, for a reason that stands in the ledger."""
    guest = with_reason(console, busy.anna)
    assert (
        f'href="/events/{busy.appointment}/audit-events"'
        in guest.get(f"/events/{busy.appointment}").text
    )
    answer = guest.get(f"/events/{busy.appointment}/audit-events")
    assert answer.headers["content-type"] == "application/fhir+json"
    kinds = {entry["resource"]["resourceType"] for entry in answer.json()["entry"]}
    assert kinds == {"AuditEvent"}
    what = "an event's decisions as FHIR AuditEvents"
    assert looks(console.hub)[-1] == ("auditor", what, busy.anna, REASON)


def test_without_a_reason_nothing_is_taken_away(console: Console, busy: Busy) -> None:
    """Nor by a reviewer, whose role takes nothing away."""
    path = f"/events/{busy.appointment}/audit-events"
    assert "/why" in console.sign_in(Role.AUDITOR).get(path).headers["location"]
    reviewer = with_reason(console, busy.anna, Role.REVIEWER)
    assert reviewer.get(path).status_code == 403
    assert "audit-events" not in reviewer.get(f"/events/{busy.appointment}").text


# --- run this decision again


def test_a_decision_made_again_comes_out_the_same(console: Console, busy: Busy) -> None:
    """The page says so, beside the decision; the look is recorded."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    position = decision_of(console.hub, busy.appointment, "school")
    answer = guest.post(f"{path}/again", page=path, position=position)
    assert answer.status_code == 200
    assert "It comes out the same" in answer.text
    what = f"the decision at entry {position} made again"
    assert looks(console.hub)[-1] == ("auditor", what, busy.anna, REASON)


def test_a_disclosure_is_made_again_too(console: Console, busy: Busy) -> None:
    """The keys that were given must follow."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    life = life_of(console.hub, busy.appointment)
    position = next(step.position for step in life.steps if step.kind == "release")
    answer = guest.post(f"{path}/again", page=path, position=position)
    assert "It comes out the same" in answer.text


def test_what_differs_is_shown_field_by_field(console: Console, busy: Busy) -> None:
    """Of an entry that somebody altered, whose reason is another now."""
    position = decision_of(console.hub, busy.refused, "school")
    forge(console.hub, position, '"no-consent"', '"consent-refused"')
    guest = with_reason(console, busy.ben)
    path = f"/events/{busy.refused}"
    page = guest.post(f"{path}/again", page=path, position=position).text
    assert "It does not come out the same" in page
    assert "&#34;consent-refused&#34;" in page
    assert "&#34;no-consent&#34;" in page


@pytest.mark.parametrize("position", ["", "-1", "0", "999999", "1" * 40, "x", "\x01", "\u0661"])
def test_only_the_events_own_decisions_are_made_again(
    console: Console, busy: Busy, position: str
) -> None:
    """Whatever is sent as a position."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    assert guest.post(f"{path}/again", page=path, position=position).status_code == 404


def test_without_a_reason_nothing_is_made_again(console: Console, busy: Busy) -> None:
    """The page asks for it."""
    guest = console.sign_in(Role.AUDITOR)
    position = decision_of(console.hub, busy.appointment, "school")
    answer = guest.post(f"/events/{busy.appointment}/again", page="/search", position=position)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/events/{busy.appointment}")


def test_an_event_for_all_has_a_section_for_each(console: Console, busy: Busy) -> None:
    """Each recipient with a decision of its own."""
    asked = section(ADVICE_REQUESTED, requested_on="2026-01-01", kind="health", due_on="2026-02-12")
    event = happening(ADVICE_REQUESTED, "council", ANNA.identity(), asked)
    take(console.hub, event)
    page = with_reason(console, busy.anna).get(f"/events/{ref_of(console.hub, event)}").text
    assert len(re.findall(r'<section class="hub-section"', page)) == 3
