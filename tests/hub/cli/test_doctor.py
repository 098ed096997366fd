"""``hub doctor``: what is well, what is not, and what to do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from hub.bus.address import secrets_folder, write_place
from hub.foundation import clock
from hub.foundation.settings import load_settings
from schemas import times
from tests import house
from tests.happenings import Child, absent, referred
from tests.hub.cli.test_agreement import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeBus
    from tests.house import House
    from tests.hub.cli.conftest import Desk


def found(desk: Desk, about: str, level: str) -> list[dict[str, Any]]:
    """What the doctor finds of one thing, of one gravity."""
    findings = desk.run("doctor", "--json").json["findings"]
    return [one for one in findings if (one["about"], one["level"]) == (about, level)]


def test_a_fresh_hub_is_well(desk: Desk) -> None:
    """Nothing is wrong; that its broker is not up is only to look at."""
    ran = desk.run("doctor", "--json")
    assert ran.code == 0
    assert ran.json["wrong"] == 0
    assert ran.json["ok"] == sum(f["level"] == "ok" for f in ran.json["findings"])
    assert [f["about"] for f in ran.json["findings"] if f["level"] == "warn"] == ["broker"]


def test_people_read_lines(desk: Desk) -> None:
    """Level, what, how it is, what to do; the counts at the end."""
    out = desk.run("doctor").out
    assert "warn   broker" in out
    assert "-> Start it with 'hub up'." in out
    assert out.rstrip().endswith("0 wrong")


def test_settings_that_are_wrong_are_a_finding(desk: Desk) -> None:
    """Exit code 1, as for all that is wrong."""
    desk.config.write_text("partitions = 0\n")
    ran = desk.run("doctor", "--json")
    assert ran.code == 1
    assert "partitions" in ran.json["findings"][0]["text"]


def test_key_files_open_to_others_are_wrong(desk: Desk) -> None:
    """With the very command that mends it."""
    key = desk.folder / "state" / "master.key"
    key.chmod(0o644)
    (wrong,) = found(desk, "secrets", "wrong")
    assert wrong["do"] == f"Run: chmod 600 {key}"


def test_a_missing_password_is_wrong(desk: Desk) -> None:
    """The file is named."""
    (desk.folder / "state" / "secrets" / "school.password").unlink()
    (wrong,) = found(desk, "secrets", "wrong")
    assert "school.password" in wrong["text"]


def test_an_agency_without_a_registered_key_is_wrong(desk: Desk) -> None:
    """Nothing could be released to it."""
    (desk.folder / "state" / "secrets" / "clinic.seal.pub").unlink()
    (wrong,) = found(desk, "secrets", "wrong")
    assert wrong["text"].startswith("clinic has no registered key")


def test_a_state_folder_that_others_may_write_is_wrong(desk: Desk) -> None:
    """Whoever may write there may put another store in its place."""
    (desk.folder / "state").chmod(0o777)
    assert found(desk, "state", "wrong")


def test_another_origin_than_the_keys_is_wrong(desk: Desk) -> None:
    """The ledger's name cannot be changed by a setting."""
    text = desk.config.read_text().replace("hub.test.example", "hub.other.example")
    desk.config.write_text(text)
    (wrong,) = found(desk, "keys", "wrong")
    assert wrong["do"] == 'Set name = "hub.test.example" in the settings.'


def test_another_master_key_is_wrong(desk: Desk) -> None:
    """It does not open what the store has sealed."""
    desk.child(1)
    (desk.folder / "state" / "master.key").write_text("A" * 43 + "=\n")
    (wrong,) = found(desk, "store", "wrong")
    assert "does not open" in wrong["text"]


def test_a_store_that_was_not_made_is_wrong(desk: Desk) -> None:
    """It says what makes it."""
    desk.database.unlink()
    (wrong,) = found(desk, "store", "wrong")
    assert "Run 'hub init'" in wrong["text"]


def test_a_tampered_head_is_wrong(desk: Desk) -> None:
    """The quick look at the ledger sees it."""
    desk.child(1)
    desk.sql(
        "DROP TRIGGER checkpoints_no_delete",
        "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)",
    )
    (wrong,) = found(desk, "ledger", "wrong")
    assert wrong["do"] == "Run 'hub audit verify'."


def test_an_older_copy_of_the_store_is_wrong(desk: Desk) -> None:
    """The head that is kept beside it is of later."""
    desk.child(1)
    copy = desk.database.read_bytes()
    desk.child(2)
    desk.run("audit", "checkpoint")
    (well,) = found(desk, "kept head", "ok")
    assert "contains" in well["text"]
    desk.database.write_bytes(copy)
    (wrong,) = found(desk, "kept head", "wrong")
    assert "older copy" in wrong["text"]


def test_a_witness_who_has_not_signed_is_told(desk: Desk) -> None:
    """Where one is named in the settings."""
    assert not found(desk, "witnesses", "warn")
    desk.bare("witness", "init", "--key", "w.key", "--name", "trust.example/witness")
    desk.config.write_text('witnesses = ["w.pub"]\n' + desk.config.read_text())
    (waits,) = found(desk, "witnesses", "warn")
    assert waits["text"] == "none has signed yet"


def test_a_clock_before_the_newest_entry_is_wrong(desk: Desk) -> None:
    """Decisions would be made on the wrong day."""
    ahead = times.stamp(clock.now() + dt.timedelta(hours=1))
    desk.sql("DROP TRIGGER ledger_no_update", ("UPDATE ledger SET at = ?", ahead))
    (wrong,) = found(desk, "clock", "wrong")
    assert ahead in wrong["text"]


def test_what_waits_for_a_person_is_told(desk: Desk) -> None:
    """The quarantine, reviews and held events, counted."""
    desk.take("school", absent(Child(1)))
    (waits,) = found(desk, "quarantine", "warn")
    assert waits["text"] == "1 waiting for a person"


def test_no_agreement_in_force_is_told(bare_desk: Desk) -> None:
    """Nothing would be shared."""
    bare_desk.bare("init")
    assert "nothing is shared" in found(bare_desk, "agreements", "warn")[0]["text"]


@pytest.mark.parametrize(("days", "word"), [(10, "expires on"), (-10, "expired on")])
def test_agreements_that_end_are_told(desk: Desk, days: int, word: str) -> None:
    """Sixty days ahead, and after."""
    until = (clock.now() + dt.timedelta(days=days)).replace(microsecond=0).isoformat()
    assert desk.run("agreement", "publish", write(desk.folder, until=until)).code == 0
    (late,) = found(desk, "agreements", "warn")
    assert f"small@1 {word}" in late["text"]


def test_an_adapter_without_its_agency_is_wrong(desk: Desk) -> None:
    """Before it is run."""
    with desk.config.open("a") as config:
        config.write('[adapters.oak]\nadapter = "nothing"\nagency = "nobody"\nfolder = "x"\n')
    assert len(found(desk, "settings", "wrong")) == 2


def test_a_broker_elsewhere_that_is_out_of_reach_is_wrong(desk: Desk) -> None:
    """It is somebody's to start."""
    text = desk.config.read_text()
    desk.config.write_text(text.replace('amqp_url = ""', 'amqp_url = "amqp://127.0.0.1:9/hub"'))
    (wrong,) = found(desk, "broker", "wrong")
    assert wrong["do"] == "Start the broker, or correct amqp_url."


@pytest.fixture
def built(tmp_path: Path, make_bus: MakeBus, bare_desk: Desk) -> House:
    """A hub over a real broker; the desk's commands are on it."""
    made = house.build(bare_desk.folder, make_bus(house.ON_THE_BUS))
    made.hub.engine.dispose()
    return made


def test_a_hub_with_its_broker_is_well(built: House, bare_desk: Desk) -> None:
    """RabbitMQ's version, the topology, every agency's login, the last-resort queues."""
    ran = bare_desk.run("doctor", "--json")
    assert ran.code == 0, [f for f in ran.json["findings"] if f["level"] != "ok"]
    assert ran.json["warn"] == 0
    texts = {f["about"]: f["text"] for f in ran.json["findings"]}
    assert texts["broker"].startswith("RabbitMQ ")
    assert texts["topology"] == "complete"
    assert texts["accounts"] == "5 of 5 agencies can log in"
    assert texts["queues"] == "nothing unroutable, nothing dead-lettered"


def test_a_wrong_password_is_found_by_logging_in(built: House, bare_desk: Desk) -> None:
    """The agency is named, with what to do."""
    (secrets_folder(built.settings) / "school.password").write_text("another\n")
    (wrong,) = found(bare_desk, "accounts", "wrong")
    assert wrong["text"].startswith("school: ")
    assert "hub topology apply" in wrong["do"]


def test_a_missing_queue_is_found(built: House, bare_desk: Desk) -> None:
    """An agency whose queues nobody made yet."""
    with built.config.open("a") as more:
        more.write('[agencies.newcomer]\ntitle = "N"\nsector = "care"\n')
    assert bare_desk.run("init").code == 0
    (wrong,) = found(bare_desk, "topology", "wrong")
    assert "agency.newcomer" in wrong["text"]
    assert "hub topology apply" in wrong["do"]


def test_after_adding_an_agency_the_advice_leads_out_of_it(built: House, bare_desk: Desk) -> None:
    """With a private broker every command names the restart, and none sends to another command."""
    private = built.config.read_text().replace('amqp_url = "amqp', '# "amqp')
    agency = '[agencies.newcomer]\ntitle = "N"\nsector = "care"\n'
    built.config.write_text(f"{private}\n{agency}")
    settings = load_settings(built.config)
    write_place(settings, f"{built.bus.host}:{built.bus.port}")
    (unmade, *_) = found(bare_desk, "secrets", "wrong")
    assert "hub init" in unmade["do"]
    assert "start it again" in " ".join(bare_desk.run("init", "--json").json["next"])
    for about in ("topology", "accounts"):
        (wrong,) = found(bare_desk, about, "wrong")
        assert "Stop 'hub up' and start it again" in wrong["do"]
    for verb in ("check", "apply"):
        assert "Stop 'hub up' and start it again" in bare_desk.run("topology", verb).out


def test_what_lies_in_a_last_resort_queue_is_found(built: House, bare_desk: Desk) -> None:
    """Unroutable is wrong, dead-lettered is to look at."""
    built.smuggle("hub", b"x", "hub.unroutable", routing_key="")
    built.smuggle("hub", b"x", "hub.dead", routing_key="clinic")
    built.until(lambda: found(bare_desk, "queues", "wrong"))
    assert "1 message in hub.unroutable" in found(bare_desk, "queues", "wrong")[0]["text"]
    assert "agency.clinic.dead" in found(bare_desk, "queues", "warn")[0]["text"]


def test_held_events_are_told(desk: Desk) -> None:
    """They wait for their review."""
    desk.child(1)
    twin = Child(2).identity(birth_date=Child(1).birth_date, nhs_number=None, upn=None)
    like = twin.model_copy(
        update={"family_name": Child(1).family_name, "given_name": Child(1).given_name}
    )
    event = referred(Child(1))
    held = type(event)(
        id="held-1",
        source=event.source,
        kind=event.kind,
        time=event.time,
        sections={**event.sections, like.category: like},
    )
    assert desk.take("clinic", held) == ["held"]
    assert found(desk, "held events", "warn")
    assert found(desk, "reviews", "warn")


def test_who_may_sign_in_to_the_console_is_told(desk: Desk) -> None:
    """That nobody may yet, with what to do; then how many may."""
    (nobody,) = found(desk, "console", "ok")
    assert "hub person add" in nobody["text"]
    desk.run("person", "add", "jmalik", "--role", "auditor", "--generate", "--by", "test")
    (one,) = found(desk, "console", "ok")
    assert one["text"] == "1 account of its own"
