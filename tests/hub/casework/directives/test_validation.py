"""What somebody said is checked before it is recorded, wherever it is written down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub.casework.directives.validation import InvalidDirective, validated
from schemas.sharing import DirectiveKind
from schemas.times import day_start

GOOD: dict[str, Any] = {
    "kind": "consent",
    "authority": "parental-responsibility",
    "decider_ref": "P-17",
    "evidence": "Form 12",
}


def test_what_fits_is_taken() -> None:
    """A scope that is not given means all."""
    assert validated(GOOD).kind is DirectiveKind.CONSENT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "wish"}, "kind"),
        ({"decider_ref": " "}, "decider_ref"),
        ({"evidence": None}, "evidence"),
        ({"restriction": "address"}, "restriction"),
        ({"allowed_purposes": ["safeguarding"]}, "allowed_purposes"),
        (
            {
                "valid_from": day_start(dt.date(2026, 2, 2)),
                "valid_until": day_start(dt.date(2026, 2, 1), after=1),
            },
            "valid_until",
        ),
    ],
)
def test_what_does_not_fit_names_its_field(changes: dict[str, Any], field: str) -> None:
    """So that whoever asked for it can point at the place."""
    with pytest.raises(InvalidDirective) as error:
        validated({**GOOD, **changes})
    assert error.value.field == field
