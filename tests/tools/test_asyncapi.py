"""The AsyncAPI document: as committed, valid by the official schema, and true to the broker."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hub.bus import topology
from hub.bus.topology import AgencyAccount, BrokerAccount
from schemas.registry import EVENT_TYPES
from tools.asyncapi import DOCUMENT, document, main, render

OFFICIAL = Path(__file__).parent / "samples" / "asyncapi-3.0.0.json"
MADE = document()


def references(value: object) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def at(pointer: str) -> Any:  # noqa: ANN401  any part of a JSON document
    """The part of the document that a local reference means."""
    found: Any = MADE
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_the_committed_document_has_not_drifted() -> None:
    """Write it again with ``make schemas``."""
    assert DOCUMENT.read_text(encoding="utf-8") == render()


def test_a_drifted_document_fails_the_check(tmp_path: Path) -> None:
    path = tmp_path / "asyncapi.json"
    assert main(["--check"], path) == 1
    assert main([], path) == 0
    assert main(["--check"], path) == 0
    path.write_text(path.read_text().replace("hub.inbound", "hub.elsewhere"))
    assert main(["--check"], path) == 1


def test_the_official_schema_finds_nothing_wrong() -> None:
    official = Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))
    problems = [f"{list(e.absolute_path)}: {e.message}" for e in official.iter_errors(MADE)]
    assert problems == []


def test_the_official_schema_is_in_force() -> None:
    official = Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))
    wrong = json.loads(render())
    wrong["channels"]["exchange.hub.inbound"]["bindings"]["amqp"]["is"] = "topic"
    wrong["operations"]["agency.sendEvent"]["action"] = "publish"
    paths = {str(e.absolute_path[1]) for e in official.iter_errors(wrong)}
    assert paths == {"exchange.hub.inbound", "agency.sendEvent"}


def test_every_reference_leads_somewhere() -> None:
    found = set(references(MADE))
    files = {r for r in found if r.startswith("./")}
    assert files == {f"./{key}.json" for key in (*EVENT_TYPES, "delivered-view.v1")}
    assert all((DOCUMENT.parent / name).is_file() for name in files)
    for reference in found - files:
        at(reference)


def test_an_operations_messages_are_its_channels() -> None:
    for operation in MADE["operations"].values():
        channel = operation["channel"]["$ref"]
        named = {m["$ref"].rpartition("/")[2] for m in operation["messages"]}
        assert named <= at(channel)["messages"].keys()


def test_an_agency_sends_every_event_type_and_receives_one_kind_of_delivery() -> None:
    sent = MADE["operations"]["agency.sendEvent"]["messages"]
    assert {m["$ref"].rpartition("/")[2] for m in sent} == set(EVENT_TYPES)
    received = MADE["operations"]["agency.receiveDelivery"]["messages"]
    assert [m["$ref"].rpartition("/")[2] for m in received] == ["delivery"]


@pytest.mark.parametrize(("action", "right"), [("send", "write"), ("receive", "read")])
def test_an_agencys_operations_are_what_its_broker_account_may_do(action: str, right: str) -> None:
    bus = topology.definitions("hub", [AgencyAccount("school", "")], BrokerAccount("hub", ""))
    allowed = next(str(p[right]) for p in bus["permissions"] if p["user"] == "school")
    kind = "exchange" if action == "send" else "queue"
    names = [str(e["name"]) for e in bus["exchanges" if action == "send" else "queues"]]
    may = {name for name in names if re.search(allowed, name)}
    does = {
        at(o["channel"]["$ref"])["bindings"]["amqp"][kind]["name"].replace("{agency}", "school")
        for role, o in MADE["operations"].items()
        if role.startswith("agency.") and o["action"] == action
    }
    # An agency may read its dead letters too; the hub's operator does it for them.
    assert does == may - {"agency.school.dead"}


def test_every_exchange_and_queue_is_a_channel() -> None:
    names = topology.names(["AGENCY"])
    expected = {f"exchange.{n}" for n in names.exchanges} | {f"queue.{n}" for n in names.queues}
    assert set(MADE["channels"]) == expected


def test_queues_carry_the_topologys_limits() -> None:
    queue = MADE["channels"]["queue.agency.AGENCY"]["x-rabbitmq"]
    assert queue["policy"]["delivery-limit"] == topology.DELIVERY_LIMIT
    assert queue["bindings"] == [{"exchange": "hub.outbound", "routingKey": "{agency}"}]


def test_the_document_holds_no_account_and_no_secret() -> None:
    text = render()
    assert "password_hash" not in text
    assert "some-agency" not in text
    assert MADE["components"]["securitySchemes"]["brokerAccount"]["type"] == "userPassword"
