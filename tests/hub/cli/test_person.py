"""``hub person``: who may sign in to the console, and as what."""

from __future__ import annotations

from typing import Any

from tests.hub.cli.conftest import Desk

PASSWORD = "correct horse battery\n"
ADD = ("person", "add", "jmalik", "--role", "auditor", "--by", "admin")


def people(desk: Desk) -> list[dict[str, Any]]:
    """All accounts."""
    listed: list[dict[str, Any]] = desk.run("person", "list", "--json").json["people"]
    return listed


def test_an_account_is_added_with_its_roles(desk: Desk) -> None:
    """The password is read, kept as a hash alone, and stands in the ledger nowhere."""
    assert desk.run(*ADD, "--role", "reviewer", stdin=PASSWORD).code == 0
    (one,) = people(desk)
    assert (one["person"], one["roles"]) == ("jmalik", ["auditor", "reviewer"])
    (kept,) = desk.sql(("SELECT credential FROM accounts",))[0]
    assert kept.startswith("$argon2id$")
    assert desk.ledger("account-changed")[-1] == {
        "act": "added",
        "person": "jmalik",
        "roles": ["auditor", "reviewer"],
        "by": "admin",
    }


def test_a_made_password_is_shown_once_and_is_long(desk: Desk) -> None:
    """For whoever sets somebody up."""
    made = desk.run(*ADD, "--generate", "--json").json
    assert len(made["password"]) >= 16


def test_what_cannot_be_an_account_is_refused(desk: Desk) -> None:
    """A short password, a name that is none, one that is taken, no role."""
    assert "12 to 256" in desk.run(*ADD, stdin="too short\n").err
    odd = ("person", "add", "J Malik", "--role", "auditor", "--by", "admin")
    assert "lower-case letters" in desk.run(*odd, stdin=PASSWORD).err
    assert "without a role" in desk.run("person", "add", "x2", "--by", "a", stdin=PASSWORD).err
    desk.run(*ADD, stdin=PASSWORD)
    again = desk.run(*ADD, stdin=PASSWORD)
    assert (again.code, "already" in again.err) == (2, True)
    assert [one["person"] for one in people(desk)] == ["jmalik"]


def test_an_account_is_changed_and_closed_on_record(desk: Desk) -> None:
    """Every act stands in the ledger, with who did it; a closed account cannot be changed."""
    desk.run(*ADD, stdin=PASSWORD)
    by = ("--by", "admin")
    assert desk.run("person", "roles", "jmalik", "--role", "operator", *by).code == 0
    assert desk.run("person", "password", "jmalik", *by, stdin=PASSWORD).code == 0
    assert desk.run("person", "unlock", "jmalik", *by).code == 0
    assert desk.run("person", "disable", "jmalik", *by).code == 0
    acts = [body["act"] for body in desk.ledger("account-changed")]
    assert acts == ["added", "roles", "password", "unlocked", "disabled"]
    assert desk.run("person", "unlock", "jmalik", *by).code == 2
    assert people(desk)[0]["disabled_at"]


def test_a_token_is_for_an_account_that_is_open(desk: Desk) -> None:
    """It is shown once; what is kept of it is a hash."""
    desk.run(*ADD, stdin=PASSWORD)
    token = desk.run("person", "token", "jmalik", "--json").json["token"]
    ((kept,),) = desk.sql(("SELECT token FROM sessions",))
    assert kept != token
    assert len(kept) == 64
    assert desk.run("person", "token", "nobody").code == 2


def test_the_ledger_reads_as_sentences(desk: Desk) -> None:
    """Who gave whom what."""
    desk.run(*ADD, stdin=PASSWORD)
    desk.run("person", "unlock", "jmalik", "--by", "admin")
    out = desk.run("audit", "tail", "-n", "2").out
    assert "admin created an account for jmalik as auditor." in out
    assert "admin unlocked the account of jmalik." in out
