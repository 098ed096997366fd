"""Directives about sharing and what they are made of: purposes, authority, scope.

A directive is the decision of a person with authority: consent, refusal, objection or restriction.
A withdrawal ends one of them and is itself recorded. Sources: UK GDPR Articles 7, 18 and 21;
Children Act 1989 s.3 (parental responsibility); Children and Families Act 2014 Part 3 (the young
person); Gillick [1986] AC 112 (competence). Purposes map to those of DfE's
single-unique-identifier policy.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from schemas.event_type import declare
from schemas.fields import CHILD, MAY_LOCATE, NOWHERE, OTHERS, PROFESSIONAL, TEXT, described
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
    CRIME_PREVENTION = "crime-prevention"
    GENERAL_ENQUIRY = "general-enquiry"


class DirectiveKind(StrEnum):
    """Kind of directive."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    OBJECTION = "objection"
    RESTRICTION = "restriction"


class Authority(StrEnum):
    """In what capacity a person decided, highest first (weighed in consent/authority.py).

    A professional may restrict; a professional's consent or refusal counts only where an order
    makes that person or body the decision maker (see StandingKind).
    """

    COURT = "court"
    YOUNG_PERSON = "young-person"
    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    PROFESSIONAL = "professional"


class StandingKind(StrEnum):
    """A dated, evidenced fact about who may decide for a child.

    Law: Gillick [1986] AC 112 (competence); Mental Capacity Act 2005 s.2 (lack-of-capacity, from
    16); Children Act 1989 ss.8 and 91(14) (barred), s.31 and s.33(3)(b) (care-order), s.14C
    (special-guardianship), s.3 (parental-responsibility); Adoption and Children Act 2002 ss.21 and
    25 (placement-order), s.46 (adoption).
    """

    COMPETENCE = "competence"
    LACK_OF_CAPACITY = "lack-of-capacity"
    BARRED = "barred"
    CARE_ORDER = "care-order"
    SPECIAL_GUARDIANSHIP = "special-guardianship"
    PLACEMENT_ORDER = "placement-order"
    ADOPTION = "adoption"
    PARENTAL_RESPONSIBILITY = "parental-responsibility"


class RestrictionKind(StrEnum):
    """What a restriction protects."""

    ADDRESS = "address"
    COURT_ORDER = "court-order"
    SENSITIVE = "sensitive"


class Scope(SectionPart):
    """What a directive applies to; an empty list means all."""

    categories: Annotated[
        tuple[Category, ...],
        described(CHILD, NOWHERE, "Categories of data", ["health"], max_length=9),
    ] = ()
    recipients: Annotated[
        tuple[AgencyName, ...],
        described(CHILD, MAY_LOCATE, "Agencies, by name", ["oakfield-primary"], max_length=200),
    ] = ()
    purposes: Annotated[
        tuple[Purpose, ...],
        described(CHILD, NOWHERE, "Purposes of sharing", ["sen-support"], max_length=20),
    ] = ()


_OWN_ID = "The recording system's own id of the directive"
_PERSON = "The agency's reference for the person"
_EVIDENCE = "Where the evidence is stored"


class DirectiveRecorded(Section):
    """A person with authority gave a directive about sharing, and an agency recorded it."""

    category: ClassVar[Category] = Category.CONSENT

    directive_id: Annotated[
        str | None, described(CHILD, NOWHERE, _OWN_ID, "DIR-2026-9", max_length=64)
    ] = None
    kind: Annotated[DirectiveKind | None, described(CHILD, NOWHERE, "Kind of directive")] = None
    authority: Annotated[
        Authority | None,
        described(CHILD, NOWHERE, "In what capacity the person decided", "parental-responsibility"),
    ] = None
    decider_ref: Annotated[
        str | None, described(OTHERS, NOWHERE, _PERSON, "contact-17", max_length=64)
    ] = None
    decider_name: Annotated[
        ShortText | None, described(OTHERS, NOWHERE, "The person's name", "Kim Ash")
    ] = None
    scope: Annotated[
        Scope | None, described(CHILD, MAY_LOCATE, "What the directive applies to")
    ] = None
    valid_from: Annotated[
        AwareDatetime | None,
        described(CHILD, NOWHERE, "In force from", "2026-03-02T00:00:00+00:00"),
    ] = None
    valid_until: Annotated[
        AwareDatetime | None,
        described(CHILD, NOWHERE, "In force until", "2027-03-02T00:00:00+00:00"),
    ] = None
    obtained: Annotated[
        Code | None,
        described(CHILD, NOWHERE, "website, phone, paper, in-person or self-consent", "in-person"),
    ] = None
    evidence: Annotated[
        ShortText | None, described(TEXT, MAY_LOCATE, _EVIDENCE, "Signed form, file 12")
    ] = None
    restriction: Annotated[
        RestrictionKind | None,
        described(CHILD, NOWHERE, "What a restriction protects", "sensitive"),
    ] = None
    allowed_purposes: Annotated[
        tuple[Purpose, ...],
        described(
            CHILD,
            NOWHERE,
            "Purposes that a restriction still allows",
            ["child-protection"],
            max_length=20,
        ),
    ] = ()


class DirectiveWithdrawn(Section):
    """An earlier directive is withdrawn."""

    category: ClassVar[Category] = Category.CONSENT

    directive_id: Annotated[
        str | None, described(CHILD, NOWHERE, _OWN_ID, "DIR-2026-9", max_length=64)
    ] = None
    withdrawn_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of withdrawal", "2026-09-01")
    ] = None
    decider_ref: Annotated[
        str | None, described(OTHERS, NOWHERE, _PERSON, "contact-17", max_length=64)
    ] = None
    evidence: Annotated[
        ShortText | None, described(TEXT, MAY_LOCATE, _EVIDENCE, "E-mail of 1 September")
    ] = None


class Override(SectionPart):
    """A safeguarding override: a named person's decision to share despite a refusal."""

    authoriser: Annotated[
        ShortText, described(PROFESSIONAL, NOWHERE, "Name of the person who decided", "Jo Hill")
    ]
    authoriser_ref: Annotated[
        Code, described(PROFESSIONAL, NOWHERE, "Staff reference; recorded in the ledger", "DSL-4")
    ]
    reason: Annotated[
        ShortText,
        described(TEXT, MAY_LOCATE, "Why, in a sentence; not in the ledger", "Risk of harm."),
    ]
    limb: Annotated[
        str,
        described(
            CHILD,
            NOWHERE,
            "Limb of DPA 2018 Schedule 1 paragraph 18(1)(c) relied on",
            "consent-would-prejudice",
            pattern="^(consent-cannot-be-given|consent-cannot-be-expected|consent-would-prejudice)$",
        ),
    ]


_LAW = "UK GDPR Articles 7, 18, 21; common-law duty of confidentiality; Children Act 1989 s.3"
TYPES = (
    declare(
        "consent.directive-recorded",
        "A person with authority gave a directive about sharing",
        DirectiveRecorded,
        law=_LAW,
        required="directive_id kind authority decider_ref",
    ),
    declare(
        "consent.directive-withdrawn",
        "An earlier directive is withdrawn",
        DirectiveWithdrawn,
        law=_LAW,
        required="directive_id",
    ),
)
