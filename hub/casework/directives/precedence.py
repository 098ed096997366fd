"""Precedence of a proposed directive over existing ones, and of existing ones over it. Pure.

The order is that of consent/authority.py; here it is only described, for a user who is about to
record or withdraw a directive. Each decision applies it to its own sharing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consent.authority import answers, has_voice, outranks
from consent.directive import Directive, DirectiveStanding
from consent.question import ChildStanding
from schemas.sharing import DirectiveKind

_DECIDING = frozenset({DirectiveKind.CONSENT, DirectiveKind.REFUSAL})


class PrecedenceCode(StrEnum):
    """One relation of a directive to time, law or other directives."""

    BEGINS_LATER = "begins-later"
    OVER = "over"
    LAPSED = "lapsed"
    NO_VOICE = "no-voice"
    OUTRANKED = "outranked"
    OUTRANKS = "outranks"
    REFUSED_BY_ANOTHER = "refused-by-another"
    AGAINST_ANOTHER = "against-another"
    OWN_REFUSAL_STANDS = "own-refusal-stands"
    ENDS_OWN_CONSENT = "ends-own-consent"
    RESTRICTS = "restricts"
    OBJECTS = "objects"
    WITHOUT_CONSENT = "without-consent"


@dataclass(frozen=True, slots=True)
class PrecedenceNote:
    """One relation, with the directives it refers to."""

    code: PrecedenceCode
    others: tuple[str, ...] = ()


def precedence_notes(
    directive: Directive, existing: Sequence[Directive], child: ChildStanding, now: dt.datetime
) -> Iterator[PrecedenceNote]:
    """Return how a proposed directive relates to the existing ones."""
    if directive.valid_until is not None and directive.valid_until <= now:
        yield PrecedenceNote(PrecedenceCode.OVER)
    elif directive.valid_from > now:
        yield PrecedenceNote(PrecedenceCode.BEGINS_LATER)
    if directive.kind is DirectiveKind.OBJECTION:
        yield PrecedenceNote(PrecedenceCode.OBJECTS)
    if directive.kind is DirectiveKind.RESTRICTION:
        yield PrecedenceNote(PrecedenceCode.RESTRICTS)
    if directive.kind not in _DECIDING:
        return
    if not has_voice(directive, child, now):
        yield PrecedenceNote(PrecedenceCode.NO_VOICE)
        return
    others = [
        one
        for one in existing
        if one.kind in _DECIDING
        and has_voice(one, child, now)
        and one.standing(now) is DirectiveStanding.IN_FORCE
        and overlap(one, directive)
    ]
    yield from _by_authority(directive, others, child, now)
    yield from _among_equals(directive, others)


def overlap(one: Directive, other: Directive) -> bool:
    """Return whether two directives can both cover one sharing."""
    pairs = (
        (frozenset[str](one.scope.categories), frozenset[str](other.scope.categories)),
        (frozenset[str](one.scope.recipients), frozenset[str](other.scope.recipients)),
        (frozenset[str](one.scope.purposes), frozenset[str](other.scope.purposes)),
    )
    return all(not mine or not theirs or mine & theirs for mine, theirs in pairs)


def _by_authority(
    directive: Directive, others: Sequence[Directive], child: ChildStanding, now: dt.datetime
) -> Iterator[PrecedenceNote]:
    above = [one.id for one in others if outranks(one, directive, child, now)]
    below = [one.id for one in others if outranks(directive, one, child, now)]
    yield from _note(PrecedenceCode.OUTRANKED, above)
    yield from _note(PrecedenceCode.OUTRANKS, below)


def _among_equals(directive: Directive, others: Sequence[Directive]) -> Iterator[PrecedenceNote]:
    """Return relations to contrary directives of the same authority, by others and the same."""
    equals = [one for one in others if one.authority is directive.authority]
    against = [one for one in equals if one.kind is not directive.kind]
    own = [one for one in against if one.decider == directive.decider]
    theirs = [one.id for one in against if one.decider != directive.decider]
    if directive.kind is DirectiveKind.REFUSAL:
        yield from _note(PrecedenceCode.AGAINST_ANOTHER, theirs)
        yield from _note(PrecedenceCode.ENDS_OWN_CONSENT, [one.id for one in own])
        return
    yield from _note(PrecedenceCode.REFUSED_BY_ANOTHER, theirs)
    unanswered = [one.id for one in own if not answers(directive, one)]
    yield from _note(PrecedenceCode.OWN_REFUSAL_STANDS, unanswered)


def _note(code: PrecedenceCode, others: Sequence[str]) -> Iterator[PrecedenceNote]:
    if others:
        yield PrecedenceNote(code, tuple(sorted(others)))
