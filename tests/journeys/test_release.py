"""Release on the real bus: who may request keys, the reply, and what is recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from adapters.contract import Document
from consent.agreement import Agreement
from hub.bus.topology import OUTBOUND, agency_queue, dead_queue
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.sealing.block import ENVELOPE
from schemas.sections import Category
from schemas.sharing import Scope
from tests.configuration import agreement
from tests.events import appointed, event_of, recorded, registered, section, withdrawn
from tests.live_hub import LiveHub
from tests.releases import (
    ANNA,
    ask_on_the_bus,
    released,
    replies,
    request,
    sealed,
    withdraw,
)

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("release")]

ADVICE = "ehc.ehc-advice-provided.v1"
SCHOOL = {
    "school": {
        "adapter": "care-extract", "agency": "school", "folder": "school", "direction": "out",
        "settings": {"la": "899"},
    }
}  # fmt: skip


def publish(live: LiveHub, *rules: dict[str, Any]) -> None:
    """Publish the next version of the agreement, with more rules or changed ones."""
    raw = agreement().model_dump(mode="json")
    changed = {rule["id"] for rule in rules}
    raw["rules"] = [r for r in raw["rules"] if r["id"] not in changed] + list(rules)
    new = Agreement.model_validate(raw | {"version": 2})
    with live.hub.writing() as (work, lines):
        work.agreements.publish(new, work.now)
        lines.append(AgreementPublishedEntry.of(new, by="test"))


def rule(name: str, like: str, **changes: object) -> dict[str, Any]:
    """One of the agreement's rules under another name, with changes."""
    rules = {r["id"]: r for r in agreement().model_dump(mode="json")["rules"]}
    return {**rules[like], "id": name, **changes}


# -- section by section


def test_withdrawing_one_category_leaves_the_others_of_the_same_delivery_readable(
    live: LiveHub,
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
    publish(live, duty, agreed)
    sen, health, care = (
        section(ADVICE, provided_on="2026-02-02", kind="health"),
        another(ADVICE, Category.HEALTH, health_needs="Hears little on the left."),
        another(ADVICE, Category.CARE, care_needs="Needs a quiet place."),
    )
    with live.working():
        live.send("school", registered(ANNA))
        live.send("school", recorded(ANNA, "of-health", scope=Scope(categories=(Category.HEALTH,))))
        live.send("school", recorded(ANNA, "of-care", scope=Scope(categories=(Category.CARE,))))
        live.ring()
        live.send("clinic", event_of(ADVICE, "clinic", ANNA.identity(), sen, health, care))
        live.ring()
    withdraw(live, "of-health")
    (view,) = live.mail("school")
    assert set(view.sections) == {Category.IDENTITY, Category.SEN, Category.CARE}
    assert view.withheld == (Category.HEALTH,)
    assert released(live)[-1]["withheld"] == {"health": ["consent-withdrawn"]}


def another(key: str, category: Category, **fields: object) -> Any:  # noqa: ANN401  any section
    """A section of an event type that is not its own first one."""
    from schemas.registry import EVENT_TYPES  # noqa: PLC0415  only here

    return EVENT_TYPES[key].sections[category].model_validate(fields)


def test_what_is_permitted_only_since_it_was_sealed_is_not_in_it(
    live: LiveHub, delivery: str
) -> None:
    """A wider agreement changes nothing about a delivery that is under way."""
    wider = rule(
        "appointments", "appointments",
        fields={"identity": ["upn", "nhs_number"], "health": ["status", "start", "end", "reason"]},
    )  # fmt: skip
    publish(live, wider)
    answer = live.ask("school", delivery)
    assert set(answer.keys) == {ENVELOPE, "health"}
    assert answer.withheld == {"identity": "field-not-allowed"}


# -- once, and again


def test_asking_again_gives_the_same_keys_and_is_recorded_as_a_repeat(
    live: LiveHub, delivery: str
) -> None:
    """The second disclosure is one, too."""
    assert live.ask("school", delivery).keys == live.ask("school", delivery).keys
    assert [entry["repeat"] for entry in released(live)] == [0, 1]


def test_an_old_request_played_again_is_answered_with_what_holds_now(
    live: LiveHub, delivery: str
) -> None:
    """It is decided again: keys the first time, none after the withdrawal."""
    body = sealed(live, "school", request(delivery).to_json())
    with live.working():
        ask_on_the_bus(live, body)
        (first,) = replies(live, "school", 1)
    withdraw(live)
    with live.working():
        ask_on_the_bus(live, body)
        (second,) = replies(live, "school", 1)
    assert set(first.answers[0].keys) == {ENVELOPE, "identity", "health"}
    assert second.answers[0].keys == {}
    assert second.answers[0].code == "withheld"


def test_a_delivery_that_is_in_the_queue_twice_is_handed_over_once(
    make_live: Callable[..., LiveHub],
) -> None:
    """A copy published again comes in the same batch; the adapter asks for it once."""
    live = make_live(adapters=SCHOOL)
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA))
        live.ring()
        ((_, _, body),) = live.take(agency_queue("school"), "school")
        for _ in range(3):
            live.smuggle("hub", body, OUTBOUND, routing_key="school", user_id="hub")
        with live.adapting("school"):
            live.until(lambda: live.ledger("receipt"))
            live.ring()
            live.until(lambda: live.waiting("school") == 0)
    assert len(list((live.folder / "school" / "out").glob("*.csv"))) == 1
    assert live.take(dead_queue("school"), "school") == []


class SlowSystem:
    """An agency's system that takes its time over the first delivery."""

    def __init__(self) -> None:
        """Wait for the signal."""
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.had: list[str] = []

    def hand_over(self, _document: Document, delivery_id: str) -> None:
        """Continue."""
        self.begun.set()
        assert self.go_on.wait(60)
        self.had.append(delivery_id)

    def close(self) -> None:
        """Nothing is held."""


def test_keys_that_grew_old_while_the_system_was_slow_are_not_used(
    make_live: Callable[..., LiveHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second delivery of a batch is requested again, so the withdrawal reaches it."""
    live, system = make_live(adapters=SCHOOL), SlowSystem()
    monkeypatch.setattr("hub.runtime.bootstrap._outlet", lambda *_: system)
    monkeypatch.setattr("hub.runtime.adapter_runner.FRESH_SECONDS", 0.0)
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, "one"), appointed(ANNA, "two"))
        live.ring()
        with live.adapting("school"):
            live.until(system.begun.is_set)
            live.send("school", withdrawn(ANNA, "consent-1"))
            live.ring()
            system.go_on.set()
            live.until(lambda: released(live)[-1]["anything"] is False)
            live.until(lambda: live.waiting("school") == 0)
    assert len(system.had) == 1
