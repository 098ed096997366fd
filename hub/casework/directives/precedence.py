"""How one directive stands to what else was said about a child: what counts more, what less. Pure.

The order is that of consent/authority.py; here it is only told, for a person who is about to record
or withdraw something. What counts for one sharing is decided for each sharing.
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

_SPEAKING = frozenset({DirectiveKind.CONSENT, DirectiveKind.REFUSAL})


class Bearing(StrEnum):
    """One way in which a directive stands to what else there is."""

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
    """One bearing, with the directives by which it is so."""

    bearing: Bearing
    others: tuple[str, ...] = ()


def bearings(
    directive: Directive, said: Sequence[Directive], child: ChildStanding, now: dt.datetime
) -> Iterator[PrecedenceNote]:
    """Say how a directive that is to be recorded stands to all that was said before."""
    if directive.valid_until is not None and directive.valid_until <= now:
        yield PrecedenceNote(Bearing.OVER)
    elif directive.valid_from > now:
        yield PrecedenceNote(Bearing.BEGINS_LATER)
    if directive.kind is DirectiveKind.OBJECTION:
        yield PrecedenceNote(Bearing.OBJECTS)
    if directive.kind is DirectiveKind.RESTRICTION:
        yield PrecedenceNote(Bearing.RESTRICTS)
    if directive.kind not in _SPEAKING:
        return
    if not has_voice(directive, child, now):
        yield PrecedenceNote(Bearing.NO_VOICE)
        return
    others = [
        one
        for one in said
        if one.kind in _SPEAKING
        and has_voice(one, child, now)
        and one.standing(now) is DirectiveStanding.IN_FORCE
        and overlap(one, directive)
    ]
    yield from _ranks(directive, others, child, now)
    yield from _equals(directive, others)


def overlap(one: Directive, other: Directive) -> bool:
    """Whether there can be a sharing that two directives both speak about."""
    pairs = (
        (frozenset[str](one.scope.categories), frozenset[str](other.scope.categories)),
        (frozenset[str](one.scope.recipients), frozenset[str](other.scope.recipients)),
        (frozenset[str](one.scope.purposes), frozenset[str](other.scope.purposes)),
    )
    return all(not mine or not theirs or mine & theirs for mine, theirs in pairs)


def _ranks(
    directive: Directive, others: Sequence[Directive], child: ChildStanding, now: dt.datetime
) -> Iterator[PrecedenceNote]:
    above = [one.id for one in others if outranks(one, directive, child, now)]
    below = [one.id for one in others if outranks(directive, one, child, now)]
    yield from _noted(Bearing.OUTRANKED, above)
    yield from _noted(Bearing.OUTRANKS, below)


def _equals(directive: Directive, others: Sequence[Directive]) -> Iterator[PrecedenceNote]:
    """Among equals: another's refusal or consent, and the same person's own."""
    equals = [one for one in others if one.authority is directive.authority]
    against = [one for one in equals if one.kind is not directive.kind]
    own = [one for one in against if one.decider == directive.decider]
    theirs = [one.id for one in against if one.decider != directive.decider]
    if directive.kind is DirectiveKind.REFUSAL:
        yield from _noted(Bearing.AGAINST_ANOTHER, theirs)
        yield from _noted(Bearing.ENDS_OWN_CONSENT, [one.id for one in own])
        return
    yield from _noted(Bearing.REFUSED_BY_ANOTHER, theirs)
    standing = [one.id for one in own if not answers(directive, one)]
    yield from _noted(Bearing.OWN_REFUSAL_STANDS, standing)


def _noted(bearing: Bearing, others: Sequence[str]) -> Iterator[PrecedenceNote]:
    if others:
        yield PrecedenceNote(bearing, tuple(sorted(others)))
