"""``hub consent export`` and ``import``: FHIR Consents out, and in with a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schemas.fhir import systems
from schemas.fhir.resources import is_valid
from tests.consent.fhir.consents import actor, consent
from tests.happenings import Child

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Desk, Ran

ANNA = Child(1)
LOOK = ("--by", "jmalik", "--reason", "SAR-1")
WORD = ("--by", "jmalik", "--evidence", "File 7")
ABOUT_ANNA = {"identifier": {"system": systems.NHS_NUMBER, "value": ANNA.nhs}}


def record(desk: Desk, *more: str) -> Ran:
    """Record a mother's consent at the desk."""
    fixed = ("--kind", "consent", "--authority", "parental-responsibility", "--decider", "P-17")
    return desk.run("consent", "record", "--upn", ANNA.upn, *fixed, *WORD, *more)


def bring(desk: Desk, resource: Any, *more: str) -> Ran:  # noqa: ANN401  JSON
    """Import a resource from a file."""
    file = desk.folder / "in.json"
    file.write_text(json.dumps(resource), encoding="utf-8")
    return desk.run("consent", "import", str(file), *WORD, *more)


def test_what_was_said_is_exported_and_the_look_recorded(desk: Desk) -> None:
    """A Bundle on standard output; what it does not say on standard error."""
    desk.child(1)
    record(desk)
    ran = desk.run("consent", "export", "--nhs-number", "-", *LOOK, stdin=ANNA.nhs)
    assert ran.code == 0
    assert is_valid(ran.json)
    (entry,) = ran.json["entry"]
    assert entry["resource"]["patient"]["identifier"] == ABOUT_ANNA["identifier"]
    assert "detail.evidence" in ran.err
    assert "File 7" not in ran.out
    (look,) = desk.ledger("data-accessed")
    assert (look["by"], look["reason"]) == ("jmalik", "SAR-1")


def test_it_goes_into_a_file_with_the_evidence_if_asked_for(desk: Desk) -> None:
    """And the report into one JSON object."""
    own = desk.child(1)
    record(desk, "--category", "health")
    out = desk.folder / "out.json"
    more = ("--with-evidence", "--out", str(out), "--json")
    ran = desk.run("consent", "export", "--child", own, *LOOK, *more)
    assert (ran.json["child"], ran.json["consents"], ran.json["bundle"]) == (own, 1, None)
    assert [r["place"] for r in ran.json["remarks"]] == ["Directive.scope.categories"]
    assert "File 7" in out.read_text(encoding="utf-8")


def test_a_consent_is_imported(desk: Desk) -> None:
    """And shown like any other."""
    own = desk.child(1)
    ran = bring(desk, consent({"type": "permit", "actor": [actor("school")]}, patient=ABOUT_ANNA))
    assert ran.code == 0
    assert "Recorded consent d-" in ran.out
    shown = desk.run("consent", "show", own, *LOOK, "--json").json
    (said,) = shown["directives"]
    assert said["directive"]["scope"]["recipients"] == ["school"]
    assert said["evidence"] == "File 7"
    assert desk.run("audit", "verify").code == 0


def test_what_was_refused_ends_with_1_and_is_said(desk: Desk) -> None:
    """With its place; nothing is recorded."""
    desk.child(1)
    narrow = consent({"type": "permit", "dataPeriod": {"start": "2022"}}, patient=ABOUT_ANNA)
    ran = bring(desk, narrow)
    assert ran.code == 1
    assert "REFUSED. Consent.provision.dataPeriod: " in ran.out
    assert desk.ledger("directive-recorded") == []


def test_a_dry_run_records_nothing(desk: Desk) -> None:
    """It says what would be recorded, without names and evidence."""
    desk.child(1)
    whole = consent(patient=ABOUT_ANNA, performer=[{"display": "A Mother"}])
    ran = bring(desk, whole, "--dry-run", "--json")
    assert ran.code == 0
    (one,) = ran.json["consents"]
    assert one["recorded"] == []
    assert one["would_record"][0]["kind"] == "consent"
    assert "A Mother" not in ran.out
    assert "Would record a consent of everything" in bring(desk, whole, "--dry-run").out
    assert desk.ledger("directive-recorded") == []


def test_the_options_say_what_the_document_does_not(desk: Desk) -> None:
    """Whose it is, in what capacity, who spoke, which agency an actor is."""
    desk.child(1)
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    vague = consent(
        {"type": "permit", "actor": [actor("E99", ods)]},
        patient={"reference": "Patient/1"},
        performer=[{"reference": "RelatedPerson/1"}],
        extension=None,
    )
    assert bring(desk, vague).code == 1
    named = ("--upn", ANNA.upn, "--authority", "parental-responsibility", "--decider", "P-17")
    ran = bring(desk, vague, *named, "--actor", f"{ods}|E99=school", "--json")
    assert ran.code == 0
    assert ran.json["consents"][0]["remarks"] == []
    (said,) = [line["directive"] for line in desk.ledger("directive-recorded")]
    assert said["scope"]["recipients"] == ["school"]
    record(desk)
    assert desk.ledger("directive-recorded")[1]["directive"]["decider"] == said["decider"]


def test_importing_what_was_exported_changes_nothing(desk: Desk) -> None:
    """It is held already."""
    own = desk.child(1)
    record(desk)
    out = desk.folder / "out.json"
    desk.run("consent", "export", "--child", own, *LOOK, "--out", str(out))
    ran = desk.run("consent", "import", str(out), *WORD)
    assert ran.code == 0
    assert "exists already" in ran.out
    assert len(desk.ledger("directive-recorded")) == 1


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
def test_what_does_not_fit_is_an_error(desk: Desk, wrong: list[str]) -> None:
    """With exit code 2 and a sentence."""
    desk.child(1)
    (desk.folder / "in.json").write_text(json.dumps(consent()), encoding="utf-8")
    ran = desk.run("consent", "import", *wrong)
    assert ran.code == 2
    assert ran.err.startswith("hub: ")


def test_what_is_no_consent_ends_with_1(desk: Desk) -> None:
    """It says so."""
    desk.child(1)
    assert "REFUSED. document: " in bring(desk, {"resourceType": "Patient"}).out
    ran = bring(desk, [], "--json")
    assert (ran.code, ran.json["refused"]["place"]) == (1, "document")
