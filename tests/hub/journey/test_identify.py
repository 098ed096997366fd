"""Who an event is about: exact matches link, doubts are held, nothing is guessed."""

from __future__ import annotations

import pytest

from consent.reasons import ReviewCause
from hub.journey.identify import ChildIdentified, Doubt, Stranger, identify, usable_identifiers
from hub.journey.matching import particulars_of
from schemas.event import Event
from schemas.identifiers import Assurance, Identifier, upn_check_letter
from schemas.identifiers import upn as read_upn
from schemas.people import Identity
from tests.events import REGISTERED, Child, absent, event_of, referred, registered
from tests.hub.knowledge import Memory

ANNA, BEN = Child(1), Child(2)


def knowing(*events: Event) -> Memory:
    """A memory in which each event introduced a child: child-0, child-1..."""
    known = Memory()
    for number, event in enumerate(events):
        for n in usable_identifiers(event.identity, event.source):
            known.names[n.system, n.issuer, n.value] = f"child-{number}"
        known.people[f"child-{number}"] = particulars_of(event)
    return known


def about(**changes: object) -> Event:
    """Anna's registration with her identity changed."""
    own = registered(ANNA).sections["education"]
    return event_of(REGISTERED, "school", ANNA.identity(**changes), own)


def test_a_known_number_finds_its_child() -> None:
    """Another agency's event with the same NHS number is about the same child."""
    assert identify(referred(ANNA), knowing(registered(ANNA)), "new") == ChildIdentified("child-0")


def test_an_unknown_child_is_introduced_by_an_event_that_begins_a_part() -> None:
    """It gets the id that was held ready."""
    assert identify(registered(ANNA), Memory(), "new") == ChildIdentified("new", new=True)


def test_an_unknown_child_is_a_stranger_to_any_other_event() -> None:
    """A concern about nobody introduces nobody."""
    assert identify(absent(ANNA), Memory(), "new") == Stranger()


def test_numbers_of_two_children_are_a_conflict() -> None:
    """Both are named as candidates."""
    event = about(upn=BEN.identity().upn)
    found = identify(event, knowing(registered(ANNA), registered(BEN)), "new")
    assert found == Doubt(ReviewCause.IDENTITY_CONFLICT, ("child-0", "child-1"))


def test_a_known_number_with_another_name_and_birth_date_is_a_conflict() -> None:
    """The number was mistyped into another child's record."""
    event = about(family_name="Otherwise", birth_date="2012-12-12")
    found = identify(event, knowing(registered(ANNA)), "new")
    assert found == Doubt(ReviewCause.IDENTITY_CONFLICT, ("child-0",))


@pytest.mark.parametrize("changes", [{"family_name": "Married"}, {"birth_date": "2012-12-12"}])
def test_a_known_number_with_one_particular_changed_still_finds_its_child(
    changes: dict[str, str],
) -> None:
    """Names change and dates are mistyped; one of both does not undo a number."""
    assert identify(about(**changes), knowing(registered(ANNA)), "new") == ChildIdentified(
        "child-0"
    )


def test_a_second_nhs_number_for_a_child_is_a_conflict() -> None:
    """Every child has just one."""
    event = about(nhs_number=BEN.identity().nhs_number)
    assert isinstance(identify(event, knowing(registered(ANNA)), "new"), Doubt)


def test_a_new_upn_is_taken_where_the_event_names_the_former_one() -> None:
    """A child whose UPN was changed stays the child it was."""
    event = about(upn=read_upn(BEN.upn), former_upn=read_upn(ANNA.upn))
    assert identify(event, knowing(registered(ANNA)), "new") == ChildIdentified("child-0")


def test_a_permanent_upn_may_replace_a_temporary_one() -> None:
    """A temporary UPN ends in a letter and is meant to be replaced."""
    rest = "89940010000A"
    temporary = read_upn(upn_check_letter(rest) + rest)
    known = knowing(about(upn=temporary))
    assert identify(registered(ANNA), known, "new") == ChildIdentified("child-0")


def test_the_same_name_and_birth_date_without_a_number_is_a_possible_match() -> None:
    """Very likely the same child, and still for a person to say."""
    found = identify(about(nhs_number=None, upn=None), knowing(registered(ANNA)), "new")
    assert isinstance(found, Doubt)
    assert (found.cause, found.candidates) == (ReviewCause.POSSIBLE_MATCH, ("child-0",))
    assert found.score > 0.99


def test_twins_with_numbers_of_their_own_are_two_children() -> None:
    """Alike in all but given name, and each with another NHS number: no match is possible."""
    twin = about(given_name="Anita", nhs_number=BEN.identity().nhs_number, upn=BEN.identity().upn)
    assert identify(twin, knowing(registered(ANNA)), "new") == ChildIdentified("new", new=True)


def test_a_suspect_number_is_not_among_those_that_may_be_matched_on() -> None:
    """It is kept in the event and looked up nowhere."""
    wrong = Identifier(value="9990000001", assurance=Assurance.SUSPECT)
    assert usable_identifiers(Identity(nhs_number=wrong), "clinic") == ()


@pytest.mark.parametrize(
    "identity",
    [
        {"nhs_number": {"value": "9990000001", "assurance": "verified"}},
        {"nhs_number": {"value": "999 000 0026", "assurance": "verified"}},
        {"upn": {"value": "A899400100001"}},
        {"uln": {"value": "1234567890"}},
    ],
)
def test_a_number_that_cannot_be_right_is_not_matched_on_whatever_its_sender_says(
    identity: dict[str, object],
) -> None:
    """The check digit or letter is wrong, or the number is not in its normal form."""
    assert usable_identifiers(Identity.model_validate(identity), "clinic") == ()


def test_a_local_number_belongs_to_its_issuer() -> None:
    """Number 7 of the school and number 7 of the clinic are two children."""
    identity = Identity(local_id=Identifier(value="7"))
    (one,), (other,) = (usable_identifiers(identity, who) for who in ("school", "clinic"))
    assert (one.issuer, other.issuer) == ("school", "clinic")
