"""Asking for keys in tests: requests as agencies seal them, and what the hub makes of them."""

from __future__ import annotations

import uuid
from typing import Any

from hub.bus.topology import RELEASE, keys_queue
from hub.keys.sealing_keys import HubKey, agency_key
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import ReleaseReply, ReleaseRequest, open_reply
from tests.events import Child, withdrawn
from tests.live_hub import LiveHub

ANNA = Child(1)


def withdraw(live: LiveHub, number: str = "consent-1") -> None:
    """Have the mother withdraw a consent."""
    with live.working():
        live.send("school", withdrawn(ANNA, number))
        live.ring()


def released(live: LiveHub) -> list[dict[str, Any]]:
    """What the ledger says of releases, in order."""
    return [entry["body"] for entry in live.ledger("release")]


def alarms(live: LiveHub) -> list[tuple[str, str]]:
    """Which agencies' requests were refused, and why."""
    return [(e["body"]["agency"], e["body"]["code"]) for e in live.ledger("key-request-refused")]


def request(*deliveries: str) -> ReleaseRequest:
    """A request for the keys of deliveries."""
    return ReleaseRequest(request=uuid.uuid4(), deliveries=tuple(map(uuid.UUID, deliveries)))


def sealed(live: LiveHub, agency: str, body: bytes) -> bytes:
    """What an agency seals to the hub."""
    return seal_inbound(HubKey(live.settings)(), agency, body)


def replies(live: LiveHub, agency: str, count: int) -> list[ReleaseReply]:
    """Wait for replies in an agency's queue, and open them."""
    found: list[bytes] = []

    def arrived() -> bool:
        found.extend(body for _, _, body in live.take(keys_queue(agency), agency))
        return len(found) >= count

    live.until(arrived)
    return [open_reply(agency_key(live.settings, agency), agency, body) for body in found]


def ask_on_the_bus(live: LiveHub, body: bytes, **properties: object) -> None:
    """Publish to the release exchange as the school's account."""
    properties = {"routing_key": RELEASE, "user_id": "school", **properties}
    live.smuggle("school", body, RELEASE, clear=True, **properties)
