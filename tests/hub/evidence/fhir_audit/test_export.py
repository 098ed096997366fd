"""What leaves the hub in FHIR, from a real store: decisions, disclosures, directives."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests.consent.fhir.test_audit_event import broken

from consent.fhir import codes as fc
from consent.fhir.resource import Resource, fits
from hub.evidence.child_lookup import Sought
from hub.evidence.disclosure_search import Look
from hub.evidence.export import prove
from hub.evidence.fhir_audit.export import Chosen, as_bundle, audit_events, export_consents, ndjson
from hub.intake.hub import Office
from schemas.errors import NotFound
from schemas.identifiers import System
from tests.happenings import Child, absent, appointed, case_opened, referred, registered, said
from tests.happenings import withdrawn as taken_back
from tests.hub.offices import (
    ask,
    delivery_of,
    ledger,
    make_office,
    ref_of,
    take,
    verifies,
)

ANNA = Child(1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A school, a clinic and social care take part; the mother consents to the appointment."""
    made = make_office(tmp_path)
    take(made, registered(ANNA), referred(ANNA), case_opened(ANNA), said(ANNA, "D1"))
    return made


def told(office: Office, **chosen: Any) -> list[Resource]:  # noqa: ANN401
    """The AuditEvents of what is chosen."""
    return [event for one in audit_events(office, Chosen(**chosen)) for event in one.events]


def profiles(events: list[Resource]) -> list[str]:
    """The short names of the profiles, in order."""
    metas: list[Any] = [event["meta"] for event in events]
    return [meta["profile"][0].rpartition(".")[2] for meta in metas]


def test_an_event_is_told_from_its_decisions_to_its_disclosure(office: Office) -> None:
    """A decision for each agency; a release told from both sides."""
    booked = appointed(ANNA)
    take(office, booked)
    assert ask(office, "school", delivery_of(office, booked, "school")).keys
    events = told(office, event=ref_of(office, booked))
    assert profiles(events)[-2:] == ["Source", "Recipient"]
    assert set(profiles(events)[:-2]) == {"AuthZconsent"}
    for event in events:
        assert broken(event) == []
        assert fits(event)


def test_what_was_withdrawn_before_release_is_a_deny_at_release(office: Office) -> None:
    """The mother takes back her consent while the delivery is queued."""
    booked = appointed(ANNA)
    take(office, booked, taken_back(ANNA, "D1"))
    assert not ask(office, "school", delivery_of(office, booked, "school")).keys
    last = told(office, event=ref_of(office, booked))[-1]
    assert profiles([last]) == ["AuthZconsent"]
    assert last["outcome"] == "8"
    assert str(last["outcomeDesc"]).startswith("At release: Denied. ")
    assert broken(last) == []


def test_it_leads_to_the_proof_of_its_entry(office: Office) -> None:
    """The position and the leaf hash are those that `hub audit prove` checks."""
    (event,) = told(office, position=_first_decision(office))
    details: Any = event["entity"]
    found = {d["type"]: d for d in details[1]["detail"]}
    position = int(found[fc.OWN + "ledger-position"]["valueString"])
    proof = prove(office, position)
    assert proof.verified
    assert found[fc.OWN + "leaf-hash"]["valueBase64Binary"] == proof.leaf
    assert len(base64.b64decode(proof.leaf)) == 32


def _first_decision(office: Office) -> int:
    with office.reading() as books:
        return next(row.position for row in books.ledger.rows() if row.kind == "decision")


def test_an_entry_of_another_kind_is_remarked(office: Office) -> None:
    """The first entry is an agreement."""
    (one,) = audit_events(office, Chosen(position=0))
    assert one.events == ()
    assert one.remarks[0].place == "entry 0"


def test_a_childs_events_are_a_look(office: Office) -> None:
    """It stands in the ledger who looked and why; other children's events are not there."""
    take(office, registered(Child(2)), absent(ANNA))
    own = _child(office)
    events = told(
        office, look=Look(Sought(ANNA.upn, System.UPN), "jmalik", "CASE-1", "AuditEvents")
    )
    assert events
    children = {json.dumps(e["entity"]).count(own) > 0 for e in events}
    assert children == {True}
    (look,) = ledger(office, "look")
    assert (look["by"], look["what"], look["child"]) == ("jmalik", "AuditEvents", own)


def _child(office: Office) -> str:
    (line, *_) = ledger(office, "directive")
    child: str = line["directive"]["child"]
    return child


def test_an_unknown_child_is_a_look_too(office: Office) -> None:
    """And nothing is told."""
    with pytest.raises(NotFound):
        told(office, look=Look(Sought("nobody"), "jmalik", "CASE-1"))
    assert ledger(office, "look")[0]["child"] is None


def test_days_are_chosen_by_when_it_stands_in_the_ledger(office: Office) -> None:
    """From a moment, and until just before another."""
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    everything = told(office, begins=now - day, until=now + day)
    assert everything == told(office, begins=now - day)
    assert told(office, begins=now + day) == []
    assert told(office, until=now - day) == []


def test_what_is_not_there_is_not_found(office: Office) -> None:
    """An event and a place."""
    for chosen in (Chosen(event="none"), Chosen(position=10_000)):
        with pytest.raises(NotFound):
            list(audit_events(office, chosen))


def test_they_are_written_one_a_line_or_as_a_bundle(office: Office) -> None:
    """Both are read back as the same resources."""
    events = told(office, begins=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    lines = b"".join(ndjson(events)).splitlines()
    assert [json.loads(line) for line in lines] == events
    whole = json.loads(as_bundle(events))
    assert [entry["resource"] for entry in whole["entry"]] == events
    assert fits(whole)


def test_no_name_and_no_number_is_in_an_audit_event(office: Office) -> None:
    """Only the hub's own id of the child."""
    take(office, appointed(ANNA))
    text = json.dumps(told(office, begins=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)))
    assert ANNA.family_name not in text
    assert ANNA.nhs not in text
    assert ANNA.upn not in text


def test_directives_leave_as_consents_and_it_is_a_look(office: Office) -> None:
    """All that was ever said, the child named as it was asked for, the names sealed."""
    take(office, said(ANNA, "D2", kind="refusal", decider_name="A Father", evidence="Form 12"))
    done = export_consents(office, Sought(ANNA.nhs, System.NHS_NUMBER), by="jmalik", reason="SAR-1")
    assert done.consents == 2
    assert fits(done.bundle)
    text = json.dumps(done.bundle)
    assert f'"system": "{fc.NHS_NUMBER}", "value": "{ANNA.nhs}"' in text
    assert "A Father" not in text
    assert "Form 12" not in text
    kept = {remark.place for _, remark in done.remarks}
    assert kept == {"detail.decider_name", "detail.evidence"}
    assert ledger(office, "look")[0]["reason"] == "SAR-1"
    assert verifies(office)


def test_where_the_evidence_is_leaves_only_when_asked_for(office: Office) -> None:
    """A name still does not."""
    take(office, said(ANNA, "D2", kind="refusal", decider_name="A Father", evidence="Form 12"))
    sought = Sought(_child(office))
    done = export_consents(office, sought, by="jmalik", reason="SAR-1", with_evidence=True)
    assert "Form 12" in json.dumps(done.bundle)
    assert {remark.place for _, remark in done.remarks} == {"detail.decider_name"}
