"""Restrictions and objections: what each withholds depends on who made it.

- A court's restriction binds everything that it does not let through.
- A professional's restriction binds what is neither a legal obligation nor child protection.
- A parent's or a child's restriction hides whereabouts at once. Otherwise it is an objection: it
  withholds nothing until a person has upheld it.
- An upheld objection reaches what rests on UK GDPR Article 6(1)(e), (ea) or (f), and nothing else
  (Article 21(1)).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from consent.agreement import Rule
from consent.basis import Article6
from consent.directive import Directive, DirectiveStanding
from consent.standing import Standings
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind

OBJECTIONABLE = frozenset(
    {
        Article6.PUBLIC_TASK,
        Article6.RECOGNISED_LEGITIMATE_INTERESTS,
        Article6.LEGITIMATE_INTERESTS,
    }
)


def is_duty(rule: Rule) -> bool:
    """Whether a rule rests on a legal obligation or is for child protection."""
    obliged = rule.basis.article_6 is Article6.LEGAL_OBLIGATION
    return obliged or rule.purpose is Purpose.CHILD_PROTECTION


def is_objection(directive: Directive) -> bool:
    """Whether a directive is an objection, or a restriction that is treated as one."""
    if directive.kind is DirectiveKind.OBJECTION:
        return True
    return (
        directive.kind is DirectiveKind.RESTRICTION
        and directive.authority not in {Authority.COURT, Authority.PROFESSIONAL}
        and directive.restriction is not RestrictionKind.ADDRESS
    )


def court_restrictions(in_scope: Iterable[Directive], rule: Rule, now: dt.datetime) -> list[str]:
    """Return the courts' restrictions that withhold a whole section from a rule."""
    return sorted(
        d.id
        for d in _binding(in_scope, rule, now)
        if d.authority is Authority.COURT and d.restriction is not RestrictionKind.ADDRESS
    )


def professional_restrictions(
    in_scope: Iterable[Directive], rule: Rule, now: dt.datetime
) -> list[str]:
    """Return the professionals' restrictions that withhold a whole section from a rule."""
    if is_duty(rule):
        return []
    return sorted(
        d.id
        for d in _binding(in_scope, rule, now)
        if d.authority is Authority.PROFESSIONAL and d.restriction is not RestrictionKind.ADDRESS
    )


def address_restrictions(
    in_scope: Iterable[Directive], rule: Rule, standings: Standings, *, override: bool
) -> tuple[str, ...]:
    """Return the restrictions that hide from a rule where someone can be found.

    A family's restriction of any kind does. An override of safeguarding purpose yields to a
    court's only.
    """
    found = []
    for one in _binding(in_scope, rule, standings.now):
        address = one.restriction is RestrictionKind.ADDRESS
        if one.authority is Authority.PROFESSIONAL:
            binds = address and not is_duty(rule) and not override
        elif one.authority is Authority.COURT:
            binds = address
        else:
            binds = not override and may_object(one, standings)
        if binds:
            found.append(one.id)
    return tuple(sorted(found))


def upheld_objections(
    in_scope: Iterable[Directive], rule: Rule, standings: Standings
) -> tuple[str, ...]:
    """Return the upheld objections that reach a rule."""
    if rule.basis.article_6 not in OBJECTIONABLE:
        return ()
    return tuple(sorted(d.id for d in _objections(in_scope, rule, standings) if d.upheld))


def pending_objections(
    in_scope: Iterable[Directive], rule: Rule, standings: Standings
) -> tuple[str, ...]:
    """Return the objections about a rule's sharing that nobody has upheld."""
    return tuple(sorted(d.id for d in _objections(in_scope, rule, standings) if not d.upheld))


def may_object(directive: Directive, standings: Standings) -> bool:
    """Whether the person may restrict or object: the child always, others while they have standing.

    The child is the data subject, whose right to object has no age limit.
    """
    own = directive.authority is Authority.YOUNG_PERSON
    return own or standings.level(directive, standings.now) is not None


def _objections(in_scope: Iterable[Directive], rule: Rule, standings: Standings) -> list[Directive]:
    return [
        d
        for d in in_scope
        if is_objection(d)
        and d.standing(standings.now) is DirectiveStanding.IN_FORCE
        and (d.kind is DirectiveKind.OBJECTION or rule.purpose not in d.allowed_purposes)
        and (d.authority is Authority.PROFESSIONAL or may_object(d, standings))
    ]


def _binding(in_scope: Iterable[Directive], rule: Rule, now: dt.datetime) -> list[Directive]:
    """Return the restrictions in force that do not let the rule's purpose through."""
    return [
        d
        for d in in_scope
        if d.kind is DirectiveKind.RESTRICTION
        and d.standing(now) is DirectiveStanding.IN_FORCE
        and rule.purpose not in d.allowed_purposes
    ]
