"""Requests for keys and replies that are refused, on the real bus."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika.exceptions
import pytest

from hub.bus import Publisher
from hub.bus.address import account_url
from hub.bus.topology import KEYS, OUTBOUND, RELEASE, agency_queue, dead_queue, keys_queue
from hub.keys.sealing_keys import HubKey, agency_key, agency_public_key
from hub.runtime.release_client import ReleaseClient
from hub.sealing.header import read_header
from hub.sealing.reply import DeliveryAnswer, ReleaseReply, ReleaseRequest, seal_reply
from tests.events import registered
from tests.live_hub import LiveHub
from tests.releases import (
    ANNA,
    alarms,
    ask_on_the_bus,
    released,
    request,
    sealed,
)

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("release")]

ADVICE = "ehc.ehc-advice-provided.v1"
SCHOOL = {
    "school": {
        "adapter": "care-extract", "agency": "school", "folder": "school", "direction": "out",
        "settings": {"la": "899"},
    }
}  # fmt: skip


# -- who may not ask


def test_another_agencys_delivery_is_as_unknown_as_none_at_all_and_alarms(
    live: LiveHub, delivery: str
) -> None:
    """The care department learns nothing; the ledger says what it tried."""
    assert live.ask("care", delivery).code == "unknown-delivery"
    assert live.ask("care", str(uuid.uuid4())).code == "unknown-delivery"
    assert alarms(live) == [("care", "unknown-delivery")] * 2
    assert released(live) == []


def test_one_agencys_request_does_not_open_as_anothers(live: LiveHub, delivery: str) -> None:
    """The care department publishes what the school sealed: refused, recorded, unanswered."""
    body = sealed(live, "school", request(delivery).to_json())
    assert live.hub.release([("care", body)]) == []
    assert alarms(live) == [("care", "seal-broken")]


def too_many() -> bytes:
    """A request with one delivery more than there may be."""
    body = json.loads(request(str(uuid.uuid4())).to_json())
    return json.dumps(body | {"deliveries": [str(uuid.uuid4()) for _ in range(501)]}).encode()


def named_twice() -> bytes:
    """A request that names a delivery twice."""
    one = str(uuid.uuid4())
    body = json.loads(request(one).to_json())
    return json.dumps(body | {"deliveries": [one, one]}).encode()


BAD = {
    "no-json": (lambda: b"keys, please", "not-json"),
    "no-deliveries": (lambda: b'{"v":1,"request":"d7486570-d0f8-4258-afe1-4be549295209"}', ""),
    "too-many": (too_many, ""),
    "named-twice": (named_twice, ""),
    "unknown-member": (lambda: request(str(uuid.uuid4())).to_json()[:-1] + b',"all":true}', ""),
}


@pytest.mark.parametrize(("made", "code"), BAD.values(), ids=BAD.keys())
def test_a_malformed_request_is_refused_and_recorded(
    live: LiveHub, made: Callable[[], bytes], code: str
) -> None:
    """It is sealed as it should be, and gets no reply."""
    with live.working():
        ask_on_the_bus(live, sealed(live, "school", made()))
        live.until(lambda: alarms(live))
        live.ring()
    ((agency, found),) = alarms(live)
    assert agency == "school"
    assert found == code or (not code and found in {"schema-invalid", "missing-field"})
    assert live.take(keys_queue("school"), "school") == []


def test_a_request_in_clear_is_refused_and_recorded(live: LiveHub, delivery: str) -> None:
    """A reader of the bus would learn its number and could reply."""
    with live.working():
        ask_on_the_bus(live, request(delivery).to_json())
        live.until(lambda: alarms(live))
        live.ring()
    assert alarms(live) == [("school", "not-sealed")]
    assert released(live) == []


def test_a_request_without_an_authenticated_sender_is_refused_and_recorded(
    live: LiveHub, delivery: str
) -> None:
    """The ledger names no agency, because the sender is unknown."""
    with live.working():
        ask_on_the_bus(live, sealed(live, "school", request(delivery).to_json()), user_id=None)
        live.until(lambda: alarms(live))
        live.ring()
    assert alarms(live) == [("", "sender-unverified")]


def test_one_agency_whose_key_is_missing_does_not_stop_the_others(
    live: LiveHub, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request is refused and recorded; the next in the batch is answered."""
    broken = {"care": ValueError("no key")}

    def key_of(agency: str) -> bytes:
        if agency in broken:
            raise broken[agency]
        return agency_public_key(live.settings, agency)

    object.__setattr__(live.hub, "agency_keys", key_of)
    asked = [(name, sealed(live, name, request(delivery).to_json())) for name in ("care", "school")]
    (reply,) = live.hub.release(asked)
    assert reply.recipient == "school"
    assert alarms(live) == [("care", "release-failed")]


# -- replies


@contextmanager
def waiting_client(live: LiveHub, delivery: str) -> Iterator[tuple[uuid.UUID, list[Any]]]:
    """The school's adapter with a request under way that no hub answers: its number, its answer."""
    url, stop, got = account_url(live.settings, "school"), threading.Event(), list[Any]()
    keys = (HubKey(live.settings), agency_key(live.settings, "school"))
    with (
        Publisher(url, "school") as publisher,
        ReleaseClient(url, "s", "school", keys, publisher) as client,
    ):
        thread = threading.Thread(target=lambda: got.append(client.ask([delivery], stop)))
        thread.start()
        asked: list[bytes] = []
        live.until(lambda: asked or asked.extend(b for _, _, b in live.take(RELEASE, "hub")))
        limits = live.hub.limits_for(asked)
        (opened,) = {
            ReleaseRequest.model_validate_json(_opened(limits.keys, body)).request for body in asked
        }
        yield opened, got
        stop.set()
        thread.join(30)


def _opened(keys: Any, body: bytes) -> bytes:  # noqa: ANN401  whatever keys the hub has
    from hub.sealing.inbound import open_inbound  # noqa: PLC0415  only here

    return open_inbound(keys, "school", body)


def reply_to(live: LiveHub, number: uuid.UUID, delivery: str, code: str) -> bytes:
    """A reply sealed to the school, as anyone with the request's number can make."""
    answer = DeliveryAnswer(delivery=uuid.UUID(delivery), code=code)
    made = ReleaseReply(request=number, answers=(answer,))
    return seal_reply(agency_public_key(live.settings, "school"), "school", made)


def test_a_reply_that_is_not_from_the_hubs_account_is_ignored(live: LiveHub, delivery: str) -> None:
    """Even with the right number: only the authenticated sender counts."""
    with waiting_client(live, delivery) as (number, got):
        live.smuggle("hub", reply_to(live, number, delivery, "forged"), KEYS, routing_key="school")
        live.smuggle(
            "hub", reply_to(live, uuid.uuid4(), delivery, "another"), KEYS,
            routing_key="school", user_id="hub",
        )  # fmt: skip
        live.smuggle("hub", b"IHR1 nothing", KEYS, routing_key="school", user_id="hub")
        live.smuggle(
            "hub", reply_to(live, number, delivery, "withheld"), KEYS,
            routing_key="school", user_id="hub",
        )  # fmt: skip
        live.until(lambda: got)
    assert got[0][delivery].code == "withheld"


def test_an_agency_cannot_publish_replies_or_deliveries(live: LiveHub, delivery: str) -> None:
    """The broker refuses: those exchanges are the hub's."""
    for exchange in (KEYS, OUTBOUND):
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            live.smuggle("clinic", b"", exchange, routing_key="school", user_id="clinic")


def test_a_delivery_that_says_it_is_for_another_is_left_for_a_person(
    make_live: Callable[..., LiveHub],
) -> None:
    """The council's delivery in the school's queue is not requested."""
    live = make_live(adapters=SCHOOL)
    with live.working(), live.adapting("school"):
        live.send("school", registered(ANNA))
        live.ring()
        ((_, _, body),) = live.take(agency_queue("council"), "council")
        live.smuggle("hub", body, OUTBOUND, routing_key="school", user_id="hub")
        dead: list[Any] = []
        live.until(lambda: dead or dead.extend(live.take(dead_queue("school"), "school")))
    assert read_header(dead[0][2]).recipient == "council"
    assert released(live) == []
