"""Whole events on the real bus: data reach the permitted agencies and no others."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest

from hub.bus.topology import RECEIPTS
from hub.sealing.header import read_header
from hub.store.children import child_key
from schemas.event import RecordStatus, View, dump_section
from schemas.sections import Category
from tests.documents import common_transfer_file
from tests.happenings import (
    ADVICE_REQUESTED,
    CARE_PLAN,
    DIAGNOSIS,
    DISCHARGE,
    Child,
    absent,
    appointed,
    case_opened,
    happening,
    referred,
    registered,
    said,
    section,
    with_override,
    withdrawn,
)
from tests.house import PARTIES, House

pytestmark = pytest.mark.broker

ANNA, BEN = Child(1), Child(2)


def content(view: View) -> dict[str, object]:
    """A view's fields, section by section, as sent."""
    return {c.value: dump_section(s) for c, s in view.sections.items()}


def named(child: Child, **numbers: str) -> dict[str, object]:
    """The particulars most rules let through."""
    return {
        **{system: {"value": value, "assurance": "asserted"} for system, value in numbers.items()},
        "family_name": child.family_name,
        "given_name": child.given_name,
        "birth_date": child.birth_date.isoformat(),
    }


def test_a_registration_reaches_the_council_reduced_to_what_its_agreement_names(
    house: House,
) -> None:
    """The council gets exactly the agreed fields; no other agency gets anything."""
    event = registered(ANNA)
    with house.working():
        house.send("school", event)
        house.ring()
    (view,) = house.mail("council")
    assert content(view) == {
        "identity": named(ANNA, upn=ANNA.upn),
        "contact": {
            "address": {"lines": ["1 Low Lane"], "town": "Northmoor", "postcode": "ZZ99 3AA"}
        },
        "education": {"school": {"name": "Oak School", "urn": "999201"}},
    }
    assert (view.source, view.time) == ("school", event.time)
    assert view.purposes[Category.EDUCATION] == ("record-keeping",)
    assert [house.mail(name) for name in ("school", "clinic", "care")] == [[], [], []]


def test_a_delivery_carries_none_of_the_senders_own_references(house: House) -> None:
    """Event id, record number and child are pseudonyms in it; nothing is in clear."""
    event = registered(ANNA, record="MIS-4711", correlation="thread-88")
    with house.working():
        house.send("school", event)
        house.ring()
    ((_, properties, body),) = house.take("agency.council", "council")
    assert ANNA.family_name.encode() not in body
    view = house.open("council", body)
    assert view is not None
    for own in ("MIS-4711", "thread-88", event.id, ANNA.nhs):
        assert own not in repr(view)
    assert (properties.user_id, properties.message_id) == ("hub", view.delivery_id)
    assert (properties.correlation_id, properties.type, properties.reply_to) == (None, None, None)
    assert set(properties.headers or {}) <= {"x-delivery-count"}


def test_two_recipients_know_the_same_child_under_different_pseudonyms(house: House) -> None:
    """What two agencies got cannot be put together by the pseudonym."""
    with house.working():
        house.send("school", registered(ANNA))
        house.send("clinic", referred(ANNA))
        request = section(
            ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16"
        )
        asked = happening(ADVICE_REQUESTED, "council", ANNA.identity(), request, record="EHC-1")
        house.send("council", asked)
        house.ring()
    (one,), (other,) = house.mail("school"), house.mail("clinic")
    assert one.child != other.child
    assert one.record != other.record


def test_a_refused_recipient_gets_nothing_and_cannot_tell_that_there_was_anything(
    house: House,
) -> None:
    """Without consent the school's queues stay empty; only the ledger has the decision."""
    with house.working():
        house.send("school", registered(ANNA))
        house.send("clinic", appointed(ANNA))
        house.ring()
    assert house.take("agency.school", "school") == []
    assert house.take("agency.school.dead", "school") == []
    assert house.take("agency.school.release", "school") == []
    decided = [e["body"] for e in house.ledger("decision")]
    asked = [d for d in decided if d["recipient"] == "school"]
    assert [d["permitted"] for d in asked] == [False]
    assert "no-consent" in json.dumps(asked)


def test_consent_that_an_event_records_opens_the_next_delivery(house: House) -> None:
    """Before it nothing goes; after it the agreed fields do."""
    with house.working():
        house.send("school", registered(ANNA))
        house.send("clinic", appointed(ANNA, "before"))
        house.ring()
        assert house.mail("school") == []
        house.send("school", said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, "after"))
        house.ring()
    (view,) = house.mail("school")
    assert content(view) == {
        "identity": named(ANNA, upn=ANNA.upn),
        "health": {"status": "booked", "start": "2026-03-02T09:30:00Z"},
    }


def test_a_withdrawal_closes_what_the_consent_had_opened(house: House) -> None:
    """The decision after a withdrawal says so, and nothing goes."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, "one"))
        house.ring()
        assert len(house.mail("school")) == 1
        house.send("school", withdrawn(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, "two"))
        house.ring()
    assert house.mail("school") == []
    last = [e["body"] for e in house.ledger("decision") if e["body"]["recipient"] == "school"][-1]
    assert "consent-withdrawn" in json.dumps(last["decision"])


def test_consent_for_one_child_says_nothing_of_another(house: House) -> None:
    """A directive belongs to its child alone."""
    with house.working():
        house.send("school", registered(ANNA), registered(BEN), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA), appointed(BEN))
        house.ring()
    assert [v.identity.given_name for v in house.mail("school")] == [ANNA.given_name]


def test_two_children_may_have_directives_of_the_same_number(house: House) -> None:
    """A recorder may count each child's directives from one; both count, and work goes on."""
    with house.working():
        house.send("school", registered(ANNA), registered(BEN))
        house.send("school", said(ANNA, "1"), said(BEN, "1"))
        house.ring()
        house.send("clinic", appointed(ANNA), appointed(BEN))
        house.ring()
    assert len(house.mail("school")) == 2
    assert house.quarantined() == []


def test_a_withdrawal_reaches_what_is_already_in_the_recipients_queue(house: House) -> None:
    """A delivery made while consent held is not opened once it is withdrawn."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA))
        house.ring()
        house.send("school", withdrawn(ANNA, "consent-1"))
        house.ring()
    ((_, _, body),) = house.take("agency.school", "school")
    assert house.open("school", body) is None
    assert house.query("SELECT state FROM deliveries WHERE recipient = 'school'") == [("withheld",)]


def test_an_agency_cannot_open_another_agencys_delivery(house: House) -> None:
    """Another agency that asks for its keys learns no more than of one that does not exist."""
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
    ((_, _, body),) = house.take("agency.council", "council")
    delivery = read_header(body).delivery
    assert house.ask("care", delivery).code == house.ask("care", str(uuid.uuid4())).code
    assert not house.ask("care", delivery).keys
    assert house.open("council", body) is not None


def test_only_agencies_that_take_part_hear_of_attendance(house: House) -> None:
    """Social care receives absences once it has opened a case, not before."""
    with house.working():
        house.send("school", registered(ANNA), absent(ANNA, 60))
        house.ring()
        assert house.mail("care") == []
        house.send("care", case_opened(ANNA))
        house.ring()
        house.send("school", absent(ANNA, 50))
        house.ring()
    (view,) = house.mail("care")
    assert content(view) == {
        "identity": named(ANNA),
        "education": {"sessions_possible": 380, "sessions_attended": 50},
    }


def test_a_request_for_advice_makes_the_addressed_agency_take_part(house: House) -> None:
    """The addressed agency gets the request and is invited; one not addressed receives nothing."""
    request = section(
        ADVICE_REQUESTED, requested_on="2026-02-02", kind="social-care", due_on="2026-03-16"
    )
    asked = happening(ADVICE_REQUESTED, "council", ANNA.identity(), request, addressed_to=("care",))
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        house.send("council", asked)
        house.ring()
        house.send("school", absent(ANNA))
        house.ring()
    parts = [(e["body"]["agency"], e["body"]["part"]) for e in house.ledger("involvement")]
    assert ("care", "invited") in parts
    assert ("clinic", "invited") not in parts
    assert [v.kind.key for v in house.mail("care")] == [
        "ehc.ehc-advice-requested.v1",
        "education.attendance-concern.v1",
    ]
    assert house.mail("clinic") == []


def test_a_discharge_ends_the_clinics_part(house: House) -> None:
    """After it the clinic receives nothing that only agencies involved with the child may see."""
    request = section(
        ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16"
    )
    left = section(DISCHARGE, discharged_on="2026-02-20", outcome="well")
    with house.working():
        house.send("school", registered(ANNA))
        house.send("clinic", referred(ANNA))
        house.ring()
        house.send("council", happening(ADVICE_REQUESTED, "council", ANNA.identity(), request))
        house.ring()
        assert len(house.mail("clinic")) == 1
        house.send("clinic", happening(DISCHARGE, "clinic", ANNA.identity(), left))
        house.ring()
        house.send("council", happening(ADVICE_REQUESTED, "council", ANNA.identity(), request))
        house.ring()
    assert house.take("agency.clinic", "clinic") == []
    discharge = house.mail("school")[1]
    assert content(discharge)["health"] == {"discharged_on": "2026-02-20"}


def test_a_rule_of_existence_tells_that_there_is_a_record_and_not_what_it_says(
    house: House,
) -> None:
    """Social care learns that a diagnosis exists; its words are not in the delivery."""
    words = section(DIAGNOSIS, condition={"code": "408856003", "display": "Autistic disorder"})
    with house.working():
        house.send("care", case_opened(ANNA))
        house.ring()
        house.send("clinic", happening(DIAGNOSIS, "clinic", ANNA.identity(), words))
        house.ring()
    (view,) = house.mail("care")
    assert view.existence == (Category.HEALTH,)
    assert "408856003" not in repr(view)
    assert "utistic" not in repr(view)


def test_the_same_event_twice_has_one_effect(house: House) -> None:
    """Sent five times, it is one inbox row, one decision per recipient, one delivery."""
    event = registered(ANNA)
    with house.working():
        house.send("school", *[event] * 3)
        house.ring()
        house.send("school", *[event] * 2)
        house.ring()
    assert len(house.mail("council")) == 1
    ref = house.ref(event)
    decided = [
        e["body"]["recipient"] for e in house.ledger("decision") if e["body"]["event"] == ref
    ]
    assert sorted(decided) == ["care", "clinic", "council"]
    assert house.quarantined() == []


def test_events_about_one_child_are_delivered_in_the_order_they_were_sent(house: House) -> None:
    """A hundred concerns about two children arrive in the order of each child."""
    with house.working():
        house.send("care", case_opened(ANNA), case_opened(BEN))
        house.ring()
        house.send("school", *[absent(child, n) for n in range(50) for child in (ANNA, BEN)])
        house.ring()
    seen: dict[str, list[object]] = {}
    for view in house.mail("care"):
        education = content(view)["education"]
        assert isinstance(education, dict)
        seen.setdefault(view.child, []).append(education["sessions_attended"])
    assert list(seen.values()) == [list(range(50))] * 2


def test_an_override_reaches_a_recipient_despite_refusal_and_opens_a_review(house: House) -> None:
    """The safeguarding rule is used, the authoriser's name is not in the ledger."""
    plan = section(CARE_PLAN, plan_kind="child-protection", change="started", case_id="C1")
    event = happening(CARE_PLAN, "care", ANNA.identity(), plan)
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "no-1", kind="refusal"))
        house.ring()
        house.send("care", event)
        house.ring()
        assert house.mail("school") == []
        house.send("care", with_override(event))
        house.ring()
    (view,) = house.mail("school")
    assert content(view)["care"] == {"plan_kind": "child-protection", "change": "started"}
    with house.hub.reading() as work:
        (review,) = work.reviews.listed()
    assert review.cause == "override-used"
    assert "A Manager" not in json.dumps(house.ledger())


def test_a_possible_match_is_held_with_a_review_and_not_shared(house: House) -> None:
    """Same name and birth date without a common number: a person decides, the event is kept."""
    again = registered(ANNA)
    nameless = happening(
        again.kind.key,
        "school",
        ANNA.identity(nhs_number=None, upn=None),
        *[s for c, s in again.sections.items() if c is not Category.IDENTITY],
    )
    with house.working():
        house.send("clinic", referred(ANNA))
        house.ring()
        house.send("school", nameless)
        house.ring()
    assert house.state(nameless) == "held"
    with house.hub.reading() as work:
        assert [r.cause.value for r in work.reviews.listed()] == ["possible-match"]
        (held,) = work.inbox.held()
    assert held.body == nameless.to_json()
    assert [house.mail(name) for name in PARTIES] == [[], [], [], []]
    assert [e["body"]["event"] for e in house.ledger("event-held")] == [held.ref]


def test_a_retraction_goes_to_agencies_that_may_see_such_events(house: House) -> None:
    """What was recorded is taken back under the same pseudonym of its record."""
    concern = absent(ANNA, record="ATT-1")
    retracted = happening(
        concern.kind.key,
        "school",
        *concern.sections.values(),
        record="ATT-1",
        status=RecordStatus.RETRACTED,
    )
    with house.working():
        house.send("care", case_opened(ANNA))
        house.ring()
        house.send("school", concern, retracted)
        house.ring()
    first, second = house.mail("care")
    assert second.status is RecordStatus.RETRACTED
    assert first.record == second.record


def test_a_receipt_is_recorded_once_with_its_delivery(house: House) -> None:
    """A repeated receipt is one entry; a delivery that was received counts as delivered."""
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        (view,) = house.mail("council")
        receipt = json.dumps({"delivery": view.delivery_id, "outcome": "delivered"}).encode()
        for _ in range(2):
            house.smuggle("council", receipt, RECEIPTS, routing_key=RECEIPTS, user_id="council")
        house.until(lambda: house.ledger("receipt"))
        house.ring()
    (entry,) = house.ledger("receipt")
    assert entry["body"] == {
        "delivery": view.delivery_id, "recipient": "council", "outcome": "delivered", "code": "",
    }  # fmt: skip
    with house.hub.reading() as work:
        assert work.deliveries.counts() == {"delivered": 1}


def test_a_receipt_for_another_agencys_delivery_is_quarantined(house: House) -> None:
    """Only the recipient can send a receipt for a delivery."""
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        (view,) = house.mail("council")
        receipt = json.dumps({"delivery": view.delivery_id, "outcome": "delivered"}).encode()
        house.smuggle("clinic", receipt, RECEIPTS, routing_key=RECEIPTS, user_id="clinic")
        house.until(house.quarantined)
    (kept,) = house.quarantined()
    assert (kept.code, kept.account, kept.body) == ("sender-mismatch", "clinic", receipt)
    assert house.ledger("receipt") == []


def test_the_bytes_as_received_are_kept_with_the_event(house: House) -> None:
    """Translation can lose form, and evidence needs the original."""
    event = registered(ANNA)
    body = json.dumps(json.loads(event.to_json()), indent=3).encode()
    with house.working():
        house.send("school", body)
        house.ring()
    ((key, sealed, ref),) = house.query(
        "SELECT key, sealed, ref FROM events WHERE source = 'school'"
    )
    with house.hub.reading() as work:
        assert work.vault.unseal(key, bytes(sealed), f"event {ref}") == body
        assert key.startswith(child_key(""))


def test_the_ledger_verifies_after_a_mixed_day(house: House) -> None:
    """Every entry is under the last signed checkpoint."""
    with house.working():
        house.send("school", registered(ANNA), registered(BEN), said(ANNA, "c"), b"not json")
        house.send("clinic", referred(ANNA), appointed(ANNA))
        house.ring()
    assert house.ledger_verifies()
    assert len(house.ledger()) > 20


def test_a_schools_file_becomes_the_councils_file(make_house: Callable[..., House]) -> None:
    """From one folder to the other: two pupils, two files, two receipts, the original kept."""
    house = make_house(
        adapters={
            "school-ctf": {
                "adapter": "education-ctf", "agency": "school", "folder": "school",
                "direction": "in", "settle": 0.05,
            },
            "council-extract": {
                "adapter": "care-extract", "agency": "council", "folder": "council",
                "direction": "out", "settings": {"la": "899"},
            },
        }
    )  # fmt: skip
    file = common_transfer_file(ANNA, BEN)
    with house.working(), house.adapting("school-ctf", "council-extract"):
        (house.folder / "school" / "in" / "export.xml").write_bytes(file)
        house.until(lambda: len(house.ledger("receipt")) == 2)
    assert (house.folder / "school" / "processed" / "export.xml").read_bytes() == file
    written = sorted((house.folder / "council" / "out").glob("*.csv"))
    assert len(written) == 2
    text = "".join(path.read_text("utf-8-sig") for path in written)
    for child in (ANNA, BEN):
        assert child.upn in text
        assert child.family_name in text
    deliveries = {entry["body"]["delivery"] for entry in house.ledger("delivery-made")}
    assert {path.stem for path in written} == deliveries
    with house.hub.reading() as work:
        assert work.deliveries.counts() == {"delivered": 2}
