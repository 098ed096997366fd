"""``hub audit flows``: how much went from and to each agency."""

from __future__ import annotations

from tests.events import Child, absent, appointed, case_opened, referred, registered
from tests.hub.cli.conftest import Cli

ANNA = Child(9)


def test_what_went_is_counted_agency_by_agency(cli: Cli) -> None:
    """Events by who sent them, what was withheld by whom it would have been for."""
    cli.take("school", registered(ANNA), absent(ANNA))
    cli.take("clinic", referred(ANNA), appointed(ANNA))
    cli.take("care", case_opened(ANNA))
    found = {one["agency"]: one for one in cli.run("audit", "flows", "--json").json["agencies"]}
    assert (found["school"]["events"], found["clinic"]["events"]) == (2, 2)
    assert found["school"]["withheld"] > 0
    assert found["porter"]["events"] == 0


def test_an_agency_that_never_sent_is_silent(cli: Cli) -> None:
    """And said so in words."""
    cli.take("school", registered(ANNA))
    out = cli.run("audit", "flows", "--days", "1").out
    assert "Silent for 7 days or more: care, clinic, council, porter." in out
