"""What is typed about what somebody said becomes a directive, or says what to mend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.console.forms.date_input import TypedDay
from hub.console.forms.directive import NEW, DirectiveForm, FormProblem, directive_in
from schemas.sharing import DirectiveKind

GOOD = DirectiveForm(
    kind="consent",
    authority="parental-responsibility",
    speaker=NEW,
    decider_ref="P-17",
    evidence="Form 12",
)


def test_what_was_typed_becomes_what_was_said() -> None:
    """Lists that were left empty mean all."""
    said = directive_in(replace(GOOD, category=("health",), decider_name="A Parent"))
    assert said.kind is DirectiveKind.CONSENT
    assert (said.decider_ref, said.decider_name, said.evidence) == ("P-17", "A Parent", "Form 12")
    assert said.scope is not None
    assert (said.scope.categories, said.scope.recipients) == (("health",), ())


def test_somebody_who_spoke_before_goes_before_a_new_reference() -> None:
    """Whatever stands in the field beside it."""
    assert directive_in(replace(GOOD, speaker="p-1")).decider_ref == "p-1"


def test_the_last_day_is_included() -> None:
    """It ends where the next day begins, in England."""
    said = directive_in(replace(GOOD, until=TypedDay("31", "7", "2026")))
    assert said.valid_until is not None
    assert said.valid_until.isoformat() == "2026-08-01T00:00:00+01:00"


@pytest.mark.parametrize(
    ("changes", "control"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "wish"}, "kind"),
        ({"authority": ""}, "authority"),
        ({"authority": "neighbour"}, "authority"),
        ({"speaker": ""}, "speaker"),
        ({"decider_ref": ""}, "decider_ref"),
        ({"decider_ref": "x" * 65}, "decider_ref"),
        ({"decider_name": "x" * 201}, "decider_name"),
        ({"evidence": ""}, "evidence"),
        ({"evidence": "x" * 201}, "evidence"),
        ({"kind": "restriction"}, "restriction"),
        ({"restriction": "address"}, "restriction"),
        ({"allow": ("safeguarding",)}, "allow"),
        ({"category": ("gossip",)}, "category"),
        ({"recipient": ("No Agency!",)}, "recipient"),
        ({"purpose": ("fun",)}, "purpose"),
        ({"begins": TypedDay("31", "2", "2026")}, "begins-day"),
        ({"until": TypedDay("1", "", "2026")}, "until-day"),
        ({"until": TypedDay("31", "12", "9999")}, "until-day"),
        (
            {"begins": TypedDay("2", "2", "2026"), "until": TypedDay("1", "2", "2026")},
            "until-day",
        ),
    ],
)
def test_what_does_not_fit_names_the_control_to_mend(changes: dict[str, Any], control: str) -> None:
    """One problem, at the control where it is."""
    with pytest.raises(FormProblem) as error:
        directive_in(replace(GOOD, **changes))
    assert [name for name, _ in error.value.problems] == [control]


def test_all_that_is_missing_is_told_at_once() -> None:
    """Nobody has to send the form four times."""
    with pytest.raises(FormProblem) as error:
        directive_in(DirectiveForm())
    controls = [name for name, _ in error.value.problems]
    assert controls == ["kind", "authority", "speaker", "evidence"]
