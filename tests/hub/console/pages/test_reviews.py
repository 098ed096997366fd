"""The review pages: the list, one review with its evidence, and closing it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from consent.reasons import ReviewCause
from hub.casework.quarantine import listed as quarantined
from hub.casework.reviews.closing import listed
from hub.intake.hub import Hub
from schemas.event import Event
from schemas.identifiers import Identifier
from schemas.people import Identity
from schemas.roles import Role
from tests.events import (
    Child,
    appointed,
    case_opened,
    event_of,
    recorded,
    registered,
    section,
    with_override,
)
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import doubtful_absence, doubtful_referral, ledger, own_id, ref_of, state, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"


def opened(console: Console, role: Role, reason: str = WHY) -> tuple[Guest, str]:
    """Sign in with a reason for the one open review; return its path too."""
    guest = console.sign_in(role)
    path = f"/reviews/{listed(console.hub)[0].id}"
    assert guest.post(f"{path}/why", page=path, reason=reason).headers["location"] == path
    return guest, path


def in_doubt(hub: Hub) -> tuple[Event, Event]:
    """A registered child, and a referral that may be about them."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    return first, doubtful


def overridden(hub: Hub) -> Event:
    """A plan that a safeguarding override shared with the school."""
    changed = section("care.plan-changed.v1", plan_kind="child-protection", change="started")
    plan = with_override(event_of("care.plan-changed.v1", "care", ANNA.identity(), changed))
    take(hub, registered(ANNA), case_opened(ANNA), plan)
    return plan


def test_the_list_groups_by_cause_with_its_sentence_and_age(console: Console) -> None:
    """Each cause with its sentence, and the age of each review."""
    in_doubt(console.hub)
    page = ConsolePage(console.sign_in(Role.REVIEWER).get("/reviews"))
    (row,) = page.rows("waits-possible-match")
    assert row[1] == "less than a day"
    assert ReviewCause.POSSIBLE_MATCH.sentence in page.text


def test_the_list_has_no_names(console: Console) -> None:
    """It has opaque ids only, and the access is in the ledger."""
    in_doubt(console.hub)
    page = console.sign_in(Role.REVIEWER).get("/reviews").text
    assert ANNA.family_name not in page
    assert ledger(console.hub, "data-accessed")[-1]["what"] == "the list of reviews"


@pytest.mark.parametrize("role", [Role.OPERATOR])
def test_a_role_without_personal_data_sees_no_review(console: Console, role: Role) -> None:
    """Neither the list nor one review."""
    in_doubt(console.hub)
    guest = console.sign_in(role)
    assert guest.get("/reviews").status_code == 403
    assert guest.get(f"/reviews/{listed(console.hub)[0].id}").status_code == 403


def test_a_review_asks_for_a_reason_first(console: Console) -> None:
    """The page that asks shows no personal data."""
    in_doubt(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    path = f"/reviews/{listed(console.hub)[0].id}"
    answer = guest.get(path)
    assert ConsolePage(answer).offers(f"{path}/why")
    assert not ConsolePage(answer).offers(f"{path}/close")
    assert ANNA.family_name not in answer.text


def test_a_review_without_a_reason_is_not_shown(console: Console) -> None:
    """The page asks again with the problem at the field."""
    in_doubt(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    path = f"/reviews/{listed(console.hub)[0].id}"
    answer = guest.post(f"{path}/why", page=path, reason="  ")
    assert answer.status_code == 400
    page = ConsolePage(answer)
    assert (page.is_error, page.problems) == (True, ["reason"])


def test_an_identity_review_sets_the_event_beside_each_candidate(console: Console) -> None:
    """Line by line; the access is recorded with its reason."""
    first, _ = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    page = guest.get(path).text
    assert page.count(ANNA.family_name) == 2
    assert "The same" in page
    assert "Only in the hub" in page
    assert "Record number of River Clinic" in page
    assert f"child:{own_id(console.hub, first)}" in page
    look = ledger(console.hub, "data-accessed")[-1]
    assert (look["by"], look["reason"]) == ("reviewer", WHY)


def test_a_number_that_fails_its_check_is_shown_and_not_compared(console: Console) -> None:
    """A person may see it although the hub does not use it."""
    wrong = Identifier(value="9990000001", assurance="suspect")
    who = Identity(**{**ANNA.identity().model_dump(), "nhs_number": wrong, "upn": None})
    made = section("health.referral-made.v1", referral_id="R1", status="active")
    take(console.hub, registered(ANNA), event_of("health.referral-made.v1", "clinic", who, made))
    guest, path = opened(console, Role.REVIEWER)
    page = guest.get(path).text
    assert "9990000001 (fails its check, never compared)" in page
    assert "Not compared" in page


def test_naming_the_child_releases_the_held_event(console: Console) -> None:
    """The page links to the event, which is now that child's."""
    first, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    choice = f"child:{own_id(console.hub, first)}"
    done = guest.post(f"{path}/close", page=path, decision=choice, reason="CASE-105")
    assert ConsolePage(done).is_done
    assert f"/events/{ref_of(console.hub, doubtful)}" in ConsolePage(done).links
    assert own_id(console.hub, doubtful) == own_id(console.hub, first)
    closed = ledger(console.hub, "review-closed")[-1]
    assert (closed["by"], closed["reason"]) == ("reviewer", "CASE-105")


def test_another_child_may_be_named_by_its_id(console: Console) -> None:
    """A reviewer is not limited to the candidates."""
    _, doubtful = in_doubt(console.hub)
    ben = registered(BEN)
    take(console.hub, ben)
    guest, path = opened(console, Role.REVIEWER)
    ids = {"decision": "other", "child": own_id(console.hub, ben)}
    guest.post(f"{path}/close", page=path, reason=WHY, **ids)
    assert own_id(console.hub, doubtful) == own_id(console.hub, ben)


def test_an_unknown_child_is_refused(console: Console) -> None:
    """With the problem at its field; the event stays held."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    answer = guest.post(f"{path}/close", page=path, decision="other", child="nobody", reason=WHY)
    assert answer.status_code == 400
    assert ConsolePage(answer).problems == ["child"]
    assert state(console.hub, doubtful) == "held"


def test_a_new_child_is_made_for_an_event_that_introduces_one(console: Console) -> None:
    """And the page says that the child is new."""
    first, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    done = guest.post(f"{path}/close", page=path, decision="new", reason=WHY)
    assert "a new child" in done.text
    assert own_id(console.hub, doubtful) != own_id(console.hub, first)


def test_an_event_that_introduces_no_child_cannot_be_about_a_new_one(console: Console) -> None:
    """The option is not offered; with none of the candidates the event is quarantined."""
    take(console.hub, registered(ANNA), doubtful_absence(ANNA))
    guest, path = opened(console, Role.REVIEWER)
    assert 'value="new"' not in guest.get(path).text
    done = guest.post(f"{path}/close", page=path, decision="none", reason=WHY)
    assert "/quarantine" in ConsolePage(done).links
    assert len(quarantined(console.hub)) == 1


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": WHY}, "decision"),
        ({"decision": "new"}, "reason"),
        ({"decision": "other", "reason": WHY}, "child"),
        ({"decision": "made-up", "reason": WHY}, "decision"),
        ({"decision": "new", "reason": "x" * 201}, "reason"),
    ],
)
def test_an_incomplete_form_closes_nothing(
    console: Console, fields: dict[str, str], problem: str
) -> None:
    """The problem is at its field."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    answer = guest.post(f"{path}/close", page=path, **fields)
    assert answer.status_code == 400
    assert ConsolePage(answer).problems == [problem]
    assert state(console.hub, doubtful) == "held"


def test_an_auditor_reads_and_cannot_close(console: Console) -> None:
    """There is no form, and a forged one is refused."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.AUDITOR)
    assert f'action="{path}/close"' not in guest.get(path).text
    answer = guest.post(f"{path}/close", page=path, decision="new", reason=WHY)
    assert answer.status_code == 403
    assert state(console.hub, doubtful) == "held"


def test_an_override_shows_who_decided_and_what_was_shared(console: Console) -> None:
    """The person's name, the reason, the limb of the law, and each agency that received data."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    page = ConsolePage(guest.get(path))
    assert "A Manager (staff reference staff-7)" in page.facts.values()
    assert "A risk of harm" in page.facts.values()
    assert any("paragraph 18" in value for value in page.facts.values())
    (shared,) = page.rows("overridden")
    assert shared[0] == "Oak School"
    assert "Care: change, plan kind" in shared[1]


@pytest.mark.parametrize(
    ("decision", "words"),
    [("accepted", "It was justified"), ("rejected", "It was not justified")],
)
def test_an_override_is_closed_with_a_named_decision(
    console: Console, decision: str, words: str
) -> None:
    """The list of closed reviews shows it, with the reviewer."""
    overridden(console.hub)
    guest, path = opened(console, Role.IG_OFFICER)
    guest.post(f"{path}/close", page=path, decision=decision, reason=WHY)
    page = guest.get("/reviews?all=1").text
    assert words in page
    assert "ig-officer" in page


def test_a_dispute_shows_both_directives(console: Console) -> None:
    """Both parents' directives with their names."""
    take(
        console.hub,
        registered(ANNA),
        recorded(ANNA, "c-1", decider_ref="mother", decider_name="Ada Example"),
        recorded(ANNA, "r-1", kind="refusal", decider_ref="father", decider_name="Bert Example"),
        event_of(
            "health.referral-made.v1",
            "clinic",
            ANNA.identity(),
            section("health.referral-made.v1", referral_id="R1", status="active"),
        ),
        appointed(ANNA),
    )
    guest, path = opened(console, Role.AUDITOR)
    page = guest.get(path).text
    assert "Ada Example" in page
    assert "Bert Example" in page
    assert len(re.findall(r"<code>d-[0-9a-f]+</code>", page)) == 2


def test_an_objection_shows_what_upholding_it_would_withhold(console: Console) -> None:
    """Every rule that shares what the objection reaches, with consent or without."""
    take(console.hub, registered(ANNA), recorded(ANNA, "o-1", kind="objection"))
    guest, path = opened(console, Role.REVIEWER)
    rules = " ".join(row[3] for row in ConsolePage(guest.get(path)).rows("stopped"))
    assert "test-sharing@1/register" in rules
    assert "test-sharing@1/appointments" in rules


def test_an_upheld_objection_is_shown_with_its_directive(console: Console) -> None:
    """The directive records that it is upheld."""
    first = registered(ANNA)
    take(console.hub, first, recorded(ANNA, "o-1", kind="objection"))
    guest, path = opened(console, Role.REVIEWER)
    done = guest.post(f"{path}/close", page=path, decision="accepted", reason=WHY)
    assert ConsolePage(done).is_done
    with console.hub.reading() as work:
        directives = work.directives_of(own_id(console.hub, first))
    (upheld,) = [directive.id for directive in directives if directive.upheld]
    assert upheld in done.text


def test_a_closed_review_is_closed_once(console: Console) -> None:
    """A late form redirects to the review."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    guest.post(f"{path}/close", page=path, decision="accepted", reason=WHY)
    late = guest.post(f"{path}/close", page="/reviews", decision="rejected", reason=WHY)
    assert (late.status_code, late.headers["location"]) == (303, path)
    assert [r.outcome for r in listed(console.hub, everything=True)] == ["accepted"]


def test_a_reason_is_shown_as_text(console: Console) -> None:
    """Markup in it stays text."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER, "<script>alert(1)</script>")
    page = guest.get(path).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_review_that_does_not_exist_is_not_found(console: Console) -> None:
    """With status 404."""
    assert console.sign_in(Role.REVIEWER).get("/reviews/nothing").status_code == 404


def test_a_young_person_to_ask_shows_the_parents_consent(console: Console) -> None:
    """With the decisions that can close it."""
    grown = ANNA.identity(birth_date=dt.date(2009, 1, 1))
    referral = section("health.referral-made.v1", referral_id="R1", status="active")
    booked = section("health.appointment-changed.v1", appointment_id="A1", status="booked")
    take(
        console.hub,
        event_of("health.referral-made.v1", "clinic", grown, referral),
        recorded(ANNA, "c-1", decider_name="Ada Example"),
        registered(ANNA),
        event_of("health.appointment-changed.v1", "clinic", grown, booked),
    )
    (review,) = [r for r in listed(console.hub) if r.cause.value == "young-person-to-ask"]
    guest = console.sign_in(Role.REVIEWER)
    path = f"/reviews/{review.id}"
    guest.post(f"{path}/why", page=path, reason=WHY)
    page = guest.get(path).text
    assert "Ada Example" in page
    assert 'name="decision"' in page
