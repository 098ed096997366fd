"""``hub agreement what-if``: who would newly see what, as words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.configuration import _AGREEMENT
from tests.events import Child, appointed, recorded, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

CHILD = Child(1)
KEYS = {
    "agreement",
    "version",
    "title",
    "digest",
    "replaces",
    "decisions",
    "first",
    "since",
    "changed",
} | {
    "children",
    "begins",
    "ends",
    "differing",
    "groups",
    "untouched",
    "warnings",
}


@pytest.fixture
def draft(cli: Cli) -> str:
    """A draft that would show the school where an appointment is, after one was decided."""
    cli.take("school", registered(CHILD), recorded(CHILD, "D1"))
    cli.take("clinic", appointed(CHILD, "A1"))
    changed = _AGREEMENT.replace("version = 1", "version = 2").replace(
        'fields.health = ["status", "start", "end"]', 'fields.health = ["status", "location"]'
    )
    file = cli.folder / "draft.toml"
    file.write_text(changed, encoding="utf-8")
    return str(file)


def test_it_says_who_would_see_what(cli: Cli, draft: str) -> None:
    """In words, with an entry to look at."""
    ran = cli.run("agreement", "what-if", draft)
    assert ran.code == 0
    assert "test-sharing@2 instead of version 1." in ran.out
    assert "clinic -> school, health.appointment-changed.v1, health:" in ran.out
    assert "start to see: location" in ran.out
    assert "stop seeing: start" in ran.out
    assert "1 decision about 1 child would change" in ran.out
    assert " attendance," in ran.out


def test_it_says_what_programs_read(cli: Cli, draft: str) -> None:
    """Its keys, with groups and examples that can be replayed."""
    ran = cli.run("agreement", "what-if", draft, "--last", "10", "--json")
    assert ran.json.keys() == KEYS
    (group,) = ran.json["groups"]
    assert (group["gained"], group["lost"]) == (["location"], ["start"])
    (place,) = group["examples"]
    assert cli.run("audit", "replay", "--position", str(place)).code == 0


def test_nothing_is_recorded(cli: Cli, draft: str) -> None:
    """It only asks."""
    before = cli.sql("SELECT count(*) FROM ledger")
    cli.run("agreement", "what-if", draft)
    assert cli.sql("SELECT count(*) FROM ledger") == before


def test_a_file_that_is_wrong_is_refused(cli: Cli, draft: str) -> None:
    """As by a check, with the place."""
    file = cli.folder / "wrong.toml"
    file.write_text("id = 7", encoding="utf-8")
    ran = cli.run("agreement", "what-if", str(file))
    assert ran.code == 2
    assert "wrong.toml" in ran.err
    assert cli.run("agreement", "what-if", draft, "--last", "0").code == 2
