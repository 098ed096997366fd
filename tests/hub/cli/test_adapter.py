"""``hub adapter``: what is installed and configured, and how running ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
TABLE = """
[adapters.oak]
adapter = "{adapter}"
agency = "{agency}"
folder = "exchange"
"""


def configure(cli: Cli, adapter: str = "education-ctf", agency: str = "school") -> None:
    """Add an adapter to the settings."""
    with cli.config.open("a") as config:
        config.write(TABLE.format(adapter=adapter, agency=agency))


def test_installed_adapters_say_what_they_do(bare_cli: Cli) -> None:
    """Title, types, settings; without any settings file."""
    ran = bare_cli.bare("adapter", "list", "--json")
    assert ran.code == 0
    (ctf,) = [one for one in ran.json["installed"] if one["name"] == "education-ctf"]
    assert ctf["title"]
    assert "education.child-registered.v1" in ctf["reads"]
    assert "school-urn" in ctf["settings"]
    assert ran.json["configured"] == []


def test_the_list_is_also_for_people(cli: Cli) -> None:
    """A whole sector is shown as such."""
    configure(cli)
    out = cli.run("adapter", "list").out
    assert "writes: every event type" in out
    assert "oak: education-ctf for school, folder, both" in out


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"adapter": "no-such"}, "No adapter 'no-such'"),
        ({"agency": "nobody"}, "no agency 'nobody'"),
    ],
)
def test_a_wrong_configuration_is_shown(cli: Cli, wrong: dict[str, str], words: str) -> None:
    """With what is wrong; exit code 1."""
    configure(cli, **wrong)
    ran = cli.run("adapter", "list", "--json")
    assert ran.code == 1
    assert words in ran.json["configured"][0]["problem"]


def test_one_adapter_is_listed_with_each_setting(cli: Cli) -> None:
    """Its meaning, default and choices; a wrong name is refused with the nearest."""
    configure(cli)
    ran = cli.run("adapter", "list", "health-hl7v2", "--json")
    (hl7,) = ran.json["installed"]
    assert hl7["settings"]["version"]["default"] == "2.4"
    assert "2.5.1" in hl7["settings"]["version"]["choices"]
    assert ran.json["configured"] == []
    assert "nhs-number-in" in cli.run("adapter", "list", "health-hl7v2").out
    assert "Did you mean health-hl7v2?" in cli.run("adapter", "list", "health-hl7").err


def test_a_wrong_setting_of_a_format_is_found_before_it_runs(cli: Cli) -> None:
    """By list, by doctor and by run; with the nearest name."""
    configure(cli)
    with cli.config.open("a") as config:
        config.write("[adapters.oak.settings]\nschol-urn = 123456\n")
    for arguments in (["adapter", "list"], ["adapter", "run", "oak"], ["doctor"]):
        ran = cli.run(*arguments)
        assert ran.code in {1, 2}, arguments
        assert "adapters.oak.settings" in ran.out + ran.err, arguments
        assert "Did you mean school-urn?" in ran.out + ran.err, arguments


def test_nothing_named_is_wrong_usage(cli: Cli) -> None:
    """It says what there is."""
    configure(cli)
    ran = cli.run("adapter", "run")
    assert ran.code == 2
    assert "There are: oak." in ran.err


def test_an_unknown_adapter_ends_with_2(cli: Cli) -> None:
    """As does one without its agency."""
    assert cli.run("adapter", "run", "elm").code == 2
    configure(cli, agency="nobody")
    assert cli.run("adapter", "run", "--all").code == 2


def test_without_its_broker_it_ends_with_3(cli: Cli) -> None:
    """A supervisor tries again."""
    configure(cli)
    assert cli.run("adapter", "run", "oak").code == 3


def test_sigterm_ends_it_in_good_order(cli: Cli) -> None:
    """While its broker is out of reach, too."""
    configure(cli)
    (cli.folder / "exchange" / "in").mkdir(parents=True)
    cli.config.write_text(
        cli.config.read_text().replace('amqp_url = ""', 'amqp_url = "amqp://127.0.0.1:9/"')
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "hub", "--config", str(cli.config), "adapter", "run", "--all"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    assert running.stderr is not None
    assert b"bus.unreachable" in running.stderr.readline()
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 0
    assert b"Traceback" not in running.stderr.read()
    running.stderr.close()
