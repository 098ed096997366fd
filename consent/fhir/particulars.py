"""Read what a Consent has besides its provision: category, extensions, evidence, id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from consent.fhir import codes as fc
from consent.fhir.remark import Remark
from schemas.fhir import systems
from schemas.fhir.tracking import TrackedElement, concept_codes
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind

_E = TypeVar("_E", bound=StrEnum)
_LONGEST_ID = 64
_LONGEST_TEXT = 200
_UNKNOWN = "The code is unknown to the hub: it is not imported."
_NOT_KEPT = "A directive has no field for it: it is not imported."


@dataclass(frozen=True, slots=True)
class ConsentParticulars:
    """What goes with every directive of one Consent. ``shares``: it is about sharing at all."""

    kind: DirectiveKind | None
    shares: bool
    authority: Authority | None
    restriction: RestrictionKind | None
    allowed: tuple[Purpose, ...]
    obtained: str | None
    evidence: str | None
    own_id: str | None
    remarks: tuple[Remark, ...]


def read_particulars(consent: TrackedElement) -> ConsentParticulars:
    """Read the particulars of a Consent."""
    remarks: list[Remark] = []
    kinds, shares = _categories(consent, remarks)
    extensions = _extensions(consent)
    for system in (systems.HUB, fc.EVIDENCE):
        _pass_over_ours(consent, system)
    return ConsentParticulars(
        kind=next(iter(kinds), None) if len(kinds) == 1 else None,
        shares=shares and len(kinds) <= 1,
        authority=_one(extensions.get(fc.AUTHORITY, []), Authority, remarks),
        restriction=_one(extensions.get(fc.RESTRICTION, []), RestrictionKind, remarks),
        allowed=tuple(_known(extensions.get(fc.LETS_THROUGH, []), Purpose, remarks)),
        obtained=_obtained(extensions.get(fc.OBTAINED, [])),
        evidence=_evidence(consent),
        own_id=_own_id(consent),
        remarks=tuple(remarks),
    )


def _categories(consent: TrackedElement, remarks: list[Remark]) -> tuple[set[DirectiveKind], bool]:
    """Read the kinds of directive, in the hub's code, and whether it is about sharing."""
    kinds: set[DirectiveKind] = set()
    shares = False
    values = {kind.value: kind for kind in DirectiveKind}
    for concept in consent.children("category"):
        for system, code in concept_codes(concept):
            if system == fc.KIND and code in values:
                kinds.add(values[code])
            elif (system, code) in fc.TO_SHARE:
                shares = True
            else:
                remarks.append(Remark(concept.place, _NOT_KEPT))
    return kinds, shares


def _extensions(consent: TrackedElement) -> dict[str, list[TrackedElement]]:
    """Find the hub's own extensions by URL; the others stay unread."""
    ours = {fc.AUTHORITY, fc.RESTRICTION, fc.LETS_THROUGH, fc.OBTAINED}
    found: dict[str, list[TrackedElement]] = {}
    for one in consent.children("extension"):
        url = one.peek("url")
        if isinstance(url, str) and url in ours:
            one.skip("url")
            found.setdefault(url, []).append(one)
    return found


def _known(given: list[TrackedElement], kind: type[_E], remarks: list[Remark]) -> list[_E]:
    values = {one.value: one for one in kind}
    found = []
    for one in given:
        code = one.string("valueCode")
        if code in values:
            found.append(values[code])
        else:
            remarks.append(Remark(one.place, _UNKNOWN))
    return found


def _one(given: list[TrackedElement], kind: type[_E], remarks: list[Remark]) -> _E | None:
    """Read a code that occurs once; of two, neither is read."""
    found = _known(given, kind, remarks)
    if len(found) > 1:
        remarks.append(Remark(given[0].place, "It occurs twice: it is not imported."))
    return found[0] if len(found) == 1 else None


def _obtained(given: list[TrackedElement]) -> str | None:
    text = (given[0].peek("valueString") if given else None) or ""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_ID:
        return None
    return given[0].string("valueString")


def _evidence(consent: TrackedElement) -> str | None:
    """Read where the evidence is, as text; a document itself stays unread."""
    attached = consent.child("sourceAttachment")
    title = attached.peek("title") if attached else None
    if attached is None or not isinstance(title, str) or not 0 < len(title) <= _LONGEST_TEXT:
        return None
    return attached.string("title")


def _own_id(consent: TrackedElement) -> str | None:
    """Read the identifier that the Consent has at its source; one without a system is ignored.

    A directive of this hub's has its own id.
    """
    for one in consent.children("identifier"):
        system, value = one.peek("system"), one.peek("value")
        if isinstance(system, str) and isinstance(value, str) and system and value:
            one.skip("system", "value", "use", "type", "id")
            return value if system == systems.DIRECTIVE else f"{system}|{value}"
    return None


def _pass_over_ours(consent: TrackedElement, system: str) -> None:
    """Skip what the hub itself writes to meet the profile: its name, its policy."""
    for one in (*consent.children("organization"), consent.child("sourceReference")):
        identifier = one.peek("identifier") if one is not None else None
        if one is not None and isinstance(identifier, dict) and identifier.get("system") == system:
            one.skip_all()
    for one in consent.children("policy"):
        if one.peek("uri") == fc.POLICY:
            one.skip("uri")
