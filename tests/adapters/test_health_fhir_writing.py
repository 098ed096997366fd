"""What the FHIR R4 adapter writes, and that the R4B models accept it and real R4 examples."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from fhir.resources.R4B.bundle import Bundle

from adapters.contract import AgencySystem, translate
from adapters.fhir.bundle import checked
from adapters.fhir.codes import (
    CONTEXT,
    DIAGNOSIS,
    TRANSLATED,
)
from adapters.fhir.document import open_document
from adapters.health_fhir import ADAPTER
from adapters.settings import settings_help
from schemas.errors import CannotExpress, ConfigurationError
from schemas.event import Event, full_view, make_event
from schemas.events.care import CarePlan, CarePlanChange, CarePlanKind
from schemas.events.ehc import AdviceKind, AdviceRequest
from schemas.events.health import (
    Diagnosis,
)
from schemas.identifiers import Assurance, nhs_number
from schemas.people import Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from tests.adapters.fhir_samples import (
    ANSWER,
    CONDITION,
    GOOD,
    GP,
    NHS,
    REFERRED,
    SAMPLES,
    SPEAKER,
    UKCORE,
    WHEN,
    Body,
    bundle,
    changed,
    only,
    patient,
    read,
    relative,
    told,
)


def written(event: Event, **settings: str) -> Body:
    """Write an event and give the Bundle as JSON, checked by the R4B model."""
    document = ADAPTER.format.write(full_view(event), AgencySystem("trust-b", settings))
    Bundle.model_validate_json(document.body)
    made: Body = json.loads(document.body)
    return made


def resources(made: Body) -> dict[str, Body]:
    """Give the resources of a Bundle by type."""
    return {e["resource"]["resourceType"]: e["resource"] for e in made["entry"]}


def test_writes_uk_core_with_nhs_systems() -> None:
    """A referral is written as UK Core resources under urn:uuid references."""
    made = written(told(REFERRED, GP, relative()))
    kinds = resources(made)
    assert made["type"] == "collection"
    assert set(kinds) == {"Patient", "RelatedPerson", "Organization", "ServiceRequest"}
    assert kinds["ServiceRequest"]["meta"]["profile"] == [f"{UKCORE}UKCore-ServiceRequest"]
    assert kinds["Patient"]["identifier"][0]["system"] == NHS
    assert kinds["ServiceRequest"]["subject"]["reference"] == made["entry"][0]["fullUrl"]


def test_a_message_begins_with_its_header() -> None:
    """With the setting bundle-type the Bundle is a message whose focus is the event."""
    made = written(told(CONDITION), **{"bundle-type": "message"})
    first = made["entry"][0]["resource"]
    assert (made["type"], first["resourceType"]) == ("message", "MessageHeader")
    assert first["focus"][0]["type"] == "Condition"


@pytest.mark.parametrize("key", sorted(ADAPTER.format.reads))
def test_xml_keeps_the_meaning_too(key: str) -> None:
    """Written as XML and read again, every readable type keeps its sections."""
    speaker = AgencySystem("trust-a", {"syntax": "xml", "bundle-type": "message"})
    samples = (translation for body in GOOD.values() for translation in [read(body)])
    event = next(e for t in samples for e in t.events if e.kind.key == key)
    document = ADAPTER.format.write(full_view(event), speaker)
    again = translate(ADAPTER.format, document, speaker)
    assert document.suffix == ".xml"
    assert not again.refused
    assert again.events[0].sections == event.sections
    assert again.events[0].record == event.record
    assert again.events[0].status is event.status


def test_a_request_for_advice_is_a_task_with_its_due_date() -> None:
    """What the council asks of a trust arrives as a Task that ends on the due date."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    request = AdviceRequest(
        requested_on=dt.date(2026, 9, 7),
        kind=AdviceKind.HEALTH,
        due_on=dt.date(2026, 10, 19),
        questions="Which therapies does she need?",
    )
    key = "ehc.ehc-advice-requested.v1"
    event = make_event(key, "council-a", WHEN, (child, request), seed="1", record="EHC-1")
    task = resources(written(event))["Task"]
    assert task["restriction"]["period"]["end"] == "2026-10-19"
    assert task["code"]["coding"][0] == {
        "system": "urn:interagency-hub:event-type",
        "code": key,
        "display": "An agency is asked for advice",
    }
    assert task["description"] == "Which therapies does she need?"


def test_other_sectors_events_are_told_in_plain_words() -> None:
    """A care event is a Communication; a placement's postcode is never in it."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    plan = CarePlan(
        plan_kind=CarePlanKind.SHORT_BREAKS,
        change=CarePlanChange.STARTED,
        start_date=dt.date(2026, 9, 1),
        placement_postcode="ZZ99 3VZ",
    )
    event = make_event("care.plan-changed.v1", "care-a", WHEN, (child, plan), seed="1")
    letter = resources(written(event))["Communication"]
    texts = [p["contentString"] for p in letter["payload"]]
    assert texts[0] == "A social-care plan started, was reviewed or ended."
    assert "Plan kind: short breaks" in texts[1]
    assert "Start date: 1 September 2026" in texts[1]
    assert "ZZ99" not in json.dumps(letter)


@pytest.mark.parametrize("key", sorted(EVENT_TYPES))
def test_every_type_is_written_or_declined(key: str) -> None:
    """Every registered type has a FHIR form, even of a bare view; consent events have none."""
    event = told(CONDITION)
    view = full_view(event)
    bare = type(view)(
        delivery_id="d1",
        kind=EVENT_TYPES[key],
        source="council-a",
        child="child-9",
        time=WHEN,
        sections={},
        existence=(Category.HEALTH,),
    )
    if key.startswith("consent."):
        with pytest.raises(CannotExpress):
            ADAPTER.format.write(bare, SPEAKER)
        return
    made = json.loads(ADAPTER.format.write(bare, SPEAKER).body)
    assert resources(made)["Patient"]["identifier"] == [
        {"system": "urn:interagency-hub:child", "value": "child-9"}
    ]


def test_a_suspect_number_stays_suspect_on_the_way() -> None:
    """A local number marked suspect is written with its doubt and read back with it."""
    doubtful = patient()
    doubtful["identifier"][1]["value"] = "M" * 80
    event = only(bundle(doubtful, CONDITION))
    document = ADAPTER.format.write(full_view(event), SPEAKER)
    local = only(document.body).identity.local_id
    assert local is not None
    assert local.assurance is Assurance.SUSPECT


def test_a_value_fhir_forbids_is_declined_without_quoting_it() -> None:
    """Where a value cannot stand in FHIR the view is declined, and the value is not in the text."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    section = Diagnosis.model_validate({"condition": {"code": "CANARY  42", "system": "urn:x"}})
    event = make_event(DIAGNOSIS, "trust-a", WHEN, (child, section), seed="1")
    with pytest.raises(CannotExpress) as raised:
        ADAPTER.format.write(full_view(event), SPEAKER)
    assert "CANARY" not in str(raised.value)


def test_the_pseudonym_names_the_child_where_nothing_else_does() -> None:
    """An answer that knows only the hub's pseudonym for the child is taken under that."""
    bare = patient(name=None, birthDate=None)
    bare["identifier"] = [{"system": "urn:interagency-hub:child", "value": "child-9"}]
    local = only(bundle(changed(bare), ANSWER)).identity.local_id
    assert local is not None
    assert (local.value, local.issuer) == ("child-9", "interagency-hub")


def test_a_setting_outside_its_choices_is_the_operators_to_mend() -> None:
    """An unknown bundle type is a configuration error, not a strange document."""
    with pytest.raises(ConfigurationError):
        written(told(CONDITION), **{"bundle-type": "batch"})


INVALID_AS_PUBLISHED = {"bars-service-request-invalid.json", "bars-appointment-patch.json"}
VALID_R4 = sorted(
    p.name
    for p in SAMPLES.glob("*.json")
    if p.name not in INVALID_AS_PUBLISHED and "stu3" not in p.name
)


@pytest.mark.parametrize("name", VALID_R4)
def test_published_r4_examples_fit_the_r4b_models(name: str) -> None:
    """Each NHS example of R4 passes R4B, but for those that are invalid or older as published."""
    (opened,) = open_document((SAMPLES / name).read_bytes())
    for entry in opened.entries:
        if entry.kind in TRANSLATED | CONTEXT:
            assert checked(entry)


def test_settings_are_documented() -> None:
    """Each setting the format reads is described for the operator."""
    documented = {one.name: one.about for one in settings_help(ADAPTER.settings)}
    assert set(documented) == {"bundle-type", "syntax", "local-id-system", "advice-kind"}
    assert all(documented.values())
