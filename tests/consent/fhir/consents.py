"""FHIR Consents for the tests: a plain one to change, and made-up ones of every shape."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from consent.fhir import codes as fc
from consent.fhir.consent_reading import ConsentRead, read_consents
from consent.fhir.speaker import Hints
from schemas.fhir import systems

UNHURRIED = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
"""Machines are busy; what is tested here is not speed."""

NHS = "9990000018"
SAID = "2026-01-05T10:00:00Z"
_IRCP = {"coding": [{"system": systems.PARTICIPATION, "code": "IRCP"}]}


def purpose(code: str, system: str = systems.PURPOSE) -> dict[str, str]:
    """A purpose of use."""
    return {"system": system, "code": code}


def label(code: str, system: str = fc.CATEGORY) -> dict[str, str]:
    """A security label."""
    return {"system": system, "code": code}


def actor(name: str, system: str = systems.AGENCY) -> dict[str, Any]:
    """A recipient by its identifier."""
    return {"role": _IRCP, "reference": {"identifier": {"system": system, "value": name}}}


def consent(provision: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A mother's consent as another system would write it; None takes an element away."""
    whole: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": fc.CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": systems.LOINC, "code": "59284-0"}]}],
        "patient": {"identifier": {"system": systems.NHS_NUMBER, "value": NHS}},
        "dateTime": SAID,
        "performer": [
            {"type": "RelatedPerson", "identifier": {"system": "https://a.example/p", "value": "7"}}
        ],
        "extension": [{"url": fc.AUTHORITY, "valueCode": "parental-responsibility"}],
        "provision": provision if provision is not None else {"type": "permit"},
    } | changes
    return copy.deepcopy({name: part for name, part in whole.items() if part is not None})


def read(resource: Any, hints: Hints | None = None) -> ConsentRead:  # noqa: ANN401  JSON
    """Read one Consent."""
    reading = read_consents(json.dumps(resource).encode(), hints)
    (one,) = reading.consents
    return one


# --- made-up provisions ---------------------------------------------------------------------------

UNKNOWN_PURPOSES = (purpose("HPAYMT", systems.ACT_REASON), purpose("gossip"))
_PURPOSES = (purpose("direct-care"), purpose("ehc-plan"), purpose("TREAT", systems.ACT_REASON))
_LABELS = (label("health"), label("sen"), label("R", "http://x.example/confidentiality"))
_ACTORS = (actor("oak-school"), actor("trust-paeds"), actor("RX1", systems.OWN + "ods"))
_PERIODS = (
    {"start": "2026-01-01", "end": "2026-12-31"},
    {"end": "2026-06-30T12:00:00Z"},
    {"start": "2026-06-30T12:00:00Z"},
    {"start": "2027"},
)
_ODD = (
    {"dataPeriod": {"start": "2022"}},
    {"class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]},
    {"action": [{"coding": [{"code": "disclose"}]}]},
    {"data": [{"meaning": "related", "reference": {"reference": "Encounter/1"}}]},
    {"extension": [{"url": "https://a.example/limit", "valueCode": "x"}]},
)


@st.composite
def _some(draw: st.DrawFn, of: tuple[Any, ...]) -> list[Any]:
    likely = draw(st.sampled_from([of[:2], of[:2], of]))
    return draw(st.just([]) | st.lists(st.sampled_from(likely), max_size=2))


@st.composite
def provisions(draw: st.DrawFn, *, nested: bool = False) -> dict[str, Any]:
    """A provision with limits that are known here and some that are not."""
    made: dict[str, Any] = {"type": draw(st.sampled_from(["permit", "deny"]))}
    purposes = (*_PURPOSES, *UNKNOWN_PURPOSES)
    parts = {
        "purpose": draw(_some(purposes)),
        "securityLabel": draw(_some(_LABELS)),
        "actor": draw(_some(_ACTORS)),
    }
    made |= {name: part for name, part in parts.items() if part}
    period = draw(st.none() | st.sampled_from(_PERIODS))
    if period:
        made["period"] = period
    made |= draw(st.sampled_from([{}, {}, {}, {}, *_ODD]))
    if not nested:
        inner = draw(st.lists(provisions(nested=True), max_size=3))
        if inner:
            made["provision"] = inner
    return made
