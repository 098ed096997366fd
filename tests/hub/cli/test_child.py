"""``hub child find``: by an identifier, with a reason, and never without a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from schemas.identifiers import la_child_id
from tests.events import Child, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran

WHO = ("--by", "jmalik", "--reason", "CASE-104")


def find(cli: Cli, *arguments: str, stdin: str = "") -> Ran:
    """Look for a child, as somebody, for a reason."""
    return cli.run("child", "find", *arguments, *WHO, stdin=stdin)


def test_a_child_is_found_by_its_numbers(cli: Cli) -> None:
    """By NHS number, UPN and the hub's own id alike."""
    child, own = Child(1), cli.child(1)
    for named in (("--nhs-number", child.nhs), ("--upn", child.upn), ("--child", own)):
        (found,) = find(cli, *named, "--json").json["children"]
        assert found["child"] == own
        assert found["involved"] == ["school"]


def test_values_are_shown_only_on_request(cli: Cli) -> None:
    """Systems and assurances always, values with --show."""
    child = Child(1)
    cli.child(1)
    shy = find(cli, "--upn", child.upn, "--json")
    assert child.nhs not in shy.out
    assert {i["system"] for i in shy.json["children"][0]["identifiers"]} == {"nhs-number", "upn"}
    open_ = find(cli, "--upn", child.upn, "--json", "--show")
    assert child.nhs in open_.out
    assert child.nhs not in find(cli, "--upn", child.upn).out


def test_every_look_stands_in_the_ledger(cli: Cli) -> None:
    """Who, why, and which child; never the identifier."""
    child, own = Child(1), cli.child(1)
    find(cli, "--upn", child.upn)
    find(cli, "--upn", Child(2).upn)
    first, second = cli.ledger("data-accessed")
    assert (first["by"], first["reason"], first["child"]) == ("jmalik", "CASE-104", own)
    assert second["child"] is None
    assert child.upn not in str(cli.ledger("data-accessed"))


def test_nobody_found_ends_with_1(cli: Cli) -> None:
    """It is no error, and a script can tell."""
    ran = find(cli, "--upn", Child(7).upn, "--json")
    assert (ran.code, ran.json) == (1, {"children": []})


def test_a_number_can_come_from_standard_input(cli: Cli) -> None:
    """So that it does not stay in the shell's history."""
    own = cli.child(1)
    ran = find(cli, "--nhs-number", "-", "--json", stdin=f"{Child(1).nhs}\n")
    assert ran.json["children"][0]["child"] == own


def test_a_local_authoritys_id_needs_its_issuer(cli: Cli) -> None:
    """The same number means other children elsewhere."""
    event = registered(Child(3))
    known = event.identity.model_copy(update={"la_child_id": la_child_id("L7", "999")})
    cli.take("school", replace(event, sections={**event.sections, known.category: known}))
    assert find(cli, "--la-child-id", "L7").code == 2
    assert find(cli, "--la-child-id", "L7", "--issuer", "998").code == 1
    assert find(cli, "--la-child-id", "L7", "--issuer", "999").code == 0


@pytest.mark.parametrize("number", ["9990000001", "12", ""])
def test_a_wrong_number_is_never_looked_up(cli: Cli, number: str) -> None:
    """A wrong check digit is said, without quoting the number."""
    ran = find(cli, "--nhs-number", number)
    assert ran.code == 2
    assert ran.err.startswith("hub: bad-identifier: This is not a good nhs number")
    assert cli.ledger("data-accessed") == []


def test_exactly_one_way_of_naming(cli: Cli) -> None:
    """None, or two, is wrong usage."""
    assert find(cli).code == 2
    assert find(cli, "--upn", "x", "--child", "y").code == 2


@pytest.mark.parametrize("by", ["", " ", "x" * 41, "a\x1bb"])
def test_who_looks_is_told_in_good_order(cli: Cli, by: str) -> None:
    """An empty, endless or unprintable name does not get into the ledger."""
    ran = cli.run("child", "find", "--child", "x", "--by", by, "--reason", "y")
    assert ran.code == 2
    assert "--by takes" in ran.err
