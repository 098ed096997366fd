"""``hub consent``: recorded, withdrawn and shown, each with its lines in the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.events import Child, absent, appointed, recorded, referred, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran

BY = ("--by", "jmalik")


def record(cli: Cli, *more: str, kind: str = "consent", upn: str = "") -> Ran:
    """Record what a mother says about the first child."""
    fixed = ("--kind", kind, "--authority", "parental-responsibility", "--decider", "P-17")
    named = ("--upn", upn or Child(1).upn)
    return cli.run("consent", "record", *named, *fixed, "--evidence", "Form 12", *BY, *more)


def test_a_consent_is_recorded(cli: Cli) -> None:
    """It has an opaque id, and the ledger has it, with who wrote it down."""
    own = cli.child(1)
    ran = record(cli, "--category", "health", "--recipient", "school", "--json")
    assert ran.code == 0
    assert ran.json["child"] == own
    assert ran.json["review"] is None
    (line,) = cli.ledger("directive-recorded")
    assert line["recorded_by"] == "jmalik"
    assert line["directive"]["id"] == ran.json["directive"]
    assert line["directive"]["scope"] == {
        "categories": ["health"],
        "recipients": ["school"],
        "purposes": [],
    }


def test_it_counts_in_the_next_decision(cli: Cli) -> None:
    """What was withheld for want of consent is shared after it."""
    child = Child(1)
    cli.take("school", registered(child))
    cli.take("clinic", referred(child), appointed(child, "A1"))
    record(cli, "--recipient", "school")
    cli.take("clinic", appointed(child, "A2"))
    permitted = [
        d["permitted"]
        for d in cli.ledger("decision")
        if d["recipient"] == "school" and "appointment" in d["question"]["event_type"]
    ]
    assert permitted == [False, True]


def test_a_withdrawal_counts_in_the_next_decision(cli: Cli) -> None:
    """And it stands in the ledger."""
    child = Child(1)
    cli.take("school", registered(child))
    cli.take("clinic", referred(child))
    reference = record(cli, "--json").json["directive"]
    ran = cli.run("consent", "withdraw", reference, *BY, "--evidence", "Call", "--json")
    assert ran.json["directive"] == reference
    cli.take("clinic", appointed(child, "A3"))
    decision = [d for d in cli.ledger("decision") if d["recipient"] == "school"][-1]
    assert decision["permitted"] is False
    assert "consent-withdrawn" in json.dumps(decision)
    assert cli.ledger("directive-withdrawn")[-1]["withdrawn"] == reference


def test_withdrawing_what_is_not_there_is_an_error(cli: Cli) -> None:
    """An unknown directive, and one that was withdrawn before."""
    cli.child(1)
    withdraw = ("consent", "withdraw")
    assert cli.run(*withdraw, "d-none", *BY, "--evidence", "x").code == 2
    reference = record(cli, "--json").json["directive"]
    assert cli.run(*withdraw, reference, *BY, "--evidence", "x").code == 0
    again = cli.run(*withdraw, reference, *BY, "--evidence", "x")
    assert again.code == 2
    assert again.err.startswith("hub: not-found: ")


def test_an_objection_opens_a_review(cli: Cli) -> None:
    """It withholds nothing by itself: a person must uphold or reject it."""
    cli.child(1)
    ran = record(cli, "--json", kind="objection")
    (line,) = [e for e in cli.ledger("review-opened") if e["review"] == ran.json["review"]]
    assert line["cause"] == "objection-made"


def test_a_restriction_lets_purposes_through(cli: Cli) -> None:
    """And only a restriction has them."""
    cli.child(1)
    more = ("--restriction", "court-order", "--allow", "safeguarding")
    assert record(cli, *more, kind="restriction").code == 0
    said_ = cli.ledger("directive-recorded")[0]["directive"]
    assert said_["restriction"] == "court-order"
    assert said_["allowed_purposes"] == ["safeguarding"]
    assert record(cli, *more).code == 2


def test_days_are_days_in_england_and_the_last_is_included(cli: Cli) -> None:
    """In summer midnight is an hour earlier in UTC."""
    cli.child(1)
    record(cli, "--from", "2026-01-10", "--until", "2026-07-31")
    said_ = cli.ledger("directive-recorded")[0]["directive"]
    assert said_["valid_from"].startswith("2026-01-10T00:00:00")
    assert said_["valid_until"] in {"2026-08-01T00:00:00+01:00", "2026-07-31T23:00:00Z"}


@pytest.mark.parametrize(
    "wrong",
    [
        ["--from", "10.1.2026"],
        ["--from", "2026-02-01", "--until", "2026-01-01"],
        ["--recipient", "stranger"],
        ["--category", "gossip"],
        ["--decider", ""],
        ["--decider", "p-000000000000000000000000"],
        ["--evidence", ""],
        ["--until", "9999-12-31"],
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_recorded(cli: Cli, wrong: list[str]) -> None:
    """With exit code 2 and a sentence."""
    cli.child(1)
    ran = record(cli, *wrong)
    assert ran.code == 2
    assert ran.err.startswith("hub: ")
    assert "Traceback" not in ran.err
    assert cli.ledger("directive-recorded") == []


def test_an_unknown_child_is_refused(cli: Cli) -> None:
    """Nobody can consent for a child the hub does not know."""
    ran = record(cli, upn=Child(5).upn)
    assert ran.code == 2
    assert ran.err.startswith("hub: not-found: ")


def test_names_and_evidence_are_sealed(cli: Cli) -> None:
    """Neither stands in the ledger, nor in clear in the store."""
    cli.child(1)
    record(cli, "--evidence", "CANARY-EVIDENCE", "--decider", "CANARY-MOTHER")
    whole = cli.database.read_bytes()
    wal = cli.database.with_name("hub.sqlite-wal")
    whole += wal.read_bytes() if wal.exists() else b""
    assert b"CANARY" not in whole


def test_one_person_is_the_same_person(cli: Cli) -> None:
    """By the cli's reference, and by the opaque one of an agency's."""
    child = Child(1)
    cli.take("school", registered(child), recorded(child, "D1", kind="refusal"))
    (earlier,) = [e["directive"]["decider"] for e in cli.ledger("directive-recorded")]
    record(cli, "--decider", earlier)
    record(cli, "--decider", "P-17")
    record(cli, "--decider", "P-17")
    deciders = [e["directive"]["decider"] for e in cli.ledger("directive-recorded")]
    assert deciders[0] == deciders[1]
    assert deciders[2] == deciders[3] != deciders[0]


def test_showing_is_a_look(cli: Cli) -> None:
    """It shows what holds, the evidence, and leaves a line in the ledger."""
    own = cli.child(1)
    reference = record(cli, "--json").json["directive"]
    ran = cli.run("consent", "show", own, *BY, "--reason", "CASE-1", "--json")
    (shown,) = ran.json["directives"]
    assert (shown["directive"]["id"], shown["standing"]) == (reference, "in-force")
    assert shown["evidence"] == "Form 12"
    (look,) = cli.ledger("data-accessed")
    assert (look["by"], look["reason"], look["child"]) == ("jmalik", "CASE-1", own)
    words = cli.run("consent", "show", "--upn", "-", *BY, "--reason", "C", stdin=Child(1).upn).out
    assert all(text in words for text in ("CONSENT", "in-force", "Form 12"))


def test_showing_needs_a_reason(cli: Cli) -> None:
    """Nobody looks without one."""
    own = cli.child(1)
    assert cli.run("consent", "show", own, *BY).code == 2
    assert cli.ledger("data-accessed") == []


def test_a_dry_run_tells_the_effect_and_records_nothing(cli: Cli) -> None:
    """What is queued and would become unreadable, before it is withdrawn."""
    child = Child(1)
    cli.take("school", registered(child))
    reference = record(cli, "--json").json["directive"]
    cli.take("clinic", appointed(child, "A1"), appointed(child, "A2"))
    before = cli.sql("SELECT count(*) FROM ledger")
    ran = cli.run("consent", "withdraw", reference, *BY, "--evidence", "Call", "--dry-run")
    assert ran.code == 0
    assert "- 2 queued deliveries to school will become unreadable." in ran.out
    assert ran.out.endswith("Nothing was recorded.\n")
    assert cli.sql("SELECT count(*) FROM ledger") == before
    told = record(cli, "--dry-run", "--json", kind="refusal").json
    assert told["dry_run"] is True
    assert [one["unreadable"] for one in told["queued"] if one["recipient"] == "school"] == [2]
    assert cli.sql("SELECT count(*) FROM ledger") == before


def test_the_ledger_still_verifies(cli: Cli) -> None:
    """Cli work is signed like any other."""
    cli.child(1)
    cli.take("school", absent(Child(1)))
    record(cli, kind="objection")
    assert cli.run("audit", "verify").code == 0
