"""The outcome for one event and one recipient: per section what is shared and why, or why not.

A decision holds no personal data: field names, codes, rule and directive references. It carries the
digests of the agreements it used, so that it can be made again and must come out the same.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from consent.reasons import Reason, ReviewCause
from schemas.sections import Category
from schemas.sharing import Purpose


class Sharing(StrEnum):
    """How much of one section a recipient gets."""

    CONTENT = "content"
    EXISTENCE = "existence"
    WITHHELD = "withheld"


class RuleFinding(BaseModel):
    """What one rule says of one section, and what that rests on.

    ``rule`` is cited as ``agreement@version/rule``; ``basis`` is the UK GDPR article or articles.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason
    rule: str | None = None
    purpose: Purpose | None = None
    basis: str | None = None
    directives: tuple[str, ...] = ()
    review: ReviewCause | None = None


class SectionDecision(BaseModel):
    """One section's outcome. ``fields`` maps each shared field to the rules that permit it.

    ``refused`` maps each field that is present and not shared to the reason, where the section as
    a whole is shared or would have been.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    sharing: Sharing
    fields: dict[str, tuple[str, ...]] = {}
    refused: dict[str, Reason] = {}
    findings: tuple[RuleFinding, ...] = ()


class Decision(BaseModel):
    """One recipient's outcome, section by section, in the order of the question.

    ``rules`` is the version of the rules that made it; a decision that names none is of version 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: str
    sections: tuple[SectionDecision, ...]
    agreements: dict[str, str] = {}
    decided_at: AwareDatetime
    rules: str = "1"

    @property
    def permitted(self) -> bool:
        """Whether the recipient gets anything at all."""
        return any(s.sharing is not Sharing.WITHHELD for s in self.sections)

    def shared(self) -> tuple[SectionDecision, ...]:
        """The sections that are shared, wholly, in part, or as existence."""
        return tuple(s for s in self.sections if s.sharing is not Sharing.WITHHELD)

    def directives(self) -> tuple[str, ...]:
        """The directives the decision rests on, each once."""
        return tuple(sorted({d for s in self.sections for f in s.findings for d in f.directives}))

    def reviews(self) -> tuple[ReviewCause, ...]:
        """The reviews the decision opens, each cause once."""
        causes = {f.review for s in self.sections for f in s.findings if f.review is not None}
        return tuple(sorted(causes))
