"""Directives: when they hold, what they cover, how narrow they are."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from consent.directive import Directive, DirectiveStanding
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, Scope

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
PLAIN = Directive(
    id="d1",
    child="c1",
    kind=DirectiveKind.CONSENT,
    authority=Authority.PARENTAL_RESPONSIBILITY,
    decider="mother",
    valid_from=NOW,
    recorded_at=NOW,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, DirectiveStanding.IN_FORCE),
        ({"valid_from": NOW + TICK}, DirectiveStanding.NOT_YET),
        ({"valid_until": NOW + TICK}, DirectiveStanding.IN_FORCE),
        ({"valid_until": NOW}, DirectiveStanding.EXPIRED),
        ({"withdrawn_at": NOW + TICK}, DirectiveStanding.IN_FORCE),
        ({"withdrawn_at": NOW}, DirectiveStanding.WITHDRAWN),
        ({"withdrawn_at": NOW, "valid_from": NOW + TICK}, DirectiveStanding.WITHDRAWN),
    ],
)
def test_a_directive_holds_from_its_first_moment_until_just_before_its_last(
    change: dict[str, dt.datetime], expected: DirectiveStanding
) -> None:
    """Withdrawal comes first, then the beginning, then the end."""
    assert PLAIN.model_copy(update=change).standing(NOW) is expected


def test_an_empty_scope_covers_everything() -> None:
    """No limit is no limit."""
    assert PLAIN.covers(Category.HEALTH, "oak-school", Purpose.EHC_PLAN)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(categories=(Category.SEN,)),
        Scope(recipients=("elm-school",)),
        Scope(purposes=(Purpose.ATTENDANCE,)),
        Scope(categories=(Category.HEALTH,), purposes=(Purpose.ATTENDANCE,)),
    ],
)
def test_each_limit_of_a_scope_must_be_met(scope: Scope) -> None:
    """One limit missed is enough not to be covered."""
    directive = PLAIN.model_copy(update={"scope": scope})
    assert not directive.covers(Category.HEALTH, "oak-school", Purpose.EHC_PLAN)


def test_narrowness_orders_scopes() -> None:
    """More kinds of limit is narrower; then fewer things named."""
    scopes = [
        Scope(),
        Scope(categories=(Category.SEN, Category.HEALTH)),
        Scope(categories=(Category.SEN,)),
        Scope(categories=(Category.SEN, Category.HEALTH), recipients=("oak-school",)),
        Scope(categories=(Category.SEN,), recipients=("oak-school",)),
    ]
    order = [PLAIN.model_copy(update={"scope": s}).narrowness() for s in scopes]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_a_directive_cannot_be_changed() -> None:
    """What was said is never edited, only withdrawn or outranked."""
    with pytest.raises(ValidationError):
        setattr(PLAIN, "upheld", True)  # noqa: B010


def test_a_directive_without_a_time_zone_is_refused() -> None:
    """A moment without an offset is no moment."""
    raw = {**PLAIN.model_dump(), "valid_from": NOW.replace(tzinfo=None)}
    with pytest.raises(ValidationError):
        Directive.model_validate(raw)
