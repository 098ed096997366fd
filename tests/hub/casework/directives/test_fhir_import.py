"""FHIR Consents recorded at the desk, on a real store: found, checked against what is held."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consent.fhir import codes as fc
from consent.fhir.speaker import Hints
from hub.casework.directives.fhir_import import Imported, Order, import_consents
from hub.casework.directives.recording import withdraw
from hub.evidence.child_lookup import Sought
from hub.evidence.fhir_audit.export import export_consents
from hub.intake.hub import Office
from schemas.errors import ConfigurationError, NotFound
from schemas.identifiers import System
from schemas.sharing import Authority, DirectiveKind
from tests.consent.fhir.consents import actor, consent, purpose
from tests.happenings import Child, appointed, referred, registered, said
from tests.hub.offices import ledger, make_office, take, verifies

ANNA, BEN = Child(1), Child(2)
ORDER = Order("jmalik", "File 2026/31")
ABOUT_ANNA = {"identifier": {"system": fc.NHS_NUMBER, "value": ANNA.nhs}}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """The hub knows two children."""
    made = make_office(tmp_path)
    take(made, registered(ANNA), registered(BEN), referred(ANNA))
    return made


def bring(
    office: Office,
    *resources: dict[str, Any],
    order: Order = ORDER,
    **more: Any,  # noqa: ANN401
) -> Imported:
    """Import Consents about Anna, in a Bundle where there are several."""
    whole: dict[str, Any] = resources[0]
    if len(resources) != 1:
        entries = [{"resource": one} for one in resources]
        whole = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return import_consents(office, json.dumps(whole).encode(), order, **more)


def yes(provision: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A consent about Anna."""
    return consent(provision, **{"patient": ABOUT_ANNA, **changes})


NO = {"type": "deny"}


def kinds(office: Office) -> list[str]:
    """What the ledger says was recorded, in order."""
    return [line["directive"]["kind"] for line in ledger(office, "directive")]


def reason(done: Imported) -> str:
    """Why the one Consent was refused."""
    (one,) = done.outcomes
    assert one.refused is not None
    return one.refused.place


def test_a_consent_is_recorded_and_counts(office: Office) -> None:
    """The child is found by its NHS number; the next decision rests on it."""
    done = bring(office, yes({"type": "permit", "actor": [actor("school")]}))
    assert done.whole
    (one,) = done.outcomes
    (recorded,) = one.recorded
    (line,) = ledger(office, "directive")
    assert line["directive"]["id"] == recorded.directive.id
    assert line["recorded_by"] == "jmalik"
    take(office, appointed(ANNA))
    decided = [d for d in ledger(office, "decision") if d["recipient"] == "school"][-1]
    assert decided["permitted"] is True
    assert verifies(office)


def test_the_evidence_is_that_of_the_import(office: Office) -> None:
    """Sealed; what the Consent says of it gives way, and that is said."""
    done = bring(office, yes(sourceAttachment={"title": "Elsewhere"}))
    (one,) = done.outcomes
    assert "Consent.sourceAttachment.title" in {r.place for r in one.remarks}
    with office.reading() as books:
        detail = json.loads(books.said.detail(one.recorded[0].directive))
    assert detail["evidence"] == "File 2026/31"


def test_a_permit_with_exceptions_is_recorded_at_one_moment(office: Office) -> None:
    """So that the refusal counts where both speak."""
    exception = {"type": "deny", "actor": [actor("school")]}
    done = bring(office, yes({"type": "permit", "provision": [exception]}))
    given, refused = (one.directive for one in done.outcomes[0].recorded)
    assert (given.kind, refused.kind) == (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
    assert given.recorded_at == refused.recorded_at
    take(office, appointed(ANNA))
    decided = [d for d in ledger(office, "decision") if d["recipient"] == "school"][-1]
    assert "consent-refused" in json.dumps(decided)


def test_a_denial_with_exceptions_is_recorded_at_two(office: Office) -> None:
    """So that the narrower consent counts where both speak."""
    exception = {"type": "permit", "actor": [actor("school")]}
    done = bring(office, yes({"type": "deny", "provision": [exception]}))
    refused, given = (one.directive for one in done.outcomes[0].recorded)
    assert refused.recorded_at < given.recorded_at
    take(office, appointed(ANNA))
    decided = [d for d in ledger(office, "decision") if d["recipient"] == "school"][-1]
    assert decided["permitted"] is True


def test_what_is_held_already_is_not_recorded_again(office: Office) -> None:
    """Importing twice has the effect of once, whatever the shape."""
    shapes = [
        yes(),
        yes({"type": "permit", "provision": [NO | {"actor": [actor("school")]}]}, id="b"),
        yes(NO | {"provision": [{"type": "permit", "actor": [actor("care")]}]}, id="c"),
    ]
    for shape in shapes:
        bring(office, shape)
        before = kinds(office)
        (again,) = bring(office, shape).outcomes
        assert again.recorded == ()
        assert again.held
        assert kinds(office) == before


def test_what_the_hub_exports_it_holds_already(office: Office) -> None:
    """Whoever spoke is the same person by their opaque reference."""
    take(office, said(ANNA, "D1"), said(ANNA, "D2", kind="refusal", decider_ref="father"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    bundle = export_consents(office, sought, by="jmalik", reason="SAR-1").bundle
    done = import_consents(office, json.dumps(bundle).encode(), ORDER)
    assert [len(one.held) for one in done.outcomes] == [1, 1]
    assert kinds(office) == ["consent", "refusal"]


def test_another_hub_takes_over_what_this_one_exports(office: Office, tmp_path: Path) -> None:
    """Its opaque references are people of their own there, each one the same again."""
    take(office, said(ANNA, "D1"), said(ANNA, "D2", kind="refusal"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    bundle = export_consents(office, sought, by="jmalik", reason="SAR-1").bundle
    folder = tmp_path / "other"
    folder.mkdir()
    other = make_office(folder)
    take(other, registered(ANNA))
    assert import_consents(other, json.dumps(bundle).encode(), ORDER).whole
    first, second = (line["directive"] for line in ledger(other, "directive"))
    assert (first["kind"], second["kind"]) == ("consent", "refusal")
    assert first["decider"] == second["decider"]


def test_an_old_consent_does_not_end_a_later_refusal(office: Office) -> None:
    """It would be recorded later, and the hub goes by that."""
    bring(office, yes(NO))
    assert reason(bring(office, yes())) == "Consent.dateTime"
    assert kinds(office) == ["refusal"]


def test_a_withdrawn_consent_does_not_come_back_by_its_old_document(office: Office) -> None:
    """Whoever imports the same file again brings nothing back to life."""
    (one,) = bring(office, yes()).outcomes
    withdraw(office, one.recorded[0].directive.id, by="jmalik", evidence="Call")
    assert reason(bring(office, yes())) == "Consent.dateTime"


def test_a_refusal_of_something_else_stands_in_nobodys_way(office: Office) -> None:
    """They do not speak about anything in common."""
    bring(office, yes(NO | {"purpose": [purpose("attendance")]}))
    assert bring(office, yes({"type": "permit", "purpose": [purpose("ehc-plan")]})).whole
    assert kinds(office) == ["refusal", "consent"]


def test_a_document_is_recorded_in_the_order_in_which_it_was_said(office: Office) -> None:
    """Whatever the order it stands in: the later word of one person counts."""
    no, later = yes(NO, dateTime="2026-01-02"), yes(dateTime="2026-01-03")
    assert bring(office, later, no).whole
    assert kinds(office) == ["refusal", "consent"]
    earlier = yes({"type": "permit", "purpose": [purpose("ehc-plan")]}, dateTime="2026-01-01")
    last, _ = bring(office, earlier, yes(NO, dateTime="2026-01-04")).outcomes
    assert last.refused is not None
    assert kinds(office) == ["refusal", "consent", "refusal"]


def test_the_same_document_again_changes_nothing(office: Office) -> None:
    """Even where the same person said one thing in it, and then another."""
    no, later = yes(NO, dateTime="2026-01-02"), yes(dateTime="2026-01-03")
    bring(office, no, later)
    (first, second) = bring(office, no, later).outcomes
    assert (len(first.held), len(second.held)) == (1, 1)
    assert kinds(office) == ["refusal", "consent"]


def test_a_consent_of_the_future_is_refused(office: Office) -> None:
    """With it every later refusal would look earlier."""
    assert reason(bring(office, yes(dateTime="2999-01-01"))) == "Consent.dateTime"


@pytest.mark.parametrize(
    "patient",
    [
        {"identifier": {"system": fc.NHS_NUMBER, "value": Child(9).nhs}},
        {"identifier": {"system": fc.NHS_NUMBER, "value": "1234567890"}},
        {"identifier": {"system": "https://a.example/mrn", "value": "7"}},
        {"reference": "Patient/1"},
    ],
)
def test_a_child_the_hub_does_not_know_is_refused(office: Office, patient: dict[str, Any]) -> None:
    """Nothing is guessed; whoever imports can name the child."""
    assert reason(bring(office, yes(patient=patient))) == "Consent.patient"
    assert bring(office, yes(patient=patient), sought=Sought(ANNA.upn, System.UPN)).whole


def test_a_consent_about_another_child_than_was_named_is_refused(office: Office) -> None:
    """And a child that is named and not there is an error."""
    assert reason(bring(office, yes(), sought=Sought(BEN.upn, System.UPN))) == "Consent.patient"
    with pytest.raises(NotFound):
        bring(office, yes(), sought=Sought("nobody"))


def test_an_objection_opens_its_review(office: Office) -> None:
    """Upheld elsewhere, it is looked at here."""
    kind = {"coding": [{"system": fc.KIND, "code": "objection"}]}
    (one,) = bring(office, yes(NO, category=[kind])).outcomes
    assert one.recorded[0].review is not None
    assert "Consent.status" in {r.place for r in one.remarks}


def test_a_dry_run_records_nothing(office: Office) -> None:
    """It says what it would, and what it would refuse."""
    trial = Order("jmalik", "File 1", dry_run=True)
    done = bring(
        office, yes(), yes({"type": "permit", "dataPeriod": {"start": "2022"}}), order=trial
    )
    good, bad = done.outcomes
    assert [said.kind for said in good.said] == [DirectiveKind.CONSENT]
    assert good.recorded == ()
    assert bad.refused is not None
    assert not done.whole
    assert kinds(office) == []


def test_one_bad_consent_does_not_keep_the_others_out(office: Office) -> None:
    """Each is recorded whole or not at all."""
    done = bring(office, yes(status="draft"), yes(scope={"text": "x"}), yes())
    assert [bool(one.recorded) for one in done.outcomes] == [False, False, True]
    assert [bool(one.refused) for one in done.outcomes] == [False, True, False]


def test_hints_are_checked(office: Office) -> None:
    """An agency that is not there; one decider for several Consents; no evidence."""
    with pytest.raises(ConfigurationError):
        bring(office, yes(), hints=Hints(recipients={"Organization/1": "stranger"}))
    with pytest.raises(ConfigurationError):
        bring(office, yes(), yes(), hints=Hints(decider="P-1"))
    with pytest.raises(ConfigurationError):
        bring(office, yes(), order=Order("jmalik", " "))


def test_who_imports_says_in_what_capacity_they_spoke(office: Office) -> None:
    """Where the Consent does not."""
    unsaid = yes(extension=None)
    assert reason(bring(office, unsaid)) == "Consent.performer"
    hints = Hints(authority=Authority.PARENTAL_RESPONSIBILITY, decider="P-17")
    assert bring(office, unsaid, hints=hints).whole


def test_rubbish_is_refused_whole(office: Office) -> None:
    """And nothing is recorded."""
    done = import_consents(office, b"PK\x03\x04", ORDER)
    assert not done.whole
    assert done.refused is not None
    assert kinds(office) == []
