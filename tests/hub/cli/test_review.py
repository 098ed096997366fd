"""``hub review`` and the changes of ``hub child``: what a person types, and what is said back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.events import Child, registered
from tests.hub.hubs import doubtful_absence, doubtful_referral

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

WHO = ("--by", "jmalik", "--reason", "CASE-104")
ANNA = Child(1)


@pytest.fixture
def held(cli: Cli) -> str:
    """The id of a review that holds a referral, which may be Anna's."""
    cli.child(1)
    cli.take("clinic", doubtful_referral(ANNA))
    return str(cli.run("review", "list", "--json").json["id"])


def only_child(cli: Cli) -> str:
    """The id of the one child there is."""
    ((child,),) = cli.sql("SELECT child FROM children")
    return str(child)


def test_no_open_review_is_one_sentence_and_no_json(cli: Cli) -> None:
    """No table without rows."""
    ran = cli.run("review", "list")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    assert cli.run("review", "list", "--json").out == ""


def test_a_review_is_listed_with_its_cause_and_no_name(cli: Cli, held: str) -> None:
    """As a table and as JSON."""
    ran = cli.run("review", "list")
    assert held in ran.out
    assert "possible-match" in ran.out
    assert ANNA.family_name not in ran.out + cli.run("review", "list", "--json").out


def test_show_sets_the_event_beside_its_candidates(cli: Cli, held: str) -> None:
    """So that a person can tell whether they are one."""
    shown = cli.run("review", "show", held, *WHO, "--json").json
    assert shown["event_says"]["family_name"] == ANNA.family_name
    assert shown["candidates"][0]["child"] == only_child(cli)
    assert ANNA.family_name in cli.run("review", "show", held, *WHO).out


def test_accept_lets_the_event_go_on(cli: Cli, held: str) -> None:
    """And says what became of it."""
    child = only_child(cli)
    ran = cli.run("review", "accept", held, "--child", child, *WHO, "--json")
    assert ran.code == 0
    assert (ran.json["outcome"], ran.json["child"]) == ("accepted", child)
    assert [event["outcome"] for event in ran.json["events"]] == ["decided"]
    assert cli.run("review", "list", "--all", "--json").json["closed_by"] == "jmalik"


def test_reject_of_what_introduces_nobody_ends_with_1(cli: Cli) -> None:
    """The event waits in the quarantine."""
    cli.child(1)
    cli.take("school", doubtful_absence(ANNA))
    review = cli.run("review", "list", "--json").json["id"]
    ran = cli.run("review", "reject", review, *WHO)
    assert ran.code == 1
    assert "child-unknown" in ran.out


def test_accept_needs_an_answer(cli: Cli, held: str) -> None:
    """Neither a child nor --new is a wrong command."""
    ran = cli.run("review", "accept", held, *WHO)
    assert ran.code == 2
    assert "--child ID, or --new" in ran.err


def test_an_unknown_review_is_named_as_such(cli: Cli) -> None:
    """With where to look."""
    ran = cli.run("review", "reject", "nothing", *WHO)
    assert ran.code == 2
    assert "hub review list" in ran.err


def test_children_are_merged(cli: Cli) -> None:
    """Both ids then mean the survivor."""
    one = cli.child(1)
    other = cli.child(2)
    ran = cli.run("child", "merge", other, one, *WHO, "--json")
    assert (ran.code, ran.json["child"], ran.json["voided"]) == (0, one, 1)
    found = cli.run("child", "find", "--child", other, *WHO, "--json")
    assert found.json["children"][0]["child"] == one


def test_a_child_is_split_by_a_number_from_standard_input(cli: Cli) -> None:
    """So that it does not stay in the shell's history."""
    child = cli.child(1)
    ran = cli.run(
        "child", "split", child, "--identifier", "upn:-", *WHO, "--json", stdin=f"{ANNA.upn}\n"
    )
    assert ran.code == 0
    found = cli.run("child", "find", "--upn", ANNA.upn, *WHO, "--json")
    assert found.json["children"][0]["child"] == ran.json["child"] != child


@pytest.mark.parametrize("text", ["upn", "passport:1", "upn:"])
def test_a_split_takes_system_and_value(cli: Cli, text: str) -> None:
    """Anything else is a wrong command."""
    assert cli.run("child", "split", cli.child(1), "--identifier", text, *WHO).code == 2


def test_erasing_must_be_meant(cli: Cli) -> None:
    """Where nobody can be asked, --yes says so."""
    child = cli.child(1)
    assert cli.run("child", "erase", child, *WHO).code == 2
    assert cli.run("child", "erase", child, *WHO, "--yes").code == 0
    assert cli.run("child", "find", "--upn", ANNA.upn, *WHO).code == 1


def test_after_an_erasure_the_ledger_verifies(cli: Cli) -> None:
    """And says in words that it was done."""
    child = cli.child(1)
    cli.run("child", "erase", child, *WHO, "--yes")
    assert cli.run("audit", "verify").code == 0
    assert cli.ledger("child-erased")[0]["child"] == child


def test_a_child_erased_and_registered_again_is_another(cli: Cli) -> None:
    """Nothing ties the two."""
    child = cli.child(1)
    cli.run("child", "erase", child, *WHO, "--yes")
    cli.take("school", registered(ANNA, record="again"))
    assert only_child(cli) != child
