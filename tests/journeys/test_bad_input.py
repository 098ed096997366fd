"""Bad input on the real bus: quarantined whole under its code, or held; and work goes on."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from hub.bus.private_node import LocalBroker
from hub.foundation import clock
from hub.keys.sealing_keys import HubKey
from hub.sealing.inbound import seal_inbound
from schemas.event import Event
from schemas.identifiers import Assurance, Identifier, nhs_number
from tests.brokers import fresh_bus
from tests.events import (
    Child,
    absent,
    appointed,
    changed,
    event_of,
    recorded,
    referred,
    registered,
    with_override,
    withdrawn,
)
from tests.live_hub import ON_THE_BUS, Kept, LiveHub, build

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("bad-input")]

LIMIT = 100_000
_fresh = iter(range(10, 1000))


def child() -> Child:
    """A child unknown to the hub."""
    return Child(next(_fresh))


@pytest.fixture(scope="module")
def live(broker: LocalBroker | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHub]:
    """One hub at work, into which every test throws something bad."""
    if broker is None:
        pytest.skip("the broker of HUB_AMQP_URL has a fixed bus")
    bus, drop = fresh_bus(broker, ON_THE_BUS)
    hub = build(tmp_path_factory.mktemp("bad") / "hub", bus, max_event_bytes=LIMIT)
    with hub.working():
        yield hub
    assert hub.ledger_verifies()
    drop()


def kept(live: LiveHub, body: bytes) -> Kept:
    """The quarantined input of exactly these bytes, once good work has gone on after it."""
    live.ring()
    (found,) = [k for k in live.quarantined() if k.body == body]
    return found


def altered(event: Event, path: str, value: object) -> bytes:
    """An event's bytes with one value, named by its path, replaced."""
    raw = json.loads(event.to_json())
    *way, last = path.split(".")
    place = raw
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(raw).encode()


def identity(**fields: object) -> dict[str, object]:
    """An identity section as sent."""
    return {"family_name": "Unknown", "birth_date": "2015-05-05", **fields}


BAD_BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text": ("not-json", lambda: b"Dear hub, the child is ill."),
    "half": ("not-json", lambda: registered(child()).to_json()[:-9]),
    "xml": ("not-json", lambda: b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'),
    "nothing": ("empty-input", lambda: b""),
    "spaces": ("empty-input", lambda: b" \r\n\t "),
    "latin-1": ("wrong-encoding", lambda: '{"id": "Zoë"}'.encode("latin-1")),
    "utf-16": ("wrong-encoding", lambda: registered(child()).to_json().decode().encode("utf-16")),
    "binary": ("wrong-encoding", lambda: bytes(range(256))),
    "nul": ("not-json", lambda: b"\x00" * 64),
    "nul inside": ("not-json", lambda: registered(child()).to_json().replace(b"Oak", b"O\x00k")),
    "surrogate": ("not-json", lambda: b'{"specversion": "1.0", "id": "\\ud800"}'),
    "deep": ("not-json", lambda: b"[" * 40_000 + b"]" * 40_000),
    "list": ("schema-invalid", lambda: b"[]"),
    "number": ("schema-invalid", lambda: b"1e999999"),
    "nothing recorded": ("missing-field", lambda: b"{}"),
    "oversized": ("too-large", lambda: registered(child()).to_json() + b" " * LIMIT),
    "unknown type": (
        "unknown-type", lambda: changed(registered(child()), type="health.horoscope-cast.v1"),
    ),
    "unknown version": (
        "unknown-version",
        lambda: changed(registered(child()), type="education.child-registered.v9"),
    ),
    "other specification": (
        "schema-invalid", lambda: changed(registered(child()), specversion="0.3"),
    ),
    "no time": ("missing-field", lambda: changed(registered(child()), time=None)),
    "no offset": ("schema-invalid", lambda: changed(registered(child()), time="2026-01-01T00:00")),
    "no data": ("schema-invalid", lambda: changed(registered(child()), data=None)),
    "base64": (
        "schema-invalid", lambda: changed(registered(child()), data=None, data_base64="e30="),
    ),
    "both kinds of data": (
        "schema-invalid", lambda: changed(registered(child()), data_base64="e30="),
    ),
    "extension name": ("schema-invalid", lambda: changed(registered(child()), Not_An_Attribute=1)),
    "extension value": ("schema-invalid", lambda: changed(registered(child()), extension=[1])),
    "no school": (
        "missing-field",
        lambda: altered(registered(child()), "data.sections.education.school", None),
    ),
    "section of another type": (
        "schema-invalid", lambda: altered(registered(child()), "data.sections.health", {"x": 1}),
    ),
    "section of no type": (
        "schema-invalid", lambda: altered(registered(child()), "data.sections.astrology", {"x": 1}),
    ),
    "field of no section": (
        "schema-invalid",
        lambda: altered(registered(child()), "data.sections.education.shoe_size", 36),
    ),
    "huge number": (
        "schema-invalid",
        lambda: altered(absent(child()), "data.sections.education.sessions_possible", 10**4000),
    ),
    "not a number": (
        "schema-invalid",
        lambda: altered(
            absent(child()), "data.sections.education.sessions_possible", float("nan")
        ),
    ),
    "wrong types": (
        "schema-invalid", lambda: altered(registered(child()), "data.sections", [[], None, 7]),
    ),
    "no child": (
        "no-child",
        lambda: altered(registered(child()), "data.sections.identity", {"given_name": "Somebody"}),
    ),
    "unknown child": ("child-unknown", lambda: absent(child()).to_json()),
    "from the future": (
        "from-the-future",
        lambda: registered(child(), time=clock.now() + dt.timedelta(minutes=6)).to_json(),
    ),
    "last moment of all": (
        "schema-invalid", lambda: changed(registered(child()), time="9999-12-31T23:59:59-14:00"),
    ),
    "first moment of all": (
        "schema-invalid", lambda: changed(registered(child()), time="0001-01-01T00:00:00+14:00"),
    ),
    "no entitlement to override": (
        "override-not-allowed", lambda: with_override(registered(child())).to_json(),
    ),
    "unknown directive": (
        "child-unknown", lambda: withdrawn(child(), "never-recorded").to_json(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
def test_bad_bytes_are_kept_whole_under_their_code_and_work_goes_on(
    live: LiveHub, name: str
) -> None:
    """What cannot be taken is in quarantine byte for byte, and the next event is decided."""
    code, make = BAD_BODIES[name]
    body = make()
    live.smuggle("school", body, user_id="school")
    found = kept(live, body)
    assert (found.code, found.account) == (code, "school")


def test_a_message_without_an_authenticated_sender_is_quarantined(live: LiveHub) -> None:
    """The sender named in the envelope is not enough."""
    body = registered(child()).to_json()
    live.smuggle("school", body)
    assert (kept(live, body).code, kept(live, body).account) == ("sender-unverified", "")


def test_a_letter_that_was_not_sealed_to_the_hub_is_quarantined(live: LiveHub) -> None:
    """A good event in clear is kept and not taken: others may have read it on its way."""
    body = registered(child()).to_json()
    live.smuggle("school", body, user_id="school", clear=True)
    assert (kept(live, body).code, kept(live, body).account) == ("not-sealed", "school")


def test_a_letter_that_another_agency_sealed_is_quarantined(live: LiveHub) -> None:
    """What the school sealed cannot be passed on by the clinic as its own."""
    body = seal_inbound(HubKey(live.settings)(), "school", registered(child()).to_json())
    live.smuggle("clinic", body, user_id="clinic", clear=True)
    assert kept(live, body).code == "seal-broken"


def test_an_account_that_is_no_agency_is_quarantined(live: LiveHub) -> None:
    """Not even the hub's own account may send an event."""
    body = registered(child()).to_json()
    live.smuggle("hub", body, user_id="hub")
    assert (kept(live, body).code, kept(live, body).account) == ("sender-unknown", "")


def test_an_envelope_that_names_another_sender_is_quarantined(live: LiveHub) -> None:
    """The clinic cannot speak for the school."""
    body = registered(child()).to_json()
    live.smuggle("clinic", body, user_id="clinic")
    assert (kept(live, body).code, kept(live, body).place) == ("sender-mismatch", "source")


def test_a_type_the_sender_may_not_send_is_quarantined(live: LiveHub) -> None:
    """The school cannot report an appointment, even about a child it knows."""
    body = replace(appointed(child()), source="school").to_json()
    live.smuggle("school", body, user_id="school")
    assert kept(live, body).code == "type-not-allowed"


def test_consent_from_an_agency_that_may_not_record_it_is_quarantined(live: LiveHub) -> None:
    """The clinic is not entitled to record directives."""
    body = recorded(child(), "c", by="clinic").to_json()
    live.smuggle("clinic", body, user_id="clinic")
    assert kept(live, body).code == "directive-not-allowed"


def test_a_withdrawal_of_an_unknown_directive_is_quarantined(live: LiveHub) -> None:
    """It might be meant for a consent the hub still holds under another number."""
    ben = child()
    live.send("school", registered(ben))
    body = withdrawn(ben, "never-recorded").to_json()
    live.send("school", body)
    assert kept(live, body).code == "directive-unknown"


def test_a_withdrawal_by_another_recorder_is_quarantined(live: LiveHub) -> None:
    """An agency can only withdraw what it recorded itself."""
    ben = child()
    live.send("school", registered(ben), recorded(ben, "c1"))
    live.ring()
    body = withdrawn(ben, "c1", by="council").to_json()
    live.send("council", body)
    assert kept(live, body).code == "directive-unknown"


def test_the_same_id_with_other_content_is_quarantined_and_the_first_stays(live: LiveHub) -> None:
    """An id cannot be used to change an earlier event."""
    event = registered(child())
    body = altered(event, "data.sections.identity.family_name", "Changed")
    live.send("school", event, body)
    assert (kept(live, body).code, kept(live, body).place) == ("duplicate-conflict", "id")
    assert live.state(event) == "decided"


def test_the_same_id_with_the_same_content_in_other_words_is_a_repeat(live: LiveHub) -> None:
    """Layout and order of members are no content."""
    event = registered(child())
    raw = json.loads(event.to_json())
    again = json.dumps(dict(reversed(raw.items())), indent=2).encode()
    live.send("school", event, again)
    live.ring()
    assert again not in [k.body for k in live.quarantined()]
    assert live.state(event) == "decided"


def test_the_same_bad_bytes_from_the_same_sender_wait_once(live: LiveHub) -> None:
    """A sender that repeats a bad event fills no quarantine."""
    body = b"again and again"
    for _ in range(3):
        live.smuggle("care", body, user_id="care")
    assert kept(live, body).code == "not-json"


def test_of_a_repeated_member_the_last_counts(live: LiveHub) -> None:
    """JSON leaves it open; the hub reads one and forwards only what it read."""
    event = registered(child())
    doubled = event.to_json().replace(b'{"specversion"', b'{"type":"no.such.v1","specversion"', 1)
    live.send("school", doubled)
    live.ring()
    assert live.state(event) == "decided"


def test_extension_attributes_are_taken_and_not_forwarded(live: LiveHub) -> None:
    """An extension is no reason to refuse an event, and goes no further."""
    event = registered(child())
    live.mail("council")
    live.send("school", changed(event, traceparent="00-unmistakable-01", partition=7))
    live.ring()
    (view,) = live.mail("council")
    assert "unmistakable" not in repr(view)
    assert live.state(event) == "decided"


def test_a_suspect_number_is_kept_and_never_matched_on(live: LiveHub) -> None:
    """Two children with the same wrong NHS number stay two children; neither is held."""
    wrong = nhs_number("9990000001")
    assert wrong is not None
    assert wrong.assurance is Assurance.SUSPECT
    one, other = child(), child()
    events = [
        event_of(
            "health.referral-made.v1",
            "clinic",
            who.identity(nhs_number=wrong, upn=None),
            referred(who).sections["health"],
        )
        for who in (one, other)
    ]
    live.send("clinic", *events)
    live.ring()
    assert [live.state(e) for e in events] == ["decided", "decided"]
    assert len(children(live, events)) == 2


def children(live: LiveHub, events: list[Event]) -> set[str]:
    """The children the hub took these events to be about."""
    known = dict(map(tuple, live.query("SELECT ref, child FROM events")))
    return {known[live.ref(e)] for e in events}


def test_a_wrong_number_its_sender_calls_verified_is_not_matched_on_either(live: LiveHub) -> None:
    """The check digit is the hub's to check, whatever assurance an envelope claims."""
    wrong = Identifier(value="9990000001", assurance=Assurance.VERIFIED)
    events = [
        event_of(
            "health.referral-made.v1",
            "clinic",
            who.identity(nhs_number=wrong, upn=None),
            referred(who).sections["health"],
        )
        for who in (child(), child())
    ]
    live.send("clinic", *events)
    live.ring()
    assert len(children(live, events)) == 2


def test_two_numbers_of_two_children_hold_the_event_for_a_person(live: LiveHub) -> None:
    """The hub does not guess: the event is held whole, with both children as candidates."""
    one, other = child(), child()
    live.send("school", registered(one), registered(other))
    live.ring()
    live.mail("council")
    mixed = event_of(
        "education.child-registered.v1",
        "school",
        one.identity(upn=other.identity().upn),
        registered(one).sections["education"],
    )
    live.send("school", mixed)
    live.ring()
    assert live.state(mixed) == "held"
    assert live.mail("council") == []
    with live.hub.reading() as work:
        assert mixed.to_json() in [held.body for held in work.inbox.held()]
    entry = live.ledger("event-held")[-1]["body"]
    assert entry["cause"] == "identity-conflict"
    assert len(entry["candidates"]) == 2


def test_nothing_that_was_refused_reached_anybody(live: LiveHub) -> None:
    """A quarantined event was not delivered to any agency."""
    live.ring()
    bad = registered(child(), record="must-not-travel")
    live.send("school", changed(bad, specversion="0.3"))
    for agency in ("school", "clinic", "care", "council"):
        live.mail(agency)
    live.ring()
    assert [live.mail(a) for a in ("school", "clinic", "care", "council")] == [[], [], [], []]
