"""Values nobody could write by chance, and everything an agency might send that holds them.

Each is tried where it belongs (a name as a name) and where it does not (a name as an event id, as a
JSON key, as an AMQP header): senders put personal data into every place there is.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

from schemas.event import Event, make_event
from schemas.identifiers import Identifier
from schemas.identifiers import upn as read_upn
from schemas.people import Address, Contact, Family, Identity, Relative, Telephone
from tests.events import (
    ADVICE_REQUESTED,
    APPOINTMENT,
    ATTENDANCE,
    CARE_PLAN,
    CASE_OPENED,
    DIAGNOSIS,
    DIRECTIVE_RECORDED,
    REFERRAL,
    REGISTERED,
    WITHDRAWN,
    Child,
    changed,
    event_of,
    nhs_digits,
    section,
    upn_text,
)

FAMILY = "Zzyxquombeline"
GIVEN = "Quillwhistlea"
MOTHER = "Wobbenthrakka"
STREET = "Unmistakable Mews"
POSTCODE = "ZZ99 7XQ"
TELEPHONE = "01632 960417"
NHS = nhs_digits(770_077)
UPN = upn_text(70_417)
WRONG_NHS = "9998887776"
DIAGNOSIS_TEXT = "Canarialgia profunda"
DIAGNOSIS_CODE = "770417001"
NOTE = "sleeps under the stairs since the tuba came"
AUTHORISER = "Brimblethwackett"
SECRETS = (
    FAMILY, GIVEN, MOTHER, STREET, POSTCODE, TELEPHONE, NHS, UPN, WRONG_NHS, DIAGNOSIS_TEXT,
    DIAGNOSIS_CODE, NOTE, AUTHORISER,
)  # fmt: skip
# A staff reference is meant to stand in the ledger (schemas/sharing.py): it names no child.
STAFF_REFERENCE = "staff-0417"


def needles() -> Iterator[tuple[str, bytes]]:
    """Every form in which a secret could be found again without the hub's keys."""
    for secret in SECRETS:
        forms = {secret, secret.replace(" ", ""), secret.replace(" ", "-"), secret.split()[0]}
        forms -= {"ZZ99", "01632", "sleeps"}
        for form in forms:
            raw = form.lower().encode()
            yield secret, raw
            yield secret, raw.hex().encode()
            yield secret, form.encode("utf-16-le").lower()
            yield secret, base64.b64encode(form.encode())[:-4].lower()
            for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5):
                yield secret, digest(form.encode()).digest().lower()
                yield secret, digest(form.encode()).hexdigest().encode()


NEEDLES = tuple(dict.fromkeys((s, n) for s, n in needles() if len(n) > 5))


def found_in(haystack: bytes) -> set[str]:
    """The secrets that can be read in some bytes, whatever the case of their letters."""
    lowered = haystack.lower()
    return {secret for secret, needle in NEEDLES if needle in lowered}


def who(**changes: object) -> Identity:
    """The child of all these events."""
    full: dict[str, object] = {
        "nhs_number": Identifier(value=NHS),
        "upn": read_upn(UPN),
        "family_name": FAMILY,
        "given_name": GIVEN,
        "preferred_given_name": GIVEN,
        "birth_date": Child(0).birth_date,
    }
    return Identity.model_validate(full | changes)


HOME = Contact(
    address=Address(lines=(f"7 {STREET}",), town="Northmoor", postcode=POSTCODE),
    telephones=(Telephone(number=TELEPHONE),),
)
KIN = Family(people=(Relative(ref="m", family_name=MOTHER, relationship="mother"),))


def _telling(event: Event) -> Event:
    """The same event with personal data in everything a sender may choose freely."""
    return replace(
        event,
        id=f"{FAMILY}/{NHS}/{event.id}"[:128],
        record=f"{FAMILY} {UPN}",
        correlation=f"about {GIVEN} {FAMILY}",
    )


def good_events() -> Iterator[tuple[str, Event]]:
    """Events the hub takes, with the agency that sends each, in a sensible order."""
    reg = section(REGISTERED, school={"name": "Oak School"}, previous_school={"name": STREET})
    yield "school", _telling(event_of(REGISTERED, "school", who(), HOME, KIN, reg))
    wrong = who(nhs_number=Identifier(value=WRONG_NHS, assurance="suspect", original=WRONG_NHS))
    absent = section(ATTENDANCE, sessions_possible=10, sessions_attended=2, note=NOTE)
    yield "school", _telling(event_of(ATTENDANCE, "school", wrong, absent))
    asked = section(REFERRAL, referral_id=f"R {NHS}", status="active", reason=NOTE)
    yield "clinic", _telling(event_of(REFERRAL, "clinic", who(), asked))
    case = section(CASE_OPENED, case_id=f"{FAMILY}-1", referral_date="2026-01-01")
    yield "care", _telling(event_of(CASE_OPENED, "care", who(), case))
    spoken = {
        "kind": "consent", "authority": "parental-responsibility", "decider_name": MOTHER,
        "evidence": f"letter from {MOTHER}", "obtained": "paper",
    }  # fmt: skip
    for number in (f"consent of {FAMILY}", f"second consent of {FAMILY}"):
        recorded = section(DIRECTIVE_RECORDED, directive_id=number, decider_ref=MOTHER, **spoken)
        yield "school", _telling(event_of(DIRECTIVE_RECORDED, "school", who(), recorded))
    ended = section(
        WITHDRAWN, directive_id=f"consent of {FAMILY}", decider_ref=MOTHER, evidence=MOTHER
    )
    yield "school", _telling(event_of(WITHDRAWN, "school", who(), ended))
    booked = section(
        APPOINTMENT, appointment_id=f"{NHS}-1", status="booked", reason=DIAGNOSIS_TEXT,
        location=STREET,
    )  # fmt: skip
    yield "clinic", _telling(event_of(APPOINTMENT, "clinic", who(), booked))
    condition = {"code": DIAGNOSIS_CODE, "display": DIAGNOSIS_TEXT}
    found = section(DIAGNOSIS, condition=condition, condition_id=f"{FAMILY} 2")
    yield "clinic", _telling(event_of(DIAGNOSIS, "clinic", who(), found))
    advice = section(
        ADVICE_REQUESTED, requested_on="2026-02-02", kind="health", due_on="2026-03-16",
        questions=NOTE,
    )  # fmt: skip
    yield (
        "council",
        _telling(
            event_of(ADVICE_REQUESTED, "council", who(), advice, addressed_to=("clinic", "care"))
        ),
    )
    yield "care", _telling(_overridden())
    alike = who(nhs_number=None, upn=None)
    yield "school", _telling(event_of(REGISTERED, "school", alike, HOME, reg))
    other = who(upn=read_upn(upn_text(70_418)))
    yield "school", _telling(event_of(REGISTERED, "school", other, HOME, reg))


def _overridden() -> Event:
    plan = section(CARE_PLAN, plan_kind="child-protection", change="started", case_id=FAMILY)
    override = {
        "authoriser": AUTHORISER, "authoriser_ref": STAFF_REFERENCE, "reason": NOTE,
        "limb": "consent-would-prejudice",
    }  # fmt: skip
    event = event_of(CARE_PLAN, "care", who(), plan)
    return make_event(
        CARE_PLAN, "care", event.time, event.sections.values(), seed="o", override=override,
    )  # fmt: skip


def bad_bodies() -> Iterator[bytes]:
    """Bytes the hub does not take, with the secrets in every place of an envelope."""
    reg = section(REGISTERED, school={"name": "Oak School"})
    event = _telling(event_of(REGISTERED, "school", who(), HOME, KIN, reg))
    whole = event.to_json()
    yield f"{FAMILY} {NHS} {NOTE}".encode()
    yield whole[:-5]
    yield whole.replace(FAMILY.encode(), f"{FAMILY}é".encode("latin-1"))
    yield whole + b" " * 200_000
    text = f"{FAMILY.lower()}-{NHS}"
    for attribute in ("specversion", "type", "source", "time", "datacontenttype", "dataschema"):
        yield changed(event, **{attribute: f"{text} {STREET}"})
    yield changed(event, type=f"education.{FAMILY.lower()}.v1")
    yield changed(event, type=f"education.child-registered.{FAMILY}")
    yield changed(event, source=f"urn:interagency-hub:agency:{FAMILY.lower()}")
    yield changed(event, id="x" * 200 + text)
    yield changed(event, **{FAMILY: 1})
    yield changed(event, **{FAMILY.lower(): {"a": [1]}})
    yield changed(event, **{f"nhs{NHS}": [NHS]})
    yield changed(event, data=[FAMILY])
    yield changed(event, data=None, data_base64=base64.b64encode(whole).decode())
    for path in (
        ("data",), ("data", "sections"), ("data", "sections", "identity"),
        ("data", "sections", "identity", "upn"), ("data", "sections", "contact", "address"),
        ("data", "sections", "education", "school"),
    ):  # fmt: skip
        for key in (FAMILY.lower(), text, f"{FAMILY} {NHS}", f"{POSTCODE}"):
            raw = json.loads(whole)
            place = raw
            for step in path:
                place = place[step]
            place[key] = {"a": FAMILY}
            yield json.dumps(raw).encode()
    for value in (FAMILY, [FAMILY], {FAMILY.lower(): NHS}):
        raw = json.loads(whole)
        for name in ("birth_date", "sex", "nhs_number", "family_name"):
            raw["data"]["sections"]["identity"][name] = value
            yield json.dumps(raw).encode()
        raw["data"]["addressed_to"] = [value]
        yield json.dumps(raw).encode()
    unknown = section(WITHDRAWN, directive_id=f"never said by {MOTHER}")
    yield _telling(event_of(WITHDRAWN, "school", who(), unknown)).to_json()
    stranger = who(nhs_number=None, upn=None, family_name=f"{FAMILY}son", birth_date="2001-01-01")
    absent = section(ATTENDANCE, sessions_possible=10, sessions_attended=2, note=NOTE)
    yield _telling(event_of(ATTENDANCE, "school", stranger, absent)).to_json()
    yield replace(_overridden(), source="school", id=text).to_json()
