"""Whose directive counts: of all consents and refusals about one sharing, which one decides.

The highest authority that holds a position decides alone (levels: consent/standing.py).

Each person has one position on a sharing at a time, and it is the last thing they did:

- a consent or refusal in force is that position;
- a withdrawn consent is "no more": it ranks like a refusal until the person speaks again;
- a withdrawn refusal leaves the person silent; what they said before it does not return;
- a directive that expired leaves no position. At a higher level it does not pass the matter down:
  the sharing is withheld, and a review asks;
- a later consent to everything does not end an earlier refusal of one thing.

Among equals a refusal outranks a consent, and the disagreement is reviewed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from consent.directive import Directive, DirectiveStanding
from consent.question import ChildStanding
from consent.reasons import Reason, ReviewCause
from consent.standing import AuthorityLevel, Standings, standings_about
from schemas.sharing import Authority, DirectiveKind

_SPEAKING = (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
THE_CHILD = "child"


class Stance(IntEnum):
    """A person's position. Of two acts at one moment the one with the higher number counts."""

    SILENT = 0
    RAN_OUT = 1
    NO_MORE = 2
    CONSENTS = 3
    REFUSES = 4


@dataclass(frozen=True, slots=True)
class Position:
    """Where one person stands, by which directive, since when."""

    person: str
    stance: Stance
    directive: Directive
    since: dt.datetime

    @property
    def decides(self) -> bool:
        """Whether the position is a yes or a no."""
        return self.stance >= Stance.NO_MORE


@dataclass(frozen=True, slots=True)
class AuthorityFinding:
    """What the directives amount to: the reason, the directives that made it, any review."""

    reason: Reason
    directives: tuple[str, ...] = ()
    review: ReviewCause | None = None


def has_voice(directive: Directive, child: ChildStanding, now: dt.datetime) -> bool:
    """Whether the person who gave a directive has standing now, whatever the sharing is."""
    return standings_about(child, now).level(directive, now) is not None


def weigh(
    in_scope: Iterable[Directive], standings: Standings, unconfirmed: Collection[str] = ()
) -> AuthorityFinding:
    """Decide what a set of consents and refusals, all about the same sharing, amounts to.

    ``unconfirmed`` names the consents that the rule does not accept from who recorded them.
    """
    spoken = [d for d in in_scope if d.kind in _SPEAKING]
    bench = _Bench(tuple(spoken), standings, frozenset(unconfirmed))
    for level in AuthorityLevel:
        positions = bench.positions(level)
        deciding = [p for p in positions if p.decides]
        if deciding:
            return _settled(deciding, level, bench)
        expired = [p for p in positions if p.stance is Stance.RAN_OUT]
        if expired:
            return _ran_out(expired, bench)
    return _nothing(bench)


@dataclass(frozen=True, slots=True)
class _Bench:
    """The consents and refusals about one sharing, and who has standing to give them."""

    spoken: tuple[Directive, ...]
    standings: Standings
    unconfirmed: frozenset[str]

    @property
    def now(self) -> dt.datetime:
        return self.standings.now

    def positions(self, level: AuthorityLevel) -> list[Position]:
        """Return the position of each person who has this level now, in order of reference."""
        by_person: dict[str, list[Directive]] = {}
        for directive in self.spoken:
            if self.standings.level(directive, self.now) is level:
                by_person.setdefault(person_of(directive), []).append(directive)
        found = (self.position(one, by_person[one]) for one in sorted(by_person))
        return [position for position in found if position is not None]

    def position(self, person: str, given: Sequence[Directive]) -> Position | None:
        """Return one person's position: their last act, unless an earlier refusal remains."""
        acts = [act for d in given if (act := self._act(person, d)) is not None]
        if not acts:
            return None
        last = max(acts, key=lambda act: (act.since, act.stance, act.directive.id))
        if last.stance in {Stance.NO_MORE, Stance.REFUSES}:
            return last
        consents = [
            act.directive
            for act in acts
            if act.directive.kind is DirectiveKind.CONSENT and self.valid(act.directive)
        ]
        remaining = [
            act
            for act in acts
            if act.stance is Stance.REFUSES
            and not any(answers(consent, act.directive) for consent in consents)
        ]
        return max(remaining, key=_weight) if remaining else last

    def _act(self, person: str, directive: Directive) -> Position | None:
        """Return what a directive amounts to now; None while it has not begun or is not valid."""
        stance, since = Stance.REFUSES, directive.recorded_at
        consent = directive.kind is DirectiveKind.CONSENT
        standing = directive.standing(self.now)
        if standing is DirectiveStanding.NOT_YET or since > self.now:
            return None
        if standing is DirectiveStanding.WITHDRAWN:
            stance = Stance.NO_MORE if consent else Stance.SILENT
            since = (directive.withdrawn_at or since) if consent else since
        elif consent and not self.valid(directive):
            return None
        elif standing is DirectiveStanding.EXPIRED:
            stance = Stance.RAN_OUT
        elif consent:
            stance = Stance.CONSENTS
        return Position(person, stance, directive, since)

    def valid(self, consent: Directive) -> bool:
        """Whether a consent is accepted, and was given by a person with standing at the time."""
        if consent.id in self.unconfirmed or not consent.confirmed:
            return False
        return self.standings.level(consent, consent.recorded_at) is not None

    def consents_in_force(self) -> list[Directive]:
        """List the valid consents in force of everyone with standing now."""
        return [
            d
            for d in self.spoken
            if d.kind is DirectiveKind.CONSENT
            and d.standing(self.now) is DirectiveStanding.IN_FORCE
            and d.recorded_at <= self.now
            and self.standings.level(d, self.now) is not None
            and self.valid(d)
        ]

    def lapsed(
        self, level: AuthorityLevel, speaking: Collection[str]
    ) -> list[tuple[str, dt.datetime]]:
        """List what people decided while they ranked above a level, and when that ended.

        Only people who hold no position at the level themselves are listed.
        """
        by_person: dict[str, list[Directive]] = {}
        for directive in self.spoken:
            then = self.standings.level(directive, _last_act(directive, self.now))
            now = self.standings.level(directive, self.now)
            if then is not None and then < level and (now is None or now >= level):
                by_person.setdefault(person_of(directive), []).append(directive)
        found: list[tuple[str, dt.datetime]] = []
        for person in sorted(set(by_person) - set(speaking)):
            position = self.position(person, by_person[person])
            if position is not None and position.stance is not Stance.SILENT:
                ended = self.standings.lost_at(position.directive, position.since)
                found.append((position.directive.id, ended))
        return found


def _settled(
    deciding: Sequence[Position], level: AuthorityLevel, bench: _Bench
) -> AuthorityFinding:
    """Decide among the positions of one level, at least one of which is a yes or a no."""
    ids = tuple(sorted(p.directive.id for p in deciding))
    against = [p for p in deciding if p.stance is not Stance.CONSENTS]
    if against and len(against) < len(deciding):
        return AuthorityFinding(Reason.CONSENT_DISPUTED, ids, ReviewCause.CONSENT_DISPUTED)
    if against:
        refused = any(p.stance is Stance.REFUSES for p in against)
        return AuthorityFinding(
            Reason.CONSENT_REFUSED if refused else Reason.CONSENT_WITHDRAWN, ids
        )
    newest = max(p.directive.recorded_at for p in deciding)
    before = bench.lapsed(level, {p.person for p in deciding})
    if older := sorted(one for one, ended in before if newest < ended):
        cause = ReviewCause.AUTHORITY_LAPSED
        return AuthorityFinding(Reason.AUTHORITY_LAPSED, (*older, *ids), cause)
    standings = bench.standings
    ask = level is AuthorityLevel.PARENT and standings.of_age and not standings.lacks_capacity
    return AuthorityFinding(
        Reason.CONSENT_GIVEN, ids, ReviewCause.YOUNG_PERSON_TO_ASK if ask else None
    )


def _ran_out(expired: Sequence[Position], bench: _Bench) -> AuthorityFinding:
    """Withhold what the highest authority decided for a time; a review asks if others consent."""
    consents = [p for p in expired if p.directive.kind is DirectiveKind.CONSENT]
    last = max(consents or expired, key=lambda p: (p.since, p.directive.id)).directive
    waiting = bool(bench.consents_in_force())
    review = ReviewCause.AUTHORITY_LAPSED if waiting else None
    if consents:
        return AuthorityFinding(Reason.CONSENT_EXPIRED, (last.id,), review)
    reason = Reason.AUTHORITY_LAPSED if waiting else Reason.NO_CONSENT
    return AuthorityFinding(reason, (last.id,) if waiting else (), review)


def _nothing(bench: _Bench) -> AuthorityFinding:
    """Explain why nobody with standing has decided."""
    consents = [d for d in bench.spoken if d.kind is DirectiveKind.CONSENT]
    heard = [d for d in consents if bench.standings.level(d, bench.now) is not None]
    waiting = [
        d.id
        for d in heard
        if (d.id in bench.unconfirmed or not d.confirmed)
        and d.standing(bench.now) is DirectiveStanding.IN_FORCE
    ]
    if waiting:
        ids, cause = tuple(sorted(waiting)), ReviewCause.CONSENT_TO_CONFIRM
        return AuthorityFinding(Reason.CONSENT_UNCONFIRMED, ids, cause)
    coming = [d for d in heard if d.standing(bench.now) is DirectiveStanding.NOT_YET]
    if coming:
        last = max(coming, key=lambda d: (d.recorded_at, d.id))
        return AuthorityFinding(Reason.CONSENT_NOT_YET, (last.id,))
    parents = [d for d in consents if d.authority is Authority.PARENTAL_RESPONSIBILITY]
    left_to_adult = bench.standings.child.adult and any(
        d.standing(bench.now) is DirectiveStanding.IN_FORCE for d in parents
    )
    ask = ReviewCause.YOUNG_PERSON_TO_ASK if left_to_adult else None
    return AuthorityFinding(Reason.NO_CONSENT, (), ask)


def person_of(directive: Directive) -> str:
    """Return who gave a directive; the child is one person, whichever agency recorded it."""
    own = directive.authority is Authority.YOUNG_PERSON
    return THE_CHILD if own else directive.decider


def outranks(one: Directive, other: Directive, child: ChildStanding, now: dt.datetime) -> bool:
    """Whether the person who gave one directive ranks above the person who gave another, now."""
    standings = standings_about(child, now)
    mine, theirs = standings.level(one, now), standings.level(other, now)
    return mine is not None and (theirs is None or mine < theirs)


def answers(consent: Directive, refusal: Directive) -> bool:
    """Whether a consent ends a refusal by the same person: given later and no less narrowly."""
    later = consent.recorded_at > refusal.recorded_at
    return later and consent.narrowness() >= refusal.narrowness()


def _last_act(directive: Directive, now: dt.datetime) -> dt.datetime:
    """Return when a person last acted on a directive: when it was given, or withdrawn."""
    withdrawn = directive.withdrawn_at
    return withdrawn if withdrawn is not None and withdrawn <= now else directive.recorded_at


def _weight(act: Position) -> tuple[tuple[int, int], dt.datetime, str]:
    return (act.directive.narrowness(), act.directive.recorded_at, act.directive.id)
