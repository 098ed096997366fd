"""A withdrawal reaches a delivery wherever it is: queued, in retry, a dead letter, played again.

So do the end of a consent, a restriction and the end of an agreement. For each place and each
cause the recipient's system gets nothing, and the ledger shows why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from consent.agreement import Agreement
from hub.bus import queue_depth
from hub.bus.address import HUB_ACCOUNT, account_url
from hub.bus.topology import OUTBOUND, agency_queue, dead_queue
from hub.casework.deliveries.dead_letters import retry
from hub.foundation import clock
from hub.journey.entries.directives import AgreementPublishedEntry
from tests.configuration import agreement
from tests.events import Child, appointed, recorded, registered, withdrawn
from tests.live_hub import LiveHub

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("withdrawal")]

ANNA, BEN = Child(1), Child(2)
DAY = dt.timedelta(days=1)
SCHOOL = {
    "school": {
        "adapter": "care-extract", "agency": "school", "folder": "school", "direction": "out",
        "settings": {"la": "899"},
    }
}  # fmt: skip


@dataclass
class Case:
    """One delivery to the school that rests on consent, and what makes time pass."""

    live: LiveHub
    patch: pytest.MonkeyPatch
    body: bytes = b""

    def begin(self) -> None:
        """Have the clinic share an appointment with the school, while a consent holds for a day."""
        until = clock.now() + DAY
        self.live.send("school", registered(ANNA), recorded(ANNA, "consent-1", valid_until=until))
        self.live.ring()
        self.live.send("clinic", appointed(ANNA))
        self.live.ring()

    def later(self, time: dt.timedelta) -> None:
        """Let time pass."""
        then = clock.now
        self.patch.setattr(clock, "now", lambda: then() + time)

    def publish(self, **changes: object) -> None:
        """Publish the next version of the agreement."""
        old = agreement()
        raw = old.model_dump(mode="json") | {"version": 2} | changes
        new = Agreement.model_validate(raw)
        with self.live.hub.writing() as (work, lines):
            work.agreements.publish(new, work.now)
            lines.append(AgreementPublishedEntry.of(new, by="test"))

    # -- what the school's system has

    @property
    def out(self) -> Path:
        """The folder where the school's system finds what is handed over."""
        return self.live.folder / "school" / "out"

    def documents(self) -> list[Path]:
        """What was handed over."""
        return sorted(self.out.glob("*.csv"))

    def block(self) -> None:
        """Make the school's system refuse for now: its folder is away."""
        self.live.until(self.out.is_dir)
        self.out.rename(self.out.with_name("away"))

    def unblock(self) -> None:
        """Make the school's system take deliveries again."""
        self.out.with_name("away").rename(self.out)

    def releases(self) -> list[dict[str, Any]]:
        """The ledger's entries about the delivery's releases, in order."""
        return [
            e["body"] for e in self.live.ledger("release") if e["body"]["recipient"] == "school"
        ]

    def dead_letters(self) -> int:
        """How many deliveries are the school's dead letters."""
        name = dead_queue("school")
        return queue_depth(self.live.bus.url(), [name])[name] or 0

    def state(self) -> str:
        """What became of the delivery."""
        ((state,),) = self.live.query("SELECT state FROM deliveries WHERE recipient = 'school'")
        return str(state)


# -- the causes


def withdraws(case: Case) -> str:
    """The mother withdraws."""
    case.live.send("school", withdrawn(ANNA, "consent-1"))
    case.live.ring()
    return "consent-withdrawn"


def expires(case: Case) -> str:
    """The consent's period ends."""
    case.later(DAY)
    return "consent-expired"


def restricts(case: Case) -> str:
    """A court restricts the sharing."""
    order = recorded(
        ANNA, "order-1", kind="restriction", by="council", restriction="court-order",
        authority="court", decider_ref="court",
        decider_name="Family Court", evidence="Sealed order", valid_from="2026-01-05T00:00:00Z",
    )  # fmt: skip
    case.live.send("council", order)
    case.live.ring()
    return "restricted-court-order"


def drops_the_rule(case: Case) -> str:
    """The next version of the agreement has no such rule."""
    kept = [r for r in agreement().model_dump(mode="json")["rules"] if r["id"] != "appointments"]
    case.publish(rules=kept)
    return "no-agreement"


def agreement_ends(case: Case) -> str:
    """The agreement's period ends."""
    case.publish(valid_until=(clock.now() - dt.timedelta(seconds=1)).isoformat())
    return "agreement-expired"


CAUSES = (withdraws, expires, restricts, drops_the_rule, agreement_ends)


# -- the places


def queued(case: Case, cause: Callable[[Case], str]) -> str:
    """The adapter is down; the delivery waits in the agency's queue."""
    case.begin()
    assert case.live.waiting("school") == 1
    code = cause(case)
    with case.live.adapting("school"):
        case.live.until(lambda: case.state() == "withheld")
        case.live.ring()
    return code


def in_retry(case: Case, cause: Callable[[Case], str]) -> str:
    """The agency's system is busy; the adapter tries again with growing pauses."""
    with case.live.adapting("school"):
        case.block()
        case.begin()
        case.live.until(case.releases)
        code = cause(case)
        case.live.until(lambda: case.state() == "withheld")
        case.unblock()
        case.live.ring()
    assert set(case.releases()[0]["released"]) == {"identity", "health"}
    return code


def dead(case: Case, cause: Callable[[Case], str]) -> str:
    """The adapter gave up; a person has the dead letter tried again."""
    with case.live.adapting("school"):
        case.block()
        case.begin()
        case.live.until(lambda: case.state() == "failed")
        case.live.until(lambda: case.dead_letters() == 1)
    case.unblock()
    code = cause(case)
    url = account_url(case.live.settings, HUB_ACCOUNT)
    assert len(retry(case.live.hub, url, "school", None, by="jm", reason="CASE-1")) == 1
    with case.live.adapting("school"):
        case.live.until(lambda: case.state() == "withheld")
        case.live.ring()
    return code


def played_again(case: Case, cause: Callable[[Case], str]) -> str:
    """A copy of the message is published again, with the hub's own account."""
    case.begin()
    ((_, _, body),) = case.live.take(agency_queue("school"), "school")
    code = cause(case)
    case.live.smuggle("hub", body, OUTBOUND, routing_key="school", user_id="hub")
    with case.live.adapting("school"):
        case.live.until(lambda: case.state() == "withheld")
        case.live.ring()
    return code


PLACES = {queued: 5, in_retry: 9, dead: 1, played_again: 5}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_it_reaches_a_delivery_wherever_it_is(
    make_live: Callable[..., LiveHub],
    monkeypatch: pytest.MonkeyPatch,
    place: Callable[[Case, Callable[[Case], str]], str],
    cause: Callable[[Case], str],
) -> None:
    """The recipient's system gets nothing, the queues are empty, and the ledger says why."""
    live = make_live(adapters=SCHOOL, delivery_attempts=PLACES[place])
    case = Case(live, monkeypatch)
    with live.working():
        code = place(case, cause)
    assert case.documents() == []
    assert live.waiting("school") == 0
    last = case.releases()[-1]
    assert (last["anything"], last["released"]) == (False, [])
    assert last["withheld"]["health"] == [code]
    assert live.ledger_verifies()
