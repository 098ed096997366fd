"""What somebody said about sharing, checked before it is recorded. Pure.

The command line and the console ask the same of it; each names its own field in what it answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from schemas.errors import ConfigurationError
from schemas.sharing import DirectiveKind, DirectiveRecorded


class DoesNotFit(ConfigurationError):
    """What was said cannot be recorded so; ``field`` is the one to mend, of DirectiveRecorded."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def said_of(fields: Mapping[str, object]) -> DirectiveRecorded:
    """Make what was said of its fields, by the names of DirectiveRecorded; raises DoesNotFit."""
    try:
        said = DirectiveRecorded.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DoesNotFit(place, f"{place}: {first['msg']}.") from None
    if not (said.decider_ref or "").strip():
        raise DoesNotFit("decider_ref", "Say who spoke.")
    if not (said.evidence or "").strip():
        raise DoesNotFit("evidence", "Say where the evidence is kept.")
    restricts = said.kind is DirectiveKind.RESTRICTION
    if not restricts and said.restriction:
        raise DoesNotFit("restriction", "Only a restriction guards something.")
    if not restricts and said.allowed_purposes:
        raise DoesNotFit("allowed_purposes", "Only a restriction lets purposes through.")
    begins, until = said.valid_from, said.valid_until
    if begins is not None and until is not None and until <= begins:
        raise DoesNotFit("valid_until", "The last day lies before the first.")
    return said
