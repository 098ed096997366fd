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
from hub.intake.hub import Office
from hub.intake.retention import purge, purgeable, raise_alarms
from hub.journey import entries
from hub.journey.pipeline import Letter
from hub.keys.sealing_keys import agency_key, hub_public_key
from hub.runtime.bootstrap import open_office, prepare
from hub.runtime.doctor.store import look_at_store
from hub.runtime.housekeeping import Housekeeping, Terms
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import Answer, ReleaseRequest, open_reply
from hub.store.engine import reading
from schemas.event import Event
from schemas.identifiers import System
from tests.happenings import Child, appointed, registered, said
from tests.papers import SETTINGS, agreement

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
def office(settings: Settings) -> Iterator[Office]:
    """Its office, with the tests' agreement."""
    made = open_office(settings)
    with made.writing() as (books, lines):
        books.agreements.publish(agreement(), books.now)
        lines.append(entries.agreement_published(agreement(), books.now))
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


def take(office: Office, agency: str, *events: Event) -> None:
    """Have the office take events, and put what follows on the bus."""
    office.take([Letter(event.to_json(), agency, clock.now()) for event in events])
    office.published([one.id for one in office.pending(100)])


def rows(office: Office, statement: str) -> list[Any]:
    """Rows straight from the store."""
    with reading(office.engine) as connection:
        return list(connection.execute(text(statement)))


def bodies(office: Office, kind: str) -> list[dict[str, Any]]:
    """What the ledger says of one kind."""
    with office.reading() as books:
        return [json.loads(row.entry)["body"] for row in books.ledger.rows() if row.kind == kind]


def ask(office: Office, settings: Settings) -> Answer:
    """Ask for the keys of the only delivery, as the council."""
    ((delivery,),) = rows(office, "SELECT id FROM deliveries")
    request = ReleaseRequest.model_validate({"request": clock.new_id(), "deliveries": [delivery]})
    sealed = seal_inbound(hub_public_key(settings), "council", request.to_json())
    (reply,) = office.release([("council", sealed)])
    return open_reply(agency_key(settings, "council"), "council", reply.body).answers[0]


def test_content_is_destroyed_after_its_time_and_not_before(office: Office, later: Later) -> None:
    """The event's row stays, so that a repeat is still known."""
    take(office, "school", registered(ANNA))
    assert purge(office, 28 * DAY, by="jmalik") == 0
    later(29 * DAY)
    assert purgeable(office, 28 * DAY) == 1
    assert purge(office, 28 * DAY, by="jmalik") == 1
    assert rows(office, "SELECT sealed, state FROM events") == [(None, "decided")]


def test_a_purge_stands_once_in_the_ledger_with_its_count(office: Office, later: Later) -> None:
    """A purge that finds nothing leaves no entry."""
    take(office, "school", registered(ANNA), registered(Child(2)))
    later(29 * DAY)
    purge(office, 28 * DAY, by="jmalik")
    purge(office, 28 * DAY, by="jmalik")
    (entry,) = bodies(office, "erasure")
    assert (entry["events"], entry["by"]) == (2, "jmalik")


def test_what_was_queued_of_a_purged_event_is_released_to_nobody(
    office: Office, settings: Settings, later: Later
) -> None:
    """It can no longer be decided; the answer says erased and gives no key."""
    take(office, "school", registered(ANNA))
    later(29 * DAY)
    purge(office, 28 * DAY, by="jmalik")
    answer = ask(office, settings)
    assert (answer.code, dict(answer.keys)) == ("erased", {})


def test_an_event_is_kept_as_long_as_what_was_delivered_of_it_last(
    office: Office, later: Later
) -> None:
    """A re-offer made on the last day can still be released."""
    take(office, "school", registered(ANNA))
    take(office, "clinic", appointed(ANNA))
    later(27 * DAY)
    take(office, "school", said(ANNA, "consent-1"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    assert len(reoffer(office, sought, by="jmalik", reason="CASE-1", dry_run=False)[1]) == 1
    later(2 * DAY)
    purge(office, 28 * DAY, by="jmalik")
    kept = rows(office, "SELECT type FROM events WHERE sealed IS NOT NULL ORDER BY seq")
    assert [row[0] for row in kept] == [
        "health.appointment-changed.v1",
        "consent.directive-recorded.v1",
    ]


def test_a_held_event_is_not_purged(office: Office, later: Later) -> None:
    """It waits for a person, however long."""
    take(office, "school", registered(ANNA))
    with office.writing() as (books, _):
        books.inbox._connection.execute(text("UPDATE events SET state = 'held', decided_at = NULL"))
    later(100 * DAY)
    assert purge(office, 28 * DAY, by="jmalik") == 0


def test_a_missing_receipt_raises_one_alarm(office: Office, later: Later) -> None:
    """In the ledger and in the log, once however often it is looked."""
    take(office, "school", registered(ANNA))
    assert raise_alarms(office, DAY) == 0
    later(2 * DAY)
    with capture_logs() as logs:
        assert raise_alarms(office, DAY) == 1
        assert raise_alarms(office, DAY) == 0
    ((delivery,),) = rows(office, "SELECT id FROM deliveries")
    assert [(one["event"], one["delivery"], one["recipient"]) for one in logs] == [
        ("delivery.overdue", delivery, "council")
    ]
    (entry,) = bodies(office, "alarm")
    assert entry == {"alarm": "receipt-overdue", "delivery": delivery, "recipient": "council"}


def test_what_has_its_receipt_raises_no_alarm(office: Office, later: Later) -> None:
    """Delivered or failed, it is answered for."""
    take(office, "school", registered(ANNA))
    ((delivery,),) = rows(office, "SELECT id FROM deliveries")
    receipt = json.dumps({"delivery": delivery, "outcome": "failed", "code": "channel-refused"})
    office.take_receipts([("council", receipt.encode())])
    later(2 * DAY)
    assert raise_alarms(office, DAY) == 0


def test_the_doctor_counts_overdue_receipts_by_agency(
    office: Office, settings: Settings, later: Later
) -> None:
    """Also those for which the alarm was raised."""
    take(office, "school", registered(ANNA), registered(Child(2)))
    later(2 * DAY)
    raise_alarms(office, DAY)
    found = [one for one in look_at_store(settings) if one.about == "receipts"]
    assert [(one.level.value, one.text) for one in found] == [
        ("warn", "council has sent no receipt for 2 deliveries")
    ]


def test_a_tick_does_both_and_the_next_waits_for_its_time(office: Office, later: Later) -> None:
    """Every look has its time, whatever the worker does meanwhile."""
    keeping = Housekeeping(office, Terms(retention=28 * DAY, receipt=DAY, every=3600))
    keeping.tick()
    take(office, "school", registered(ANNA))
    later(29 * DAY)
    keeping.tick()
    assert (bodies(office, "erasure"), bodies(office, "alarm")) == ([], [])
    Housekeeping(office, Terms(retention=28 * DAY, receipt=DAY)).tick()
    assert len(bodies(office, "erasure")) == len(bodies(office, "alarm")) == 1


def test_the_command_counts_first_and_then_purges(
    office: Office, settings: Settings, later: Later, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --dry-run nothing is destroyed."""
    take(office, "school", registered(ANNA))
    later(29 * DAY)
    command = ["--config", str(settings.state.parent / "hub.toml"), "retention", "purge", "--json"]
    capsys.readouterr()
    counts = []
    for more in (["--dry-run"], [], []):
        assert main([*command, *more]) == 0
        counts.append(json.loads(capsys.readouterr().out)["events"])
    assert counts == [1, 1, 0]
