"""Directives as FHIR Consents: the shapes of IHE PCF, and back again without a loss unsaid."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.directive import Directive
from consent.fhir import codes as fc
from consent.fhir.consent_reading import read_consents
from consent.fhir.consent_writing import ConsentDetail, ConsentWritten, write_consent
from schemas.fhir import systems
from schemas.fhir.building import AgencyTitles
from schemas.fhir.reading import FhirIdentifier
from schemas.fhir.resources import is_valid
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind, Scope
from tests.consent.fhir.consents import UNHURRIED
from tests.consent.fhir.fsh import problems, read_profiles
from tests.consent.strategies import NOW, directive

PROFILES = read_profiles("pcf/consent.fsh")
CHILD = FhirIdentifier(systems.CHILD, "child-1")
LATER = NOW + dt.timedelta(days=30, microseconds=7)


def make(kind: DirectiveKind = DirectiveKind.CONSENT, **more: object) -> Directive:
    """What a mother said."""
    plain: dict[str, object] = {
        "id": "d-1",
        "child": "child-1",
        "kind": kind,
        "authority": Authority.PARENTAL_RESPONSIBILITY,
        "decider": "p-" + "a" * 24,
        "valid_from": NOW,
        "recorded_at": NOW,
    }
    return Directive.model_validate(plain | more)


def write(said: Directive, detail: ConsentDetail | None = None) -> ConsentWritten:
    """Write it as this hub does."""
    return write_consent(
        said, CHILD, "hub.example", AgencyTitles({"oak-school": "Oak School"}), detail
    )


def places(written: ConsentWritten) -> set[str]:
    """Where something was remarked."""
    return {remark.place for remark in written.remarks}


scopes = st.builds(
    Scope,
    categories=st.lists(st.sampled_from(Category), unique=True, max_size=3).map(tuple),
    recipients=st.lists(
        st.sampled_from(["oak-school", "trust-paeds", "council-care"]), unique=True
    ).map(tuple),
    purposes=st.lists(st.sampled_from(Purpose), unique=True, max_size=3).map(tuple),
)
instants = st.integers(0, 200 * 365 * 86_400 * 10**6).map(
    lambda passed: dt.datetime(1990, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=passed)
)


@st.composite
def directives(draw: st.DrawFn) -> Directive:
    """Any directive that the product can hold, at any moment, with any scope."""
    made = draw(directive("d-1", "health.report-available.v1"))
    return made.model_copy(
        update={
            "scope": draw(scopes),
            "valid_from": draw(instants | st.just(made.valid_from)),
            "valid_until": draw(st.none() | instants | st.just(made.valid_until)),
            "recorded_at": draw(instants),
        }
    )


@UNHURRIED
@given(directives())
def test_every_directive_is_a_consent_of_its_profile(said: Directive) -> None:
    """The rules are those of PCF's FSH file; the R4B model takes it."""
    written = write(said).consent
    meta = json.loads(json.dumps(written))["meta"]
    (url,) = meta["profile"]
    assert problems(written, PROFILES[url.rpartition("/")[2]]) == []
    assert is_valid(written)


@UNHURRIED
@given(directives())
def test_it_reads_back_as_the_same_or_the_report_says_what_is_lost(said: Directive) -> None:
    """What holds comes back whole; what does not hold, does not come back, and that is said."""
    written = write(said)
    reading = read_consents(json.dumps(written.consent).encode())
    (found,) = reading.consents
    assert reading.remarks == ()
    assert found.refused is None
    assert found.patient == (CHILD,)
    never = said.valid_until is not None and said.valid_until <= said.valid_from
    if said.withdrawn_at is not None or never:
        assert found.steps == ()
        assert [r.place for r in found.remarks] == ["Consent.status"]
        assert places(written) & {"Directive.withdrawn_at", "Directive.valid_until"}
        return
    ((back,),) = found.steps
    assert found.given_on == said.recorded_at
    restricts = said.kind is DirectiveKind.RESTRICTION
    assert (back.kind, back.authority, back.decider_ref) == (
        said.kind,
        said.authority,
        said.decider,
    )
    assert back.scope == said.scope
    assert (back.valid_from, back.valid_until) == (said.valid_from, said.valid_until)
    assert back.restriction == (said.restriction if restricts else None)
    assert set(back.allowed_purposes) == set(said.allowed_purposes if restricts else ())
    upheld = said.kind is DirectiveKind.OBJECTION and said.upheld
    assert [r.place for r in found.remarks] == (["Consent.status"] if upheld else [])


def test_a_consent_permits_and_all_else_denies() -> None:
    """A reader of FHIR alone withholds where it does not understand."""
    types = {kind: write(make(kind)).consent["provision"] for kind in DirectiveKind}
    assert types[DirectiveKind.CONSENT] == {
        "type": "permit",
        "period": {"start": "2026-03-02T09:30:00.000000Z"},
    }
    assert {kind.value for kind, p in types.items() if p["type"] == "deny"} == {  # type: ignore[index,call-overload]
        "refusal",
        "objection",
        "restriction",
    }


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (make(), "active"),
        (make(valid_until=LATER), "active"),
        (make(withdrawn_at=LATER), "inactive"),
        (make(valid_until=NOW - dt.timedelta(days=1)), "inactive"),
        (make(DirectiveKind.OBJECTION), "proposed"),
        (make(DirectiveKind.OBJECTION, upheld=True), "active"),
    ],
)
def test_the_status_says_whether_it_stands(said: Directive, status: str) -> None:
    """Withdrawn is inactive; an objection is proposed until it is upheld."""
    assert write(said).consent["status"] == status


def test_the_end_is_the_last_moment_that_belongs_to_it() -> None:
    """FHIR's Period includes its end; a directive ends just before it."""
    provision = write(make(valid_until=LATER)).consent["provision"]
    assert isinstance(provision, dict)
    assert provision["period"] == {
        "start": "2026-03-02T09:30:00.000000Z",
        "end": "2026-04-01T09:30:00.000006Z",
    }


def test_the_scope_is_actors_labels_and_purposes() -> None:
    """Recipients by role IRCP, categories as labels of our own, purposes in ours and published."""
    scope = Scope(
        categories=(Category.HEALTH,), recipients=("oak-school",), purposes=(Purpose.DIRECT_CARE,)
    )
    written = write(make(scope=scope))
    provision = written.consent["provision"]
    assert isinstance(provision, dict)
    assert provision["actor"] == [
        {
            "role": {
                "coding": [
                    {
                        "system": systems.PARTICIPATION,
                        "code": "IRCP",
                        "display": "information recipient",
                    }
                ]
            },
            "reference": {
                "type": "Organization",
                "identifier": {"system": systems.AGENCY, "value": "oak-school"},
                "display": "Oak School",
            },
        }
    ]
    assert provision["securityLabel"] == [{"system": fc.CATEGORY, "code": "health"}]
    assert provision["purpose"] == [
        {"system": systems.PURPOSE, "code": "direct-care"},
        {"system": systems.ACT_REASON, "code": "TREAT"},
    ]
    assert written.consent["meta"] == {"profile": [fc.CONSENT_ADVANCED]}
    assert places(written) == {"Directive.scope.categories"}


def test_a_restriction_is_remarked_as_what_fhir_does_not_know() -> None:
    """Its kind and what it lets through stand in extensions of our own."""
    more = {"restriction": RestrictionKind.COURT_ORDER, "allowed_purposes": (Purpose.SAFEGUARDING,)}
    written = write(make(DirectiveKind.RESTRICTION, **more))
    assert {"url": fc.RESTRICTION, "valueCode": "court-order"} in written.consent["extension"]  # type: ignore[operator]
    assert {"url": fc.LETS_THROUGH, "valueCode": "safeguarding"} in written.consent["extension"]  # type: ignore[operator]
    assert places(written) == {"Directive.kind", "Directive.allowed_purposes"}


def test_evidence_leaves_only_where_it_is_given_out() -> None:
    """Otherwise the Consent says under which id it is kept; a name never leaves."""
    plain = write(make(), ConsentDetail(kept_back=("evidence", "decider_name")))
    assert plain.consent["sourceReference"] == {
        "type": "DocumentReference",
        "identifier": {"system": fc.EVIDENCE, "value": "d-1"},
    }
    assert places(plain) == {"detail.evidence", "detail.decider_name"}
    given = write(make(), ConsentDetail(evidence="Form 12", obtained="paper"))
    assert given.consent["sourceAttachment"] == {"title": "Form 12"}
    back = read_consents(json.dumps(given.consent).encode()).consents[0]
    assert (back.steps[0][0].evidence, back.steps[0][0].obtained) == ("Form 12", "paper")
    assert back.remarks == ()


def test_the_same_directive_has_the_same_id() -> None:
    """And another hub's another."""
    assert write(make()).consent["id"] == write(make()).consent["id"]
    other = write_consent(make(), CHILD, "other.example").consent["id"]
    assert other != write(make()).consent["id"]
