"""The AsyncAPI 3 document of the bus, generated from the topology, the registry and the models.

    python -m tools.asyncapi            write schemas/published/asyncapi.json
    python -m tools.asyncapi --check    exit 1 where the committed document differs

Channels are the broker's exchanges and queues, operations are what an agency and the hub do on
them. Payloads refer to the JSON Schemas beside the document. It holds no account and no secret.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hub.bus import topology
from hub.bus.topology import AgencyAccount, BrokerAccount, Definitions
from hub.journey.receipts import Receipt
from hub.runtime.adapter_runner import SEALED_KEY
from hub.sealing.reply import ReleaseReply, ReleaseRequest
from schemas.registry import EVENT_TYPES
from tools.publish_schemas import DELIVERED_VIEW, FOLDER

Json: TypeAlias = dict[str, Any]

VERSION = "1.0.0"
"""Version of the bus contract: the first number changes when an agency's program must change."""

DOCUMENT = FOLDER / "asyncapi.json"
_AGENCY = "some-agency"  # stands for any agency while the topology is built
_PAGE = "docs/sealed-delivery.md"
_SECURITY = [{"$ref": "#/components/securitySchemes/brokerAccount"}]
_ABOUT = (
    "Messages between agencies and the Interagency Hub over RabbitMQ (AMQP 0-9-1). An agency "
    "sends events about children sealed to the hub; the hub decides for each recipient and "
    "section, and sends each recipient a sealed delivery; the recipient asks for the keys, when "
    "the hub decides again, and sends a receipt. Contents are sealed on the wire "
    f"(content type application/octet-stream, {_PAGE}): a payload here is the content that is "
    "sealed. No header, routing key or message property holds personal data."
)


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """One kind of message: its messages' names, and how their contents are sealed."""

    names: tuple[str, ...]
    message_id: str
    seal: str = ""


EVENTS = MessageGroup(tuple(EVENT_TYPES), "the event's id", "IHI1")
DELIVERY = MessageGroup(("delivery",), "the delivery's id", "IHD1")
KEY_REQUEST = MessageGroup(("keyRequest",), "a random UUID", "IHI1")
KEY_REPLY = MessageGroup(("keyReply",), "a random UUID", "IHR1")
RECEIPT = MessageGroup(("receipt",), "the delivery's id and the outcome")
GROUPS = (EVENTS, DELIVERY, KEY_REQUEST, KEY_REPLY, RECEIPT)


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of message on its way: its sender and exchange, its queue and receiver."""

    name: str
    group: MessageGroup
    sender: str
    exchange: str
    key: str
    receiver: str
    queue: str
    title: str


FLOWS = (
    Flow("Event", EVENTS, "agency", topology.INBOUND, SEALED_KEY, "hub",
         topology.decide_queue(0), "an event about a child"),
    Flow("Delivery", DELIVERY, "hub", topology.OUTBOUND, "{agency}", "agency",
         "agency.{agency}", "one recipient's copy of an event"),
    Flow("KeyRequest", KEY_REQUEST, "agency", topology.RELEASE, topology.RELEASE, "hub",
         topology.RELEASE, "a request for the keys of deliveries"),
    Flow("KeyReply", KEY_REPLY, "hub", topology.KEYS, "{agency}", "agency",
         "agency.{agency}.release", "the keys that are released, or why none is"),
    Flow("Receipt", RECEIPT, "agency", topology.RECEIPTS, topology.RECEIPTS, "hub",
         topology.RECEIPTS, "what became of a delivery"),
    Flow("DeadDelivery", DELIVERY, "broker", topology.DEAD, "{agency}", "hub",
         "agency.{agency}.dead", "a delivery that could not be handed over"),
)  # fmt: skip
"""The broker itself sends what is dead-lettered; the hub's own dead letters hold any of them."""

_TITLES = {
    "delivery": "One recipient's view of an event",
    "keyRequest": "A request for the keys of deliveries",
    "keyReply": "The hub's answer to a request for keys",
    "receipt": "What became of a delivery; codes only",
}


def document() -> Json:
    """Build the whole document."""
    bus = topology.definitions(
        "hub", [AgencyAccount(_AGENCY, "")], BrokerAccount("hub", ""), partitions=1
    )
    return {
        "asyncapi": "3.0.0",
        "id": "urn:interagency-hub:bus",
        "info": {
            "title": "Interagency Hub: the bus",
            "version": VERSION,
            "description": _ABOUT,
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/octet-stream",
        "servers": {"broker": _server()},
        "channels": dict(_channels(bus)),
        "operations": dict(_operations()),
        "components": {
            "messages": dict(_messages()),
            "schemas": _schemas(ReleaseRequest, ReleaseReply, Receipt),
            "securitySchemes": {
                "brokerAccount": {
                    "type": "userPassword",
                    "description": (
                        "One account for each agency, with the agency's name. It may write to "
                        "hub.inbound, hub.release and hub.receipts and read its own queues."
                    ),
                }
            },
        },
    }


def _server() -> Json:
    return {
        "host": "{broker}",
        "pathname": "/{vhost}",
        "protocol": "amqps",
        "protocolVersion": "0-9-1",
        "description": "RabbitMQ 3.10 or newer; amqp without TLS on one machine only.",
        "variables": {
            "broker": {"default": "localhost:5671", "description": "Host and port"},
            "vhost": {"default": "hub", "description": "Setting vhost of hub.toml"},
        },
        "security": _SECURITY,
    }


def _channels(bus: Definitions) -> Iterator[tuple[str, Json]]:
    for exchange in bus["exchanges"]:
        name = str(exchange["name"])
        groups = [flow.group for flow in FLOWS if flow.exchange == name]
        yield _exchange_id(name), _exchange_channel(exchange, _address(name), _unique(groups))
    for queue in bus["queues"]:
        name = _templated(str(queue["name"]))
        yield _queue_id(name), _queue_channel(bus, queue)


def _exchange_channel(
    exchange: Mapping[str, object], address: str, groups: list[MessageGroup]
) -> Json:
    name = str(exchange["name"])
    binding = {key: exchange[key] for key in ("name", "type", "durable")}
    return {
        "address": address or None,
        "title": f"Exchange {name}",
        "description": _purposes().get(name, ""),
        **_parameters(address),
        "messages": _message_refs(groups),
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {**binding, "autoDelete": exchange["auto_delete"], "vhost": "hub"},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _queue_channel(bus: Definitions, queue: Mapping[str, object]) -> Json:
    name = _templated(str(queue["name"]))
    bound = [
        {"exchange": b["source"], "routingKey": _templated(str(b["routing_key"]))}
        for b in bus["bindings"]
        if b["destination"] == queue["name"]
    ]
    groups = [f.group for f in FLOWS if f.queue == name] or list(GROUPS)
    return {
        "address": name,
        "title": f"Queue {name}",
        "description": _purposes().get(name, ""),
        **_parameters(name),
        "messages": _message_refs(_unique(groups)),
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {
                    "name": name,
                    "durable": queue["durable"],
                    "exclusive": False,
                    "autoDelete": queue["auto_delete"],
                    "vhost": "hub",
                },
                "bindingVersion": "0.3.0",
            }
        },
        "x-rabbitmq": {
            "bindings": bound,
            "arguments": queue["arguments"],
            "policy": _policy(bus, str(queue["name"])),
        },
    }


def _policy(bus: Definitions, queue: str) -> object:
    """Return the settings that the one policy matching a queue gives it."""
    return next(
        policy["definition"]
        for policy in bus["policies"]
        if policy["apply-to"] == "queues" and re.search(str(policy["pattern"]), queue)
    )


def _purposes() -> dict[str, str]:
    """Describe each exchange and queue by the flows that use it."""
    found = {topology.UNROUTABLE: "Events that no queue takes; the hub raises an alarm."}
    for flow in FLOWS:
        found[flow.exchange] = f"Carries {flow.title}, from {flow.sender} to {flow.receiver}."
        found[flow.queue] = f"Holds {flow.title}, for {flow.receiver} to read."
    found[topology.DEAD] = "Dead letters: what could not be processed, kept for an operator."
    return found


def _operations() -> Iterator[tuple[str, Json]]:
    for flow in FLOWS:
        if flow.sender != "broker":
            yield f"{flow.sender}.send{flow.name}", _operation(flow, "send")
        yield f"{flow.receiver}.receive{flow.name}", _operation(flow, "receive")


def _operation(flow: Flow, action: str) -> Json:
    sends = action == "send"
    role = flow.sender if sends else flow.receiver
    channel = _exchange_id(flow.exchange) if sends else _queue_id(flow.queue)
    account = "{agency}" if flow.sender == "agency" else "hub"
    binding = {"userId": account, "deliveryMode": 2, "mandatory": True, "timestamp": False}
    made: Json = {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": f"{role.capitalize()}: {action} {flow.title}",
        "tags": [{"name": role}],
        "security": _SECURITY,
        "messages": [
            {"$ref": f"#/channels/{channel}/messages/{name}"} for name in flow.group.names
        ],
        "bindings": {"amqp": {**(binding if sends else {"ack": True}), "bindingVersion": "0.3.0"}},
    }
    if sends and flow.group is KEY_REQUEST:
        made["reply"] = {"channel": {"$ref": f"#/channels/{_queue_id('agency.{agency}.release')}"}}
    return made


def _messages() -> Iterator[tuple[str, Json]]:
    for group in GROUPS:
        for name in group.names:
            kind = EVENT_TYPES.get(name)
            yield (
                name,
                {
                    "name": name,
                    "title": kind.title if kind else _TITLES[name],
                    "contentType": "application/octet-stream" if group.seal else "application/json",
                    "headers": {
                        "type": "object",
                        "description": "None is sent: what identifies a message is a property.",
                        "properties": {},
                    },
                    "payload": {"$ref": _payload(name)},
                    **_tags(name),
                    **_seal(group),
                    "x-amqp-properties": {
                        "message_id": group.message_id,
                        "user_id": "the sender's broker account; checked by the broker",
                        "delivery_mode": 2,
                    },
                },
            )


def _payload(name: str) -> str:
    if name in EVENT_TYPES:
        return f"./{name}.json"
    models: dict[str, type[BaseModel]] = {
        "keyRequest": ReleaseRequest,
        "keyReply": ReleaseReply,
        "receipt": Receipt,
    }
    if name in models:
        return f"#/components/schemas/{models[name].__name__}"
    return f"./{DELIVERED_VIEW}.json"


def _tags(name: str) -> Json:
    kind = EVENT_TYPES.get(name)
    return {"tags": [{"name": kind.sector}]} if kind else {}


def _seal(group: MessageGroup) -> Json:
    if not group.seal:
        return {}
    return {"x-sealed": {"form": group.seal, "documentation": _PAGE}}


def _schemas(*models: type[BaseModel]) -> Json:
    _, made = models_json_schema(
        [(model, "serialization") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    definitions: Json = made["$defs"]
    return definitions


def _message_refs(groups: Sequence[MessageGroup]) -> Json:
    return {
        name: {"$ref": f"#/components/messages/{name}"} for group in groups for name in group.names
    }


def _parameters(address: str) -> Json:
    named = re.findall(r"\{(\w+)\}", address)
    about = {"agency": {"description": "The agency's name on the bus", "examples": ["trust-paeds"]}}
    return {"parameters": {name: about[name] for name in named}} if named else {}


def _address(exchange: str) -> str:
    return next((flow.key for flow in FLOWS if flow.exchange == exchange), "")


def _exchange_id(name: str) -> str:
    return f"exchange.{name}"


def _queue_id(name: str) -> str:
    return f"queue.{name.replace('{agency}', 'AGENCY')}"


def _templated(name: str) -> str:
    return name.replace(_AGENCY, "{agency}")


def _unique(groups: Sequence[MessageGroup]) -> list[MessageGroup]:
    return list(dict.fromkeys(groups))


def render() -> str:
    """Write the document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str], path: Path = DOCUMENT) -> int:
    """Write the document, or compare it with the committed one; 1 where they differ."""
    if "--check" not in arguments:
        path.write_text(render(), encoding="utf-8")
        return 0
    same = path.is_file() and path.read_text(encoding="utf-8") == render()
    if not same:
        sys.stdout.write(f"{path.name}: differs. Write it with 'make schemas'.\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
