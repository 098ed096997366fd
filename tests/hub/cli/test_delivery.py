"""``hub delivery``: listed, shown; dead letters seen, tried again, given up, on a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hub.bus import queue_depth
from hub.bus.topology import DEAD, agency_queue, dead_queue
from tests.conftest import MakeBus
from tests.events import Child, registered
from tests.live_hub import ON_THE_BUS, LiveHub, build

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran

BY = ("--by", "jmalik", "--reason", "CASE-104")
STRANGE = b"not a delivery at all"


def lines(ran: Ran) -> list[dict[str, Any]]:
    """What a command wrote, one JSON object a line."""
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_deliveries_are_listed_without_content(cli: Cli) -> None:
    """Recipient, type and state; no name of anybody."""
    cli.child()
    (found,) = lines(cli.run("delivery", "list", "--json"))
    assert (found["recipient"], found["type"]) == ("council", "education.child-registered.v1")
    assert (found["state"], found["releases"]) == ("pending", 0)
    assert found["id"] in cli.run("delivery", "list").out


def test_the_list_can_be_narrowed(cli: Cli) -> None:
    """By state and by recipient; words that are none are refused with those that there are."""
    cli.child()
    assert lines(cli.run("delivery", "list", "--json", "--state", "failed")) == []
    assert lines(cli.run("delivery", "list", "--json", "--agency", "care")) == []
    assert len(lines(cli.run("delivery", "list", "--json", "--agency", "council"))) == 1
    for option, value, known in (("--state", "lost", "withheld"), ("--agency", "nobody", "clinic")):
        ran = cli.run("delivery", "list", option, value)
        assert ran.code == 2
        assert known in ran.err


def test_one_delivery_is_shown_with_the_names_of_what_is_sealed_in_it(cli: Cli) -> None:
    """Names of fields, not what they hold."""
    cli.child()
    (found,) = lines(cli.run("delivery", "list", "--json"))
    ran = cli.run("delivery", "show", found["id"], "--json")
    assert ran.json["sections"]["contact"] == ["address"]
    assert Child(1).family_name not in ran.out
    assert Child(1).family_name not in cli.run("delivery", "show", found["id"]).out


def test_a_delivery_that_is_none_is_not_found(cli: Cli) -> None:
    """It ends with 2."""
    ran = cli.run("delivery", "show", "6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e")
    assert (ran.code, "not-found" in ran.err) == (2, True)


def test_retry_needs_ids_or_all_of_an_agency(cli: Cli) -> None:
    """Anything else would be a guess at what is meant."""
    for arguments in ((), ("--all",), ("--agency", "care"), ("x", "--agency", "care", "--all")):
        assert cli.run("delivery", "retry", *arguments, *BY).code == 2


# -- dead letters


@pytest.fixture
def live(bare_cli: Cli, make_bus: MakeBus) -> Iterator[LiveHub]:
    """A hub on a broker, where two deliveries to the council could not be handed over."""
    made = build(bare_cli.folder, make_bus(ON_THE_BUS))
    with made.working():
        made.send("school", registered(Child(1)), registered(Child(2)))
        made.ring()
    taken = made.take(agency_queue("council"), "council")
    ids = [str(properties.message_id) for _, properties, _ in taken]
    said = [json.dumps({"delivery": i, "outcome": "failed", "code": "channel-busy"}) for i in ids]
    made.hub.take_receipts([("council", one.encode()) for one in said])
    for _, _, body in taken:
        made.smuggle("hub", body, DEAD, routing_key="council", user_id="hub")
    yield made
    made.hub.engine.dispose()


def depths(live: LiveHub) -> tuple[int | None, int | None]:
    """How many wait for the council's adapter, and how many are its dead letters."""
    queues = [agency_queue("council"), dead_queue("council")]
    found = queue_depth(live.bus.url(), queues)
    return found[queues[0]], found[queues[1]]


def listed(cli: Cli) -> list[str]:
    """The council's dead letters' ids, in order."""
    dead = lines(cli.run("delivery", "list", "--dead", "--agency", "council", "--json"))
    return [str(one["id"]) for one in dead]


@pytest.mark.broker
def test_dead_letters_are_listed_and_stay(live: LiveHub, bare_cli: Cli) -> None:
    """Looking twice shows the same two; every agency's are looked at where none is named."""
    assert listed(bare_cli) == listed(bare_cli)
    assert len(lines(bare_cli.run("delivery", "list", "--dead", "--json"))) == 2
    live.until(lambda: depths(live) == (0, 2))
    (first, _) = lines(bare_cli.run("delivery", "list", "--dead", "--json"))
    assert (first["state"], first["code"]) == ("failed", "channel-busy")


@pytest.mark.broker
def test_one_dead_letter_is_tried_again_and_the_other_stays(live: LiveHub, bare_cli: Cli) -> None:
    """It is in the agency's queue, as it was, and the ledger says on whose word."""
    one, other = listed(bare_cli)
    assert bare_cli.run("delivery", "retry", one, *BY).code == 0
    live.until(lambda: depths(live) == (1, 1))
    assert listed(bare_cli) == [other]
    (entry,) = (e["body"] for e in live.ledger("dead-letter-closed"))
    assert entry["event"]
    assert entry["child"]
    assert entry == {
        "delivery": one, "event": entry["event"], "child": entry["child"], "recipient": "council",
        "state": "retried", "by": "jmalik", "reason": "CASE-104",
    }  # fmt: skip
    (view,) = live.mail("council")
    assert view.delivery_id == one


@pytest.mark.broker
def test_all_dead_letters_of_an_agency_are_tried_again_in_order(
    live: LiveHub, bare_cli: Cli
) -> None:
    """In the order of their events; the store waits for their receipts anew."""
    ids = listed(bare_cli)
    ran = bare_cli.run("delivery", "retry", "--agency", "council", "--all", *BY)
    assert (ran.code, ran.out[:2]) == (0, "2 ")
    live.until(lambda: depths(live) == (2, 0))
    assert [view.delivery_id for view in live.mail("council")] == ids
    with live.hub.reading() as work:
        assert work.deliveries.counts() == {"published": 2}


@pytest.mark.broker
def test_a_dead_letter_is_given_up(live: LiveHub, bare_cli: Cli) -> None:
    """It is gone from the queue, its state says so, and so does the ledger."""
    one, other = listed(bare_cli)
    assert bare_cli.run("delivery", "discard", one, *BY).code == 0
    live.until(lambda: depths(live) == (0, 1))
    assert listed(bare_cli) == [other]
    assert bare_cli.run("delivery", "show", one, "--json").json["state"] == "discarded"
    (entry,) = (e["body"] for e in live.ledger("dead-letter-closed"))
    assert (entry["delivery"], entry["state"]) == (one, "discarded")


@pytest.mark.broker
def test_what_is_no_delivery_is_seen_and_can_only_be_given_up(live: LiveHub, bare_cli: Cli) -> None:
    """It is never published on the hub's account."""
    live.smuggle("hub", STRANGE, DEAD, routing_key="council", user_id="hub")
    strange, *ids = listed(bare_cli)
    assert strange.startswith("unknown-")
    assert bare_cli.run("delivery", "retry", strange, *BY).code == 2
    assert bare_cli.run("delivery", "retry", "--agency", "council", "--all", *BY).code == 0
    live.until(lambda: depths(live) == (2, 1))
    assert bare_cli.run("delivery", "discard", strange, *BY).code == 0
    live.until(lambda: depths(live) == (2, 0))
    assert len(ids) == 2


@pytest.mark.broker
def test_what_is_not_among_the_dead_letters_is_not_found(live: LiveHub, bare_cli: Cli) -> None:
    """Nothing is moved and nothing recorded."""
    one, _ = listed(bare_cli)
    assert bare_cli.run("delivery", "retry", one, "unknown-0000", *BY).code == 2
    assert bare_cli.run("delivery", "discard", one[:-1], *BY).code == 2
    live.until(lambda: depths(live) == (0, 2))
    assert live.ledger("dead-letter-closed") == []
