"""Views, sealed deliveries and random bytes for the tests of sealing."""

from __future__ import annotations

import datetime as dt
import os
from types import MappingProxyType

from hypothesis import strategies as st

from hub.sealing.delivery import ENVELOPE, block_key, seal_delivery
from schemas.event import RecordStatus, View
from schemas.events.education import AttendanceConcern, SenNeed, SenNeedType, SenSupport
from schemas.events.health import Diagnosis
from schemas.identifiers import Identifier
from schemas.people import Identity
from schemas.registry import event_type
from schemas.sections import Category, Section

DELIVERY = "6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e"
OTHER = "1b0c7d51-4c39-5f86-8f0e-7d3f4f1a2b3c"
EVENT = "event-ref-1"
KEY = bytes(range(32))
RECIPIENT = "trust-paeds"

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    lambda text: text == text.strip()
)
_DATES = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
_NEEDS = st.builds(SenNeed, type=st.sampled_from(SenNeedType), start_date=st.none() | _DATES)
_NUMBERS = st.builds(Identifier, value=_WORDS.filter(lambda text: len(text) <= 40))
_IDENTITIES = st.builds(
    Identity,
    given_name=_WORDS,
    family_name=st.none() | _WORDS,
    local_id=st.none() | _NUMBERS,
    birth_date=st.none() | _DATES,
)
_SUPPORT = st.builds(
    SenSupport,
    needs=st.lists(_NEEDS, max_size=5).map(tuple),
    local_needs=st.lists(_WORDS, max_size=20).map(tuple),
)
_CONCERNS = st.builds(
    AttendanceConcern,
    sessions_possible=st.integers(1, 300),
    note=st.none() | st.text("aé€😀", min_size=1, max_size=3000),
)
_KINDS: dict[str, st.SearchStrategy[Section]] = {
    "education.sen-support-recorded.v1": _SUPPORT,
    "education.attendance-concern.v1": _CONCERNS,
    "health.diagnosis-recorded.v1": st.builds(Diagnosis, recorded_on=_DATES),
}
_CATEGORIES = st.lists(st.sampled_from(Category), unique=True, max_size=4).map(tuple)
_TIMES = st.datetimes(
    dt.datetime(1900, 1, 1),  # noqa: DTZ001  # the offset is drawn beside it
    dt.datetime(2100, 1, 1),  # noqa: DTZ001  # also without a zone
    timezones=st.integers(-840, 840).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
)


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any view a hub could seal, with from no to two sections."""
    key = draw(st.sampled_from(sorted(_KINDS)))
    parts = [part for part in (_IDENTITIES, _KINDS[key]) if draw(st.booleans())]
    sections = {section.category: section for section in map(draw, parts)}
    purposes = draw(st.dictionaries(st.sampled_from(sorted(sections) or [Category.CARE]), _CODES))
    return View(
        delivery_id=str(draw(st.uuids())),
        kind=event_type(key),
        source="oak-school",
        child=draw(_WORDS),
        time=draw(_TIMES),
        sections=MappingProxyType(sections),
        existence=draw(_CATEGORIES),
        record=draw(st.none() | _WORDS),
        status=draw(st.sampled_from(RecordStatus)),
        purposes=MappingProxyType(purposes),
    )


_CODES = st.lists(st.sampled_from(["direct-care", "sen-support"]), max_size=2).map(tuple)


def sample(delivery: str = DELIVERY, given_name: str = "CANARY-NAME") -> View:
    """A view with two sections and words that must not be seen anywhere."""
    identity = Identity(given_name=given_name, local_id=Identifier(value="CANARY-NUMBER"))
    support = SenSupport(local_needs=("CANARY-NEED",))
    return View(
        delivery_id=delivery,
        kind=event_type("education.sen-support-recorded.v1"),
        source="canary-school",
        child="CANARY-CHILD",
        time=dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC),
        sections=MappingProxyType({Category.IDENTITY: identity, Category.SEN: support}),
        existence=(Category.SAFEGUARDING,),
        record="CANARY-RECORD",
        purposes=MappingProxyType({Category.SEN: ("direct-care",)}),
    )


def sealed(view: View | None = None, recipient: str = RECIPIENT, event: str = EVENT) -> bytes:
    """Seal a view under the tests' key."""
    return seal_delivery(view or sample(), event, recipient, KEY, os.urandom)


def keys(view: View, recipient: str = RECIPIENT) -> dict[str, bytes]:
    """Every key of a delivery."""
    names = [ENVELOPE, *(name.value for name in view.sections)]
    return {name: block_key(KEY, view.delivery_id, recipient, name) for name in names}


def blocks(body: bytes, recipient: str = RECIPIENT) -> list[bytes]:
    """Cut a delivery into its header and its blocks, each with its length before it."""
    at = 23 + len(recipient)
    parts = [body[:at]]
    while at < len(body):
        size = 4 + int.from_bytes(body[at : at + 4], "big")
        parts.append(body[at : at + size])
        at += size
    return parts
