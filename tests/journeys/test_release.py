"""Release on the real bus: who may ask for keys, what is answered, and what is recorded of it."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika.exceptions
import pytest

from adapters.contract import Document
from consent.agreement import Agreement
from hub import entries
from hub.broker_place import account_url
from hub.bus import Publisher
from hub.bus.topology import KEYS, OUTBOUND, RELEASE, agency_queue, dead_queue, keys_queue
from hub.keys_desk import KeysDesk
from hub.seal_keys import agency_key, agency_public_key, hub_public_key
from schemas.sealed.block import ENVELOPE
from schemas.sealed.header import read_header
from schemas.sealed.inbound import seal_inbound
from schemas.sealed.reply import Answer, ReleaseReply, ReleaseRequest, open_reply, seal_reply
from schemas.sections import Category
from schemas.sharing import Scope
from tests.happenings import Child, appointed, happening, registered, said, section, withdrawn
from tests.house import House
from tests.papers import agreement

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("release")]

ANNA = Child(1)
ADVICE = "ehc.ehc-advice-provided.v1"
SCHOOL = {
    "school": {
        "adapter": "care-extract", "agency": "school", "folder": "school", "direction": "out",
        "settings": {"la": "899"},
    }
}  # fmt: skip


def publish(house: House, *rules: dict[str, Any]) -> None:
    """Publish the next version of the agreement, with more rules or changed ones."""
    raw = agreement().model_dump(mode="json")
    changed = {rule["id"] for rule in rules}
    raw["rules"] = [r for r in raw["rules"] if r["id"] not in changed] + list(rules)
    new = Agreement.model_validate(raw | {"version": 2})
    with house.office.writing() as (books, lines):
        books.agreements.publish(new, books.now)
        lines.append(entries.agreement_published(new, books.now))


def rule(name: str, like: str, **changes: object) -> dict[str, Any]:
    """One of the agreement's rules under another name, with changes."""
    rules = {r["id"]: r for r in agreement().model_dump(mode="json")["rules"]}
    return {**rules[like], "id": name, **changes}


@pytest.fixture
def delivery(house: House) -> str:
    """One delivery to the school that rests on consent, taken out of its queue."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA))
        house.ring()
    ((_, properties, _),) = house.take(agency_queue("school"), "school")
    return str(properties.message_id)


def withdraw(house: House, number: str = "consent-1") -> None:
    """Have the mother withdraw a consent."""
    with house.working():
        house.send("school", withdrawn(ANNA, number))
        house.ring()


def released(house: House) -> list[dict[str, Any]]:
    """What the ledger says of releases, in order."""
    return [entry["body"] for entry in house.ledger("release")]


def alarms(house: House) -> list[tuple[str, str]]:
    """Which agencies' requests were refused, and why."""
    return [(e["body"]["agency"], e["body"]["code"]) for e in house.ledger("alarm")]


def request(*deliveries: str) -> ReleaseRequest:
    """A request for the keys of deliveries."""
    return ReleaseRequest(request=uuid.uuid4(), deliveries=tuple(map(uuid.UUID, deliveries)))


def sealed(house: House, agency: str, body: bytes) -> bytes:
    """What an agency seals to the hub."""
    return seal_inbound(hub_public_key(house.settings), agency, body)


def replies(house: House, agency: str, count: int) -> list[ReleaseReply]:
    """Wait for replies in an agency's queue, and open them."""
    found: list[bytes] = []

    def arrived() -> bool:
        found.extend(body for _, _, body in house.take(keys_queue(agency), agency))
        return len(found) >= count

    house.until(arrived)
    return [open_reply(agency_key(house.settings, agency), agency, body) for body in found]


def ask_on_the_bus(house: House, body: bytes, **properties: object) -> None:
    """Publish to the release exchange as the school's account."""
    properties = {"routing_key": RELEASE, "user_id": "school", **properties}
    house.smuggle("school", body, RELEASE, clear=True, **properties)


# -- section by section


def test_withdrawing_one_category_leaves_the_others_of_the_same_delivery_readable(
    house: House,
) -> None:
    """Health is withheld; advice by duty and care by its own consent are opened."""
    duty = rule(
        "advice-given", "advice", sources=["clinic"], recipients=["school"], event_types=[ADVICE],
        fields={"identity": ["upn"], "sen": ["provided_on", "kind"]},
    )  # fmt: skip
    agreed = rule(
        "advice-in-full", "appointments", event_types=[ADVICE], purpose="ehc-assessment",
        fields={"health": ["health_needs"], "care": ["care_needs"]},
    )  # fmt: skip
    publish(house, duty, agreed)
    sen, health, care = (
        section(ADVICE, provided_on="2026-02-02", kind="health"),
        another(ADVICE, Category.HEALTH, health_needs="Hears little on the left."),
        another(ADVICE, Category.CARE, care_needs="Needs a quiet place."),
    )
    with house.working():
        house.send("school", registered(ANNA))
        house.send("school", said(ANNA, "of-health", scope=Scope(categories=(Category.HEALTH,))))
        house.send("school", said(ANNA, "of-care", scope=Scope(categories=(Category.CARE,))))
        house.ring()
        house.send("clinic", happening(ADVICE, "clinic", ANNA.identity(), sen, health, care))
        house.ring()
    withdraw(house, "of-health")
    (view,) = house.mail("school")
    assert set(view.sections) == {Category.IDENTITY, Category.SEN, Category.CARE}
    assert view.withheld == (Category.HEALTH,)
    assert released(house)[-1]["withheld"] == {"health": ["consent-withdrawn"]}


def another(key: str, category: Category, **fields: object) -> Any:  # noqa: ANN401  any section
    """A section of an event type that is not its own first one."""
    from schemas.registry import EVENT_TYPES  # noqa: PLC0415  only here

    return EVENT_TYPES[key].sections[category].model_validate(fields)


def test_what_is_permitted_only_since_it_was_sealed_is_not_in_it(
    house: House, delivery: str
) -> None:
    """A wider agreement changes nothing about a delivery that is under way."""
    wider = rule(
        "appointments", "appointments",
        fields={"identity": ["upn", "nhs_number"], "health": ["status", "start", "end", "reason"]},
    )  # fmt: skip
    publish(house, wider)
    answer = house.ask("school", delivery)
    assert set(answer.keys) == {ENVELOPE, "health"}
    assert answer.withheld == {"identity": "field-not-allowed"}


# -- once, and again


def test_asking_again_gives_the_same_keys_and_is_recorded_as_a_repeat(
    house: House, delivery: str
) -> None:
    """The second disclosure is one, too."""
    assert house.ask("school", delivery).keys == house.ask("school", delivery).keys
    assert [entry["repeat"] for entry in released(house)] == [0, 1]


def test_an_old_request_played_again_is_answered_with_what_holds_now(
    house: House, delivery: str
) -> None:
    """It is decided afresh: the first time keys, after the withdrawal none."""
    body = sealed(house, "school", request(delivery).to_json())
    with house.working():
        ask_on_the_bus(house, body)
        (first,) = replies(house, "school", 1)
    withdraw(house)
    with house.working():
        ask_on_the_bus(house, body)
        (second,) = replies(house, "school", 1)
    assert set(first.answers[0].keys) == {ENVELOPE, "identity", "health"}
    assert second.answers[0].keys == {}
    assert second.answers[0].code == "withheld"


def test_a_delivery_that_is_in_the_queue_twice_is_handed_over_once(
    make_house: Callable[..., House],
) -> None:
    """A copy published again comes in the same batch; the adapter asks for it once."""
    house = make_house(adapters=SCHOOL)
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA))
        house.ring()
        ((_, _, body),) = house.take(agency_queue("school"), "school")
        for _ in range(3):
            house.smuggle("hub", body, OUTBOUND, routing_key="school", user_id="hub")
        with house.adapting("school"):
            house.until(lambda: house.ledger("receipt"))
            house.ring()
            house.until(lambda: house.waiting("school") == 0)
    assert len(list((house.folder / "school" / "out").glob("*.csv"))) == 1
    assert house.take(dead_queue("school"), "school") == []


class SlowSystem:
    """An agency's system that takes its time over the first delivery."""

    def __init__(self) -> None:
        """Wait until told."""
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.had: list[str] = []

    def hand_over(self, _document: Document, delivery_id: str) -> None:
        """Take it, at last."""
        self.begun.set()
        assert self.go_on.wait(60)
        self.had.append(delivery_id)

    def close(self) -> None:
        """Nothing is held."""


def test_keys_that_grew_old_while_the_system_was_slow_are_not_used(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second delivery of a batch is asked for anew, so the withdrawal reaches it."""
    house, system = make_house(adapters=SCHOOL), SlowSystem()
    monkeypatch.setattr("hub.wiring._outlet", lambda _name, _chosen: system)
    monkeypatch.setattr("hub.runner.FRESH_SECONDS", 0.0)
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, "one"), appointed(ANNA, "two"))
        house.ring()
        with house.adapting("school"):
            house.until(system.begun.is_set)
            house.send("school", withdrawn(ANNA, "consent-1"))
            house.ring()
            system.go_on.set()
            house.until(lambda: released(house)[-1]["anything"] is False)
            house.until(lambda: house.waiting("school") == 0)
    assert len(system.had) == 1


# -- who may not ask


def test_another_agencys_delivery_is_as_unknown_as_none_at_all_and_alarms(
    house: House, delivery: str
) -> None:
    """The care department learns nothing; the ledger says what it tried."""
    assert house.ask("care", delivery).code == "unknown-delivery"
    assert house.ask("care", str(uuid.uuid4())).code == "unknown-delivery"
    assert alarms(house) == [("care", "unknown-delivery")] * 2
    assert released(house) == []


def test_one_agencys_request_does_not_open_as_anothers(house: House, delivery: str) -> None:
    """The care department publishes what the school sealed: refused, recorded, unanswered."""
    body = sealed(house, "school", request(delivery).to_json())
    assert house.office.release([("care", body)]) == []
    assert alarms(house) == [("care", "seal-broken")]


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
    house: House, made: Callable[[], bytes], code: str
) -> None:
    """It travels sealed, as it should, and is answered by nobody."""
    with house.working():
        ask_on_the_bus(house, sealed(house, "school", made()))
        house.until(lambda: alarms(house))
        house.ring()
    ((agency, found),) = alarms(house)
    assert agency == "school"
    assert found == code or (not code and found in {"schema-invalid", "missing-field"})
    assert house.take(keys_queue("school"), "school") == []


def test_a_request_in_clear_is_refused_and_recorded(house: House, delivery: str) -> None:
    """Whoever reads the bus would learn its number and could answer it."""
    with house.working():
        ask_on_the_bus(house, request(delivery).to_json())
        house.until(lambda: alarms(house))
        house.ring()
    assert alarms(house) == [("school", "not-sealed")]
    assert released(house) == []


def test_a_request_that_the_broker_does_not_vouch_for_is_refused_and_recorded(
    house: House, delivery: str
) -> None:
    """Nobody's name stands in the ledger, for nobody knows whose it is."""
    with house.working():
        ask_on_the_bus(house, sealed(house, "school", request(delivery).to_json()), user_id=None)
        house.until(lambda: alarms(house))
        house.ring()
    assert alarms(house) == [("", "sender-unverified")]


def test_one_agency_whose_key_is_missing_does_not_stop_the_others(
    house: House, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request is refused and recorded; the next in the batch is answered."""
    broken = {"care": ValueError("no key")}

    def key_of(agency: str) -> bytes:
        if agency in broken:
            raise broken[agency]
        return agency_public_key(house.settings, agency)

    object.__setattr__(house.office, "agency_keys", key_of)
    asked = [
        (name, sealed(house, name, request(delivery).to_json())) for name in ("care", "school")
    ]
    (reply,) = house.office.release(asked)
    assert reply.recipient == "school"
    assert alarms(house) == [("care", "release-failed")]


# -- replies


@contextmanager
def waiting_desk(house: House, delivery: str) -> Iterator[tuple[uuid.UUID, list[Any]]]:
    """The school's adapter with a request under way that no hub answers: its number, its answer."""
    url, stop, got = account_url(house.settings, "school"), threading.Event(), list[Any]()
    keys = (lambda: hub_public_key(house.settings), agency_key(house.settings, "school"))
    with (
        Publisher(url, "school") as publisher,
        KeysDesk(url, "s", "school", keys, publisher) as desk,
    ):
        thread = threading.Thread(target=lambda: got.append(desk.ask([delivery], stop)))
        thread.start()
        asked: list[bytes] = []
        house.until(lambda: asked or asked.extend(b for _, _, b in house.take(RELEASE, "hub")))
        limits = house.office.limits_for(asked)
        (opened,) = {
            ReleaseRequest.model_validate_json(_opened(limits.keys, body)).request for body in asked
        }
        yield opened, got
        stop.set()
        thread.join(30)


def _opened(keys: Any, body: bytes) -> bytes:  # noqa: ANN401  whatever keys the hub has
    from schemas.sealed.inbound import open_inbound  # noqa: PLC0415  only here

    return open_inbound(keys, "school", body)


def reply_to(house: House, number: uuid.UUID, delivery: str, code: str) -> bytes:
    """A reply sealed to the school, as anybody can make one who knows the request's number."""
    answer = Answer(delivery=uuid.UUID(delivery), code=code)
    made = ReleaseReply(request=number, answers=(answer,))
    return seal_reply(agency_public_key(house.settings, "school"), "school", made)


def test_a_reply_that_is_not_from_the_hubs_account_is_ignored(house: House, delivery: str) -> None:
    """Even with the right number: what counts is whom the broker vouches for."""
    with waiting_desk(house, delivery) as (number, got):
        house.smuggle(
            "hub", reply_to(house, number, delivery, "forged"), KEYS, routing_key="school"
        )
        house.smuggle(
            "hub", reply_to(house, uuid.uuid4(), delivery, "another"), KEYS,
            routing_key="school", user_id="hub",
        )  # fmt: skip
        house.smuggle("hub", b"IHR1 nothing", KEYS, routing_key="school", user_id="hub")
        house.smuggle(
            "hub", reply_to(house, number, delivery, "withheld"), KEYS,
            routing_key="school", user_id="hub",
        )  # fmt: skip
        house.until(lambda: got)
    assert got[0][delivery].code == "withheld"


def test_an_agency_cannot_publish_replies_or_deliveries(house: House, delivery: str) -> None:
    """The broker refuses: those exchanges are the hub's."""
    for exchange in (KEYS, OUTBOUND):
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            house.smuggle("clinic", b"", exchange, routing_key="school", user_id="clinic")


def test_a_delivery_that_says_it_is_for_another_is_left_for_a_person(
    make_house: Callable[..., House],
) -> None:
    """The council's delivery in the school's queue is asked for by nobody."""
    house = make_house(adapters=SCHOOL)
    with house.working(), house.adapting("school"):
        house.send("school", registered(ANNA))
        house.ring()
        ((_, _, body),) = house.take(agency_queue("council"), "council")
        house.smuggle("hub", body, OUTBOUND, routing_key="school", user_id="hub")
        dead: list[Any] = []
        house.until(lambda: dead or dead.extend(house.take(dead_queue("school"), "school")))
    assert read_header(dead[0][2]).recipient == "council"
    assert released(house) == []
