"""``hub quarantine``: listed, shown, judged again, discarded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.foundation import clock
from hub.foundation.settings import load_settings
from hub.journey.pipeline import Letter
from hub.keys.sealing_keys import HubKey, new_inbound_key
from hub.sealing.inbound import seal_inbound
from tests.events import Child, absent, changed, referred, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

BY = ("--by", "jmalik")
WHY = ("--reason", "CASE-104")


def waiting(cli: Cli) -> list[dict[str, object]]:
    """What waits, as a program sees it."""
    return [json.loads(line) for line in cli.run("quarantine", "list", "--json").out.splitlines()]


@pytest.fixture
def item(cli: Cli) -> str:
    """The id of an event about a child nobody has registered yet."""
    assert cli.take("school", absent(Child(1))) == ["quarantined"]
    return str(waiting(cli)[0]["id"])


def test_what_waits_is_listed_with_its_code(cli: Cli, item: str) -> None:
    """Code, sentence, place, size, account, when; no content."""
    (found,) = waiting(cli)
    assert found["code"] == "child-unknown"
    assert str(found["sentence"]).startswith("The event is about a child")
    assert found["account"] == "school"
    assert found["place"] == "data.sections.identity"
    assert item in cli.run("quarantine", "list").out
    assert Child(1).family_name not in cli.run("quarantine", "show", item).out


def test_an_empty_quarantine_is_one_sentence_and_no_json(cli: Cli) -> None:
    """No table without rows."""
    ran = cli.run("quarantine", "list")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    assert waiting(cli) == []


def test_the_content_is_a_look(cli: Cli, item: str) -> None:
    """The very bytes, nothing else, and a line in the ledger."""
    assert cli.run("quarantine", "show", item, "--body").code == 2
    assert cli.ledger("data-accessed") == []
    ran = cli.run("quarantine", "show", item, "--body", *BY, *WHY)
    assert Child(1).family_name in json.loads(ran.out)["data"]["sections"]["identity"].values()
    (look,) = cli.ledger("data-accessed")
    assert look["by"] == "jmalik"
    assert item in look["what"]


def test_a_retry_decides_what_is_understood_now(cli: Cli, item: str) -> None:
    """After the child was registered the event is like any other."""
    cli.take("school", registered(Child(1)))
    ran = cli.run("quarantine", "retry", item, *BY, "--json")
    assert (ran.code, ran.json["outcome"], ran.json["taken"]) == (0, "decided", True)
    assert waiting(cli) == []
    entry = {"quarantine": item, "state": "retried", "by": "jmalik", "reason": "retried"}
    assert cli.ledger("quarantine-closed")[-1] == entry
    types = [entry["type"] for entry in cli.ledger("event-received")]
    assert "education.attendance-concern.v1" in types


def test_a_retry_that_fails_waits_again(cli: Cli, item: str) -> None:
    """Under the same id; nothing is lost, and the ledger has both."""
    ran = cli.run("quarantine", "retry", item, *BY, "--json")
    assert (ran.code, ran.json["outcome"]) == (1, "quarantined")
    assert ran.json["code"] == "child-unknown"
    assert [one["id"] for one in waiting(cli)] == [item]
    assert [e["quarantine"] for e in cli.ledger("event-quarantined")] == [item, item]


def test_a_retry_with_another_fault_waits_under_another_id(cli: Cli, item: str) -> None:
    """The old one is closed as retried, the new one has the new code."""
    text = cli.config.read_text().replace('sends = ["education.*", "consent.*"]', "sends = []")
    cli.config.write_text(text)
    assert cli.run("quarantine", "retry", item, *BY).code == 1
    (found,) = waiting(cli)
    assert found["code"] == "type-not-allowed"
    assert found["id"] != item


def test_several_are_retried_each_by_itself(cli: Cli, item: str) -> None:
    """One that is not there ends the command; those before it are done."""
    cli.take("school", registered(Child(1)))
    ran = cli.run("quarantine", "retry", item, "no-such", *BY)
    assert ran.code == 2
    assert "hub: not-found: There is no quarantined input no-such." in ran.err
    assert waiting(cli) == []


def test_what_no_agency_sent_is_not_retried(cli: Cli) -> None:
    """An account that was not vouched for does not become anybody by asking again."""
    hub = cli.hub()
    hub.take([Letter(registered(Child(1)).to_json(), None, clock.now())])
    hub.engine.dispose()
    (found,) = waiting(cli)
    ran = cli.run("quarantine", "retry", str(found["id"]), *BY, "--json")
    assert (ran.code, ran.json["outcome"]) == (1, "not-retried")
    assert waiting(cli) == [found]


def test_what_came_unsealed_is_not_let_in_by_a_retry(cli: Cli) -> None:
    """An event that travelled in the clear stays refused, however good it is."""
    hub = cli.hub()
    letter = Letter(registered(Child(1)).to_json(), "school", clock.now(), sealed=True)
    hub.take([letter])
    hub.engine.dispose()
    (found,) = waiting(cli)
    ran = cli.run("quarantine", "retry", str(found["id"]), *BY, "--json")
    assert (ran.code, ran.json["code"]) == (1, "not-sealed")
    assert [one["id"] for one in waiting(cli)] == [found["id"]]


def test_what_was_kept_sealed_is_opened_again(cli: Cli) -> None:
    """Once the hub has the key that it was sealed to."""
    settings = load_settings(cli.config)
    body = seal_inbound(HubKey(settings)(), "school", registered(Child(1)).to_json())
    own, apart = settings.state / "inbound", cli.folder / "apart"
    own.rename(apart)
    own.mkdir()
    new_inbound_key(settings)
    hub = cli.hub()
    hub.take([Letter(body, "school", clock.now(), sealed=True)])
    hub.engine.dispose()
    (found,) = waiting(cli)
    assert found["code"] == "seal-broken"
    for key in apart.iterdir():
        key.rename(own / key.name)
    assert cli.run("quarantine", "retry", str(found["id"]), *BY, "--json").json["taken"] is True


def test_a_receipt_is_not_retried_as_an_event(cli: Cli) -> None:
    """It waits until it is discarded."""
    hub = cli.hub()
    hub.take_receipts([("school", b"{}")])
    hub.engine.dispose()
    (found,) = waiting(cli)
    assert cli.run("quarantine", "retry", str(found["id"]), *BY).code == 1
    assert waiting(cli) == [found]


def test_a_repeat_is_recognised(cli: Cli) -> None:
    """An input whose event came again meanwhile, in order, is done with."""
    event = absent(Child(1))
    cli.take("school", event)
    (found,) = waiting(cli)
    cli.take("school", registered(Child(1)), event)
    ran = cli.run("quarantine", "retry", str(found["id"]), *BY, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "duplicate")


def test_discarding_closes_for_good(cli: Cli, item: str) -> None:
    """With who and why; a second time there is nothing to discard."""
    assert cli.run("quarantine", "discard", item, *BY, *WHY).code == 0
    assert waiting(cli) == []
    assert cli.ledger("quarantine-closed")[-1]["state"] == "discarded"
    assert cli.run("quarantine", "discard", item, *BY, *WHY).code == 2
    assert item in cli.run("quarantine", "list", "--all").out


def test_input_of_any_kind_comes_back_as_it_was(cli: Cli) -> None:
    """Bytes that are no text at all are kept and given back whole."""
    cli.take("school", b"\x00\xff\xfe", changed(referred(Child(2)), source="urn:x"))
    small = next(one for one in waiting(cli) if one["size"] == 3)
    command = ["quarantine", "show", str(small["id"]), "--body", *BY, *WHY]
    ran = subprocess.run(
        [sys.executable, "-m", "hub", "--config", str(cli.config), *command],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    assert ran.stdout == b"\x00\xff\xfe"


def test_the_ledger_still_verifies(cli: Cli, item: str) -> None:
    """Cli work is signed like any other."""
    cli.run("quarantine", "retry", item, *BY)
    cli.run("quarantine", "discard", item, *BY, *WHY)
    assert cli.run("audit", "verify").code == 0
