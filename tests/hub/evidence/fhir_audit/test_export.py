"""What leaves the hub in FHIR, from a real store: decisions, disclosures, directives."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from hub.evidence.child_lookup import Sought
from hub.evidence.disclosure_search import Look
from hub.evidence.export import prove
from hub.evidence.fhir_audit.export import (
    AuditEventSelection,
    as_bundle,
    audit_events,
    export_consents,
    ndjson,
)
from hub.intake.hub import Hub
from schemas.errors import NotFound
from schemas.fhir import systems
from schemas.fhir.building import Resource
from schemas.fhir.resources import is_valid
from schemas.identifiers import System
from tests.events import Child, absent, appointed, case_opened, recorded, referred, registered
from tests.events import withdrawn as taken_back
from tests.hub.evidence.fhir_audit.test_audit_event import broken
from tests.hub.hubs import (
    ask,
    delivery_of,
    ledger,
    make_hub,
    ref_of,
    take,
    verifies,
)

ANNA = Child(1)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A school, a clinic and social care take part; the mother consents to the appointment."""
    made = make_hub(tmp_path)
    take(made, registered(ANNA), referred(ANNA), case_opened(ANNA), recorded(ANNA, "D1"))
    return made


def told(hub: Hub, **chosen: Any) -> list[Resource]:  # noqa: ANN401
    """The AuditEvents of what is chosen."""
    return [
        event for one in audit_events(hub, AuditEventSelection(**chosen)) for event in one.events
    ]


def profiles(events: list[Resource]) -> list[str]:
    """The short names of the profiles, in order."""
    metas: list[Any] = [event["meta"] for event in events]
    return [meta["profile"][0].rpartition(".")[2] for meta in metas]


def test_an_event_is_told_from_its_decisions_to_its_disclosure(hub: Hub) -> None:
    """A decision for each agency; a release told from both sides."""
    booked = appointed(ANNA)
    take(hub, booked)
    assert ask(hub, "school", delivery_of(hub, booked, "school")).keys
    events = told(hub, event=ref_of(hub, booked))
    assert profiles(events)[-2:] == ["Source", "Recipient"]
    assert set(profiles(events)[:-2]) == {"AuthZconsent"}
    for event in events:
        assert broken(event) == []
        assert is_valid(event)


def test_what_was_withdrawn_before_release_is_a_deny_at_release(hub: Hub) -> None:
    """The mother takes back her consent while the delivery is queued."""
    booked = appointed(ANNA)
    take(hub, booked, taken_back(ANNA, "D1"))
    assert not ask(hub, "school", delivery_of(hub, booked, "school")).keys
    last = told(hub, event=ref_of(hub, booked))[-1]
    assert profiles([last]) == ["AuthZconsent"]
    assert last["outcome"] == "8"
    assert str(last["outcomeDesc"]).startswith("At release: Denied. ")
    assert broken(last) == []


def test_it_leads_to_the_proof_of_its_entry(hub: Hub) -> None:
    """The position and the leaf hash are those that `hub audit prove` checks."""
    (event,) = told(hub, position=_first_decision(hub))
    details: Any = event["entity"]
    found = {d["type"]: d for d in details[1]["detail"]}
    position = int(found[systems.OWN + "ledger-position"]["valueString"])
    proof = prove(hub, position)
    assert proof.verified
    assert found[systems.OWN + "leaf-hash"]["valueBase64Binary"] == proof.leaf
    assert len(base64.b64decode(proof.leaf)) == 32


def _first_decision(hub: Hub) -> int:
    with hub.reading() as work:
        return next(row.position for row in work.ledger.rows() if row.kind == "decision")


def test_an_entry_of_another_kind_is_remarked(hub: Hub) -> None:
    """The first entry is an agreement."""
    (one,) = audit_events(hub, AuditEventSelection(position=0))
    assert one.events == ()
    assert one.remarks[0].place == "entry 0"


def test_a_childs_events_are_a_look(hub: Hub) -> None:
    """It stands in the ledger who looked and why; other children's events are not there."""
    take(hub, registered(Child(2)), absent(ANNA))
    own = _child(hub)
    events = told(hub, look=Look(Sought(ANNA.upn, System.UPN), "jmalik", "CASE-1", "AuditEvents"))
    assert events
    children = {json.dumps(e["entity"]).count(own) > 0 for e in events}
    assert children == {True}
    (look,) = ledger(hub, "data-accessed")
    assert (look["by"], look["what"], look["child"]) == ("jmalik", "AuditEvents", own)


def _child(hub: Hub) -> str:
    (line, *_) = ledger(hub, "directive-recorded")
    child: str = line["directive"]["child"]
    return child


def test_an_unknown_child_is_a_look_too(hub: Hub) -> None:
    """And nothing is told."""
    with pytest.raises(NotFound):
        told(hub, look=Look(Sought("nobody"), "jmalik", "CASE-1"))
    assert ledger(hub, "data-accessed")[0]["child"] is None


def test_days_are_chosen_by_when_it_stands_in_the_ledger(hub: Hub) -> None:
    """From a moment, and until just before another."""
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    everything = told(hub, begins=now - day, until=now + day)
    assert everything == told(hub, begins=now - day)
    assert told(hub, begins=now + day) == []
    assert told(hub, until=now - day) == []


def test_what_is_not_there_is_not_found(hub: Hub) -> None:
    """An event and a place."""
    for chosen in (AuditEventSelection(event="none"), AuditEventSelection(position=10_000)):
        with pytest.raises(NotFound):
            list(audit_events(hub, chosen))


def test_they_are_written_one_a_line_or_as_a_bundle(hub: Hub) -> None:
    """Both are read back as the same resources."""
    events = told(hub, begins=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    lines = b"".join(ndjson(events)).splitlines()
    assert [json.loads(line) for line in lines] == events
    whole = json.loads(as_bundle(events))
    assert [entry["resource"] for entry in whole["entry"]] == events
    assert is_valid(whole)


def test_no_name_and_no_number_is_in_an_audit_event(hub: Hub) -> None:
    """Only the hub's own id of the child."""
    take(hub, appointed(ANNA))
    text = json.dumps(told(hub, begins=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)))
    assert ANNA.family_name not in text
    assert ANNA.nhs not in text
    assert ANNA.upn not in text


def test_directives_leave_as_consents_and_it_is_a_look(hub: Hub) -> None:
    """All that was ever said, the child named as it was asked for, the names sealed."""
    take(hub, recorded(ANNA, "D2", kind="refusal", decider_name="A Father", evidence="Form 12"))
    done = export_consents(hub, Sought(ANNA.nhs, System.NHS_NUMBER), by="jmalik", reason="SAR-1")
    assert done.consents == 2
    assert is_valid(done.bundle)
    text = json.dumps(done.bundle)
    assert f'"system": "{systems.NHS_NUMBER}", "value": "{ANNA.nhs}"' in text
    assert "A Father" not in text
    assert "Form 12" not in text
    kept = {remark.place for _, remark in done.remarks}
    assert kept == {"detail.decider_name", "detail.evidence"}
    assert ledger(hub, "data-accessed")[0]["reason"] == "SAR-1"
    assert verifies(hub)


def test_where_the_evidence_is_leaves_only_when_asked_for(hub: Hub) -> None:
    """A name still does not."""
    take(hub, recorded(ANNA, "D2", kind="refusal", decider_name="A Father", evidence="Form 12"))
    sought = Sought(_child(hub))
    done = export_consents(hub, sought, by="jmalik", reason="SAR-1", with_evidence=True)
    assert "Form 12" in json.dumps(done.bundle)
    assert {remark.place for _, remark in done.remarks} == {"detail.decider_name"}
