"""Decisions and releases as AuditEvents: the profiles of IHE BALP, and nothing that is personal."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.decide import decide
from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.question import Question, SectionShape
from consent.reasons import Reason
from consent.rulebook import RuleBook
from hub.evidence.fhir_audit import codes as fc
from hub.evidence.fhir_audit.audit_event import audit_events
from hub.evidence.fhir_audit.entry_reading import Leaf
from hub.journey.entries import MODELS
from hub.ledger.entry import LedgerEntry, encode
from hub.ledger.merkle import leaf_hash
from schemas.fhir import systems
from schemas.fhir.building import AgencyTitles
from schemas.fhir.resources import is_valid
from schemas.sections import Category
from schemas.sharing import Purpose
from tests.consent.fhir.consents import UNHURRIED
from tests.consent.fhir.fsh import problems, read_profiles
from tests.consent.strategies import NOW, World, worlds

PROFILES = read_profiles(
    "balp/Aliases.fsh", "balp/rules.fsh", "balp/AuthZ.fsh", "balp/Disclose.fsh"
)
TITLES = AgencyTitles({"oak-school": "Oak School", "trust-paeds": "Community paediatrics"})
RULE = "ehc@3/advice-to-school"
WORDS = st.text("ab-1{", max_size=4)


def finding(
    reason: Reason, *directives: str, purpose: Purpose = Purpose.DIRECT_CARE
) -> RuleFinding:
    """What one rule says."""
    return RuleFinding(
        reason=reason, rule=RULE, purpose=purpose, basis="6(1)(e)", directives=directives
    )


SHARED = SectionDecision(
    category=Category.HEALTH,
    sharing=Sharing.CONTENT,
    fields={"start": (RULE,)},
    refused={"note": Reason.FIELD_NOT_ALLOWED},
    findings=(finding(Reason.CONSENT_GIVEN, "d-1"),),
)
WITHHELD = SectionDecision(
    category=Category.CONTACT,
    sharing=Sharing.WITHHELD,
    findings=(finding(Reason.CONSENT_REFUSED, "d-2", purpose=Purpose.EHC_PLAN),),
)
TOLD_OF = SectionDecision(
    category=Category.SEN,
    sharing=Sharing.EXISTENCE,
    findings=(finding(Reason.BASIS_WITHOUT_CONSENT),),
)


def body(*sections: SectionDecision, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """The body of a decision entry, as it stands in the ledger."""
    decision = Decision(recipient="oak-school", sections=sections, decided_at=NOW)
    question = Question(
        event_type="health.appointment-changed.v1",
        source="trust-paeds",
        recipient="oak-school",
        sections=tuple(SectionShape(category=s.category, fields=("start",)) for s in sections),
        involved=True,
    )
    return {
        "event": "e-1",
        "child": "child-1",
        "recipient": "oak-school",
        "permitted": decision.permitted,
        "question": question.model_dump(mode="json", exclude_defaults=True),
        "decision": decision.model_dump(mode="json", exclude_defaults=True),
        "considered": ["d-1", "d-2"],
    } | more


def release(*sections: SectionDecision, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """The body of a release entry."""
    released = [s.category.value for s in sections if s.sharing is Sharing.CONTENT]
    kept = {
        s.category.value: ["consent-refused"] for s in sections if s.sharing is Sharing.WITHHELD
    }
    full = body(
        *sections, delivery="v-1", released=released, withheld=kept, anything=bool(released)
    )
    del full["permitted"]
    return full | {"repeat": 0} | more


def told(said: dict[str, Any], kind: str = "decision") -> list[Any]:
    """The AuditEvents of an entry with this body."""
    entry = LedgerEntry(kind=kind, at=NOW, body=said)
    return list(audit_events(Leaf(7, entry, "hub.example"), TITLES).events)


def broken(event: Any) -> list[str]:  # noqa: ANN401
    """Which rules of the profile it claims an event does not keep."""
    (url,) = event["meta"]["profile"]
    return problems(event, PROFILES[url.rpartition("/")[2]])


def details(entity: Any) -> dict[str, list[str]]:  # noqa: ANN401
    """An entity's details by their own names."""
    found: dict[str, list[str]] = {}
    for one in entity["detail"]:
        value = one.get("valueString") or one.get("valueBase64Binary")
        found.setdefault(one["type"].removeprefix(systems.OWN), []).append(value)
    return found


CASES = {
    "permit": ("decision", body(SHARED)),
    "in part": ("decision", body(SHARED, WITHHELD)),
    "existence": ("decision", body(TOLD_OF)),
    "deny": ("decision", body(WITHHELD)),
    "nothing to say": ("decision", body()),
    "notice": ("decision", body(WITHHELD, notice=True, permitted=False)),
    "release": ("release", release(SHARED)),
    "release in part": ("release", release(SHARED, WITHHELD)),
    "release of existence": ("release", release(TOLD_OF, anything=True, existence=["sen"])),
    "release of nothing": ("release", release(WITHHELD)),
    "release of a notice": (
        "release",
        {
            "recipient": "oak-school",
            "child": "child-1",
            "event": "e-1",
            "delivery": "v-1",
            "released": [],
            "withheld": {},
            "anything": True,
            "repeat": 1,
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_event_keeps_the_profile_it_names(name: str) -> None:
    """The rules are read from the FSH files of BALP, the R4B models take it."""
    kind, said = CASES[name]
    events = told(said, kind)
    assert events
    for event in events:
        assert broken(event) == []
        assert is_valid(event)


def test_the_checker_sees_what_is_wrong() -> None:
    """A missing agent, another code, a stranger among closed entities, another audit source."""
    (event,) = told(body(SHARED))
    event["agent"] = [a for a in event["agent"] if a["type"]["coding"][0]["code"] != "110150"]
    event["type"]["code"] = "110100"
    event["entity"].append({"what": {"display": "x"}, "type": {"system": "s", "code": "9"}})
    event["source"]["observer"] = {"display": "another"}
    assert len(broken(event)) == 4


@UNHURRIED
@given(worlds())
def test_every_decision_that_can_be_made_keeps_the_profile(world: World) -> None:
    """Whatever the law says of an invented world."""
    for question in world.questions:
        decision = decide(question, RuleBook(world.agreements), world.directives, NOW)
        said: dict[str, Any] = {
            "event": "e-1",
            "child": "child-1",
            "recipient": question.recipient,
            "permitted": decision.permitted,
            "question": question.model_dump(mode="json", exclude_defaults=True),
            "decision": decision.model_dump(mode="json", exclude_defaults=True),
            "considered": sorted(d.id for d in world.directives),
        }
        (event,) = told(said)
        assert broken(event) == []
        assert event["outcome"] == ("0" if decision.permitted else "8")


def test_a_permit_says_what_was_shared_and_by_which_rule() -> None:
    """Outcome success, the rule as policy of the recipient, the fields by name."""
    (event,) = told(body(SHARED))
    assert event["outcome"] == "0"
    assert event["outcomeDesc"] == "Permitted."
    (user,) = [a for a in event["agent"] if a["type"]["coding"][0]["code"] == "IRCP"]
    assert user["policy"] == [f"urn:interagency-hub:rule:{RULE}"]
    assert user["who"]["display"] == "Oak School"
    said = details(event["entity"][1])
    assert said["section"] == ["health: content (start)"]
    assert said["refused"] == ["health.note: field-not-allowed"]


def test_a_permit_in_part_says_what_was_withheld_and_why() -> None:
    """It is a success; the purposes and rules are those of what was shared."""
    (event,) = told(body(SHARED, WITHHELD))
    assert event["outcome"] == "0"
    assert event["outcomeDesc"] == f"Permitted in part. contact: {Reason.CONSENT_REFUSED.sentence}"
    assert [p["coding"][0]["code"] for p in event["purposeOfEvent"]] == ["direct-care"]
    assert "contact: withheld" in details(event["entity"][1])["section"]


def test_a_deny_is_a_failure_with_its_reasons() -> None:
    """Each reason in its sentence, with the categories it withholds."""
    (event,) = told(body(WITHHELD))
    assert event["outcome"] == "8"
    assert event["outcomeDesc"] == f"Denied. contact: {Reason.CONSENT_REFUSED.sentence}"


def test_directives_cited_are_its_consents() -> None:
    """Each by the hub's own id; those only considered are named in a detail."""
    (event,) = told(body(SHARED, WITHHELD))
    consents = [e["what"]["identifier"]["value"] for e in event["entity"][1:]]
    assert consents == ["d-1", "d-2"]
    assert details(event["entity"][1])["considered"] == ["d-1, d-2"]


def test_where_no_directive_is_cited_the_consent_says_so() -> None:
    """The profile wants a consent; the reference has no target and says it is not applicable."""
    (event,) = told(body(TOLD_OF))
    (consent,) = event["entity"][1:]
    assert "identifier" not in consent["what"]
    assert consent["what"]["extension"][0]["valueCode"] == "not-applicable"


def test_purposes_have_our_code_first_and_the_published_one_that_comes_near() -> None:
    """Direct care is also TREAT; a purpose of education has no published code."""
    (event,) = told(body(SHARED))
    codes = [(c["system"], c["code"]) for c in event["purposeOfEvent"][0]["coding"]]
    assert codes == [(systems.PURPOSE, "direct-care"), (systems.ACT_REASON, "TREAT")]
    (event,) = told(body(WITHHELD))
    assert [c["code"] for c in event["purposeOfEvent"][0]["coding"]] == ["ehc-plan"]


def test_a_release_is_told_from_both_sides() -> None:
    """The hub exports, the recipient imports; each is observed by its own side."""
    source, recipient = told(release(SHARED), "release")
    assert (source["type"]["code"], recipient["type"]["code"]) == ("110106", "110107")
    assert source["source"]["observer"]["identifier"]["value"] == "hub.example"
    assert recipient["source"]["observer"]["identifier"]["value"] == "oak-school"
    assert source["outcomeDesc"] == "Disclosed: health."
    custodian = source["agent"][2]["who"]
    assert custodian["identifier"]["value"] == "trust-paeds"


def test_a_release_tells_of_existence_what_its_entry_does() -> None:
    """What is decided now may name more than the delivery ever held."""
    source, _ = told(release(SHARED, TOLD_OF), "release")
    assert source["outcomeDesc"] == "Disclosed: health."
    source, _ = told(release(SHARED, TOLD_OF, existence=["sen"]), "release")
    assert source["outcomeDesc"] == "Disclosed: health, sen."


def test_a_release_of_nothing_is_a_deny_and_no_disclosure() -> None:
    """What was permitted before and is not any more."""
    (event,) = told(release(WITHHELD), "release")
    assert event["meta"]["profile"] == [fc.AUTHZ_CONSENT]
    assert event["outcome"] == "8"
    assert event["outcomeDesc"].startswith("At release: Denied. contact: ")


def test_a_notice_says_that_it_is_one() -> None:
    """Of a notice nothing is known but that it was given."""
    source, _ = told(*reversed(CASES["release of a notice"]))
    assert "record it holds is wrong" in source["outcomeDesc"]
    assert "purposeOfEvent" not in source


@pytest.mark.parametrize("name", CASES)
def test_every_event_leads_back_to_its_entry(name: str) -> None:
    """The place in the ledger and the leaf hash, as `hub audit prove` gives it."""
    kind, said = CASES[name]
    entry = LedgerEntry(kind=kind, at=NOW, body=said)
    for event in told(said, kind):
        with_details = [details(e) for e in event["entity"] if "detail" in e]
        (back,) = [d for d in with_details if "leaf-hash" in d]
        assert back["ledger-position"] == ["7"]
        assert base64.b64decode(back["leaf-hash"][0]) == leaf_hash(encode(entry))


def test_ids_come_from_the_evidence() -> None:
    """The same entry gives the same ids; another place in the ledger gives others."""
    first, again = (
        told(release(SHARED), "release"),
        told(release(SHARED), "release"),
    )
    assert [e["id"] for e in first] == [e["id"] for e in again]
    assert first[0]["id"] != first[1]["id"]
    entry = LedgerEntry(kind="release", at=NOW, body=release(SHARED))
    moved = audit_events(Leaf(8, entry, "hub.example"), TITLES).events
    assert moved[0]["id"] != first[0]["id"]


def test_what_has_no_audit_event_is_said() -> None:
    """An entry of another kind, and one whose body cannot be read."""
    look = LedgerEntry(kind="signed-out", at=NOW, body={"person": "x"})
    found = audit_events(Leaf(3, look, "hub.example"), TITLES)
    assert found.events == ()
    assert found.remarks[0].place == "entry 3"
    bad = LedgerEntry(kind="release", at=NOW, body={"recipient": 3})
    assert audit_events(Leaf(4, bad, "hub.example"), TITLES).remarks


@UNHURRIED
@given(
    st.sampled_from(sorted(MODELS)),
    st.dictionaries(
        st.sampled_from(["recipient", "child", "question", "decision", "withheld", "delivery"]),
        st.none() | WORDS | st.integers(-5, 5) | st.lists(WORDS, max_size=2) | st.just({"a": []}),
    ),
)
def test_no_body_makes_it_fail(kind: str, said: dict[str, Any]) -> None:
    """Whatever stands in the ledger, it is told or it is said that it is not."""
    entry = LedgerEntry(kind=kind, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), body=said)
    found = audit_events(Leaf(0, entry, "hub.example"), TITLES)
    assert bool(found.events) != bool(found.remarks)


def test_an_event_holds_codes_and_references_only() -> None:
    """Every word of it comes from the entry, from our code lists or from the register."""
    (event,) = told(body(SHARED, WITHHELD))
    text = json.dumps(event)
    assert "child-1" in text
    assert "name" not in event["entity"][0]
    assert "altId" not in text
