"""The command line as a whole: exit codes, errors as one paragraph, and a quick start."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.bus import BrokerRefused, BrokerUnreachable
from hub.cli.exit_codes import ExitCode, exit_code_of, explain
from hub.cli.nouns import NOUNS
from hub.cli.threads import run_together
from hub.ledger.errors import LedgerCode, LedgerError
from schemas.errors import ConfigurationError, Fault, InputRefused, Unavailable

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
HEAVY = ("sqlalchemy", "alembic", "pika", "hub.bus", "hub.store", "hub.runtime.bootstrap")


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run our own Python as a process of its own, in the checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("noun", [noun.name for noun in NOUNS])
def test_every_noun_has_help(bare_cli: Cli, noun: str) -> None:
    """``hub NOUN --help`` says what it is for, in the words of the list of nouns."""
    ran = bare_cli.bare(noun, "--help")
    assert ran.code == 0
    (listed,) = [one.help for one in NOUNS if one.name == noun]
    assert " ".join(listed.split()[:5]) in " ".join(ran.out.split())


def test_help_names_every_noun(bare_cli: Cli) -> None:
    """``hub --help`` lists them in their order."""
    out = bare_cli.bare("--help").out
    places = [out.index(f"\n  {noun.name} ") for noun in NOUNS]
    assert places == sorted(places)


def test_version(bare_cli: Cli) -> None:
    """``hub --version`` is one line."""
    assert bare_cli.bare("--version").out.startswith("hub 0.")


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (ConfigurationError("x"), ExitCode.WRONG),
        (BrokerRefused("x"), ExitCode.WRONG),
        (Unavailable("x"), ExitCode.UNAVAILABLE),
        (BrokerUnreachable("x"), ExitCode.UNAVAILABLE),
        (InputRefused(Fault.NOT_XML), ExitCode.FOUND),
        (PermissionError(13, "Permission denied"), ExitCode.WRONG),
        (BrokenPipeError(), ExitCode.READER_GONE),
        (LedgerError(LedgerCode.BAD_HASH, "x"), ExitCode.FAULT),
        (ZeroDivisionError(), ExitCode.FAULT),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, ending: ExitCode) -> None:
    """The exit code follows from the kind of error."""
    assert exit_code_of(error) is ending


def test_exit_codes_are_the_documented_numbers() -> None:
    """The numbers never change."""
    assert [int(one) for one in ExitCode] == [0, 1, 2, 3, 70, 130, 141]


@pytest.mark.parametrize("page", ["README.md", "docs/reference/codes.md"])
def test_exit_codes_are_worded_the_same_everywhere(bare_cli: Cli, page: str) -> None:
    """Help and both pages quote one table."""
    text = (ROOT / page).read_text(encoding="utf-8")
    out = bare_cli.bare("--help").out
    for code in ExitCode:
        assert f"| {int(code)} | {code.sentence} |" in text
        assert f"{int(code):>3}  {code.sentence}" in out


@pytest.mark.parametrize("group", [(), *((noun.name,) for noun in NOUNS)])
def test_lists_of_commands_are_not_cut(bare_cli: Cli, group: tuple[str, ...]) -> None:
    """Each sentence fits its line of 80 columns."""
    assert "..." not in bare_cli.bare(*group, "--help").out.partition("Commands:")[2]


@pytest.mark.parametrize(
    "wrong",
    [["bogus"], ["audit", "bogus"], ["audit", "verify", "--bogus"], ["audit", "tail", "-nx"]],
)
def test_wrong_usage_ends_with_2(bare_cli: Cli, wrong: list[str]) -> None:
    """What is wrong, and where help is, in one line on standard error."""
    ran = bare_cli.bare(*wrong)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("hub: usage: ")
    assert "--help'." in ran.err


def test_no_settings_ends_with_2(bare_cli: Cli) -> None:
    """The file that is missing is named, and what makes one."""
    ran = bare_cli.bare("audit", "verify")
    assert ran.code == 2
    assert ran.err == (
        "hub: configuration: No settings file at hub.toml. Run 'hub init' to make one.\n"
    )


def test_the_environment_can_name_the_settings(cli: Cli) -> None:
    """HUB_CONFIG is the file where no option names one."""
    cli.patch.setenv("HUB_CONFIG", str(cli.config))
    cli.patch.chdir("/")
    assert cli.bare("agreement", "list").code == 0


def test_a_broker_out_of_reach_ends_with_3(cli: Cli) -> None:
    """A private broker that does not run is a matter of starting it."""
    ran = cli.run("topology", "check")
    assert ran.code == 3
    assert ran.err.startswith("hub: unavailable: The private broker is not running.")


def test_a_fault_of_ours_is_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is told and never its text, which may quote what is personal."""
    monkeypatch.delenv("HUB_DEBUG", raising=False)
    assert explain(ValueError("CANARY")) is ExitCode.FAULT
    said = capsys.readouterr().err
    assert said.startswith("hub: hub-fault: ValueError.")
    assert "CANARY" not in said
    monkeypatch.setenv("HUB_DEBUG", "1")
    explain(ValueError("x"))
    assert "ValueError: x" in capsys.readouterr().err


def test_help_starts_fast() -> None:
    """``hub --help`` loads nothing heavy and takes less than half a second at best."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        assert python("-m", "hub", "--help").returncode == 0
        took.append(time.perf_counter() - began)
    assert min(took) < 0.5


@pytest.mark.parametrize("arguments", [["--help"], ["translate", "--adapter", "care-cin", "-"]])
def test_light_commands_load_neither_store_nor_broker(arguments: list[str]) -> None:
    """Help and translation import nothing of SQL or AMQP."""
    program = (
        "import sys; from hub.cli import main; main(sys.argv[1:]); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_reader_that_stops_early_is_no_error() -> None:
    """``hub ... | true`` ends without a word."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "hub", "adapter", "list"],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_one_failure_stops_a_whole_crew() -> None:
    """When one run fails the others are told to stop, and the failure is raised."""
    stop, ended = threading.Event(), threading.Event()

    def works() -> None:
        assert stop.wait(10)
        ended.set()

    def fails() -> None:
        raise BrokerRefused("wrong password")

    with pytest.raises(BrokerRefused):
        run_together([("works", works), ("fails", fails)], stop)
    assert ended.is_set()


def test_a_crew_without_failure_ends_with_its_runs() -> None:
    """Nothing is raised where every run ends by itself."""
    done: list[int] = []
    run_together([("a", lambda: done.append(1)), ("b", lambda: done.append(2))], threading.Event())
    assert sorted(done) == [1, 2]
