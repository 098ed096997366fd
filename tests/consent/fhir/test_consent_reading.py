"""FHIR Consents as directives: never wider than what was said, and nothing dropped unsaid."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.authority import weigh
from consent.directive import Directive
from consent.fhir import codes as fc
from consent.fhir.consent_reading import ConsentRead, read_consents
from consent.fhir.speaker import Hints
from consent.question import ChildStanding
from consent.reasons import Reason
from consent.standing import standings_about
from schemas.fhir import systems
from schemas.fhir.moments import end_of, start_of
from schemas.fhir.reading import FhirIdentifier
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, DirectiveRecorded, Purpose, Scope
from tests.consent.fhir.consents import (
    NHS,
    UNHURRIED,
    actor,
    consent,
    label,
    provisions,
    purpose,
    read,
)
from tests.consent.fhir.fsh import SAMPLES

PCF = sorted((SAMPLES / "pcf").glob("*.json"))
RECORDED = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


def only(found: ConsentRead) -> DirectiveRecorded:
    """The one directive that a Consent came to."""
    assert found.refused is None
    ((said,),) = found.steps
    return said


def places(found: ConsentRead) -> set[str]:
    """Where something was remarked."""
    return {remark.place for remark in found.remarks}


# --- never wider ----------------------------------------------------------------------------------


def directives_of(found: ConsentRead) -> Iterator[Directive]:
    """Record what was read as the desk does: each step at one moment, the next one later."""
    for n, step in enumerate(found.steps):
        for m, said in enumerate(step):
            yield Directive(
                id=f"d-{n}-{m}",
                child="child-1",
                kind=said.kind or DirectiveKind.REFUSAL,
                authority=said.authority or Authority.PARENTAL_RESPONSIBILITY,
                decider=said.decider_ref or "",
                scope=said.scope or Scope(),
                valid_from=said.valid_from or RECORDED,
                valid_until=said.valid_until,
                recorded_at=RECORDED + dt.timedelta(microseconds=n),
            )


def matches(
    provision: dict[str, Any], case: tuple[str, str, str], at: dt.datetime, *, surely: bool
) -> bool:
    """Whether a provision speaks about a sharing; what is not known here does, or does not."""
    category, recipient, why = case
    published = {"TREAT": "direct-care"}
    answers = []
    if labels := provision.get("securityLabel"):
        known = [one["code"] for one in labels if one["system"] == fc.CATEGORY]
        strange = len(known) < len(labels)
        answers.append(
            category in known and not strange if surely else category in known or strange
        )
    if actors := provision.get("actor"):
        named = [one["reference"]["identifier"] for one in actors]
        known = [one["value"] for one in named if one["system"] == systems.AGENCY]
        answers.append(recipient in known or (not surely and len(known) < len(named)))
    if purposes := provision.get("purpose"):
        codes = [published.get(one["code"], one["code"]) for one in purposes]
        known = [code for code in codes if code in {p.value for p in Purpose}]
        answers.append(why in known or (not surely and len(known) < len(codes)))
    period = provision.get("period", {})
    begins, until = start_of(period.get("start")), end_of(period.get("end"))
    answers.append((begins is None or begins <= at) and (until is None or at < until))
    if provision.keys() & {"dataPeriod", "class", "action", "data", "extension"}:
        answers.append(not surely)
    return all(answers)


def surely_permitted(base: dict[str, Any], case: tuple[str, str, str], at: dt.datetime) -> bool:
    """What a Consent permits whatever the things mean that are not known here."""
    inner = base.get("provision", [])
    denied = any(p["type"] == "deny" and matches(p, case, at, surely=False) for p in inner)
    if not matches(base, case, at, surely=True) or denied:
        return False
    permitted = any(p["type"] == "permit" and matches(p, case, at, surely=True) for p in inner)
    return base["type"] == "permit" or permitted


CASES = [
    (category, recipient, why)
    for category in ("health", "sen", "care")
    for recipient in ("oak-school", "trust-paeds", "council-care")
    for why in ("direct-care", "ehc-plan", "safeguarding")
]
MOMENTS = [
    dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    dt.datetime(2026, 9, 1, tzinfo=dt.UTC),
    dt.datetime(2027, 3, 1, tzinfo=dt.UTC),
]


def shares(said: list[Directive], case: tuple[str, str, str], at: dt.datetime) -> bool:
    """Whether the hub's own rules share on these words."""
    category, recipient, why = Category(case[0]), case[1], Purpose(case[2])
    in_scope = [one for one in said if one.covers(category, recipient, why)]
    return weigh(in_scope, standings_about(ChildStanding(), at)).reason is Reason.CONSENT_GIVEN


@UNHURRIED
@given(provisions())
def test_nothing_is_shared_that_was_not_surely_permitted(provision: dict[str, Any]) -> None:
    """FHIR's rule for exceptions, written slowly, against the hub's own rules."""
    said = list(directives_of(read(consent(provision))))
    for at in MOMENTS:
        for case in CASES:
            if shares(said, case, at):
                assert surely_permitted(provision, case, at), (case, at)


KNOWN = provisions().filter(
    lambda p: all(
        not (one.keys() & {"dataPeriod", "class", "action", "data", "extension"})
        and all(c["code"] in {"direct-care", "ehc-plan", "TREAT"} for c in one.get("purpose", []))
        and all(c["code"] in {"health", "sen"} for c in one.get("securityLabel", []))
        and all("ods" not in str(a) for a in one.get("actor", []))
        for one in (p, *p.get("provision", []))
    )
)


@UNHURRIED
@given(KNOWN.filter(lambda p: {one["type"] for one in p.get("provision", [])} <= {"deny"}))
def test_what_is_understood_whole_is_shared_as_it_was_said(provision: dict[str, Any]) -> None:
    """A permit with exceptions that deny comes out exactly, unless they leave nothing of it."""
    found = read(consent(provision))
    if found.refused is not None:
        return
    said = list(directives_of(found))
    for at in MOMENTS:
        for case in CASES:
            assert shares(said, case, at) == surely_permitted(provision, case, at), (case, at)


# --- provisions -----------------------------------------------------------------------------------


def test_a_permit_is_a_consent_with_its_scope() -> None:
    """Purposes, recipients and categories, the period, who spoke and when."""
    provision = {
        "type": "permit",
        "period": {"start": "2026-01-01", "end": "2026-07-31"},
        "purpose": [purpose("ehc-plan"), purpose("TREAT", systems.ACT_REASON)],
        "actor": [actor("oak-school")],
        "securityLabel": [label("health")],
    }
    found = read(consent(provision, identifier=[{"system": "s:c", "value": "7"}]))
    said = only(found)
    assert said.kind is DirectiveKind.CONSENT
    assert said.scope == Scope(
        categories=(Category.HEALTH,),
        recipients=("oak-school",),
        purposes=(Purpose.EHC_PLAN, Purpose.DIRECT_CARE),
    )
    assert said.valid_from == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert said.valid_until == dt.datetime(2026, 7, 31, 23, tzinfo=dt.UTC)
    assert (said.directive_id, said.decider_ref) == ("s:c|7", "https://a.example/p|7")
    assert found.patient == (FhirIdentifier(systems.NHS_NUMBER, NHS),)
    assert found.given_on == dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
    assert found.remarks == ()


@pytest.mark.parametrize(
    "limit",
    [
        {"dataPeriod": {"start": "2022-01-01"}},
        {"data": [{"meaning": "instance", "reference": {"reference": "Observation/1"}}]},
        {"class": [{"system": "s", "code": "c"}]},
        {"code": [{"text": "x"}]},
        {"action": [{"text": "x"}]},
        {"securityLabel": [label("health"), label("R", "http://x.example")]},
        {"purpose": [purpose("HRESCH", systems.ACT_REASON)]},
        {"actor": [actor("RX1", "https://fhir.nhs.uk/Id/ods-organization-code")]},
        {"extension": [{"url": "https://a.example", "valueBoolean": True}]},
        {"modifierExtension": [{"url": "https://a.example", "valueBoolean": True}]},
        {"_type": {"extension": [{"url": "https://a.example", "valueBoolean": True}]}},
        {
            "period": {
                "_end": {"extension": [{"url": systems.ABSENT_REASON, "valueCode": "unknown"}]}
            }
        },
    ],
)
def test_a_limit_that_is_not_known_refuses_a_permit_and_widens_a_denial(limit: Any) -> None:  # noqa: ANN401
    """Without the limit a permit would share more than was said, a denial less."""
    assert read(consent({"type": "permit", **limit})).refused is not None
    denied = read(consent({"type": "deny", **limit}))
    assert only(denied).scope == Scope()
    assert any(place.startswith("Consent.provision.") for place in places(denied))


def test_what_is_known_of_alternatives_is_kept_in_a_permit() -> None:
    """Less is shared than was said, and the report says so."""
    provision = {
        "type": "permit",
        "purpose": [purpose("ehc-plan"), purpose("HPAYMT", systems.ACT_REASON)],
    }
    found = read(consent(provision))
    assert only(found).scope == Scope(purposes=(Purpose.EHC_PLAN,))
    assert places(found) == {"Consent.provision.purpose"}


def test_a_list_in_which_nothing_is_known_never_becomes_everything() -> None:
    """An empty scope would mean all."""
    for name, part in (("purpose", [purpose("gossip")]), ("actor", [actor("nobody", "x")])):
        found = read(consent({"type": "permit", name: part}))
        assert found.steps == ()
        assert found.refused is not None
        assert found.refused.place == f"Consent.provision.{name}"


def test_a_recipient_in_another_part_than_receiving_is_not_one() -> None:
    """A permit for a custodian to act is no permit to receive."""
    keeper = actor("oak-school") | {
        "role": {"coding": [{"system": systems.PARTICIPATION, "code": "CST"}]}
    }
    assert read(consent({"type": "permit", "actor": [keeper]})).refused is not None


def test_the_reader_can_say_which_agency_an_actor_is() -> None:
    """By identifier, or by a reference; an agency that is not there is none."""
    ods = "https://fhir.nhs.uk/Id/ods-organization-code"
    hints = Hints(recipients={f"{ods}|RX1": "trust-paeds", "Organization/9": "oak-school"})
    by_reference = actor("x") | {"reference": {"reference": "Organization/9"}}
    found = read(consent({"type": "permit", "actor": [actor("RX1", ods), by_reference]}), hints)
    assert only(found).scope == Scope(recipients=("trust-paeds", "oak-school"))
    nobody = Hints(agencies=frozenset({"oak-school"}))
    assert read(consent({"type": "permit", "actor": [actor("trust-paeds")]}), nobody).refused


def test_a_consent_without_an_identifier_is_known_by_what_it_holds() -> None:
    """The same document gives the same, another another."""
    first, again = only(read(consent())), only(read(consent()))
    assert first.directive_id == again.directive_id
    assert first.directive_id != only(read(consent(dateTime="2026-01-06"))).directive_id


# --- exceptions -----------------------------------------------------------------------------------


def test_an_exception_that_denies_is_a_refusal_of_the_same_moment() -> None:
    """Within what its base permits."""
    exception = {"type": "deny", "actor": [actor("oak-school")]}
    base = {"type": "permit", "purpose": [purpose("ehc-plan")], "provision": [exception]}
    ((given, refused),) = read(consent(base)).steps
    assert (given.kind, refused.kind) == (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
    assert refused.scope == Scope(recipients=("oak-school",), purposes=(Purpose.EHC_PLAN,))
    assert given.decider_ref == refused.decider_ref


def test_an_exception_that_permits_is_a_consent_of_a_later_moment() -> None:
    """The person refused everything but this."""
    exception = {"type": "permit", "actor": [actor("oak-school")]}
    (first,), (later,) = read(consent({"type": "deny", "provision": [exception]})).steps
    assert (first.kind, later.kind) == (DirectiveKind.REFUSAL, DirectiveKind.CONSENT)
    assert later.scope == Scope(recipients=("oak-school",))


def test_an_exception_that_leaves_nothing_refuses_the_permit() -> None:
    """Whether it contradicts its base, or cannot be understood more narrowly."""
    for exception in ({"type": "deny"}, {"type": "deny", "dataPeriod": {"start": "2022"}}):
        assert read(consent({"type": "permit", "provision": [exception]})).refused is not None


def test_an_exception_that_cannot_be_made_is_left_out_and_said() -> None:
    """It permits: without it less is shared."""
    exception = {"type": "permit", "dataPeriod": {"start": "2022"}}
    found = read(consent({"type": "deny", "provision": [exception]}))
    assert only(found).kind is DirectiveKind.REFUSAL
    assert "Consent.provision.provision[0]" in places(found)


# --- who, in what capacity, about whom ------------------------------------------------------------


def test_a_capacity_that_nothing_tells_refuses() -> None:
    """A relative need not have parental responsibility; whoever imports can say so."""
    unsaid = consent(extension=None)
    assert read(unsaid).refused is not None
    hints = Hints(authority=Authority.PARENTAL_RESPONSIBILITY)
    assert only(read(unsaid, hints)).authority is Authority.PARENTAL_RESPONSIBILITY


def test_the_patient_speaks_as_the_young_person() -> None:
    """By the same reference, or the same identifier."""
    same = consent(extension=None, performer=[consent()["patient"]])
    assert only(read(same)).authority is Authority.YOUNG_PERSON
    by_reference = {"reference": "Patient/1"}
    same = consent(extension=None, performer=[by_reference], patient=by_reference)
    assert only(read(same)).authority is Authority.YOUNG_PERSON


def test_a_reference_within_a_document_is_a_person_of_its_own() -> None:
    """Another document's RelatedPerson/1 may be somebody else."""
    one = consent(performer=[{"reference": "RelatedPerson/1", "display": "A Mother"}])
    other = consent(performer=[{"reference": "RelatedPerson/1"}], dateTime="2026-01-06")
    first, second = only(read(one)), only(read(other))
    assert first.decider_ref != second.decider_ref
    assert first.decider_name == "A Mother"
    assert "Consent.performer[0]" in places(read(one))
    assert only(read(one, Hints(decider="P-17"))).decider_ref == "P-17"


def test_each_performer_has_spoken() -> None:
    """Two parents who consent are two words."""
    people = [{"identifier": {"system": "s:p", "value": str(n)}} for n in (1, 2)]
    ((one, two),) = read(consent(performer=people)).steps
    assert (one.decider_ref, two.decider_ref) == ("s:p|1", "s:p|2")


def test_people_are_looked_up_in_the_bundle() -> None:
    """The child by the Patient's identifiers, who spoke by the RelatedPerson's."""
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": systems.NHS_NUMBER, "value": NHS}],
    }
    mother = {
        "resourceType": "RelatedPerson",
        "id": "m",
        "patient": {"reference": "Patient/p"},
        "identifier": [{"system": "s:p", "value": "9"}],
    }
    said = consent(patient={"reference": "Patient/p"}, performer=[{"reference": "RelatedPerson/m"}])
    entries = [{"resource": one} for one in (said, patient, mother)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    reading = read_consents(json.dumps(bundle).encode())
    (found,) = reading.consents
    assert found.patient == (FhirIdentifier(systems.NHS_NUMBER, NHS),)
    assert only(found).decider_ref == "s:p|9"
    assert [r.place for r in reading.remarks] == [
        "Bundle.entry[1].resource",
        "Bundle.entry[2].resource",
    ]


# --- what is not in force, not about sharing, not known -------------------------------------------


@pytest.mark.parametrize(
    "status", ["inactive", "entered-in-error", "draft", "rejected", "proposed"]
)
def test_what_is_not_in_force_is_not_imported_and_that_is_said(status: str) -> None:
    """It is no fault, and nothing is recorded."""
    found = read(consent(status=status))
    assert (found.steps, found.refused) == ((), None)
    assert places(found) == {"Consent.status"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"scope": {"coding": [{"code": "treatment"}]}}, "Consent.scope"),
        ({"category": [{"coding": [{"code": "dnr"}]}]}, "Consent.category"),
        ({"modifierExtension": [{"url": "x:y", "valueCode": "z"}]}, "Consent.modifierExtension"),
        ({"implicitRules": "https://a.example/rules"}, "Consent.implicitRules"),
        ({"provision": None}, "Consent.provision"),
        ({"provision": {}}, "Consent.provision.type"),
        ({"performer": None}, "Consent.performer"),
        ({"dateTime": None}, "Consent.dateTime"),
        ({"verification": [{"verified": False}]}, "Consent.verification"),
        (
            {"category": [{"coding": [{"system": fc.KIND, "code": "refusal"}]}]},
            "Consent.category",
        ),
        ({"patient": "nobody"}, "Consent"),
    ],
)
def test_what_is_no_consent_to_share_is_refused(changes: dict[str, Any], place: str) -> None:
    """With the place that is at fault."""
    whole = consent()
    whole.update({name: part for name, part in changes.items() if part is not None})
    for name in [name for name, part in changes.items() if part is None]:
        del whole[name]
    found = read(whole)
    assert found.steps == ()
    assert found.refused is not None
    assert found.refused.place == place


def test_everything_that_is_not_taken_is_reported() -> None:
    """Place by place; it is no reason to refuse."""
    more: dict[str, Any] = {
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
        "meta": {"security": [{"system": "s", "code": "R"}], "versionId": "3"},
        "organization": [{"reference": "Organization/1"}],
        "policy": [{"uri": "https://a.example/policy"}],
        "policyRule": {"text": "OPTIN"},
        "verification": [{"verified": True, "verificationDate": "2026-01-02"}],
        "sourceReference": {"reference": "DocumentReference/1"},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
    }
    found = read(consent(**more))
    assert only(found).kind is DirectiveKind.CONSENT
    assert places(found) == {
        "Consent.text",
        "Consent.meta.security",
        "Consent.organization[0]",
        "Consent.policy[0]",
        "Consent.policyRule",
        "Consent.verification[0].verificationDate",
        "Consent.sourceReference",
        "Consent.contained",
    }


def test_no_sentence_quotes_the_document() -> None:
    """A remark goes to logs and screens of people who need not know what stands in it."""
    canary = "CANARY"
    whole = consent(
        {"type": "permit", "actor": [actor(canary, canary)], "purpose": [purpose(canary)]},
        extension=[{"url": f"https://{canary}", "valueString": canary}],
        policy=[{"uri": f"urn:{canary}"}],
        patient={"display": canary, "reference": f"Patient/{canary}"},
    )
    assert canary not in repr((read(whole).remarks, read(whole).refused))


# --- the published examples -----------------------------------------------------------------------

SAID = {
    "ex-consent-basic-ink": ["consent"],
    "ex-consent-basic-reject": ["refusal"],
    "ex-consent-basic-treat": ["consent"],
    "ex-consent-expired-treat": ["consent"],
    "ex-dissent-intermediate-break-glass": ["refusal"],
}


@pytest.mark.parametrize("file", PCF, ids=[file.stem for file in PCF])
def test_every_shape_of_pcf_is_imported_or_refused_with_a_reason(file: Path) -> None:
    """Most limit what is permitted by what the hub does not know."""
    (found,) = read_consents(file.read_bytes()).consents
    kinds = [str(said.kind) for step in found.steps for said in step]
    assert kinds == SAID.get(file.stem, [])
    assert bool(found.refused) == (not kinds)


# --- rubbish --------------------------------------------------------------------------------------

RUBBISH = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"{}",
    b'{"resourceType": "Patient"}',
    b'{"resourceType": ["Consent"]}',
    b'{"resourceType": "Bundle"}',
    b'{"resourceType": "Bundle", "entry": {}}',
    b'{"resourceType": "Bundle", "entry": [null, 3, {"resource": []}]}',
    b'{"resourceType": "Consent", "resourceType": "Consent"}',
    b'{"resourceType": "Consent", "x": NaN}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
]


@pytest.mark.parametrize("data", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_refused(data: bytes) -> None:
    """With a sentence, and nothing is raised."""
    reading = read_consents(data)
    assert reading.refused is not None
    assert not any(one.steps for one in reading.consents)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["permit", "deny", "active", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "provision",
                    "coding",
                    "system",
                    "code",
                    "reference",
                    "identifier",
                    "value",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@UNHURRIED
@given(st.sampled_from(sorted(consent())), _JSON)
def test_no_part_of_a_consent_makes_it_fail(name: str, part: Any) -> None:  # noqa: ANN401
    """Whatever stands in the place of an element: it is read or refused."""
    found = read(consent() | {name: part}) if name != "resourceType" else None
    assert found is None or found.steps or found.remarks or found.refused


@UNHURRIED
@given(_JSON)
def test_no_provision_makes_it_fail(part: Any) -> None:  # noqa: ANN401
    """Likewise within a provision."""
    for name in ("purpose", "actor", "securityLabel", "period", "provision"):
        read(consent({"type": "permit", name: part}))


def test_two_values_of_one_name_are_refused() -> None:
    """One of them would be lost without a word."""
    text = json.dumps(consent()).replace('"status"', '"status": "inactive", "status"', 1)
    assert read_consents(text.encode()).refused is not None
