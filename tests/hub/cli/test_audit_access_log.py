"""``hub audit access-log``: the access log at the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from hub.casework.children import changes
from hub.journey.entries import Attribution
from tests.events import Child, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli


@pytest.fixture
def watched(cli: Cli) -> Cli:
    """A hub where two people looked at children."""
    cli.take("school", registered(Child(1)), registered(Child(2)))
    for number, by in ((1, "jmalik"), (2, "jmalik"), (1, "aowusu")):
        asked = ("--nhs-number", Child(number).nhs, "--by", by, "--reason", f"CASE-{number}")
        assert cli.run("child", "find", *asked).code == 0
    return cli


def looks(cli: Cli, *wanted: str) -> list[dict[str, Any]]:
    """The rows of the log."""
    ran = cli.run("audit", "access-log", "--json", *wanted)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = ran.json["rows"]
    return found


def test_every_look_is_in_it_newest_first(watched: Cli) -> None:
    """Who, at what, of whom, and why, as the ledger says."""
    assert [(row["by"], row["reason"]) for row in looks(watched)] == [
        ("aowusu", "CASE-1"),
        ("jmalik", "CASE-2"),
        ("jmalik", "CASE-1"),
    ]


def test_one_persons_looks_are_found(watched: Cli) -> None:
    """And nobody else's."""
    assert {row["by"] for row in looks(watched, "--person", "jmalik")} == {"jmalik"}
    assert len(looks(watched, "--person", "jmalik")) == 2


def test_looks_at_one_child_are_found(watched: Cli) -> None:
    """Whoever looked."""
    child = looks(watched)[0]["child"]
    assert [row["by"] for row in looks(watched, "--child", child)] == ["aowusu", "jmalik"]


def test_a_look_at_a_former_id_is_a_look_at_the_child(watched: Cli) -> None:
    """A merge hides nobody's curiosity."""
    first, second = looks(watched)[0]["child"], looks(watched)[1]["child"]
    hub = watched.hub()
    changes.merge(hub, second, first, Attribution("jmalik", "CASE-3"))
    hub.engine.dispose()
    assert {row["child"] for row in looks(watched, "--child", first)} == {first, second}


def test_days_are_days_in_england(watched: Cli) -> None:
    """Up to yesterday there was nothing; from yesterday on there is all."""
    yesterday = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).date().isoformat()
    assert looks(watched, "--until", yesterday) == []
    assert looks(watched, "--from", yesterday) == looks(watched)


def test_pages_give_every_look_once(watched: Cli) -> None:
    """Page after page is the same as all at once."""
    first = watched.run("audit", "access-log", "--json", "--limit", "2").json
    rest = looks(watched, "--before", str(first["before"]))
    assert first["rows"] + rest == looks(watched)


def test_it_is_written_as_a_table_that_says_how_to_go_on(watched: Cli) -> None:
    """For people at a terminal."""
    out = watched.run("audit", "access-log", "--limit", "1").out
    assert "aowusu" in out
    assert "jmalik" not in out
    assert "give --before" in out


def test_an_unknown_person_is_refused_with_the_nearest(watched: Cli) -> None:
    """Nearest among the accounts of the console; anyone in the log is known."""
    add = ("person", "add", "pcole", "--role", "auditor")
    assert watched.run(*add, stdin="correct horse battery\n").code == 0
    ran = watched.run("audit", "access-log", "--person", "pcoel")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 'pcole'?" in ran.err
    assert looks(watched, "--person", "pcole") == []
