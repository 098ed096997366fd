"""``hub person``: who may sign in to the console, and as what."""

from __future__ import annotations

from typing import Any

from tests.hub.cli.conftest import Cli

PASSWORD = "correct horse battery\n"
ADD = ("person", "add", "jmalik", "--role", "auditor", "--by", "admin")


def people(cli: Cli) -> list[dict[str, Any]]:
    """All accounts."""
    listed: list[dict[str, Any]] = cli.run("person", "list", "--json").json["people"]
    return listed


def test_an_account_is_added_with_its_roles(cli: Cli) -> None:
    """The password is read, kept as a hash alone, and stands in the ledger nowhere."""
    assert cli.run(*ADD, "--role", "reviewer", stdin=PASSWORD).code == 0
    (one,) = people(cli)
    assert (one["person"], one["roles"]) == ("jmalik", ["auditor", "reviewer"])
    (kept,) = cli.sql(("SELECT credential FROM accounts",))[0]
    assert kept.startswith("$argon2id$")
    assert cli.ledger("account-changed")[-1] == {
        "act": "added",
        "person": "jmalik",
        "roles": ["auditor", "reviewer"],
        "by": "admin",
    }


def test_a_made_password_is_shown_once_and_is_long(cli: Cli) -> None:
    """For whoever sets somebody up."""
    made = cli.run(*ADD, "--generate", "--json").json
    assert len(made["password"]) >= 16


def test_what_cannot_be_an_account_is_refused(cli: Cli) -> None:
    """A short password, a name that is none, one that is taken, no role."""
    assert "12 to 256" in cli.run(*ADD, stdin="too short\n").err
    odd = ("person", "add", "J Malik", "--role", "auditor", "--by", "admin")
    assert "lower-case letters" in cli.run(*odd, stdin=PASSWORD).err
    assert "without a role" in cli.run("person", "add", "x2", "--by", "a", stdin=PASSWORD).err
    cli.run(*ADD, stdin=PASSWORD)
    again = cli.run(*ADD, stdin=PASSWORD)
    assert (again.code, "already" in again.err) == (2, True)
    assert [one["person"] for one in people(cli)] == ["jmalik"]


def test_an_account_is_changed_and_closed_on_record(cli: Cli) -> None:
    """Every act stands in the ledger, with who did it; a closed account cannot be changed."""
    cli.run(*ADD, stdin=PASSWORD)
    by = ("--by", "admin")
    assert cli.run("person", "roles", "jmalik", "--role", "operator", *by).code == 0
    assert cli.run("person", "password", "jmalik", *by, stdin=PASSWORD).code == 0
    assert cli.run("person", "unlock", "jmalik", *by).code == 0
    assert cli.run("person", "disable", "jmalik", *by).code == 0
    acts = [body["act"] for body in cli.ledger("account-changed")]
    assert acts == ["added", "roles", "password", "unlocked", "disabled"]
    assert cli.run("person", "unlock", "jmalik", *by).code == 2
    assert people(cli)[0]["disabled_at"]


def test_a_token_is_for_an_account_that_is_open(cli: Cli) -> None:
    """It is shown once; what is kept of it is a hash."""
    cli.run(*ADD, stdin=PASSWORD)
    token = cli.run("person", "token", "jmalik", "--json").json["token"]
    ((kept,),) = cli.sql(("SELECT token FROM sessions",))
    assert kept != token
    assert len(kept) == 64
    assert cli.run("person", "token", "nobody").code == 2


def test_the_ledger_reads_as_sentences(cli: Cli) -> None:
    """Who gave whom what."""
    cli.run(*ADD, stdin=PASSWORD)
    cli.run("person", "unlock", "jmalik", "--by", "admin")
    out = cli.run("audit", "tail", "-n", "2").out
    assert "admin created an account for jmalik as auditor." in out
    assert "admin unlocked the account of jmalik." in out
