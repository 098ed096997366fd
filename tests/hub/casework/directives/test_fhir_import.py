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
from hub.intake.hub import Hub
from schemas.errors import ConfigurationError, NotFound
from schemas.fhir import systems
from schemas.identifiers import System
from schemas.sharing import Authority, DirectiveKind
from tests.consent.fhir.consents import actor, consent, purpose
from tests.events import Child, appointed, recorded, referred, registered
from tests.hub.hubs import ledger, make_hub, take, verifies

ANNA, BEN = Child(1), Child(2)
ORDER = Order("jmalik", "File 2026/31")
ABOUT_ANNA = {"identifier": {"system": systems.NHS_NUMBER, "value": ANNA.nhs}}


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """The hub knows two children."""
    made = make_hub(tmp_path)
    take(made, registered(ANNA), registered(BEN), referred(ANNA))
    return made


def bring(
    hub: Hub,
    *resources: dict[str, Any],
    order: Order = ORDER,
    **more: Any,  # noqa: ANN401
) -> Imported:
    """Import Consents about Anna, in a Bundle where there are several."""
    whole: dict[str, Any] = resources[0]
    if len(resources) != 1:
        entries = [{"resource": one} for one in resources]
        whole = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return import_consents(hub, json.dumps(whole).encode(), order, **more)


def yes(provision: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A consent about Anna."""
    return consent(provision, **{"patient": ABOUT_ANNA, **changes})


NO = {"type": "deny"}


def kinds(hub: Hub) -> list[str]:
    """What the ledger says was recorded, in order."""
    return [line["directive"]["kind"] for line in ledger(hub, "directive-recorded")]


def reason(done: Imported) -> str:
    """Why the one Consent was refused."""
    (one,) = done.outcomes
    assert one.refused is not None
    return one.refused.place


def test_a_consent_is_recorded_and_counts(hub: Hub) -> None:
    """The child is found by its NHS number; the next decision rests on it."""
    done = bring(hub, yes({"type": "permit", "actor": [actor("school")]}))
    assert done.complete
    (one,) = done.outcomes
    (recorded,) = one.recorded
    (line,) = ledger(hub, "directive-recorded")
    assert line["directive"]["id"] == recorded.directive.id
    assert line["recorded_by"] == "jmalik"
    take(hub, appointed(ANNA))
    decided = [d for d in ledger(hub, "decision") if d["recipient"] == "school"][-1]
    assert decided["permitted"] is True
    assert verifies(hub)


def test_the_evidence_is_that_of_the_import(hub: Hub) -> None:
    """Sealed; what the Consent says of it gives way, and that is said."""
    done = bring(hub, yes(sourceAttachment={"title": "Elsewhere"}))
    (one,) = done.outcomes
    assert "Consent.sourceAttachment.title" in {r.place for r in one.remarks}
    with hub.reading() as work:
        detail = json.loads(work.directives.detail(one.recorded[0].directive))
    assert detail["evidence"] == "File 2026/31"


def test_a_permit_with_exceptions_is_recorded_at_one_moment(hub: Hub) -> None:
    """So that the refusal counts where both speak."""
    exception = {"type": "deny", "actor": [actor("school")]}
    done = bring(hub, yes({"type": "permit", "provision": [exception]}))
    given, refused = (one.directive for one in done.outcomes[0].recorded)
    assert (given.kind, refused.kind) == (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
    assert given.recorded_at == refused.recorded_at
    take(hub, appointed(ANNA))
    decided = [d for d in ledger(hub, "decision") if d["recipient"] == "school"][-1]
    assert "consent-refused" in json.dumps(decided)


def test_a_denial_with_exceptions_is_recorded_at_two(hub: Hub) -> None:
    """So that the narrower consent counts where both speak."""
    exception = {"type": "permit", "actor": [actor("school")]}
    done = bring(hub, yes({"type": "deny", "provision": [exception]}))
    refused, given = (one.directive for one in done.outcomes[0].recorded)
    assert refused.recorded_at < given.recorded_at
    take(hub, appointed(ANNA))
    decided = [d for d in ledger(hub, "decision") if d["recipient"] == "school"][-1]
    assert decided["permitted"] is True


def test_what_is_held_already_is_not_recorded_again(hub: Hub) -> None:
    """Importing twice has the effect of once, whatever the shape."""
    shapes = [
        yes(),
        yes({"type": "permit", "provision": [NO | {"actor": [actor("school")]}]}, id="b"),
        yes(NO | {"provision": [{"type": "permit", "actor": [actor("care")]}]}, id="c"),
    ]
    for shape in shapes:
        bring(hub, shape)
        before = kinds(hub)
        (again,) = bring(hub, shape).outcomes
        assert again.recorded == ()
        assert again.existing
        assert kinds(hub) == before


def test_what_the_hub_exports_it_holds_already(hub: Hub) -> None:
    """Whoever spoke is the same person by their opaque reference."""
    take(hub, recorded(ANNA, "D1"), recorded(ANNA, "D2", kind="refusal", decider_ref="father"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    bundle = export_consents(hub, sought, by="jmalik", reason="SAR-1").bundle
    done = import_consents(hub, json.dumps(bundle).encode(), ORDER)
    assert [len(one.existing) for one in done.outcomes] == [1, 1]
    assert kinds(hub) == ["consent", "refusal"]


def test_another_hub_takes_over_what_this_one_exports(hub: Hub, tmp_path: Path) -> None:
    """Its opaque references are people of their own there, each one the same again."""
    take(hub, recorded(ANNA, "D1"), recorded(ANNA, "D2", kind="refusal"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    bundle = export_consents(hub, sought, by="jmalik", reason="SAR-1").bundle
    folder = tmp_path / "other"
    folder.mkdir()
    other = make_hub(folder)
    take(other, registered(ANNA))
    assert import_consents(other, json.dumps(bundle).encode(), ORDER).complete
    first, second = (line["directive"] for line in ledger(other, "directive-recorded"))
    assert (first["kind"], second["kind"]) == ("consent", "refusal")
    assert first["decider"] == second["decider"]


def test_an_old_consent_does_not_end_a_later_refusal(hub: Hub) -> None:
    """It would be recorded later, and the hub goes by that."""
    bring(hub, yes(NO))
    assert reason(bring(hub, yes())) == "Consent.dateTime"
    assert kinds(hub) == ["refusal"]


def test_a_withdrawn_consent_does_not_come_back_by_its_old_document(hub: Hub) -> None:
    """Whoever imports the same file again brings nothing back to life."""
    (one,) = bring(hub, yes()).outcomes
    withdraw(hub, one.recorded[0].directive.id, by="jmalik", evidence="Call")
    assert reason(bring(hub, yes())) == "Consent.dateTime"


def test_a_refusal_of_something_else_stands_in_nobodys_way(hub: Hub) -> None:
    """They do not speak about anything in common."""
    bring(hub, yes(NO | {"purpose": [purpose("attendance")]}))
    assert bring(hub, yes({"type": "permit", "purpose": [purpose("ehc-plan")]})).complete
    assert kinds(hub) == ["refusal", "consent"]


def test_a_document_is_recorded_in_the_order_in_which_it_was_said(hub: Hub) -> None:
    """Whatever the order it stands in: the later word of one person counts."""
    no, later = yes(NO, dateTime="2026-01-02"), yes(dateTime="2026-01-03")
    assert bring(hub, later, no).complete
    assert kinds(hub) == ["refusal", "consent"]
    earlier = yes({"type": "permit", "purpose": [purpose("ehc-plan")]}, dateTime="2026-01-01")
    last, _ = bring(hub, earlier, yes(NO, dateTime="2026-01-04")).outcomes
    assert last.refused is not None
    assert kinds(hub) == ["refusal", "consent", "refusal"]


def test_the_same_document_again_changes_nothing(hub: Hub) -> None:
    """Even where the same person said one thing in it, and then another."""
    no, later = yes(NO, dateTime="2026-01-02"), yes(dateTime="2026-01-03")
    bring(hub, no, later)
    (first, second) = bring(hub, no, later).outcomes
    assert (len(first.existing), len(second.existing)) == (1, 1)
    assert kinds(hub) == ["refusal", "consent"]


def test_a_consent_of_the_future_is_refused(hub: Hub) -> None:
    """With it every later refusal would look earlier."""
    assert reason(bring(hub, yes(dateTime="2999-01-01"))) == "Consent.dateTime"


@pytest.mark.parametrize(
    "patient",
    [
        {"identifier": {"system": systems.NHS_NUMBER, "value": Child(9).nhs}},
        {"identifier": {"system": systems.NHS_NUMBER, "value": "1234567890"}},
        {"identifier": {"system": "https://a.example/mrn", "value": "7"}},
        {"reference": "Patient/1"},
    ],
)
def test_a_child_the_hub_does_not_know_is_refused(hub: Hub, patient: dict[str, Any]) -> None:
    """Nothing is guessed; whoever imports can name the child."""
    assert reason(bring(hub, yes(patient=patient))) == "Consent.patient"
    assert bring(hub, yes(patient=patient), sought=Sought(ANNA.upn, System.UPN)).complete


def test_a_consent_about_another_child_than_was_named_is_refused(hub: Hub) -> None:
    """And a child that is named and not there is an error."""
    assert reason(bring(hub, yes(), sought=Sought(BEN.upn, System.UPN))) == "Consent.patient"
    with pytest.raises(NotFound):
        bring(hub, yes(), sought=Sought("nobody"))


def test_an_objection_opens_its_review(hub: Hub) -> None:
    """Upheld elsewhere, it is looked at here."""
    kind = {"coding": [{"system": fc.KIND, "code": "objection"}]}
    (one,) = bring(hub, yes(NO, category=[kind])).outcomes
    assert one.recorded[0].review is not None
    assert "Consent.status" in {r.place for r in one.remarks}


def test_a_dry_run_records_nothing(hub: Hub) -> None:
    """It says what it would, and what it would refuse."""
    trial = Order("jmalik", "File 1", dry_run=True)
    done = bring(hub, yes(), yes({"type": "permit", "dataPeriod": {"start": "2022"}}), order=trial)
    good, bad = done.outcomes
    assert [said.kind for said in good.statements] == [DirectiveKind.CONSENT]
    assert good.recorded == ()
    assert bad.refused is not None
    assert not done.complete
    assert kinds(hub) == []


def test_one_bad_consent_does_not_keep_the_others_out(hub: Hub) -> None:
    """Each is recorded whole or not at all."""
    done = bring(hub, yes(status="draft"), yes(scope={"text": "x"}), yes())
    assert [bool(one.recorded) for one in done.outcomes] == [False, False, True]
    assert [bool(one.refused) for one in done.outcomes] == [False, True, False]


def test_hints_are_checked(hub: Hub) -> None:
    """An agency that is not there; one decider for several Consents; no evidence."""
    with pytest.raises(ConfigurationError):
        bring(hub, yes(), hints=Hints(recipients={"Organization/1": "stranger"}))
    with pytest.raises(ConfigurationError):
        bring(hub, yes(), yes(), hints=Hints(decider="P-1"))
    with pytest.raises(ConfigurationError):
        bring(hub, yes(), order=Order("jmalik", " "))


def test_who_imports_says_in_what_capacity_they_spoke(hub: Hub) -> None:
    """Where the Consent does not."""
    unsaid = yes(extension=None)
    assert reason(bring(hub, unsaid)) == "Consent.performer"
    hints = Hints(authority=Authority.PARENTAL_RESPONSIBILITY, decider="P-17")
    assert bring(hub, unsaid, hints=hints).complete


def test_rubbish_is_refused_whole(hub: Hub) -> None:
    """And nothing is recorded."""
    done = import_consents(hub, b"PK\x03\x04", ORDER)
    assert not done.complete
    assert done.refused is not None
    assert kinds(hub) == []
