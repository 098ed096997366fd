"""``hub delivery``: listed, shown; dead letters seen, tried again, given up, on a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from hub.bus import queue_depth
from hub.bus.topology import DEAD, agency_queue, dead_queue
from tests.conftest import MakeBus
from tests.happenings import Child, registered
from tests.house import ON_THE_BUS, House, build

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Desk, Ran

BY = ("--by", "jmalik", "--reason", "CASE-104")
STRANGE = b"not a delivery at all"


def lines(ran: Ran) -> list[dict[str, Any]]:
    """What a command wrote, one JSON object a line."""
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_deliveries_are_listed_without_content(desk: Desk) -> None:
    """Recipient, type and state; no name of anybody."""
    desk.child()
    (found,) = lines(desk.run("delivery", "list", "--json"))
    assert (found["recipient"], found["type"]) == ("council", "education.child-registered.v1")
    assert (found["state"], found["releases"]) == ("pending", 0)
    assert found["id"] in desk.run("delivery", "list").out


def test_the_list_can_be_narrowed(desk: Desk) -> None:
    """By state and by recipient; words that are none are refused with those that there are."""
    desk.child()
    assert lines(desk.run("delivery", "list", "--json", "--state", "failed")) == []
    assert lines(desk.run("delivery", "list", "--json", "--agency", "care")) == []
    assert len(lines(desk.run("delivery", "list", "--json", "--agency", "council"))) == 1
    for option, value, known in (("--state", "lost", "withheld"), ("--agency", "nobody", "clinic")):
        ran = desk.run("delivery", "list", option, value)
        assert ran.code == 2
        assert known in ran.err


def test_one_delivery_is_shown_with_the_names_of_what_is_sealed_in_it(desk: Desk) -> None:
    """Names of fields, not what they hold."""
    desk.child()
    (found,) = lines(desk.run("delivery", "list", "--json"))
    ran = desk.run("delivery", "show", found["id"], "--json")
    assert ran.json["sections"]["contact"] == ["address"]
    assert Child(1).family_name not in ran.out
    assert Child(1).family_name not in desk.run("delivery", "show", found["id"]).out


def test_a_delivery_that_is_none_is_not_found(desk: Desk) -> None:
    """It ends with 2."""
    ran = desk.run("delivery", "show", "6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e")
    assert (ran.code, "not-found" in ran.err) == (2, True)


def test_retry_needs_ids_or_all_of_an_agency(desk: Desk) -> None:
    """Anything else would be a guess at what is meant."""
    for arguments in ((), ("--all",), ("--agency", "care"), ("x", "--agency", "care", "--all")):
        assert desk.run("delivery", "retry", *arguments, *BY).code == 2


# -- dead letters


@pytest.fixture
def house(bare_desk: Desk, make_bus: MakeBus) -> Iterator[House]:
    """A hub on a broker, where two deliveries to the council could not be handed over."""
    made = build(bare_desk.folder, make_bus(ON_THE_BUS))
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


def depths(house: House) -> tuple[int | None, int | None]:
    """How many wait for the council's adapter, and how many are its dead letters."""
    queues = [agency_queue("council"), dead_queue("council")]
    found = queue_depth(house.bus.url(), queues)
    return found[queues[0]], found[queues[1]]


def listed(desk: Desk) -> list[str]:
    """The council's dead letters' ids, in order."""
    dead = lines(desk.run("delivery", "list", "--dead", "--agency", "council", "--json"))
    return [str(one["id"]) for one in dead]


@pytest.mark.broker
def test_dead_letters_are_listed_and_stay(house: House, bare_desk: Desk) -> None:
    """Looking twice shows the same two; every agency's are looked at where none is named."""
    assert listed(bare_desk) == listed(bare_desk)
    assert len(lines(bare_desk.run("delivery", "list", "--dead", "--json"))) == 2
    house.until(lambda: depths(house) == (0, 2))
    (first, _) = lines(bare_desk.run("delivery", "list", "--dead", "--json"))
    assert (first["state"], first["code"]) == ("failed", "channel-busy")


@pytest.mark.broker
def test_one_dead_letter_is_tried_again_and_the_other_stays(house: House, bare_desk: Desk) -> None:
    """It is in the agency's queue, as it was, and the ledger says on whose word."""
    one, other = listed(bare_desk)
    assert bare_desk.run("delivery", "retry", one, *BY).code == 0
    house.until(lambda: depths(house) == (1, 1))
    assert listed(bare_desk) == [other]
    (entry,) = (e["body"] for e in house.ledger("dead-letter-closed"))
    assert entry["event"]
    assert entry["child"]
    assert entry == {
        "delivery": one, "event": entry["event"], "child": entry["child"], "recipient": "council",
        "state": "retried", "by": "jmalik", "reason": "CASE-104",
    }  # fmt: skip
    (view,) = house.mail("council")
    assert view.delivery_id == one


@pytest.mark.broker
def test_all_dead_letters_of_an_agency_are_tried_again_in_order(
    house: House, bare_desk: Desk
) -> None:
    """In the order of their events; the store waits for their receipts anew."""
    ids = listed(bare_desk)
    ran = bare_desk.run("delivery", "retry", "--agency", "council", "--all", *BY)
    assert (ran.code, ran.out[:2]) == (0, "2 ")
    house.until(lambda: depths(house) == (2, 0))
    assert [view.delivery_id for view in house.mail("council")] == ids
    with house.hub.reading() as work:
        assert work.deliveries.counts() == {"published": 2}


@pytest.mark.broker
def test_a_dead_letter_is_given_up(house: House, bare_desk: Desk) -> None:
    """It is gone from the queue, its state says so, and so does the ledger."""
    one, other = listed(bare_desk)
    assert bare_desk.run("delivery", "discard", one, *BY).code == 0
    house.until(lambda: depths(house) == (0, 1))
    assert listed(bare_desk) == [other]
    assert bare_desk.run("delivery", "show", one, "--json").json["state"] == "discarded"
    (entry,) = (e["body"] for e in house.ledger("dead-letter-closed"))
    assert (entry["delivery"], entry["state"]) == (one, "discarded")


@pytest.mark.broker
def test_what_is_no_delivery_is_seen_and_can_only_be_given_up(
    house: House, bare_desk: Desk
) -> None:
    """It is never published on the hub's account."""
    house.smuggle("hub", STRANGE, DEAD, routing_key="council", user_id="hub")
    strange, *ids = listed(bare_desk)
    assert strange.startswith("unknown-")
    assert bare_desk.run("delivery", "retry", strange, *BY).code == 2
    assert bare_desk.run("delivery", "retry", "--agency", "council", "--all", *BY).code == 0
    house.until(lambda: depths(house) == (2, 1))
    assert bare_desk.run("delivery", "discard", strange, *BY).code == 0
    house.until(lambda: depths(house) == (2, 0))
    assert len(ids) == 2


@pytest.mark.broker
def test_what_is_not_among_the_dead_letters_is_not_found(house: House, bare_desk: Desk) -> None:
    """Nothing is moved and nothing recorded."""
    one, _ = listed(bare_desk)
    assert bare_desk.run("delivery", "retry", one, "unknown-0000", *BY).code == 2
    assert bare_desk.run("delivery", "discard", one[:-1], *BY).code == 2
    house.until(lambda: depths(house) == (0, 2))
    assert house.ledger("dead-letter-closed") == []
