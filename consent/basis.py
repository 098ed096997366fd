"""The lawful basis of one kind of sharing, held as the law of England has it: each part apart.

Sources: UK GDPR Articles 6 and 9; Data Protection Act 2018 Schedule 1 (paragraph 18 with its limb);
the common-law duty of confidentiality, which must be met apart from data-protection law; any
statutory gate or bar, such as Children and Families Act 2014 s.26.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Article6(StrEnum):
    """UK GDPR Article 6(1): the basis of any processing."""

    CONSENT = "6(1)(a)"
    CONTRACT = "6(1)(b)"
    LEGAL_OBLIGATION = "6(1)(c)"
    VITAL_INTERESTS = "6(1)(d)"
    PUBLIC_TASK = "6(1)(e)"
    RECOGNISED_LEGITIMATE_INTERESTS = "6(1)(ea)"
    LEGITIMATE_INTERESTS = "6(1)(f)"


class Article9(StrEnum):
    """UK GDPR Article 9(2): the condition for special-category data."""

    EXPLICIT_CONSENT = "9(2)(a)"
    SOCIAL_PROTECTION = "9(2)(b)"
    VITAL_INTERESTS = "9(2)(c)"
    SUBSTANTIAL_PUBLIC_INTEREST = "9(2)(g)"
    HEALTH_OR_SOCIAL_CARE = "9(2)(h)"
    PUBLIC_HEALTH = "9(2)(i)"


class ConfidentialityBasis(StrEnum):
    """How the common-law duty of confidentiality is met."""

    CONSENT = "consent"
    IMPLIED_CONSENT = "implied-consent"
    LEGAL_DUTY = "legal-duty"
    PUBLIC_INTEREST = "public-interest"
    NOT_CONFIDENTIAL = "not-confidential"


class LawfulBasis(BaseModel):
    """One basis: Article 6, Article 9, Schedule 1, confidentiality and the statutory gate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_6: Article6
    article_9: Article9 | None = None
    schedule_1: Annotated[
        str | None, Field(max_length=60, description="DPA 2018 Sch 1, such as 'para 18(1)(c)(iii)'")
    ] = None
    confidentiality: ConfidentialityBasis
    gate: Annotated[
        str | None, Field(max_length=120, description="The statute that requires or allows it")
    ] = None

    @model_validator(mode="after")
    def _duties_name_their_statute(self) -> LawfulBasis:
        if self.article_6 is Article6.LEGAL_OBLIGATION and not self.gate:
            message = "a legal obligation must name its statute in 'gate'"
            raise ValueError(message)
        if self.article_9 is Article9.SUBSTANTIAL_PUBLIC_INTEREST and not self.schedule_1:
            message = "substantial public interest needs its DPA 2018 Schedule 1 condition"
            raise ValueError(message)
        return self

    @property
    def needs_consent(self) -> bool:
        """Whether any part of the basis rests on consent."""
        return (
            self.article_6 is Article6.CONSENT
            or self.article_9 is Article9.EXPLICIT_CONSENT
            or self.confidentiality is ConfidentialityBasis.CONSENT
        )

    @property
    def articles(self) -> str:
        """Return the UK GDPR articles, such as ``6(1)(e) 9(2)(g)``: short enough for the ledger."""
        return " ".join(a.value for a in (self.article_6, self.article_9) if a)

    def sentence(self) -> str:
        """Return the basis in one line, as an audit page shows it."""
        parts = [f"UK GDPR Article {self.article_6.value}"]
        if self.article_9:
            parts.append(f"Article {self.article_9.value}")
        if self.schedule_1:
            parts.append(f"DPA 2018 Schedule 1 {self.schedule_1}")
        parts.append(f"confidentiality met by {self.confidentiality.value.replace('-', ' ')}")
        if self.gate:
            parts.append(self.gate)
        return "; ".join(parts)
