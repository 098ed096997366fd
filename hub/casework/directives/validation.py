"""Validate a directive before it is recorded. Pure.

Command line and console validate in the same way; each names its own field in the error.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from schemas.errors import ConfigurationError
from schemas.sharing import DirectiveKind, DirectiveRecorded


class InvalidDirective(ConfigurationError):
    """A directive cannot be recorded as given; ``field`` is the field of it to correct."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def validated(fields: Mapping[str, object]) -> DirectiveRecorded:
    """Return the directive of its fields, named as in DirectiveRecorded; raises InvalidDirective.

    It must name who decided and where the evidence is stored.
    """
    try:
        directive = DirectiveRecorded.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidDirective(place, f"{place}: {first['msg']}.") from None
    if not (directive.decider_ref or "").strip():
        raise InvalidDirective("decider_ref", "Name the person who decided.")
    if not (directive.evidence or "").strip():
        raise InvalidDirective("evidence", "State where the evidence is stored.")
    restricts = directive.kind is DirectiveKind.RESTRICTION
    if not restricts and directive.restriction:
        raise InvalidDirective("restriction", "Only a restriction guards something.")
    if not restricts and directive.allowed_purposes:
        raise InvalidDirective("allowed_purposes", "Only a restriction lets purposes through.")
    begins, until = directive.valid_from, directive.valid_until
    if begins is not None and until is not None and until <= begins:
        raise InvalidDirective("valid_until", "The last day is before the first.")
    return directive
