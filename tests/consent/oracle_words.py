"""Who decides, written a second time: for the oracle, slowly and from the raw fields.

Standing is worked out by asking one question after another about one person at one moment; what a
person said, by going through what they did in the order in which they did it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from consent.agreement import Rule
from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import ChildStanding, Question, SectionShape
from consent.reasons import Reason, ReviewCause
from schemas.sharing import Scope

LEVELS = ("court", "alone", "child", "parent")


@dataclass(frozen=True)
class People:
    """The facts about one sharing, and from when its right is the child's own."""

    child: ChildStanding
    facts: tuple[StandingFact, ...]
    of_age: bool


@dataclass
class Said:
    """What a person's acts have come to so far."""

    what: str
    directive: Directive
    when: dt.datetime


def covering(scope: Scope, shape: SectionShape, question: Question, rule: Rule) -> bool:
    """Whether a scope has this category, recipient and purpose."""
    if len(scope.categories) > 0 and shape.category not in scope.categories:
        return False
    if len(scope.recipients) > 0 and question.recipient not in scope.recipients:
        return False
    return not (len(scope.purposes) > 0 and rule.purpose not in scope.purposes)


def state(directive: Directive, now: dt.datetime) -> str:
    """Tell whether a directive holds now."""
    if directive.withdrawn_at is not None and now >= directive.withdrawn_at:
        return "withdrawn"
    if directive.valid_from > now:
        return "not yet"
    if directive.valid_until is not None and now >= directive.valid_until:
        return "expired"
    return "now"


def own_people(question: Question, shape: SectionShape, rule: Rule, now: dt.datetime) -> People:
    """Collect the facts that are about this sharing."""
    del now
    child = question.child
    facts = tuple(f for f in child.facts if covering(f.scope, shape, question, rule))
    if rule.purpose.value in {"ehc-assessment", "ehc-plan"}:
        return People(child, facts, child.over_school_age)
    return People(child, facts, child.young_person)


def whose_word(
    question: Question,
    shape: SectionShape,
    rule: Rule,
    about: Sequence[Directive],
    now: dt.datetime,
) -> tuple[Reason, list[str], ReviewCause | None]:
    """Decide among the consents and refusals about one sharing."""
    people = own_people(question, shape, rule, now)
    waiting = {d.id for d in about if not accepted(d, rule, question)}
    return decide_among(people, about, waiting, now)


def accepted(directive: Directive, rule: Rule, question: Question) -> bool:
    """Whether a rule takes a consent from whoever recorded it."""
    if directive.recorded_by == "":
        return True
    if len(rule.consent_from) == 0:
        return not (directive.recorded_by == question.recipient and not question.own_favour)
    taken = {one.value for one in rule.consent_from}
    known = False
    if directive.recorded_by == question.source:
        known = True
        if "source" in taken:
            return True
    if directive.recorded_by == question.recipient:
        known = True
        if "recipient" in taken:
            return True
    if directive.recorded_by in question.councils:
        known = True
        if "council" in taken:
            return True
    return not known and "other" in taken


def decide_among(
    people: People, about: Sequence[Directive], waiting: set[str], now: dt.datetime
) -> tuple[Reason, list[str], ReviewCause | None]:
    """Go down the levels until somebody has decided."""
    spoken = [d for d in about if d.kind.value in {"consent", "refusal"}]
    given = [
        d
        for d in spoken
        if d.kind.value == "consent"
        and state(d, now) == "now"
        and d.recorded_at <= now
        and standing(d, people, now, now) is not None
        and good(d, people, waiting, now)
    ]
    for place, level in enumerate(LEVELS):
        here = [d for d in spoken if standing(d, people, now, now) == level]
        names = sorted({who(d) for d in here})
        all_said = {
            n: said_by([d for d in here if who(d) == n], people, waiting, now) for n in names
        }
        said = {n: one for n, one in all_said.items() if one is not None}
        yes = [one for one in said.values() if one.what == "yes"]
        refused = [one for one in said.values() if one.what == "refused"]
        withdrawn = [one for one in said.values() if one.what == "no more"]
        ids = sorted(one.directive.id for one in [*yes, *refused, *withdrawn])
        if yes and (refused or withdrawn):
            return Reason.CONSENT_DISPUTED, ids, ReviewCause.CONSENT_DISPUTED
        if refused:
            return Reason.CONSENT_REFUSED, ids, None
        if withdrawn:
            return Reason.CONSENT_WITHDRAWN, ids, None
        if yes:
            newest = max(one.directive.recorded_at for one in yes)
            speaking = {n for n, one in said.items() if one.what == "yes"}
            above = said_above(spoken, people, waiting, now, LEVELS[:place], speaking)
            older = sorted(directive.id for directive, ended in above if newest < ended)
            if older:
                return Reason.AUTHORITY_LAPSED, [*older, *ids], ReviewCause.AUTHORITY_LAPSED
            asks = level == "parent" and people.of_age and not incapable(people, now)
            review = ReviewCause.YOUNG_PERSON_TO_ASK if asks else None
            return Reason.CONSENT_GIVEN, ids, review
        expired = [one for one in said.values() if one.what == "ran out"]
        if expired:
            review = ReviewCause.AUTHORITY_LAPSED if given else None
            consents = [one for one in expired if one.directive.kind.value == "consent"]
            chosen = consents or expired
            last = max(chosen, key=lambda one: (one.when, one.directive.id)).directive
            if consents:
                return Reason.CONSENT_EXPIRED, [last.id], review
            if given:
                return Reason.AUTHORITY_LAPSED, [last.id], review
            return Reason.NO_CONSENT, [], None
    return nobody(people, spoken, waiting, now)


def nobody(
    people: People, spoken: Sequence[Directive], waiting: set[str], now: dt.datetime
) -> tuple[Reason, list[str], ReviewCause | None]:
    """Say why nobody decided."""
    heard = [
        d for d in spoken if d.kind.value == "consent" and standing(d, people, now, now) is not None
    ]
    held = [d for d in heard if d.id in waiting or not d.confirmed]
    unconfirmed = sorted(d.id for d in held if state(d, now) == "now")
    if unconfirmed:
        return Reason.CONSENT_UNCONFIRMED, unconfirmed, ReviewCause.CONSENT_TO_CONFIRM
    coming = sorted((d.recorded_at, d.id) for d in heard if state(d, now) == "not yet")
    if coming:
        return Reason.CONSENT_NOT_YET, [coming[-1][1]], None
    if people.child.adult:
        for d in spoken:
            parents = d.kind.value == "consent" and d.authority.value == "parental-responsibility"
            if parents and state(d, now) == "now":
                return Reason.NO_CONSENT, [], ReviewCause.YOUNG_PERSON_TO_ASK
    return Reason.NO_CONSENT, [], None


def who(directive: Directive) -> str:
    """The child is one person under whatever reference."""
    return "child" if directive.authority.value == "young-person" else directive.decider


def good(directive: Directive, people: People, waiting: set[str], now: dt.datetime) -> bool:
    """Whether a consent was accepted, and given by someone who could give it then."""
    if directive.id in waiting or not directive.confirmed:
        return False
    return standing(directive, people, directive.recorded_at, now) is not None


def said_by(  # noqa: C901, PLR0912
    said: Sequence[Directive], people: People, waiting: set[str], now: dt.datetime
) -> Said | None:
    """Go through one person's acts in order; the last one counts, and no refusal is forgotten."""
    order = {"silent": 0, "ran out": 1, "no more": 2, "yes": 3, "refused": 4}
    acts: list[Said] = []
    for directive in said:
        how = state(directive, now)
        if how == "not yet" or directive.recorded_at > now:
            continue
        if directive.kind.value == "consent":
            if how == "withdrawn" and directive.withdrawn_at is not None:
                acts.append(Said("no more", directive, directive.withdrawn_at))
            elif good(directive, people, waiting, now):
                what = "ran out" if how == "expired" else "yes"
                acts.append(Said(what, directive, directive.recorded_at))
        else:
            what = {"withdrawn": "silent", "expired": "ran out", "now": "refused"}[how]
            acts.append(Said(what, directive, directive.recorded_at))
    acts.sort(key=lambda act: (act.when, order[act.what], act.directive.id))
    if not acts:
        return None
    last = acts[-1]
    if last.what in {"no more", "refused"}:
        return last
    unanswered: Said | None = None
    for act in acts:
        if act.what != "refused":
            continue
        answered = False
        for other in acts:
            consent = other.directive
            if consent.kind.value != "consent" or not good(consent, people, waiting, now):
                continue
            later = consent.recorded_at > act.directive.recorded_at
            if later and not wider(consent, act.directive):
                answered = True
        if not answered and (unanswered is None or outranks(act.directive, unanswered.directive)):
            unanswered = act
    return unanswered or last


def wider(one: Directive, other: Directive) -> bool:
    """Limited in fewer ways; if in as many, naming more."""
    if limited_ways(one) != limited_ways(other):
        return limited_ways(one) < limited_ways(other)
    return things_named(one) > things_named(other)


def outranks(one: Directive, other: Directive) -> bool:
    """Narrower; if equal, later; if equal, the greater id."""
    if wider(one, other) or wider(other, one):
        return wider(other, one)
    if one.recorded_at != other.recorded_at:
        return one.recorded_at > other.recorded_at
    return one.id > other.id


def limited_ways(directive: Directive) -> int:
    """Count the ways in which a scope is limited."""
    scope = directive.scope
    return [len(s) > 0 for s in (scope.categories, scope.recipients, scope.purposes)].count(True)


def things_named(directive: Directive) -> int:
    """Count what a scope names."""
    scope = directive.scope
    return len(scope.categories) + len(scope.recipients) + len(scope.purposes)


def said_above(  # noqa: PLR0917
    spoken: Sequence[Directive],
    people: People,
    waiting: set[str],
    now: dt.datetime,
    above: Sequence[str],
    speaking: set[str],
) -> list[tuple[Directive, dt.datetime]]:
    """Find what was decided by those who ranked above and no longer do, and when that ended."""
    found = []
    then: dict[str, list[Directive]] = {}
    for directive in spoken:
        acted = directive.recorded_at
        if directive.withdrawn_at is not None and directive.withdrawn_at <= now:
            acted = directive.withdrawn_at
        was = standing(directive, people, acted, now)
        is_now = standing(directive, people, now, now)
        if was in above and is_now not in above:
            then.setdefault(who(directive), []).append(directive)
    for name, theirs in then.items():
        if name in speaking:
            continue
        said = said_by(theirs, people, waiting, now)
        if said is not None and said.what != "silent":
            found.append((said.directive, changed(said, people, now)))
    return found


def changed(said: Said, people: People, now: dt.datetime) -> dt.datetime:
    """Find when the standing of a person last changed after they acted."""
    edges: set[dt.datetime] = set()
    for fact in people.facts:
        edges.add(fact.valid_from)
        if fact.valid_until is not None:
            edges.add(fact.valid_until)
    moments = [said.when, *sorted(e for e in edges if said.when < e <= now)]
    levels = [standing(said.directive, people, moment, now) for moment in moments]
    last = said.when
    for place in range(1, len(moments)):
        if levels[place] != levels[place - 1]:
            last = moments[place]
    return last


def may_speak(directive: Directive, people: People, now: dt.datetime) -> bool:
    """Whether a person has standing now."""
    return standing(directive, people, now, now) is not None


def incapable(people: People, now: dt.datetime) -> bool:
    """Whether a lack of capacity is recorded that holds now."""
    return any(f.kind.value == "lack-of-capacity" for f in holding(people, now))


def holding(people: People, moment: dt.datetime) -> list[StandingFact]:
    """Find the facts that hold at a moment; a later order ends an earlier one."""
    held = []
    for fact in people.facts:
        if fact.valid_from > moment:
            continue
        if fact.valid_until is not None and moment >= fact.valid_until:
            continue
        held.append(fact)
    left = []
    for fact in held:
        enders: tuple[str, ...] = ()
        if fact.kind.value == "care-order":
            enders = ("special-guardianship", "placement-order", "adoption")
        if fact.kind.value in {"special-guardianship", "placement-order"}:
            enders = ("adoption",)
        over = False
        for other in held:
            if other.kind.value in enders and fact.valid_from <= other.valid_from:
                over = True
        if not over:
            left.append(fact)
    return left


def standing(  # noqa: C901, PLR0912
    directive: Directive, people: People, moment: dt.datetime, now: dt.datetime
) -> str | None:
    """Say how high a person ranks at a moment, or that they have no standing."""
    who_gave, as_what = directive.decider, directive.authority.value
    if as_what == "court":
        return "court"
    held = holding(people, moment)
    kinds = [f.kind.value for f in held]
    mine = [f.kind.value for f in held if f.person == who_gave]
    past = moment < now
    if as_what == "young-person":
        if "lack-of-capacity" in kinds:
            return None
        if people.child.competent or "competence" in kinds:
            return "child"
        if not people.of_age:
            return None
        if past and moment <= directive.recorded_at and directive.id in people.child.early:
            return None
        return "child"
    if "barred" in mine:
        return None
    if "lack-of-capacity" in mine:
        return "alone"
    grown = people.child.adult and not past
    if grown:
        if "lack-of-capacity" not in kinds:
            return None
        if "adoption" in kinds:
            return "parent" if "adoption" in mine else None
    else:
        if "adoption" in mine:
            return "parent"
        if {"care-order", "placement-order", "special-guardianship"} & set(mine):
            return "alone"
        if {"placement-order", "special-guardianship", "adoption"} & set(kinds):
            return None
    dated = [
        f
        for f in people.facts
        if f.kind.value == "parental-responsibility" and f.person == who_gave
    ]
    if dated:
        return "parent" if "parental-responsibility" in mine else None
    return "parent" if as_what == "parental-responsibility" else None
