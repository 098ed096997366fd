"""``hub agreement processing-record``: words, JSON and a CSV file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

KEYS = {"hub", "made_at", "activities", "transfers", "retention", "security", "gaps"}


def test_it_is_written_for_people_and_programs(cli: Cli) -> None:
    """With a warning for what is missing."""
    ran = cli.run("agreement", "processing-record")
    assert ran.code == 0
    assert "test-sharing@1/attendance  IN-FORCE" in ran.out
    assert "warning: school has no 'dpo' in the settings" in ran.err
    written = cli.run("agreement", "processing-record", "--json").json
    assert written.keys() == KEYS
    assert written["activities"][0]["basis"]["article_6"] == "6(1)(e)"


def test_it_is_written_into_a_file(cli: Cli) -> None:
    """A heading, and a row for each rule."""
    file = cli.folder / "record.csv"
    ran = cli.run("agreement", "processing-record", "--csv", str(file))
    assert (ran.code, str(file) in ran.out, "7 activities" in ran.out) == (0, True, True)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 8
