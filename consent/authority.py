"""Whose word counts: of all that was said about one sharing, which directive decides.

The highest authority that has spoken wins: a court, then the young person (16 or over, or assessed
as competent), then those with parental responsibility. Of one person's directives the narrower
scope wins, then the later one, then a refusal. Among equals a refusal outranks a consent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.directive import Directive, DirectiveStanding
from consent.question import ChildStanding
from consent.reasons import Reason, ReviewCause
from schemas.sharing import Authority, DirectiveKind

_RANK = {Authority.COURT: 0, Authority.YOUNG_PERSON: 1, Authority.PARENTAL_RESPONSIBILITY: 2}
_SPEAKING = (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
_LAPSED = {
    DirectiveStanding.WITHDRAWN: Reason.CONSENT_WITHDRAWN,
    DirectiveStanding.EXPIRED: Reason.CONSENT_EXPIRED,
    DirectiveStanding.NOT_YET: Reason.CONSENT_NOT_YET,
}


@dataclass(frozen=True, slots=True)
class AuthorityFinding:
    """What the directives amount to: the reason, the directives that made it, any review."""

    reason: Reason
    directives: tuple[str, ...] = ()
    review: ReviewCause | None = None


def outranks(one: Authority, other: Authority) -> bool:
    """Whether one authority counts more than another."""
    return _RANK[one] < _RANK[other]


def has_voice(directive: Directive, child: ChildStanding) -> bool:
    """Whether a directive counts at all: a child's own does only with age or competence."""
    if directive.authority is Authority.YOUNG_PERSON:
        return child.young_person or child.competent
    return True


def weigh(
    in_scope: Iterable[Directive], child: ChildStanding, now: dt.datetime
) -> AuthorityFinding:
    """Decide what a set of consents and refusals, all about the same sharing, amounts to."""
    spoken = [d for d in in_scope if d.kind in _SPEAKING and has_voice(d, child)]
    standing = [d for d in spoken if d.standing(now) is DirectiveStanding.IN_FORCE]
    if not standing:
        return _lapsed(spoken, now)
    top = min(_RANK[d.authority] for d in standing)
    words = _last_words([d for d in standing if _RANK[d.authority] == top])
    refusals = [d for d in words if d.kind is DirectiveKind.REFUSAL]
    ids = tuple(sorted(d.id for d in words))
    if refusals and len(refusals) < len(words):
        return AuthorityFinding(Reason.CONSENT_DISPUTED, ids, ReviewCause.CONSENT_DISPUTED)
    if refusals:
        return AuthorityFinding(Reason.CONSENT_REFUSED, ids)
    ask = child.young_person and top == _RANK[Authority.PARENTAL_RESPONSIBILITY]
    return AuthorityFinding(
        Reason.CONSENT_GIVEN, ids, ReviewCause.YOUNG_PERSON_TO_ASK if ask else None
    )


def _last_words(directives: Iterable[Directive]) -> list[Directive]:
    """Give each person's one word, in the order of their references."""
    said: dict[str, list[Directive]] = {}
    for directive in sorted(directives, key=_weight):
        said.setdefault(directive.decider, []).append(directive)
    return [_word_of(said[decider]) for decider in sorted(said)]


def _word_of(said: Sequence[Directive]) -> Directive:
    """Give one person's word: a refusal, unless they consented later and no less narrowly.

    A later "no" to everything must end an earlier "yes" to one thing, and a later "yes" to
    everything must not end an earlier "no" to one thing.
    """
    refusals = [d for d in said if d.kind is DirectiveKind.REFUSAL]
    standing = [
        d
        for d in said
        if d.kind is DirectiveKind.CONSENT and all(answers(d, refusal) for refusal in refusals)
    ]
    return (standing or refusals)[-1]


def answers(consent: Directive, refusal: Directive) -> bool:
    """Whether a consent ends a refusal by the same person: given later and no less narrowly."""
    later = consent.recorded_at > refusal.recorded_at
    return later and consent.narrowness() >= refusal.narrowness()


def _weight(directive: Directive) -> tuple[tuple[int, int], dt.datetime, str]:
    return (directive.narrowness(), directive.recorded_at, directive.id)


def _lapsed(spoken: Iterable[Directive], now: dt.datetime) -> AuthorityFinding:
    """Explain why there is no consent: the last that lapsed says it best."""
    consents = [d for d in spoken if d.kind is DirectiveKind.CONSENT]
    if not consents:
        return AuthorityFinding(Reason.NO_CONSENT)
    last = max(consents, key=lambda d: (d.recorded_at, d.id))
    return AuthorityFinding(_LAPSED[last.standing(now)], (last.id,))
