"""The words in which people speak about sharing: purposes, authority, scope, directives.

A directive is what a person with authority said: consent, refusal, objection or restriction; a
withdrawal ends one of them and is itself a record. Sources: UK GDPR Articles 7, 18 and 21; Children
Act 1989 s.3 (parental responsibility); Children and Families Act 2014 Part 3 (the young person);
Gillick [1986] AC 112 (competence). Purposes map to those of DfE's single-unique-identifier policy.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from schemas.sections import Category, Code, Section, SectionPart, ShortText

AgencyName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,40}$")]


class Purpose(StrEnum):
    """What data is shared for; an agreement's rule names exactly one."""

    SAFEGUARDING = "safeguarding"
    CHILD_PROTECTION = "child-protection"
    EHC_ASSESSMENT = "ehc-assessment"
    EHC_PLAN = "ehc-plan"
    SEN_SUPPORT = "sen-support"
    DIRECT_CARE = "direct-care"
    EDUCATION_PROVISION = "education-provision"
    ATTENDANCE = "attendance"
    SHORT_BREAKS = "short-breaks"
    CARE_PLANNING = "care-planning"
    FAMILY_SUPPORT = "family-support"
    RECORD_KEEPING = "record-keeping"


class DirectiveKind(StrEnum):
    """What was said."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    OBJECTION = "objection"
    RESTRICTION = "restriction"


class Authority(StrEnum):
    """In what capacity a person spoke, highest first (weighed in consent/authority.py)."""

    COURT = "court"
    YOUNG_PERSON = "young-person"
    PARENTAL_RESPONSIBILITY = "parental-responsibility"


class RestrictionKind(StrEnum):
    """What a restriction guards."""

    ADDRESS = "address"
    COURT_ORDER = "court-order"
    SENSITIVE = "sensitive"


class Scope(SectionPart):
    """What a directive speaks about; an empty list means all of that kind."""

    categories: Annotated[tuple[Category, ...], Field(max_length=9)] = ()
    recipients: Annotated[tuple[AgencyName, ...], Field(max_length=200)] = ()
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=20)] = ()


class DirectiveRecorded(Section):
    """Someone with authority has said something about sharing, and an agency wrote it down."""

    category: ClassVar[Category] = Category.CONSENT

    directive_id: Annotated[
        str | None, Field(max_length=64, description="The recording system's own id for it")
    ] = None
    kind: Annotated[DirectiveKind | None, Field(description="What was said")] = None
    authority: Annotated[Authority | None, Field(description="In what capacity")] = None
    decider_ref: Annotated[
        str | None, Field(max_length=64, description="The agency's reference for the person")
    ] = None
    decider_name: Annotated[ShortText | None, Field(description="The person's name")] = None
    scope: Annotated[Scope | None, Field(description="What it speaks about")] = None
    valid_from: Annotated[AwareDatetime | None, Field(description="In force from")] = None
    valid_until: Annotated[AwareDatetime | None, Field(description="In force until")] = None
    obtained: Annotated[
        Code | None, Field(description="website, phone, paper, in-person or self-consent")
    ] = None
    evidence: Annotated[ShortText | None, Field(description="Where the evidence is kept")] = None
    restriction: Annotated[RestrictionKind | None, Field(description="For a restriction")] = None
    allowed_purposes: Annotated[
        tuple[Purpose, ...], Field(max_length=20, description="Purposes a restriction lets through")
    ] = ()


class DirectiveWithdrawn(Section):
    """An earlier directive no longer holds."""

    category: ClassVar[Category] = Category.CONSENT

    directive_id: Annotated[
        str | None, Field(max_length=64, description="The recording system's own id for it")
    ] = None
    withdrawn_on: Annotated[dt.date | None, Field(description="Day of withdrawal")] = None
    decider_ref: Annotated[
        str | None, Field(max_length=64, description="The agency's reference for the person")
    ] = None
    evidence: Annotated[ShortText | None, Field(description="Where the evidence is kept")] = None


class Override(SectionPart):
    """A safeguarding override: a named person's decision to share despite refusal.

    ``limb`` is the limb of DPA 2018 Schedule 1 paragraph 18(1)(c) relied on.
    """

    authoriser: Annotated[ShortText, Field(description="Name of the person who decided")]
    authoriser_ref: Annotated[Code, Field(description="Staff reference; stands in the ledger")]
    reason: Annotated[ShortText, Field(description="Why, in a sentence; not in the ledger")]
    limb: Annotated[
        str,
        Field(
            pattern="^(consent-cannot-be-given|consent-cannot-be-expected|consent-would-prejudice)$"
        ),
    ]
