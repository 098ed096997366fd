"""``hub child find``: by an identifier, with a reason, and never without a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from schemas.identifiers import la_child_id
from tests.happenings import Child, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Desk, Ran

WHO = ("--by", "jmalik", "--reason", "CASE-104")


def find(desk: Desk, *arguments: str, stdin: str = "") -> Ran:
    """Look for a child, as somebody, for a reason."""
    return desk.run("child", "find", *arguments, *WHO, stdin=stdin)


def test_a_child_is_found_by_its_numbers(desk: Desk) -> None:
    """By NHS number, UPN and the hub's own id alike."""
    child, own = Child(1), desk.child(1)
    for named in (("--nhs-number", child.nhs), ("--upn", child.upn), ("--child", own)):
        (found,) = find(desk, *named, "--json").json["children"]
        assert found["child"] == own
        assert found["involved"] == ["school"]


def test_values_are_shown_only_on_request(desk: Desk) -> None:
    """Systems and assurances always, values with --show."""
    child = Child(1)
    desk.child(1)
    shy = find(desk, "--upn", child.upn, "--json")
    assert child.nhs not in shy.out
    assert {i["system"] for i in shy.json["children"][0]["identifiers"]} == {"nhs-number", "upn"}
    open_ = find(desk, "--upn", child.upn, "--json", "--show")
    assert child.nhs in open_.out
    assert child.nhs not in find(desk, "--upn", child.upn).out


def test_every_look_stands_in_the_ledger(desk: Desk) -> None:
    """Who, why, and which child; never the identifier."""
    child, own = Child(1), desk.child(1)
    find(desk, "--upn", child.upn)
    find(desk, "--upn", Child(2).upn)
    first, second = desk.ledger("data-accessed")
    assert (first["by"], first["reason"], first["child"]) == ("jmalik", "CASE-104", own)
    assert second["child"] is None
    assert child.upn not in str(desk.ledger("data-accessed"))


def test_nobody_found_ends_with_1(desk: Desk) -> None:
    """It is no error, and a script can tell."""
    ran = find(desk, "--upn", Child(7).upn, "--json")
    assert (ran.code, ran.json) == (1, {"children": []})


def test_a_number_can_come_from_standard_input(desk: Desk) -> None:
    """So that it does not stay in the shell's history."""
    own = desk.child(1)
    ran = find(desk, "--nhs-number", "-", "--json", stdin=f"{Child(1).nhs}\n")
    assert ran.json["children"][0]["child"] == own


def test_a_local_authoritys_id_needs_its_issuer(desk: Desk) -> None:
    """The same number means other children elsewhere."""
    event = registered(Child(3))
    known = event.identity.model_copy(update={"la_child_id": la_child_id("L7", "999")})
    desk.take("school", replace(event, sections={**event.sections, known.category: known}))
    assert find(desk, "--la-child-id", "L7").code == 2
    assert find(desk, "--la-child-id", "L7", "--issuer", "998").code == 1
    assert find(desk, "--la-child-id", "L7", "--issuer", "999").code == 0


@pytest.mark.parametrize("number", ["9990000001", "12", ""])
def test_a_wrong_number_is_never_looked_up(desk: Desk, number: str) -> None:
    """A wrong check digit is said, without quoting the number."""
    ran = find(desk, "--nhs-number", number)
    assert ran.code == 2
    assert ran.err.startswith("hub: bad-identifier: This is not a good nhs number")
    assert desk.ledger("data-accessed") == []


def test_exactly_one_way_of_naming(desk: Desk) -> None:
    """None, or two, is wrong usage."""
    assert find(desk).code == 2
    assert find(desk, "--upn", "x", "--child", "y").code == 2


@pytest.mark.parametrize("by", ["", " ", "x" * 41, "a\x1bb"])
def test_who_looks_is_told_in_good_order(desk: Desk, by: str) -> None:
    """An empty, endless or unprintable name does not get into the ledger."""
    ran = desk.run("child", "find", "--child", "x", "--by", by, "--reason", "y")
    assert ran.code == 2
    assert "--by takes" in ran.err
