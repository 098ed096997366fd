"""``hub audit replay``: logged decisions made again, and what a forged one looks like."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hub.casework.agreements import publishing
from hub.casework.children import changes
from hub.casework.deliveries.reoffer import reoffer
from hub.evidence.child_lookup import Sought
from hub.foundation import clock
from hub.intake.key_requests import decide_release, release_entry
from hub.journey.entries import Attribution
from hub.journey.pipeline import Letter
from tests.configuration import agreement
from tests.events import Child, absent, appointed, case_opened, recorded, registered, withdrawn

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

CHILD = Child(1)
KEYS = {"entries", "replayed", "verified", "problem", "disagreements"}
FORGE = "DROP TRIGGER ledger_no_update"


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """A hub whose decisions rest on a consent that is given and then withdrawn."""
    cli.take("school", registered(CHILD), recorded(CHILD, "D1"))
    cli.take("clinic", appointed(CHILD, "A1"))
    cli.take("school", withdrawn(CHILD, "D1"))
    cli.take("clinic", appointed(CHILD, "A2"))
    return cli


def all_agree(cli: Cli) -> None:
    """Replay everything: as many decisions as there are, and none differs."""
    ran = cli.run("audit", "replay", "--all", "--json")
    assert ran.json["disagreements"] == []
    assert ran.code == 0
    asked = [body for body in cli.ledger("release") if "question" in body]
    assert ran.json["replayed"] == len(cli.ledger("decision")) + len(asked) > 0


def forged(cli: Cli, position: int, old: str, new: str) -> dict[str, object]:
    """Change a logged decision and replay it; gives the one disagreement there must be."""
    entry = cli.sql(("SELECT entry FROM ledger WHERE position = ?", position))[0][0]
    changed = entry.decode().replace(old, new).encode()
    assert changed != entry
    cli.sql(FORGE, (f"UPDATE ledger SET entry = ? WHERE position = {position}", changed))  # noqa: S608  our number
    ran = cli.run("audit", "replay", "--position", str(position), "--json")
    assert ran.code == 1
    (found,) = ran.json["disagreements"]
    assert found["position"] == position
    return {one["field"]: one["logged"] for one in found["differences"]}


def decision(cli: Cli, text: str) -> int:
    """The place of the first decision whose entry has a text."""
    statement = "SELECT position, entry FROM ledger WHERE kind = 'decision' ORDER BY position"
    return next(int(place) for place, entry in cli.sql(statement) if text.encode() in entry)


def test_every_decision_comes_out_the_same(busy: Cli) -> None:
    """After a consent and its withdrawal each decision is what it was when it was made."""
    all_agree(busy)


def test_it_says_what_programs_read(busy: Cli) -> None:
    """The JSON has its keys, and all verifies."""
    ran = busy.run("audit", "replay", "--all", "--json")
    assert ran.json.keys() == KEYS
    assert ran.json["verified"] is True
    assert ran.json["entries"] == busy.sql("SELECT count(*) FROM ledger")[0][0]


def test_a_withdrawal_in_the_same_batch_does_not_change_what_came_before(cli: Cli) -> None:
    """Events of one batch have one moment: the order of the ledger tells what held when."""
    cli.take("school", registered(CHILD), recorded(CHILD, "D1"))
    letters = [
        Letter(appointed(CHILD, "A1").to_json(), "clinic", clock.now()),
        Letter(withdrawn(CHILD, "D1").to_json(), "school", clock.now()),
        Letter(appointed(CHILD, "A2").to_json(), "clinic", clock.now()),
    ]
    hub = cli.hub()
    hub.take(letters)
    hub.engine.dispose()
    outcomes = [d["permitted"] for d in cli.ledger("decision") if d["recipient"] == "school"]
    assert outcomes == [True, False]
    all_agree(cli)


def test_a_later_agreement_does_not_change_a_decision_of_before(busy: Cli) -> None:
    """A version published since, with other rules, was not there when it was decided."""
    hub = busy.hub()
    paper = agreement()
    rules = tuple(rule for rule in paper.rules if rule.id != "appointments")
    publishing.publish(hub, [paper.model_copy(update={"version": 2, "rules": rules})], by="test")
    hub.engine.dispose()
    busy.take("clinic", appointed(CHILD, "A3"))
    all_agree(busy)


def test_a_merge_and_an_erasure_leave_every_decision_as_it_was(busy: Cli) -> None:
    """What was said is in the ledger, whoever it is about since, and whatever is kept of it."""
    other = Child(2)
    busy.take("care", case_opened(other))
    busy.take("school", registered(other), recorded(other, "D9", kind="refusal"))
    first, second = (row[0] for row in busy.sql("SELECT child FROM children ORDER BY made_at"))
    hub, word = busy.hub(), Attribution("jmalik", "T-1")
    changes.merge(hub, second, first, word)
    busy.take("clinic", appointed(other, "A7"))
    all_agree(busy)
    changes.erase(hub, first, word)
    hub.engine.dispose()
    all_agree(busy)


def test_a_reoffer_comes_out_the_same(cli: Cli) -> None:
    """What was withheld and is offered again is a second decision; both come out as logged."""
    cli.take("school", registered(CHILD))
    cli.take("clinic", appointed(CHILD, "A1"))
    cli.take("school", recorded(CHILD, "D1"))
    hub, child = cli.hub(), cli.ledger("decision")[0]["child"]
    reoffer(hub, Sought(child), by="jmalik", reason="T-2", dry_run=False)
    hub.engine.dispose()
    assert [d.get("reoffer") for d in cli.ledger("decision")].count(True) == 1
    all_agree(cli)


@pytest.mark.parametrize("name", ["event", "child"])
def test_one_event_or_child_is_replayed_alone(busy: Cli, name: str) -> None:
    """Only the decisions of what is named."""
    busy.take("school", registered(Child(5)), absent(Child(5)))
    body = busy.ledger("decision")[0]
    ran = busy.run("audit", "replay", f"--{name}", body[name], "--json")
    assert ran.code == 0
    mine = [d for d in busy.ledger("decision") if d[name] == body[name]]
    assert 0 < ran.json["replayed"] == len(mine) < len(busy.ledger("decision"))


def test_a_release_is_replayed_at_its_position(busy: Cli) -> None:
    """What was decided when keys were asked for comes out the same; a forged one does not."""
    hub = busy.hub()
    with hub.writing() as (work, lines):
        (card,) = work.deliveries.cards(recipient="school")
        known = work.deliveries.find(card.id)
        assert known is not None
        given, basis = decide_release(known, work)
        lines.append(release_entry(replace(known, releases=0), given, basis))
    hub.engine.dispose()
    all_agree(busy)
    place = busy.sql("SELECT position FROM ledger WHERE kind = 'release'")[0][0]
    ran = busy.run("audit", "replay", "--position", str(place))
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Replayed 1 decision: 1 the same.")
    assert forged(busy, place, '"anything":false', '"anything":true') == {"anything": True}


def test_what_is_not_there_is_not_found(busy: Cli) -> None:
    """Nothing replayed is no success."""
    assert busy.run("audit", "replay", "--position", "0").code == 2


def test_two_ways_to_name_it_are_refused(busy: Cli) -> None:
    """Exactly one of the options is given."""
    assert busy.run("audit", "replay", "--all", "--position", "3").code == 2


def test_a_forged_outcome_is_named(busy: Cli) -> None:
    """A reason that was changed does not come out again."""
    place = decision(busy, "consent-withdrawn")
    found = forged(busy, place, "consent-withdrawn", "consent-given")
    assert "decision.sections.0.findings.0.reason" in found


def test_a_directive_left_out_is_named(busy: Cli) -> None:
    """A decision that did not consider all that was said does not pass."""
    place = decision(busy, '"considered":["d-')
    body = json.loads(busy.sql(("SELECT entry FROM ledger WHERE position = ?", place))[0][0])
    listed = json.dumps(body["body"]["considered"])
    assert "considered" in forged(busy, place, f'"considered":{listed}', '"considered":[]')


def test_an_agreement_left_out_is_named(busy: Cli) -> None:
    """A decision that says there is no agreement, while there was one, does not pass."""
    place = decision(busy, "test-sharing@1/appointments")
    cited = agreement().digest()
    found = forged(busy, place, f'{{"test-sharing@1":"{cited}"}}', "{}")
    assert any(field.startswith("agreements") for field in found)


def test_a_ledger_that_does_not_verify_is_said(busy: Cli) -> None:
    """With --all the entries are verified too: a forger may have changed both sides."""
    entry = busy.sql("SELECT entry FROM ledger WHERE position = 1")[0][0]
    changed = entry.replace(b'"event"', b'"avent"')
    busy.sql(FORGE, ("UPDATE ledger SET entry = ? WHERE position = 1", changed))
    ran = busy.run("audit", "replay", "--all", "--json")
    assert ran.code == 1
    assert ran.json["problem"]
