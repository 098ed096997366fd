"""The pages on which people decide what the hub does not decide by itself."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.casework.reviews.closing import listed
from hub.intake.hub import Hub
from schemas.event import Event
from schemas.identifiers import Identifier
from schemas.people import Identity
from schemas.roles import Role
from tests.happenings import (
    Child,
    appointed,
    case_opened,
    happening,
    registered,
    said,
    section,
    with_override,
)
from tests.hub.console.conftest import Console, Guest
from tests.hub.hubs import doubtful_absence, doubtful_referral, ledger, own_id, state, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"


def opened(console: Console, role: Role, reason: str = WHY) -> tuple[Guest, str]:
    """Somebody who has said why they look at the one open review, and its path."""
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
    plan = with_override(happening("care.plan-changed.v1", "care", ANNA.identity(), changed))
    take(hub, registered(ANNA), case_opened(ANNA), plan)
    return plan


def test_the_list_groups_by_cause_with_its_sentence_and_age(console: Console) -> None:
    """Whoever reads it knows what is asked and how long it has waited."""
    in_doubt(console.hub)
    page = console.sign_in(Role.REVIEWER).get("/reviews").text
    assert "Possible match" in page
    assert "A child may be one the hub knows already: decide who it is." in page
    assert "less than a day" in page
    assert "1 matter waits" in page


def test_the_list_names_nobody(console: Console) -> None:
    """It has opaque ids only, and its look is in the ledger."""
    in_doubt(console.hub)
    page = console.sign_in(Role.REVIEWER).get("/reviews").text
    assert ANNA.family_name not in page
    assert ledger(console.hub, "data-accessed")[-1]["what"] == "the list of reviews"


@pytest.mark.parametrize("role", [Role.OPERATOR])
def test_a_role_without_personal_data_sees_no_review(console: Console, role: Role) -> None:
    """Neither the list nor one matter."""
    in_doubt(console.hub)
    guest = console.sign_in(role)
    assert guest.get("/reviews").status_code == 403
    assert guest.get(f"/reviews/{listed(console.hub)[0].id}").status_code == 403


def test_a_review_asks_why_before_it_shows_anything(console: Console) -> None:
    """Nothing personal is on the page that asks."""
    in_doubt(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    page = guest.get(f"/reviews/{listed(console.hub)[0].id}")
    assert "Why do you need to see this?" in page.text
    assert ANNA.family_name not in page.text


def test_a_review_without_a_reason_is_not_shown(console: Console) -> None:
    """The page asks again and says what is wrong."""
    in_doubt(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    path = f"/reviews/{listed(console.hub)[0].id}"
    answer = guest.post(f"{path}/why", page=path, reason="  ")
    assert answer.status_code == 400
    assert "Enter a reason" in answer.text
    assert "<title>Error: " in answer.text


def test_an_identity_review_sets_the_event_beside_each_candidate(console: Console) -> None:
    """In words, line by line; and the look is recorded with its reason."""
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
    """A person may see what the hub must not use."""
    wrong = Identifier(value="9990000001", assurance="suspect")
    who = Identity(**{**ANNA.identity().model_dump(), "nhs_number": wrong, "upn": None})
    made = section("health.referral-made.v1", referral_id="R1", status="active")
    take(console.hub, registered(ANNA), happening("health.referral-made.v1", "clinic", who, made))
    guest, path = opened(console, Role.REVIEWER)
    page = guest.get(path).text
    assert "9990000001 (fails its check, never compared)" in page
    assert "Not compared" in page


def test_naming_the_child_lets_the_held_event_flow(console: Console) -> None:
    """The page says what went on, and the event is that child's."""
    first, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    choice = f"child:{own_id(console.hub, first)}"
    done = guest.post(f"{path}/close", page=path, decision=choice, reason="CASE-105")
    assert "1 event went on" in done.text
    assert own_id(console.hub, doubtful) == own_id(console.hub, first)
    closed = ledger(console.hub, "review-closed")[-1]
    assert (closed["by"], closed["reason"]) == ("reviewer", "CASE-105")


def test_another_child_may_be_named_by_its_id(console: Console) -> None:
    """A candidate is only a hint."""
    _, doubtful = in_doubt(console.hub)
    ben = registered(BEN)
    take(console.hub, ben)
    guest, path = opened(console, Role.REVIEWER)
    ids = {"decision": "other", "child": own_id(console.hub, ben)}
    guest.post(f"{path}/close", page=path, reason=WHY, **ids)
    assert own_id(console.hub, doubtful) == own_id(console.hub, ben)


def test_a_child_the_hub_does_not_know_is_no_answer(console: Console) -> None:
    """The page says so, and the event waits on."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    answer = guest.post(f"{path}/close", page=path, decision="other", child="nobody", reason=WHY)
    assert answer.status_code == 400
    assert "The hub knows no child with this id" in answer.text
    assert state(console.hub, doubtful) == "held"


def test_a_new_child_is_made_for_an_event_that_introduces_one(console: Console) -> None:
    """And the page says that the child is new."""
    first, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    done = guest.post(f"{path}/close", page=path, decision="new", reason=WHY)
    assert "a new child" in done.text
    assert own_id(console.hub, doubtful) != own_id(console.hub, first)


def test_an_event_that_introduces_nobody_cannot_be_about_a_new_child(console: Console) -> None:
    """The choice is not offered; none of them means quarantine, and the page says so."""
    take(console.hub, registered(ANNA), doubtful_absence(ANNA))
    guest, path = opened(console, Role.REVIEWER)
    assert "It is a new child" not in guest.get(path).text
    done = guest.post(f"{path}/close", page=path, decision="none", reason=WHY)
    assert "1 event went to the quarantine" in done.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reason": WHY}, "Choose a decision"),
        ({"decision": "new"}, "Enter a reason"),
        ({"decision": "other", "reason": WHY}, "Enter the hub&#39;s id of the child"),
        ({"decision": "made-up", "reason": WHY}, "Choose one of the decisions"),
        ({"decision": "new", "reason": "x" * 201}, "200 characters or fewer"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_closed(
    console: Console, fields: dict[str, str], problem: str
) -> None:
    """Each field beside what is wrong with it."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    answer = guest.post(f"{path}/close", page=path, **fields)
    assert answer.status_code == 400
    assert problem in answer.text
    assert state(console.hub, doubtful) == "held"


def test_an_auditor_reads_and_cannot_close(console: Console) -> None:
    """There is no form, and a made-up one is refused."""
    _, doubtful = in_doubt(console.hub)
    guest, path = opened(console, Role.AUDITOR)
    assert f'action="{path}/close"' not in guest.get(path).text
    answer = guest.post(f"{path}/close", page=path, decision="new", reason=WHY)
    assert answer.status_code == 403
    assert state(console.hub, doubtful) == "held"


def test_an_override_shows_who_decided_and_what_was_shared(console: Console) -> None:
    """The person's name, the reason, the limb of the law, and each agency that was told."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    page = guest.get(path).text
    assert "A Manager (staff reference staff-7)" in page
    assert "A risk of harm" in page
    assert "Asking for consent would put the protection at risk" in page
    assert "Care: change, plan kind" in page
    assert "Oak School" in page


@pytest.mark.parametrize(
    ("decision", "words"),
    [("accepted", "It was justified"), ("rejected", "It was not justified")],
)
def test_an_override_is_closed_with_a_named_decision(
    console: Console, decision: str, words: str
) -> None:
    """And the list of closed ones says which, by whom."""
    overridden(console.hub)
    guest, path = opened(console, Role.IG_OFFICER)
    guest.post(f"{path}/close", page=path, decision=decision, reason=WHY)
    page = guest.get("/reviews?all=1").text
    assert words in page
    assert "ig-officer" in page


def test_a_dispute_shows_who_said_what(console: Console) -> None:
    """Both parents' words, whether they hold, and who wrote them down."""
    take(
        console.hub,
        registered(ANNA),
        said(ANNA, "c-1", decider_ref="mother", decider_name="Ada Example"),
        said(ANNA, "r-1", kind="refusal", decider_ref="father", decider_name="Bert Example"),
        happening(
            "health.referral-made.v1",
            "clinic",
            ANNA.identity(),
            section("health.referral-made.v1", referral_id="R1", status="active"),
        ),
        appointed(ANNA),
    )
    guest, path = opened(console, Role.AUDITOR)
    page = guest.get(path).text
    assert "Who said what" in page
    assert "Ada Example" in page
    assert "Bert Example" in page
    assert page.count("Yes, it is in force") == 2


def test_an_objection_shows_what_upholding_it_would_withhold(console: Console) -> None:
    """Every agency and purpose that rests on what an objection reaches, with consent or without."""
    take(console.hub, registered(ANNA), said(ANNA, "o-1", kind="objection"))
    guest, path = opened(console, Role.REVIEWER)
    page = guest.get(path).text
    assert "What upholding it would withhold" in page
    assert "test-sharing@1/register" in page
    assert "test-sharing@1/appointments" in page


def test_an_upheld_objection_is_told_with_its_directive(console: Console) -> None:
    """It withholds from now on."""
    first = registered(ANNA)
    take(console.hub, first, said(ANNA, "o-1", kind="objection"))
    guest, path = opened(console, Role.REVIEWER)
    done = guest.post(f"{path}/close", page=path, decision="accepted", reason=WHY)
    assert "The objection is upheld" in done.text
    with console.hub.reading() as work:
        directives = work.directives_of(own_id(console.hub, first))
    assert any(directive.upheld for directive in directives)


def test_a_closed_review_is_closed_once(console: Console) -> None:
    """A form that comes late leads to the review as it stands."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER)
    guest.post(f"{path}/close", page=path, decision="accepted", reason=WHY)
    late = guest.post(f"{path}/close", page="/reviews", decision="rejected", reason=WHY)
    assert (late.status_code, late.headers["location"]) == (303, path)
    assert [r.outcome for r in listed(console.hub, everything=True)] == ["accepted"]


def test_a_reason_is_shown_as_it_was_typed(console: Console) -> None:
    """Never as markup."""
    overridden(console.hub)
    guest, path = opened(console, Role.REVIEWER, "<script>alert(1)</script>")
    page = guest.get(path).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_review_that_does_not_exist_is_not_found(console: Console) -> None:
    """With a page that says so."""
    assert console.sign_in(Role.REVIEWER).get("/reviews/nothing").status_code == 404


def test_a_young_person_to_ask_shows_on_whose_word_it_rests(console: Console) -> None:
    """The parent's consent, and what to do."""
    grown = ANNA.identity(birth_date=dt.date(2009, 1, 1))
    referral = section("health.referral-made.v1", referral_id="R1", status="active")
    booked = section("health.appointment-changed.v1", appointment_id="A1", status="booked")
    take(
        console.hub,
        happening("health.referral-made.v1", "clinic", grown, referral),
        said(ANNA, "c-1", decider_name="Ada Example"),
        registered(ANNA),
        happening("health.appointment-changed.v1", "clinic", grown, booked),
    )
    (review,) = [r for r in listed(console.hub) if r.cause.value == "young-person-to-ask"]
    guest = console.sign_in(Role.REVIEWER)
    path = f"/reviews/{review.id}"
    guest.post(f"{path}/why", page=path, reason=WHY)
    page = guest.get(path).text
    assert "On whose word sharing rests" in page
    assert "Ada Example" in page
    assert "The young person was asked" in page
