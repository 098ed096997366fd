"""The page of one event: its timeline, its decisions with reasons, and replays."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from consent.reasons import Reason
from hub.casework.children.changes import erase, merge
from hub.console.views.event_decisions import recipients_of
from hub.evidence.event_timeline import UNREADABLE, life_of
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from schemas.roles import Role
from tests.events import (
    ADVICE_REQUESTED,
    DIAGNOSIS,
    appointed,
    event_of,
    recorded,
    section,
    withdrawn,
)
from tests.hub.console.busy import ANNA, BEN, REASON, Busy, looks, make_busy, say_why
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, ref_of, take

WORD = Attribution("jmalik", "CASE-9")


@pytest.fixture
def busy(console: Console) -> Busy:
    """A console over a hub where things happened."""
    return make_busy(console.hub)


def with_reason(console: Console, child: str, role: Role = Role.AUDITOR) -> Guest:
    """Sign in with a reason for access to a child."""
    guest = console.sign_in(role)
    say_why(guest, child)
    return guest


def decision_of(hub: Hub, event: str, recipient: str) -> int:
    """Return the entry of an event's decision for a recipient."""
    life = life_of(hub, event)
    return next(
        one.position for one in life.explained.decisions if one.decision.recipient == recipient
    )


def forge(hub: Hub, position: int, old: str, new: str) -> None:
    """Alter an entry in the store."""
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


def test_an_event_asks_for_a_reason_first(console: Console, busy: Busy) -> None:
    """Nothing of it is shown before."""
    answer = console.sign_in(Role.AUDITOR).get(f"/events/{busy.appointment}")
    assert answer.status_code == 303
    onward = f"next=%2Fevents%2F{busy.appointment}"
    assert answer.headers["location"] == f"/children/{busy.anna}/why?{onward}"


def test_the_access_is_in_the_ledger(console: Console, busy: Busy) -> None:
    """With the child and the reason."""
    with_reason(console, busy.anna).get(f"/events/{busy.appointment}")
    assert looks(console.hub)[-1] == ("auditor", "the timeline of an event", busy.anna, REASON)


def test_the_timeline_goes_from_receipt_to_receipt(console: Console, busy: Busy) -> None:
    """In the order of the ledger, each with its entry."""
    guest = with_reason(console, busy.anna)
    page = guest.get(f"/events/{busy.appointment}").text
    timeline = page[page.index('id="timeline"') : page.index('id="decisions"')]
    entries = [int(one) for one in re.findall(r'href="/integrity/entries/(\d+)"', timeline)]
    assert entries == sorted(entries)
    kinds = [step.kind for step in life_of(console.hub, busy.appointment).steps]
    assert (kinds[0], kinds[-1]) == ("event-received", "receipt")
    assert len(entries) == len(kinds)
    assert timeline.index("River Clinic") < timeline.index("Oak School")


def test_it_shows_what_was_shared_and_the_grounds(console: Console, busy: Busy) -> None:
    """Fields, rule, agreement with its version, basis, directive and its authority."""
    page = ConsolePage(with_reason(console, busy.anna).get(f"/events/{busy.appointment}"))
    position = decision_of(console.hub, busy.appointment, "school")
    (health,) = [row for row in page.rows(f"parts-{position}") if row[0] == "health"]
    _, outcome, fields, why = health
    assert outcome == "Shared"
    assert fields.startswith("start, status")
    assert "appointment id, location, reason" in fields
    assert "/agreements/test-sharing/1#appointments" in page.links
    for fact in (
        "What the agencies of the tests may tell each other, version 1",
        "UK GDPR Article 6(1)(e); Article 9(2)(h); confidentiality met by consent",
        busy.directive,
        "parental responsibility",
        "not withdrawn",
    ):
        assert fact in why


def test_a_refusal_is_shown_with_its_reason(console: Console, busy: Busy) -> None:
    """The school receives nothing about Ben's appointment."""
    page = ConsolePage(with_reason(console, busy.ben).get(f"/events/{busy.refused}"))
    position = decision_of(console.hub, busy.refused, "school")
    rows = page.rows(f"parts-{position}")
    assert {row[1] for row in rows} == {"Withheld"}
    (health,) = [row for row in rows if row[0] == "health"]
    assert health[3].startswith(Reason.NO_CONSENT.sentence)


def test_a_withdrawal_is_seen(console: Console, busy: Busy) -> None:
    """The directive that it was based on is no longer in force."""
    take(console.hub, withdrawn(ANNA, "1"))
    page = with_reason(console, busy.anna).get(f"/events/{busy.appointment}").text
    assert ", withdrawn 2" in page


def test_a_held_event_has_no_child_and_needs_no_reason(console: Console, busy: Busy) -> None:
    """A person must identify the child first."""
    answer = console.sign_in(Role.REVIEWER).get(f"/events/{busy.held}")
    assert answer.status_code == 200
    assert "/children/" not in " ".join(ConsolePage(answer).links)
    assert looks(console.hub)[-1] == ("reviewer", "the timeline of an event", None, "")


def test_a_merged_childs_event_is_its_survivors(console: Console, busy: Busy) -> None:
    """The reason is asked for the surviving child."""
    merge(console.hub, busy.ben, busy.anna, WORD)
    guest = console.sign_in(Role.AUDITOR)
    assert f"/children/{busy.anna}/why" in guest.get(f"/events/{busy.refused}").headers["location"]


def test_an_erased_childs_event_still_shows_its_reasons(console: Console, busy: Busy) -> None:
    """The ledger has no content; an erased directive is named by its id, without a link."""
    event = appointed(BEN, "A9")
    take(console.hub, recorded(BEN, "9"), event)
    erase(console.hub, busy.ben, WORD)
    (directive,) = [
        body["directive"]["id"]
        for body in ledger(console.hub, "directive-recorded")
        if body["directive"]["child"] == busy.ben
    ]
    page = with_reason(console, busy.ben).get(f"/events/{ref_of(console.hub, event)}")
    assert page.status_code == 200
    assert directive in page.text
    assert f"directives/{directive}" not in page.text


def test_only_the_existence_of_a_record_may_be_shared(console: Console, busy: Busy) -> None:
    """The table says so."""
    assert busy
    diagnosis = section(DIAGNOSIS, condition={"code": "15188001"}, recorded_on="2026-01-01")
    event = event_of(DIAGNOSIS, "clinic", ANNA.identity(), diagnosis)
    take(console.hub, event)
    ref = ref_of(console.hub, event)
    page = ConsolePage(with_reason(console, busy.anna).get(f"/events/{ref}"))
    decisions = [one.position for one in life_of(console.hub, ref).explained.decisions]
    rows = [row for position in decisions for row in page.rows(f"parts-{position}")]
    assert ("health", "Existence only") in {(row[0], row[1]) for row in rows}


def test_an_unknown_event_is_not_found(console: Console) -> None:
    """Nor is what cannot be an event's reference."""
    guest = console.sign_in(Role.AUDITOR)
    assert guest.get("/events/e-1").status_code == 404
    assert guest.get("/events/%00").status_code in {404, 422}


def test_an_operator_sees_no_event(console: Console, busy: Busy) -> None:
    """Not even one without a child."""
    guest = console.sign_in(Role.OPERATOR)
    assert guest.get(f"/events/{busy.held}").status_code == 403
    assert guest.post(f"/events/{busy.appointment}/again", position="1").status_code == 403


def test_a_reviewer_sees_no_link_to_the_childs_page(console: Console, busy: Busy) -> None:
    """A page has no link that the role may not open."""
    guest = with_reason(console, busy.anna, Role.REVIEWER)
    page = guest.get(f"/events/{busy.appointment}").text
    assert "/integrity/entries/" in page
    assert f'href="/children/{busy.anna}"' not in page


def test_an_unreadable_entry_is_marked(console: Console, busy: Busy) -> None:
    """The other entries are shown."""
    position = decision_of(console.hub, busy.appointment, "school")
    forge(console.hub, position, '"kind"', '"kond"')
    life = life_of(console.hub, busy.appointment)
    assert UNREADABLE in [step.sentence for step in life.steps]
    assert "school" not in [one.name for one in recipients_of(life)]


# --- FHIR


def test_decisions_and_disclosures_can_be_downloaded_as_fhir(console: Console, busy: Busy) -> None:
    """As a Bundle of AuditEvents, with the reason in the ledger."""
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


def test_without_a_reason_nothing_is_downloaded(console: Console, busy: Busy) -> None:
    """Nor by a reviewer, whose role has no downloads."""
    path = f"/events/{busy.appointment}/audit-events"
    assert "/why" in console.sign_in(Role.AUDITOR).get(path).headers["location"]
    reviewer = with_reason(console, busy.anna, Role.REVIEWER)
    assert reviewer.get(path).status_code == 403
    assert "audit-events" not in reviewer.get(f"/events/{busy.appointment}").text


# --- replaying a decision


def test_a_replayed_decision_has_the_same_outcome(console: Console, busy: Busy) -> None:
    """The page says so beside the decision; the access is recorded."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    position = decision_of(console.hub, busy.appointment, "school")
    answer = guest.post(f"{path}/again", page=path, position=position)
    assert answer.status_code == 200
    assert ConsolePage(answer).classes("hub-again") == {"hub-again"}
    what = f"a replay of the decision at entry {position}"
    assert looks(console.hub)[-1] == ("auditor", what, busy.anna, REASON)


def test_a_disclosure_can_be_replayed_too(console: Console, busy: Busy) -> None:
    """The released keys must follow from it."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    life = life_of(console.hub, busy.appointment)
    position = next(step.position for step in life.steps if step.kind == "release")
    answer = guest.post(f"{path}/again", page=path, position=position)
    assert ConsolePage(answer).classes("hub-again") == {"hub-again"}


def test_what_differs_is_shown_field_by_field(console: Console, busy: Busy) -> None:
    """For an entry whose reason was altered in the store."""
    position = decision_of(console.hub, busy.refused, "school")
    forge(console.hub, position, '"no-consent"', '"consent-refused"')
    guest = with_reason(console, busy.ben)
    path = f"/events/{busy.refused}"
    page = ConsolePage(guest.post(f"{path}/again", page=path, position=position))
    assert "hub-again--alert" in page.classes("hub-again")
    differences = {(logged, replayed) for _, logged, replayed in page.rows("differences")}
    assert ('"consent-refused"', '"no-consent"') in differences


@pytest.mark.parametrize("position", ["", "-1", "0", "999999", "1" * 40, "x", "\x01", "\u0661"])
def test_only_the_events_own_decisions_can_be_replayed(
    console: Console, busy: Busy, position: str
) -> None:
    """For any position that is sent."""
    guest = with_reason(console, busy.anna)
    path = f"/events/{busy.appointment}"
    assert guest.post(f"{path}/again", page=path, position=position).status_code == 404


def test_without_a_reason_nothing_is_replayed(console: Console, busy: Busy) -> None:
    """The page asks for it."""
    guest = console.sign_in(Role.AUDITOR)
    position = decision_of(console.hub, busy.appointment, "school")
    answer = guest.post(f"/events/{busy.appointment}/again", page="/search", position=position)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/events/{busy.appointment}")


def test_an_event_for_all_has_a_section_for_each(console: Console, busy: Busy) -> None:
    """Each recipient with a decision of its own."""
    asked = section(ADVICE_REQUESTED, requested_on="2026-01-01", kind="health", due_on="2026-02-12")
    event = event_of(ADVICE_REQUESTED, "council", ANNA.identity(), asked)
    take(console.hub, event)
    page = with_reason(console, busy.anna).get(f"/events/{ref_of(console.hub, event)}").text
    assert len(re.findall(r'<section class="hub-section"', page)) == 3
