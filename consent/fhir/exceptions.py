"""A provision with its exceptions, as directives that mean the same by the hub's own rules.

FHIR: what an exception matches, it decides; the base decides the rest. In the hub a person has one
position on each sharing: a refusal, unless they consented later and no more widely
(docs/how-it-decides.md). So a permit with exceptions that deny is a consent and refusals of one
moment, and a denial with exceptions that permit is a refusal, and consents a moment later.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TypeVar

from consent.fhir.provision_reading import Provision
from consent.fhir.remark import Remark
from schemas.sharing import DirectiveKind, Scope

_T = TypeVar("_T")
_LEFT_OUT = "An exception that permits is left out: less is shared than was consented to."
_OUTSIDE = "It lies outside what it is an exception to, and has no effect."
_NOTHING_LEFT = "As the hub reads it, it leaves nothing of what it limits."
_NEVER = "It ends before it begins, and is never in force."


@dataclass(frozen=True, slots=True)
class ConsentStatement:
    """One directive of a Consent: its kind, its scope, and its period."""

    kind: DirectiveKind
    scope: Scope
    begins: dt.datetime | None
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Combined:
    """The directives of a provision, in steps of one moment each; or why there are none."""

    steps: tuple[tuple[ConsentStatement, ...], ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


def combined(base: Provision, kind: DirectiveKind) -> Combined:
    """Combine a provision and its exceptions into directives of a kind."""
    broken = next((p.refused for p in (base, *_denials(base)) if p.refused), None)
    if broken is not None:
        # A denial that cannot be read must not be lost: what it denies would be shared.
        return Combined(refused=broken)
    if _empty(base.begins, base.until):
        return Combined(remarks=(*base.remarks, Remark(base.place, _NEVER)))
    return _consent(base) if base.permits else _refusal(base, kind)


def _denials(base: Provision) -> tuple[Provision, ...]:
    return tuple(one for one in base.exceptions if not one.permits)


def _consent(base: Provision) -> Combined:
    """Make a consent, and a refusal of each exception, all of one moment."""
    remarks = list(base.remarks)
    statements = [ConsentStatement(DirectiveKind.CONSENT, base.scope, base.begins, base.until)]
    for one in base.exceptions:
        remarks += one.remarks
        overlap = _overlap(base, one)
        if one.permits:
            remarks.append(Remark(one.place, _LEFT_OUT))
        elif overlap is None:
            remarks.append(Remark(one.place, _OUTSIDE))
        elif _whole(overlap, base):
            return Combined(refused=Remark(one.place, _NOTHING_LEFT))
        else:
            statements.append(replace(overlap, kind=DirectiveKind.REFUSAL))
    return Combined((tuple(statements),), tuple(remarks))


def _refusal(base: Provision, kind: DirectiveKind) -> Combined:
    """Make a refusal, and then a consent of each exception that permits less than all of it.

    Beside other denials, or where the refusal has become wider than the Consent, an exception
    that permits could reach further than it was meant to, and is left out.
    """
    denials = _denials(base)
    remarks = [remark for one in (base, *base.exceptions) for remark in one.remarks]
    first = tuple(
        ConsentStatement(kind, one.scope, one.begins, one.until) for one in (base, *denials)
    )
    plain = kind is DirectiveKind.REFUSAL and not denials and not base.loosened
    later: list[ConsentStatement] = []
    for one in base.exceptions:
        if not one.permits:
            continue
        overlap = _overlap(base, one)
        if one.refused is not None:
            remarks += [one.refused, Remark(one.place, _LEFT_OUT)]
        elif not plain:
            remarks.append(Remark(one.place, _LEFT_OUT))
        elif overlap is None:
            remarks.append(Remark(one.place, _OUTSIDE))
        elif _whole(overlap, base):
            remarks.append(Remark(one.place, _NOTHING_LEFT))
        else:
            later.append(replace(overlap, kind=DirectiveKind.CONSENT))
    steps = (first, tuple(later)) if later else (first,)
    return Combined(steps, tuple(remarks))


def _overlap(base: Provision, one: Provision) -> ConsentStatement | None:
    """Return what both apply to; None where they do not overlap."""
    categories = _both(base.scope.categories, one.scope.categories)
    recipients = _both(base.scope.recipients, one.scope.recipients)
    purposes = _both(base.scope.purposes, one.scope.purposes)
    begins = max((b for b in (base.begins, one.begins) if b), default=None)
    until = min((u for u in (base.until, one.until) if u), default=None)
    if categories is None or recipients is None or purposes is None or _empty(begins, until):
        return None
    scope = Scope(categories=categories, recipients=recipients, purposes=purposes)
    return ConsentStatement(DirectiveKind.REFUSAL, scope, begins, until)


def _both(one: tuple[_T, ...], other: tuple[_T, ...]) -> tuple[_T, ...] | None:
    """Return what is in two lists, of which an empty one means all; None where that is nothing."""
    if not one or not other:
        return one or other
    return tuple(part for part in one if part in other) or None


def _whole(overlap: ConsentStatement, base: Provision) -> bool:
    """Whether an exception applies to all of its base."""
    return (overlap.scope, overlap.begins, overlap.until) == (base.scope, base.begins, base.until)


def _empty(begins: dt.datetime | None, until: dt.datetime | None) -> bool:
    return begins is not None and until is not None and until <= begins
