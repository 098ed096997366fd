"""``hub audit fhir``: AuditEvents one a line, as a Bundle, into a file; a child's are a look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from schemas.fhir.resources import is_valid
from tests.events import Child, absent, referred, registered
from tests.hub.evidence.fhir_audit.test_audit_event import broken

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ANNA = Child(1)


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """A hub that has decided about a few events."""
    cli.take("school", registered(ANNA), absent(ANNA))
    cli.take("clinic", referred(ANNA))
    return cli


def decisions(cli: Cli) -> list[int]:
    """The places of the decisions in the ledger."""
    rows = cli.sql("SELECT position FROM ledger WHERE kind = 'decision' ORDER BY position")
    return [position for (position,) in rows]


def test_they_come_one_a_line(busy: Cli) -> None:
    """Each is an AuditEvent of FHIR R4B and keeps its profile."""
    ran = busy.run("audit", "fhir", "--from", "2020-01-01")
    assert ran.code == 0
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert len(events) == len(decisions(busy))
    assert all(is_valid(event) and broken(event) == [] for event in events)


def test_one_entry_and_one_event_can_be_asked_for(busy: Cli) -> None:
    """By its place in the ledger, and by the hub's reference."""
    place = decisions(busy)[0]
    one = busy.run("audit", "fhir", "--position", str(place)).out.splitlines()
    assert len(one) == 1
    ((ref,),) = busy.sql(("SELECT event FROM ledger WHERE position = ?", place))
    several = busy.run("audit", "fhir", "--event", ref).out.splitlines()
    assert one[0] in several


def test_a_bundle_holds_them_all(busy: Cli) -> None:
    """As one JSON document."""
    ran = busy.run("audit", "fhir", "--from", "2020-01-01", "--bundle")
    assert len(ran.json["entry"]) == len(decisions(busy))
    assert is_valid(ran.json)


def test_they_go_into_a_file(busy: Cli) -> None:
    """And the command says how many."""
    out = busy.folder / "events.ndjson"
    ran = busy.run("audit", "fhir", "--from", "2020-01-01", "--out", str(out), "--json")
    assert ran.json["events"] == len(out.read_bytes().splitlines()) == len(decisions(busy))
    assert ran.json["remarks"] == []
    assert "AuditEvents" in busy.run("audit", "fhir", "--from", "2020-01-01", "--out", str(out)).out


def test_what_has_no_audit_event_is_said(busy: Cli) -> None:
    """On standard error, so that the lines stay resources."""
    ran = busy.run("audit", "fhir", "--position", "0")
    assert ran.out == ""
    assert ran.err.startswith("entry 0: ")


def test_a_childs_are_a_look(busy: Cli) -> None:
    """It needs who and why, and stands in the ledger."""
    assert busy.run("audit", "fhir", "--upn", ANNA.upn).code == 2
    assert busy.ledger("data-accessed") == []
    ran = busy.run("audit", "fhir", "--upn", "-", "--by", "jm", "--reason", "C-1", stdin=ANNA.upn)
    assert ran.out.splitlines()
    (look,) = busy.ledger("data-accessed")
    assert (look["by"], look["reason"], look["what"]) == ("jm", "C-1", "AuditEvents")


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--event", "a", "--position", "1"],
        ["--position", "1", "--from", "2026-01-01"],
        ["--from", "yesterday"],
        ["--event", "none"],
        ["--position", "5000"],
        ["--from", "2026-01-01", "--json"],
        ["--child", "nobody", "--by", "jm", "--reason", "C-1"],
    ],
)
def test_what_does_not_fit_is_an_error(busy: Cli, wrong: list[str]) -> None:
    """With exit code 2 and a sentence."""
    ran = busy.run("audit", "fhir", *wrong)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("hub: ")


def test_a_file_is_whole_or_not_there(busy: Cli) -> None:
    """Nothing is left of one that could not be written."""
    out = busy.folder / "events.ndjson"
    assert busy.run("audit", "fhir", "--event", "none", "--out", str(out)).code == 2
    assert [f.name for f in busy.folder.iterdir() if "ndjson" in f.name] == []
