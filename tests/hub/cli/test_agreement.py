"""``hub agreement``: checked with places, published with a ledger entry, listed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.foundation import clock
from tests.configuration import agreement

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran

TEXT = """\
id = "small"
version = {version}
title = "Small"
parties = ["school", "{party}"]
approved_by = "Somebody"
approved_on = 2020-01-01
valid_from = 2020-01-01T00:00:00Z
valid_until = {until}
dpia = "D"

[bases.duty]
article_6 = "6(1)(e)"
confidentiality = "legal-duty"

[[rules]]
id = "one"
sources = ["school"]
recipients = ["{party}"]
event_types = ["{kind}"]
purpose = "record-keeping"
basis = "duty"
fields.identity = ["upn"]
"""


def write(folder: Path, name: str = "small.toml", **changes: object) -> str:
    """Write an agreement file; gives its path."""
    fields = {
        "version": 1,
        "party": "care",
        "until": "2099-01-01T00:00:00Z",
        "kind": "education.child-registered.v1",
    }
    file = folder / name
    file.write_text(TEXT.format(**(fields | changes)), encoding="utf-8")
    return str(file)


def lines(ran: Ran, file: str) -> list[str]:
    """The lines of standard error about one file."""
    return [line for line in ran.err.splitlines() if line.startswith(file)]


def test_a_good_file_is_good(cli: Cli) -> None:
    """With its id, version, digest, and no warning."""
    ran = cli.run("agreement", "check", "--json", write(cli.folder))
    (found,) = ran.json["files"]
    assert ran.code == 0
    assert (found["id"], found["version"], found["problems"]) == ("small", 1, [])
    assert found["warnings"] == []
    assert len(found["digest"]) == 64


def test_what_is_wrong_is_named_with_its_place(cli: Cli) -> None:
    """Every problem of every file as FILE:LINE: TEXT; exit code 1; the good file is listed."""
    bad = write(cli.folder, "bad.toml", kind="education.no-such-thing.v1", version=0)
    worse = write(cli.folder, "worse.toml", party="Care!")
    ran = cli.run("agreement", "check", bad, worse, write(cli.folder))
    assert ran.code == 1
    assert {f"{bad}:2: ", f"{bad}:19: "} == {
        line[: line.index(": ") + 2] for line in lines(ran, bad)
    }
    assert "education.no-such-thing.v1" in ran.err
    assert lines(ran, worse)[0].startswith(f"{worse}:4: ")
    assert "small@1" in ran.out
    found = cli.run("agreement", "check", bad, "--json").json["files"][0]["problems"]
    assert [one["line"] for one in found] == [2, 19]


def test_a_missing_file_is_a_problem_of_its_own(cli: Cli) -> None:
    """It is named, and nothing is raised."""
    ran = cli.run("agreement", "check", "nowhere.toml")
    assert ran.code == 1
    assert ran.err.startswith("nowhere.toml:1: cannot be read: No such file")


@pytest.mark.parametrize(("days", "words"), [(-1, "expired on"), (30, "expires on"), (90, "")])
def test_expiry_is_warned_of(cli: Cli, days: int, words: str) -> None:
    """What has expired, or will within 60 days."""
    until = (clock.now() + dt.timedelta(days=days)).replace(microsecond=0).isoformat()
    ran = cli.run("agreement", "check", write(cli.folder, until=until))
    assert ran.code == 0
    assert words in ran.err
    assert bool(ran.err) == bool(words)


def test_a_party_that_is_no_agency_is_warned_of(cli: Cli) -> None:
    """With its line and the nearest agency; only where there is a settings file."""
    file = write(cli.folder, party="clinci")
    warned = cli.run("agreement", "check", file).err
    assert warned.startswith(f"{file}:4: warning: ")
    assert "Did you mean 'clinic'?" in warned
    cli.config.unlink()
    assert cli.run("agreement", "check", file).err == ""


def test_publishing_stands_in_the_ledger(cli: Cli) -> None:
    """Once: the same text again changes nothing."""
    file = write(cli.folder)
    first = cli.run("agreement", "publish", "--json", file, "--by", "jmalik")
    assert first.json["published"][0]["new"] is True
    assert cli.run("agreement", "publish", "--json", file).json["published"][0]["new"] is False
    entries = cli.ledger("agreement-published")
    assert [e["agreement"] for e in entries] == ["test-sharing", "small"]
    assert entries[1]["digest"] == first.json["published"][0]["digest"]
    assert entries[1]["by"] == "jmalik"


def test_a_version_with_another_text_is_refused(cli: Cli) -> None:
    """It says which version to give; nothing is published."""
    cli.run("agreement", "publish", write(cli.folder))
    other = write(cli.folder, "other.toml", party="clinic")
    ran = cli.run("agreement", "publish", write(cli.folder, "new.toml", version=2), other)
    assert ran.code == 2
    assert "hub: configuration: Agreement small has version 2 already" in ran.err
    assert len(cli.ledger("agreement-published")) == 2


def test_one_bad_file_publishes_nothing(cli: Cli) -> None:
    """All or none."""
    bad = write(cli.folder, "bad.toml", kind="nonsense")
    ran = cli.run("agreement", "publish", write(cli.folder), bad)
    assert ran.code == 2
    assert f"{bad}:19: " in ran.err
    assert len(cli.ledger("agreement-published")) == 1


def test_a_folder_stands_for_its_files(cli: Cli) -> None:
    """Every .toml file in it, in order."""
    folder = cli.folder / "papers"
    folder.mkdir()
    write(folder)
    (folder / "notes.txt").write_text("not one")
    assert len(cli.run("agreement", "check", "--json", str(folder)).json["files"]) == 1


def test_the_list_shows_what_is_in_force(cli: Cli) -> None:
    """Id, version, digest, until when, rules, in force."""
    (found,) = cli.run("agreement", "list", "--json").json["agreements"]
    own = agreement()
    assert found["agreement"]["id"] == own.id
    assert found["digest"] == own.digest()
    assert len(found["agreement"]["rules"]) == len(own.rules)
    assert found["in_force"] is True
    assert own.digest() in cli.run("agreement", "list").out
