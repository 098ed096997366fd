"""``hub doctor``: what is well, what is not, and what to do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from hub.bus.address import secrets_folder, write_place
from hub.foundation import clock
from hub.foundation.settings import load_settings
from schemas import times
from tests import live_hub
from tests.events import Child, absent, referred
from tests.hub.cli.test_agreement import write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeBus
    from tests.hub.cli.conftest import Cli
    from tests.live_hub import LiveHub


def found(cli: Cli, about: str, level: str) -> list[dict[str, Any]]:
    """What the doctor finds of one thing, of one gravity."""
    findings = cli.run("doctor", "--json").json["findings"]
    return [one for one in findings if (one["about"], one["level"]) == (about, level)]


def test_a_fresh_hub_is_well(cli: Cli) -> None:
    """Nothing is wrong; that its broker is not up is only to look at."""
    ran = cli.run("doctor", "--json")
    assert ran.code == 0
    assert ran.json["wrong"] == 0
    assert ran.json["ok"] == sum(f["level"] == "ok" for f in ran.json["findings"])
    assert [f["about"] for f in ran.json["findings"] if f["level"] == "warn"] == ["broker"]


def test_people_read_lines(cli: Cli) -> None:
    """Level, what, how it is, what to do; the counts at the end."""
    out = cli.run("doctor").out
    assert "warn   broker" in out
    assert "-> Start it with 'hub up'." in out
    assert out.rstrip().endswith("0 wrong")


def test_settings_that_are_wrong_are_a_finding(cli: Cli) -> None:
    """Exit code 1, as for all that is wrong."""
    cli.config.write_text("partitions = 0\n")
    ran = cli.run("doctor", "--json")
    assert ran.code == 1
    assert "partitions" in ran.json["findings"][0]["text"]


def test_key_files_open_to_others_are_wrong(cli: Cli) -> None:
    """With the very command that mends it."""
    key = cli.folder / "state" / "master.key"
    key.chmod(0o644)
    (wrong,) = found(cli, "secrets", "wrong")
    assert wrong["do"] == f"Run: chmod 600 {key}"


def test_a_missing_password_is_wrong(cli: Cli) -> None:
    """The file is named."""
    (cli.folder / "state" / "secrets" / "school.password").unlink()
    (wrong,) = found(cli, "secrets", "wrong")
    assert "school.password" in wrong["text"]


def test_an_agency_without_a_registered_key_is_wrong(cli: Cli) -> None:
    """Nothing could be released to it."""
    (cli.folder / "state" / "secrets" / "clinic.seal.pub").unlink()
    (wrong,) = found(cli, "secrets", "wrong")
    assert wrong["text"].startswith("clinic has no registered key")


def test_a_state_folder_that_others_may_write_is_wrong(cli: Cli) -> None:
    """Whoever may write there may put another store in its place."""
    (cli.folder / "state").chmod(0o777)
    assert found(cli, "state", "wrong")


def test_another_origin_than_the_keys_is_wrong(cli: Cli) -> None:
    """The ledger's name cannot be changed by a setting."""
    text = cli.config.read_text().replace("hub.test.example", "hub.other.example")
    cli.config.write_text(text)
    (wrong,) = found(cli, "keys", "wrong")
    assert wrong["do"] == 'Set name = "hub.test.example" in the settings.'


def test_another_master_key_is_wrong(cli: Cli) -> None:
    """It does not open what the store has sealed."""
    cli.child(1)
    (cli.folder / "state" / "master.key").write_text("A" * 43 + "=\n")
    (wrong,) = found(cli, "store", "wrong")
    assert "does not open" in wrong["text"]


def test_a_store_that_was_not_made_is_wrong(cli: Cli) -> None:
    """It says what makes it."""
    cli.database.unlink()
    (wrong,) = found(cli, "store", "wrong")
    assert "Run 'hub init'" in wrong["text"]


def test_a_tampered_head_is_wrong(cli: Cli) -> None:
    """The quick look at the ledger sees it."""
    cli.child(1)
    cli.sql(
        "DROP TRIGGER checkpoints_no_delete",
        "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)",
    )
    (wrong,) = found(cli, "ledger", "wrong")
    assert wrong["do"] == "Run 'hub audit verify'."


def test_an_older_copy_of_the_store_is_wrong(cli: Cli) -> None:
    """The head that is kept beside it is of later."""
    cli.child(1)
    copy = cli.database.read_bytes()
    cli.child(2)
    cli.run("audit", "checkpoint")
    (well,) = found(cli, "kept head", "ok")
    assert "contains" in well["text"]
    cli.database.write_bytes(copy)
    (wrong,) = found(cli, "kept head", "wrong")
    assert "older copy" in wrong["text"]


def test_a_witness_who_has_not_signed_is_told(cli: Cli) -> None:
    """Where one is named in the settings."""
    assert not found(cli, "witnesses", "warn")
    cli.bare("witness", "init", "--key", "w.key", "--name", "trust.example/witness")
    cli.config.write_text('witnesses = ["w.pub"]\n' + cli.config.read_text())
    (waits,) = found(cli, "witnesses", "warn")
    assert waits["text"] == "none has signed yet"


def test_a_clock_before_the_newest_entry_is_wrong(cli: Cli) -> None:
    """Decisions would be made on the wrong day."""
    ahead = times.stamp(clock.now() + dt.timedelta(hours=1))
    cli.sql("DROP TRIGGER ledger_no_update", ("UPDATE ledger SET at = ?", ahead))
    (wrong,) = found(cli, "clock", "wrong")
    assert ahead in wrong["text"]


def test_what_waits_for_a_person_is_told(cli: Cli) -> None:
    """The quarantine, reviews and held events, counted."""
    cli.take("school", absent(Child(1)))
    (waits,) = found(cli, "quarantine", "warn")
    assert waits["text"] == "1 waiting for a person"


def test_no_agreement_in_force_is_told(bare_cli: Cli) -> None:
    """Nothing would be shared."""
    bare_cli.bare("init")
    assert "nothing is shared" in found(bare_cli, "agreements", "warn")[0]["text"]


@pytest.mark.parametrize(("days", "word"), [(10, "expires on"), (-10, "expired on")])
def test_agreements_that_end_are_told(cli: Cli, days: int, word: str) -> None:
    """Sixty days ahead, and after."""
    until = (clock.now() + dt.timedelta(days=days)).replace(microsecond=0).isoformat()
    assert cli.run("agreement", "publish", write(cli.folder, until=until)).code == 0
    (late,) = found(cli, "agreements", "warn")
    assert f"small@1 {word}" in late["text"]


def test_an_adapter_without_its_agency_is_wrong(cli: Cli) -> None:
    """Before it is run."""
    with cli.config.open("a") as config:
        config.write('[adapters.oak]\nadapter = "nothing"\nagency = "nobody"\nfolder = "x"\n')
    assert len(found(cli, "settings", "wrong")) == 2


def test_a_broker_elsewhere_that_is_out_of_reach_is_wrong(cli: Cli) -> None:
    """It is somebody's to start."""
    text = cli.config.read_text()
    cli.config.write_text(text.replace('amqp_url = ""', 'amqp_url = "amqp://127.0.0.1:9/hub"'))
    (wrong,) = found(cli, "broker", "wrong")
    assert wrong["do"] == "Start the broker, or correct amqp_url."


@pytest.fixture
def built(tmp_path: Path, make_bus: MakeBus, bare_cli: Cli) -> LiveHub:
    """A hub over a real broker; the cli's commands are on it."""
    made = live_hub.build(bare_cli.folder, make_bus(live_hub.ON_THE_BUS))
    made.hub.engine.dispose()
    return made


def test_a_hub_with_its_broker_is_well(built: LiveHub, bare_cli: Cli) -> None:
    """RabbitMQ's version, the topology, every agency's login, the last-resort queues."""
    ran = bare_cli.run("doctor", "--json")
    assert ran.code == 0, [f for f in ran.json["findings"] if f["level"] != "ok"]
    assert ran.json["warn"] == 0
    texts = {f["about"]: f["text"] for f in ran.json["findings"]}
    assert texts["broker"].startswith("RabbitMQ ")
    assert texts["topology"] == "complete"
    assert texts["accounts"] == "5 of 5 agencies can log in"
    assert texts["queues"] == "nothing unroutable, nothing dead-lettered"


def test_a_wrong_password_is_found_by_logging_in(built: LiveHub, bare_cli: Cli) -> None:
    """The agency is named, with what to do."""
    (secrets_folder(built.settings) / "school.password").write_text("another\n")
    (wrong,) = found(bare_cli, "accounts", "wrong")
    assert wrong["text"].startswith("school: ")
    assert "hub topology apply" in wrong["do"]


def test_a_missing_queue_is_found(built: LiveHub, bare_cli: Cli) -> None:
    """An agency whose queues nobody made yet."""
    with built.config.open("a") as more:
        more.write('[agencies.newcomer]\ntitle = "N"\nsector = "care"\n')
    assert bare_cli.run("init").code == 0
    (wrong,) = found(bare_cli, "topology", "wrong")
    assert "agency.newcomer" in wrong["text"]
    assert "hub topology apply" in wrong["do"]


def test_after_adding_an_agency_the_advice_leads_out_of_it(built: LiveHub, bare_cli: Cli) -> None:
    """With a private broker every command names the restart, and none sends to another command."""
    private = built.config.read_text().replace('amqp_url = "amqp', '# "amqp')
    agency = '[agencies.newcomer]\ntitle = "N"\nsector = "care"\n'
    built.config.write_text(f"{private}\n{agency}")
    settings = load_settings(built.config)
    write_place(settings, f"{built.bus.host}:{built.bus.port}")
    (unmade, *_) = found(bare_cli, "secrets", "wrong")
    assert "hub init" in unmade["do"]
    assert "start it again" in " ".join(bare_cli.run("init", "--json").json["next"])
    for about in ("topology", "accounts"):
        (wrong,) = found(bare_cli, about, "wrong")
        assert "Stop 'hub up' and start it again" in wrong["do"]
    for verb in ("check", "apply"):
        assert "Stop 'hub up' and start it again" in bare_cli.run("topology", verb).out


def test_what_lies_in_a_last_resort_queue_is_found(built: LiveHub, bare_cli: Cli) -> None:
    """Unroutable is wrong, dead-lettered is to look at."""
    built.smuggle("hub", b"x", "hub.unroutable", routing_key="")
    built.smuggle("hub", b"x", "hub.dead", routing_key="clinic")
    built.until(lambda: found(bare_cli, "queues", "wrong"))
    assert "1 message in hub.unroutable" in found(bare_cli, "queues", "wrong")[0]["text"]
    assert "agency.clinic.dead" in found(bare_cli, "queues", "warn")[0]["text"]


def test_held_events_are_told(cli: Cli) -> None:
    """They wait for their review."""
    cli.child(1)
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
    assert cli.take("clinic", held) == ["held"]
    assert found(cli, "held events", "warn")
    assert found(cli, "reviews", "warn")


def test_who_may_sign_in_to_the_console_is_told(cli: Cli) -> None:
    """That nobody may yet, with what to do; then how many may."""
    (nobody,) = found(cli, "console", "ok")
    assert "hub person add" in nobody["text"]
    cli.run("person", "add", "jmalik", "--role", "auditor", "--generate", "--by", "test")
    (one,) = found(cli, "console", "ok")
    assert one["text"] == "1 account of its own"
