"""``hub consent export`` and ``import``: FHIR Consents out, and in with a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schemas.fhir import systems
from schemas.fhir.resources import is_valid
from tests.consent.fhir.consents import actor, consent
from tests.events import Child

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran

ANNA = Child(1)
LOOK = ("--by", "jmalik", "--reason", "SAR-1")
WORD = ("--by", "jmalik", "--evidence", "File 7")
ABOUT_ANNA = {"identifier": {"system": systems.NHS_NUMBER, "value": ANNA.nhs}}


def record(cli: Cli, *more: str) -> Ran:
    """Record a mother's consent at the cli."""
    fixed = ("--kind", "consent", "--authority", "parental-responsibility", "--decider", "P-17")
    return cli.run("consent", "record", "--upn", ANNA.upn, *fixed, *WORD, *more)


def bring(cli: Cli, resource: Any, *more: str) -> Ran:  # noqa: ANN401  JSON
    """Import a resource from a file."""
    file = cli.folder / "in.json"
    file.write_text(json.dumps(resource), encoding="utf-8")
    return cli.run("consent", "import", str(file), *WORD, *more)


def test_what_was_said_is_exported_and_the_look_recorded(cli: Cli) -> None:
    """A Bundle on standard output; what it does not say on standard error."""
    cli.child(1)
    record(cli)
    ran = cli.run("consent", "export", "--nhs-number", "-", *LOOK, stdin=ANNA.nhs)
    assert ran.code == 0
    assert is_valid(ran.json)
    (entry,) = ran.json["entry"]
    assert entry["resource"]["patient"]["identifier"] == ABOUT_ANNA["identifier"]
    assert "detail.evidence" in ran.err
    assert "File 7" not in ran.out
    (look,) = cli.ledger("data-accessed")
    assert (look["by"], look["reason"]) == ("jmalik", "SAR-1")


def test_it_goes_into_a_file_with_the_evidence_if_asked_for(cli: Cli) -> None:
    """And the report into one JSON object."""
    own = cli.child(1)
    record(cli, "--category", "health")
    out = cli.folder / "out.json"
    more = ("--with-evidence", "--out", str(out), "--json")
    ran = cli.run("consent", "export", "--child", own, *LOOK, *more)
    assert (ran.json["child"], ran.json["consents"], ran.json["bundle"]) == (own, 1, None)
    assert [r["place"] for r in ran.json["remarks"]] == ["Directive.scope.categories"]
    assert "File 7" in out.read_text(encoding="utf-8")


def test_a_consent_is_imported(cli: Cli) -> None:
    """And shown like any other."""
    own = cli.child(1)
    ran = bring(cli, consent({"type": "permit", "actor": [actor("school")]}, patient=ABOUT_ANNA))
    assert ran.code == 0
    assert "Recorded consent d-" in ran.out
    shown = cli.run("consent", "show", own, *LOOK, "--json").json
    (said,) = shown["directives"]
    assert said["directive"]["scope"]["recipients"] == ["school"]
    assert said["evidence"] == "File 7"
    assert cli.run("audit", "verify").code == 0


def test_what_was_refused_ends_with_1_and_is_said(cli: Cli) -> None:
    """With its place; nothing is recorded."""
    cli.child(1)
    narrow = consent({"type": "permit", "dataPeriod": {"start": "2022"}}, patient=ABOUT_ANNA)
    ran = bring(cli, narrow)
    assert ran.code == 1
    assert "REFUSED. Consent.provision.dataPeriod: " in ran.out
    assert cli.ledger("directive-recorded") == []


def test_a_dry_run_records_nothing(cli: Cli) -> None:
    """It says what would be recorded, without names and evidence."""
    cli.child(1)
    whole = consent(patient=ABOUT_ANNA, performer=[{"display": "A Mother"}])
    ran = bring(cli, whole, "--dry-run", "--json")
    assert ran.code == 0
    (one,) = ran.json["consents"]
    assert one["recorded"] == []
    assert one["would_record"][0]["kind"] == "consent"
    assert "A Mother" not in ran.out
    assert "Would record a consent of everything" in bring(cli, whole, "--dry-run").out
    assert cli.ledger("directive-recorded") == []


def test_the_options_say_what_the_document_does_not(cli: Cli) -> None:
    """Whose it is, in what capacity, who spoke, which agency an actor is."""
    cli.child(1)
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    vague = consent(
        {"type": "permit", "actor": [actor("E99", ods)]},
        patient={"reference": "Patient/1"},
        performer=[{"reference": "RelatedPerson/1"}],
        extension=None,
    )
    assert bring(cli, vague).code == 1
    named = ("--upn", ANNA.upn, "--authority", "parental-responsibility", "--decider", "P-17")
    ran = bring(cli, vague, *named, "--actor", f"{ods}|E99=school", "--json")
    assert ran.code == 0
    assert ran.json["consents"][0]["remarks"] == []
    (said,) = [line["directive"] for line in cli.ledger("directive-recorded")]
    assert said["scope"]["recipients"] == ["school"]
    record(cli)
    assert cli.ledger("directive-recorded")[1]["directive"]["decider"] == said["decider"]


def test_importing_what_was_exported_changes_nothing(cli: Cli) -> None:
    """It is held already."""
    own = cli.child(1)
    record(cli)
    out = cli.folder / "out.json"
    cli.run("consent", "export", "--child", own, *LOOK, "--out", str(out))
    ran = cli.run("consent", "import", str(out), *WORD)
    assert ran.code == 0
    assert "exists already" in ran.out
    assert len(cli.ledger("directive-recorded")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["none.json", *WORD],
        ["in.json", "--by", "jm", "--evidence", ""],
        ["in.json", *WORD, "--actor", "nothing"],
        ["in.json", *WORD, "--actor", "x=stranger"],
        ["in.json", *WORD, "--child", "nobody"],
    ],
)
def test_what_does_not_fit_is_an_error(cli: Cli, wrong: list[str]) -> None:
    """With exit code 2 and a sentence."""
    cli.child(1)
    (cli.folder / "in.json").write_text(json.dumps(consent()), encoding="utf-8")
    ran = cli.run("consent", "import", *wrong)
    assert ran.code == 2
    assert ran.err.startswith("hub: ")


def test_what_is_no_consent_ends_with_1(cli: Cli) -> None:
    """It says so."""
    cli.child(1)
    assert "REFUSED. document: " in bring(cli, {"resourceType": "Patient"}).out
    ran = bring(cli, [], "--json")
    assert (ran.code, ran.json["refused"]["place"]) == (1, "document")
