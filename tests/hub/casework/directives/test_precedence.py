"""How a directive that is to be recorded stands to what was said before."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.directive import Directive
from consent.question import ChildStanding
from hub.casework.directives.precedence import PrecedenceCode, overlap, precedence_notes
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Scope

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CONSENT, REFUSAL = DirectiveKind.CONSENT, DirectiveKind.REFUSAL
COURT, YOUNG, PARENT = list(Authority)[:3]
HEALTH = Scope(categories=(Category.HEALTH,))
CARE = Scope(categories=(Category.CARE,))


def said(kind: DirectiveKind, authority: Authority = PARENT, **changes: object) -> Directive:
    """What somebody says; a changed field wins."""
    fields: dict[str, object] = {
        "id": "new",
        "child": "c",
        "kind": kind,
        "authority": authority,
        "decider": "p-mother",
        "valid_from": NOW,
        "recorded_at": NOW,
    }
    return Directive.model_validate(fields | changes)


def before(kind: DirectiveKind, authority: Authority = PARENT, **changes: object) -> Directive:
    """What was said a day before, by the father."""
    earlier = {"id": "old", "decider": "p-father", "valid_from": NOW - DAY}
    return said(kind, authority, **{**earlier, "recorded_at": NOW - DAY, **changes})


def noted(new: Directive, *old: Directive, **child: bool) -> dict[str, tuple[str, ...]]:
    """The notes by their codes."""
    found = precedence_notes(new, old, ChildStanding(**child), NOW)
    return {note.code.value: note.others for note in found}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (said(CONSENT), before(REFUSAL, COURT), {"outranked": ("old",)}),
        (said(REFUSAL, COURT), before(CONSENT), {"outranks": ("old",)}),
        (said(CONSENT), before(REFUSAL), {"refused-by-another": ("old",)}),
        (said(REFUSAL), before(CONSENT), {"against-another": ("old",)}),
        (said(CONSENT), before(CONSENT), {}),
        (said(REFUSAL), before(CONSENT, decider="p-mother"), {"ends-own-consent": ("old",)}),
        (
            said(CONSENT),
            before(REFUSAL, decider="p-mother", scope=HEALTH),
            {"own-refusal-stands": ("old",)},
        ),
        (said(CONSENT, scope=HEALTH), before(REFUSAL, decider="p-mother"), {}),
        (said(CONSENT, scope=HEALTH), before(REFUSAL, COURT, scope=CARE), {}),
        (said(CONSENT), before(REFUSAL, COURT, withdrawn_at=NOW), {}),
        (said(CONSENT), before(REFUSAL, YOUNG), {}),
    ],
)
def test_what_counts_more_is_told(
    new: Directive, old: Directive, expected: dict[str, tuple[str, ...]]
) -> None:
    """As whose word counts is decided: authority, then a refusal among equals, then one's own."""
    assert noted(new, old) == expected


def test_a_young_person_needs_age_or_competence() -> None:
    """Otherwise it does not count."""
    assert noted(said(REFUSAL, YOUNG)) == {"no-voice": ()}
    assert noted(said(REFUSAL, YOUNG), before(CONSENT), competent=True) == {"outranks": ("old",)}
    assert noted(said(CONSENT), before(REFUSAL, YOUNG), young_person=True) == {
        "outranked": ("old",)
    }


def test_what_begins_later_or_is_over_is_told() -> None:
    """The end itself is no longer part of it."""
    assert noted(said(CONSENT, valid_from=NOW + DAY)) == {"begins-later": ()}
    over = {"valid_from": NOW - DAY, "valid_until": NOW}
    assert noted(said(CONSENT, **over)) == {"over": ()}


@pytest.mark.parametrize(
    ("kind", "bearing"),
    [
        (DirectiveKind.OBJECTION, PrecedenceCode.OBJECTS),
        (DirectiveKind.RESTRICTION, PrecedenceCode.RESTRICTS),
    ],
)
def test_what_neither_consents_nor_refuses_has_its_own_word(
    kind: DirectiveKind, bearing: PrecedenceCode
) -> None:
    """It is not weighed against what others said."""
    assert noted(said(kind), before(REFUSAL, COURT)) == {bearing.value: ()}


def test_scopes_overlap_where_nothing_keeps_them_apart() -> None:
    """An empty list means all of that kind."""
    assert overlap(said(CONSENT), said(CONSENT, scope=HEALTH))
    assert not overlap(said(CONSENT, scope=CARE), said(CONSENT, scope=HEALTH))
    to_school = Scope(recipients=("school",))
    assert overlap(said(CONSENT, scope=to_school), said(CONSENT, scope=HEALTH))
