"""What time does: kept content goes, overdue receipts raise one alarm each (real SQLite)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from hub.casework.deliveries.reoffer import reoffer
from hub.cli import main
from hub.evidence.child_lookup import Sought
from hub.foundation import clock
from hub.foundation.settings import Settings, load_settings
from hub.intake.hub import Hub
from hub.intake.retention import purge, purgeable, raise_alarms
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import Letter
from hub.keys.sealing_keys import HubKey, agency_key
from hub.runtime.bootstrap import open_hub, prepare
from hub.runtime.doctor.store import check_store
from hub.runtime.housekeeping import Housekeeping, Terms
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import DeliveryAnswer, ReleaseRequest, open_reply
from hub.store.engine import reading
from schemas.event import Event
from schemas.identifiers import System
from tests.configuration import SETTINGS, agreement
from tests.events import Child, appointed, recorded, registered

ANNA = Child(1)
DAY = dt.timedelta(days=1)
Later = Callable[[dt.timedelta], None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A hub in a folder."""
    config = tmp_path / "hub.toml"
    config.write_text(SETTINGS.format(url="", vhost="", general="", adapters=""), "utf-8")
    made = load_settings(config)
    prepare(made)
    return made


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    """Its hub, with the tests' agreement."""
    made = open_hub(settings)
    with made.writing() as (work, lines):
        work.agreements.publish(agreement(), work.now)
        lines.append(AgreementPublishedEntry.of(agreement(), by="test"))
    yield made
    made.engine.dispose()
    structlog.reset_defaults()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """What makes time pass."""

    def pass_by(time: dt.timedelta) -> None:
        then = clock.now
        monkeypatch.setattr(clock, "now", lambda: then() + time)

    return pass_by


def take(hub: Hub, agency: str, *events: Event) -> None:
    """Have the hub take events, and put what follows on the bus."""
    hub.take([Letter(event.to_json(), agency, clock.now()) for event in events])
    hub.published([one.id for one in hub.pending(100)])


def rows(hub: Hub, statement: str) -> list[Any]:
    """Rows straight from the store."""
    with reading(hub.engine) as connection:
        return list(connection.execute(text(statement)))


def bodies(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """What the ledger says of one kind."""
    with hub.reading() as work:
        return [json.loads(row.entry)["body"] for row in work.ledger.rows() if row.kind == kind]


def ask(hub: Hub, settings: Settings) -> DeliveryAnswer:
    """Ask for the keys of the only delivery, as the council."""
    ((delivery,),) = rows(hub, "SELECT id FROM deliveries")
    request = ReleaseRequest.model_validate({"request": clock.new_id(), "deliveries": [delivery]})
    sealed = seal_inbound(HubKey(settings)(), "council", request.to_json())
    (reply,) = hub.release([("council", sealed)])
    return open_reply(agency_key(settings, "council"), "council", reply.body).answers[0]


def test_content_is_destroyed_after_its_time_and_not_before(hub: Hub, later: Later) -> None:
    """The event's row stays, so that a repeat is still known."""
    take(hub, "school", registered(ANNA))
    assert purge(hub, 28 * DAY, by="jmalik") == 0
    later(29 * DAY)
    assert purgeable(hub, 28 * DAY) == 1
    assert purge(hub, 28 * DAY, by="jmalik") == 1
    assert rows(hub, "SELECT sealed, state FROM events") == [(None, "decided")]


def test_a_purge_stands_once_in_the_ledger_with_its_count(hub: Hub, later: Later) -> None:
    """A purge that finds nothing leaves no entry."""
    take(hub, "school", registered(ANNA), registered(Child(2)))
    later(29 * DAY)
    purge(hub, 28 * DAY, by="jmalik")
    purge(hub, 28 * DAY, by="jmalik")
    (entry,) = bodies(hub, "events-purged")
    assert (entry["events"], entry["by"]) == (2, "jmalik")


def test_what_was_queued_of_a_purged_event_is_released_to_nobody(
    hub: Hub, settings: Settings, later: Later
) -> None:
    """It can no longer be decided; the answer says erased and gives no key."""
    take(hub, "school", registered(ANNA))
    later(29 * DAY)
    purge(hub, 28 * DAY, by="jmalik")
    answer = ask(hub, settings)
    assert (answer.code, dict(answer.keys)) == ("erased", {})


def test_an_event_is_kept_as_long_as_what_was_delivered_of_it_last(hub: Hub, later: Later) -> None:
    """A re-offer made on the last day can still be released."""
    take(hub, "school", registered(ANNA))
    take(hub, "clinic", appointed(ANNA))
    later(27 * DAY)
    take(hub, "school", recorded(ANNA, "consent-1"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    assert len(reoffer(hub, sought, by="jmalik", reason="CASE-1", dry_run=False).offers) == 1
    later(2 * DAY)
    purge(hub, 28 * DAY, by="jmalik")
    kept = rows(hub, "SELECT type FROM events WHERE sealed IS NOT NULL ORDER BY seq")
    assert [row[0] for row in kept] == [
        "health.appointment-changed.v1",
        "consent.directive-recorded.v1",
    ]


def test_a_held_event_is_not_purged(hub: Hub, later: Later) -> None:
    """It waits for a person, however long."""
    take(hub, "school", registered(ANNA))
    with hub.writing() as (work, _):
        work.inbox._connection.execute(text("UPDATE events SET state = 'held', decided_at = NULL"))
    later(100 * DAY)
    assert purge(hub, 28 * DAY, by="jmalik") == 0


def test_a_missing_receipt_raises_one_alarm(hub: Hub, later: Later) -> None:
    """In the ledger and in the log, once however often it is looked."""
    take(hub, "school", registered(ANNA))
    assert raise_alarms(hub, DAY) == 0
    later(2 * DAY)
    with capture_logs() as logs:
        assert raise_alarms(hub, DAY) == 1
        assert raise_alarms(hub, DAY) == 0
    ((delivery,),) = rows(hub, "SELECT id FROM deliveries")
    assert [(one["event"], one["delivery"], one["recipient"]) for one in logs] == [
        ("delivery.overdue", delivery, "council")
    ]
    (entry,) = bodies(hub, "receipt-overdue")
    assert (entry["delivery"], entry["recipient"]) == (delivery, "council")


def test_what_has_its_receipt_raises_no_alarm(hub: Hub, later: Later) -> None:
    """Delivered or failed, it is answered for."""
    take(hub, "school", registered(ANNA))
    ((delivery,),) = rows(hub, "SELECT id FROM deliveries")
    receipt = json.dumps({"delivery": delivery, "outcome": "failed", "code": "channel-refused"})
    hub.take_receipts([("council", receipt.encode())])
    later(2 * DAY)
    assert raise_alarms(hub, DAY) == 0


def test_the_doctor_counts_overdue_receipts_by_agency(
    hub: Hub, settings: Settings, later: Later
) -> None:
    """Also those for which the alarm was raised."""
    take(hub, "school", registered(ANNA), registered(Child(2)))
    later(2 * DAY)
    raise_alarms(hub, DAY)
    found = [one for one in check_store(settings) if one.about == "receipts"]
    assert [(one.level.value, one.text) for one in found] == [
        ("warn", "council has sent no receipt for 2 deliveries")
    ]


def test_a_tick_does_both_and_the_next_waits_for_its_time(hub: Hub, later: Later) -> None:
    """Every look has its time, whatever the worker does meanwhile."""
    keeping = Housekeeping(hub, Terms(retention=28 * DAY, receipt=DAY, every=3600))
    keeping.tick()
    take(hub, "school", registered(ANNA))
    later(29 * DAY)
    keeping.tick()
    assert (bodies(hub, "events-purged"), bodies(hub, "receipt-overdue")) == ([], [])
    Housekeeping(hub, Terms(retention=28 * DAY, receipt=DAY)).tick()
    assert len(bodies(hub, "events-purged")) == len(bodies(hub, "receipt-overdue")) == 1


def test_the_command_counts_first_and_then_purges(
    hub: Hub, settings: Settings, later: Later, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --dry-run nothing is destroyed."""
    take(hub, "school", registered(ANNA))
    later(29 * DAY)
    command = ["--config", str(settings.state.parent / "hub.toml"), "retention", "purge", "--json"]
    capsys.readouterr()
    counts = []
    for more in (["--dry-run"], [], []):
        assert main([*command, *more]) == 0
        counts.append(json.loads(capsys.readouterr().out)["events"])
    assert counts == [1, 1, 0]
