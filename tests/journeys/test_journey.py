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
from tests.events import (
    ADVICE_REQUESTED,
    CARE_PLAN,
    DIAGNOSIS,
    DISCHARGE,
    Child,
    absent,
    appointed,
    case_opened,
    event_of,
    recorded,
    referred,
    registered,
    section,
    with_override,
    withdrawn,
)
from tests.live_hub import PARTIES, LiveHub

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
    live: LiveHub,
) -> None:
    """The council gets exactly the agreed fields; no other agency gets anything."""
    event = registered(ANNA)
    with live.working():
        live.send("school", event)
        live.ring()
    (view,) = live.mail("council")
    assert content(view) == {
        "identity": named(ANNA, upn=ANNA.upn),
        "contact": {
            "address": {"lines": ["1 Low Lane"], "town": "Northmoor", "postcode": "ZZ99 3AA"}
        },
        "education": {"school": {"name": "Oak School", "urn": "999201"}},
    }
    assert (view.source, view.time) == ("school", event.time)
    assert view.purposes[Category.EDUCATION] == ("record-keeping",)
    assert [live.mail(name) for name in ("school", "clinic", "care")] == [[], [], []]


def test_a_delivery_carries_none_of_the_senders_own_references(live: LiveHub) -> None:
    """Event id, record number and child are pseudonyms in it; nothing is in clear."""
    event = registered(ANNA, record="MIS-4711", correlation="thread-88")
    with live.working():
        live.send("school", event)
        live.ring()
    ((_, properties, body),) = live.take("agency.council", "council")
    assert ANNA.family_name.encode() not in body
    view = live.open("council", body)
    assert view is not None
    for own in ("MIS-4711", "thread-88", event.id, ANNA.nhs):
        assert own not in repr(view)
    assert (properties.user_id, properties.message_id) == ("hub", view.delivery_id)
    assert (properties.correlation_id, properties.type, properties.reply_to) == (None, None, None)
    assert set(properties.headers or {}) <= {"x-delivery-count"}


def test_two_recipients_know_the_same_child_under_different_pseudonyms(live: LiveHub) -> None:
    """What two agencies got cannot be put together by the pseudonym."""
    with live.working():
        live.send("school", registered(ANNA))
        live.send("clinic", referred(ANNA))
        request = section(
            ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16"
        )
        asked = event_of(ADVICE_REQUESTED, "council", ANNA.identity(), request, record="EHC-1")
        live.send("council", asked)
        live.ring()
    (one,), (other,) = live.mail("school"), live.mail("clinic")
    assert one.child != other.child
    assert one.record != other.record


def test_a_refused_recipient_gets_nothing_and_cannot_tell_that_there_was_anything(
    live: LiveHub,
) -> None:
    """Without consent the school's queues stay empty; only the ledger has the decision."""
    with live.working():
        live.send("school", registered(ANNA))
        live.send("clinic", appointed(ANNA))
        live.ring()
    assert live.take("agency.school", "school") == []
    assert live.take("agency.school.dead", "school") == []
    assert live.take("agency.school.release", "school") == []
    decided = [e["body"] for e in live.ledger("decision")]
    asked = [d for d in decided if d["recipient"] == "school"]
    assert [d["permitted"] for d in asked] == [False]
    assert "no-consent" in json.dumps(asked)


def test_consent_that_an_event_records_opens_the_next_delivery(live: LiveHub) -> None:
    """Before it nothing goes; after it the agreed fields do."""
    with live.working():
        live.send("school", registered(ANNA))
        live.send("clinic", appointed(ANNA, "before"))
        live.ring()
        assert live.mail("school") == []
        live.send("school", recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, "after"))
        live.ring()
    (view,) = live.mail("school")
    assert content(view) == {
        "identity": named(ANNA, upn=ANNA.upn),
        "health": {"status": "booked", "start": "2026-03-02T09:30:00Z"},
    }


def test_a_withdrawal_closes_what_the_consent_had_opened(live: LiveHub) -> None:
    """The decision after a withdrawal says so, and nothing goes."""
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, "one"))
        live.ring()
        assert len(live.mail("school")) == 1
        live.send("school", withdrawn(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, "two"))
        live.ring()
    assert live.mail("school") == []
    last = [e["body"] for e in live.ledger("decision") if e["body"]["recipient"] == "school"][-1]
    assert "consent-withdrawn" in json.dumps(last["decision"])


def test_consent_for_one_child_says_nothing_of_another(live: LiveHub) -> None:
    """A directive belongs to its child alone."""
    with live.working():
        live.send("school", registered(ANNA), registered(BEN), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA), appointed(BEN))
        live.ring()
    assert [v.identity.given_name for v in live.mail("school")] == [ANNA.given_name]


def test_two_children_may_have_directives_of_the_same_number(live: LiveHub) -> None:
    """A recorder may count each child's directives from one; both count, and work goes on."""
    with live.working():
        live.send("school", registered(ANNA), registered(BEN))
        live.send("school", recorded(ANNA, "1"), recorded(BEN, "1"))
        live.ring()
        live.send("clinic", appointed(ANNA), appointed(BEN))
        live.ring()
    assert len(live.mail("school")) == 2
    assert live.quarantined() == []


def test_a_withdrawal_reaches_what_is_already_in_the_recipients_queue(live: LiveHub) -> None:
    """A delivery made while consent held is not opened once it is withdrawn."""
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA))
        live.ring()
        live.send("school", withdrawn(ANNA, "consent-1"))
        live.ring()
    ((_, _, body),) = live.take("agency.school", "school")
    assert live.open("school", body) is None
    assert live.query("SELECT state FROM deliveries WHERE recipient = 'school'") == [("withheld",)]


def test_an_agency_cannot_open_another_agencys_delivery(live: LiveHub) -> None:
    """Another agency that asks for its keys learns no more than of one that does not exist."""
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
    ((_, _, body),) = live.take("agency.council", "council")
    delivery = read_header(body).delivery
    assert live.ask("care", delivery).code == live.ask("care", str(uuid.uuid4())).code
    assert not live.ask("care", delivery).keys
    assert live.open("council", body) is not None


def test_only_agencies_that_take_part_hear_of_attendance(live: LiveHub) -> None:
    """Social care receives absences once it has opened a case, not before."""
    with live.working():
        live.send("school", registered(ANNA), absent(ANNA, 60))
        live.ring()
        assert live.mail("care") == []
        live.send("care", case_opened(ANNA))
        live.ring()
        live.send("school", absent(ANNA, 50))
        live.ring()
    (view,) = live.mail("care")
    assert content(view) == {
        "identity": named(ANNA),
        "education": {"sessions_possible": 380, "sessions_attended": 50},
    }


def test_a_request_for_advice_makes_the_addressed_agency_take_part(live: LiveHub) -> None:
    """The addressed agency gets the request and is invited; one not addressed receives nothing."""
    request = section(
        ADVICE_REQUESTED, requested_on="2026-02-02", kind="social-care", due_on="2026-03-16"
    )
    asked = event_of(ADVICE_REQUESTED, "council", ANNA.identity(), request, addressed_to=("care",))
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        live.send("council", asked)
        live.ring()
        live.send("school", absent(ANNA))
        live.ring()
    parts = [(e["body"]["agency"], e["body"]["part"]) for e in live.ledger("involvement")]
    assert ("care", "invited") in parts
    assert ("clinic", "invited") not in parts
    assert [v.kind.key for v in live.mail("care")] == [
        "ehc.ehc-advice-requested.v1",
        "education.attendance-concern.v1",
    ]
    assert live.mail("clinic") == []


def test_a_discharge_ends_the_clinics_part(live: LiveHub) -> None:
    """After it the clinic receives nothing that only agencies involved with the child may see."""
    request = section(
        ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16"
    )
    left = section(DISCHARGE, discharged_on="2026-02-20", outcome="well")
    with live.working():
        live.send("school", registered(ANNA))
        live.send("clinic", referred(ANNA))
        live.ring()
        live.send("council", event_of(ADVICE_REQUESTED, "council", ANNA.identity(), request))
        live.ring()
        assert len(live.mail("clinic")) == 1
        live.send("clinic", event_of(DISCHARGE, "clinic", ANNA.identity(), left))
        live.ring()
        live.send("council", event_of(ADVICE_REQUESTED, "council", ANNA.identity(), request))
        live.ring()
    assert live.take("agency.clinic", "clinic") == []
    discharge = live.mail("school")[1]
    assert content(discharge)["health"] == {"discharged_on": "2026-02-20"}


def test_a_rule_of_existence_tells_that_there_is_a_record_and_not_what_it_says(
    live: LiveHub,
) -> None:
    """Social care learns that a diagnosis exists; its words are not in the delivery."""
    words = section(DIAGNOSIS, condition={"code": "408856003", "display": "Autistic disorder"})
    with live.working():
        live.send("care", case_opened(ANNA))
        live.ring()
        live.send("clinic", event_of(DIAGNOSIS, "clinic", ANNA.identity(), words))
        live.ring()
    (view,) = live.mail("care")
    assert view.existence == (Category.HEALTH,)
    assert "408856003" not in repr(view)
    assert "utistic" not in repr(view)


def test_the_same_event_twice_has_one_effect(live: LiveHub) -> None:
    """Sent five times, it is one inbox row, one decision per recipient, one delivery."""
    event = registered(ANNA)
    with live.working():
        live.send("school", *[event] * 3)
        live.ring()
        live.send("school", *[event] * 2)
        live.ring()
    assert len(live.mail("council")) == 1
    ref = live.ref(event)
    decided = [e["body"]["recipient"] for e in live.ledger("decision") if e["body"]["event"] == ref]
    assert sorted(decided) == ["care", "clinic", "council"]
    assert live.quarantined() == []


def test_events_about_one_child_are_delivered_in_the_order_they_were_sent(live: LiveHub) -> None:
    """A hundred concerns about two children arrive in the order of each child."""
    with live.working():
        live.send("care", case_opened(ANNA), case_opened(BEN))
        live.ring()
        live.send("school", *[absent(child, n) for n in range(50) for child in (ANNA, BEN)])
        live.ring()
    seen: dict[str, list[object]] = {}
    for view in live.mail("care"):
        education = content(view)["education"]
        assert isinstance(education, dict)
        seen.setdefault(view.child, []).append(education["sessions_attended"])
    assert list(seen.values()) == [list(range(50))] * 2


def test_an_override_reaches_a_recipient_despite_refusal_and_opens_a_review(live: LiveHub) -> None:
    """The safeguarding rule is used, the authoriser's name is not in the ledger."""
    plan = section(CARE_PLAN, plan_kind="child-protection", change="started", case_id="C1")
    event = event_of(CARE_PLAN, "care", ANNA.identity(), plan)
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "no-1", kind="refusal"))
        live.ring()
        live.send("care", event)
        live.ring()
        assert live.mail("school") == []
        live.send("care", with_override(event))
        live.ring()
    (view,) = live.mail("school")
    assert content(view)["care"] == {"plan_kind": "child-protection", "change": "started"}
    with live.hub.reading() as work:
        (review,) = work.reviews.listed()
    assert review.cause == "override-used"
    assert "A Manager" not in json.dumps(live.ledger())


def test_a_possible_match_is_held_with_a_review_and_not_shared(live: LiveHub) -> None:
    """Same name and birth date without a common number: a person decides, the event is kept."""
    again = registered(ANNA)
    nameless = event_of(
        again.kind.key,
        "school",
        ANNA.identity(nhs_number=None, upn=None),
        *[s for c, s in again.sections.items() if c is not Category.IDENTITY],
    )
    with live.working():
        live.send("clinic", referred(ANNA))
        live.ring()
        live.send("school", nameless)
        live.ring()
    assert live.state(nameless) == "held"
    with live.hub.reading() as work:
        assert [r.cause.value for r in work.reviews.listed()] == ["possible-match"]
        (held,) = work.inbox.held()
    assert held.body == nameless.to_json()
    assert [live.mail(name) for name in PARTIES] == [[], [], [], []]
    assert [e["body"]["event"] for e in live.ledger("event-held")] == [held.ref]


def test_a_retraction_goes_to_agencies_that_may_see_such_events(live: LiveHub) -> None:
    """What was recorded is taken back under the same pseudonym of its record."""
    concern = absent(ANNA, record="ATT-1")
    retracted = event_of(
        concern.kind.key,
        "school",
        *concern.sections.values(),
        record="ATT-1",
        status=RecordStatus.RETRACTED,
    )
    with live.working():
        live.send("care", case_opened(ANNA))
        live.ring()
        live.send("school", concern, retracted)
        live.ring()
    first, second = live.mail("care")
    assert second.status is RecordStatus.RETRACTED
    assert first.record == second.record


def test_a_receipt_is_recorded_once_with_its_delivery(live: LiveHub) -> None:
    """A repeated receipt is one entry; a delivery that was received counts as delivered."""
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        (view,) = live.mail("council")
        receipt = json.dumps({"delivery": view.delivery_id, "outcome": "delivered"}).encode()
        for _ in range(2):
            live.smuggle("council", receipt, RECEIPTS, routing_key=RECEIPTS, user_id="council")
        live.until(lambda: live.ledger("receipt"))
        live.ring()
    (entry,) = live.ledger("receipt")
    with live.hub.reading() as work:
        assert work.deliveries.counts() == {"delivered": 1}
        known = work.deliveries.find(view.delivery_id)
    assert known is not None
    assert entry["body"] == {
        "delivery": known.id, "event": known.event, "child": known.child, "recipient": "council",
        "outcome": "delivered", "code": "",
    }  # fmt: skip


def test_a_receipt_for_another_agencys_delivery_is_quarantined(live: LiveHub) -> None:
    """Only the recipient can send a receipt for a delivery."""
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        (view,) = live.mail("council")
        receipt = json.dumps({"delivery": view.delivery_id, "outcome": "delivered"}).encode()
        live.smuggle("clinic", receipt, RECEIPTS, routing_key=RECEIPTS, user_id="clinic")
        live.until(live.quarantined)
    (kept,) = live.quarantined()
    assert (kept.code, kept.account, kept.body) == ("sender-mismatch", "clinic", receipt)
    assert live.ledger("receipt") == []


def test_the_bytes_as_received_are_kept_with_the_event(live: LiveHub) -> None:
    """Translation can lose form, and evidence needs the original."""
    event = registered(ANNA)
    body = json.dumps(json.loads(event.to_json()), indent=3).encode()
    with live.working():
        live.send("school", body)
        live.ring()
    ((key, sealed, ref),) = live.query(
        "SELECT key, sealed, ref FROM events WHERE source = 'school'"
    )
    with live.hub.reading() as work:
        assert work.vault.unseal(key, bytes(sealed), f"event {ref}") == body
        assert key.startswith(child_key(""))


def test_the_ledger_verifies_after_a_mixed_day(live: LiveHub) -> None:
    """Every entry is under the last signed checkpoint."""
    with live.working():
        live.send("school", registered(ANNA), registered(BEN), recorded(ANNA, "c"), b"not json")
        live.send("clinic", referred(ANNA), appointed(ANNA))
        live.ring()
    assert live.ledger_verifies()
    assert len(live.ledger()) > 20


def test_a_schools_file_becomes_the_councils_file(make_live: Callable[..., LiveHub]) -> None:
    """From one folder to the other: two pupils, two files, two receipts, the original kept."""
    live = make_live(
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
    with live.working(), live.adapting("school-ctf", "council-extract"):
        (live.folder / "school" / "in" / "export.xml").write_bytes(file)
        live.until(lambda: len(live.ledger("receipt")) == 2)
    assert (live.folder / "school" / "processed" / "export.xml").read_bytes() == file
    written = sorted((live.folder / "council" / "out").glob("*.csv"))
    assert len(written) == 2
    text = "".join(path.read_text("utf-8-sig") for path in written)
    for child in (ANNA, BEN):
        assert child.upn in text
        assert child.family_name in text
    deliveries = {entry["body"]["delivery"] for entry in live.ledger("delivery-made")}
    assert {path.stem for path in written} == deliveries
    with live.hub.reading() as work:
        assert work.deliveries.counts() == {"delivered": 2}
