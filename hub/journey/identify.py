"""Who an event is about: exact matches on good identifiers link, anything less is for a person.

A suspect identifier is never compared. Identifiers that point at two children, or at one whose
birth date and name are both different, are a conflict. A child without a match who looks like one
the hub knows is a possible match. Both are held, never guessed, never lost. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from consent.reasons import ReviewCause
from hub.journey.matching import POSSIBLE_MATCH, Particulars, disagree, likeness, particulars_of
from hub.journey.ports import Knowledge, LookupIdentifier
from schemas.event import Event
from schemas.event_type import Involvement
from schemas.identifiers import System, is_nhs_number, is_temporary_upn, is_uln, is_upn
from schemas.people import Identity

_UNIQUE = (System.NHS_NUMBER, System.UPN)
# A sender's word for a number's assurance does not make a wrong check digit right.
_RIGHT = {System.NHS_NUMBER: is_nhs_number, System.UPN: is_upn, System.ULN: is_uln}


@dataclass(frozen=True, slots=True)
class ChildIdentified:
    """The event is about this child, known or (``new``) to be introduced."""

    child: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A person must say who the event is about; ``candidates`` are the children it might be."""

    cause: ReviewCause
    candidates: tuple[str, ...]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Stranger:
    """The event is about an unknown child, and its type does not introduce one."""


def usable_identifiers(identity: Identity, source: str) -> tuple[LookupIdentifier, ...]:
    """List the identifiers that may be matched on; a local number belongs to its issuer."""
    numbered = (
        (System.NHS_NUMBER, "", identity.nhs_number),
        (System.UPN, "", identity.upn),
        (System.UPN, "", identity.former_upn),
        (System.ULN, "", identity.uln),
        (System.LA_CHILD_ID, source, identity.la_child_id),
        (System.LOCAL_ID, source, identity.local_id),
    )
    return tuple(
        LookupIdentifier(system, (found.issuer or issuer) if issuer else "", found.value, found)
        for system, issuer, found in numbered
        if found is not None and found.usable and _RIGHT.get(system, bool)(found.value)
    )


def identify(event: Event, known: Knowledge, new_child: str) -> ChildIdentified | Doubt | Stranger:
    """Find the child an event is about; ``new_child`` is the id to give if it introduces one."""
    named = usable_identifiers(event.identity, event.source)
    who = particulars_of(event)
    matched = known.children_named(named)
    if len(matched) > 1:
        return Doubt(ReviewCause.IDENTITY_CONFLICT, tuple(sorted(matched)))
    if matched:
        (child,) = matched
        strange = all(disagree(who, face) for face in known.faces(child))
        if strange or _contradicts(named, known, child):
            return Doubt(ReviewCause.IDENTITY_CONFLICT, (child,))
        return ChildIdentified(child)
    if doubt := _possible_match(named, who, known):
        return doubt
    if event.kind.involvement is Involvement.BEGINS:
        return ChildIdentified(new_child, new=True)
    return Stranger()


def _contradicts(named: tuple[LookupIdentifier, ...], known: Knowledge, child: str) -> bool:
    """Whether an event gives a child another number of a system that gives each child just one."""
    held = known.numbers(child)
    return any(
        n.system in _UNIQUE
        and held.get(n.system)
        and n.value not in held[n.system]
        and not (n.system is System.UPN and _may_change(n.value, held[n.system], named))
        for n in named
    )


def _may_change(value: str, held: frozenset[str], named: tuple[LookupIdentifier, ...]) -> bool:
    """A UPN may replace a temporary one, or one that the event itself names as the former."""
    former = {n.value for n in named if n.system is System.UPN and n.value != value}
    return bool(held & former) or all(is_temporary_upn(h) for h in held) or is_temporary_upn(value)


def _possible_match(
    named: tuple[LookupIdentifier, ...], who: Particulars, known: Knowledge
) -> Doubt | None:
    scored = [
        (max(likeness(who, face) for face in known.faces(child)), child)
        for child in known.children_like(who)
        if not _contradicts(named, known, child)
    ]
    likely = sorted(((s, c) for s, c in scored if s >= POSSIBLE_MATCH), reverse=True)
    if not likely:
        return None
    return Doubt(ReviewCause.POSSIBLE_MATCH, tuple(c for _, c in likely), likely[0][0])
