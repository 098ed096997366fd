"""Who the child is, where the child lives, who the family are: the sections every sector shares."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from schemas.fields import (
    CHILD,
    LOCATES,
    MAY_LOCATE,
    NOWHERE,
    OTHERS,
    TEXT,
    described,
)
from schemas.identifiers import Identifier
from schemas.sections import Category, Code, Section, SectionPart, ShortText


class Sex(StrEnum):
    """Sex as the sending system records it (CTF, CIN, HL7 and FHIR codes map to these)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class WhereaboutsFlag(StrEnum):
    """How a person's whereabouts are protected (the NHS Spine's U, R and V)."""

    UNRESTRICTED = "unrestricted"
    RESTRICTED = "restricted"
    VERY_RESTRICTED = "very-restricted"


class Identity(Section):
    """Who the child is. Each identifier is a field, so an agreement names each it allows."""

    category: ClassVar[Category] = Category.IDENTITY

    nhs_number: Annotated[
        Identifier | None, described(CHILD, NOWHERE, "NHS number", {"value": "9990548609"})
    ] = None
    upn: Annotated[
        Identifier | None,
        described(
            CHILD,
            MAY_LOCATE,
            "Unique pupil number, for schools and councils; holds the number of a council",
            {"value": "R801200020001"},
        ),
    ] = None
    former_upn: Annotated[
        Identifier | None,
        described(CHILD, MAY_LOCATE, "The UPN before this one", {"value": "C801200020000"}),
    ] = None
    uln: Annotated[
        Identifier | None,
        described(CHILD, NOWHERE, "Unique learner number", {"value": "9990000017"}),
    ] = None
    la_child_id: Annotated[
        Identifier | None,
        described(
            CHILD,
            MAY_LOCATE,
            "The local authority's own child id",
            {"value": "C-10482", "issuer": "801"},
        ),
    ] = None
    local_id: Annotated[
        Identifier | None,
        described(
            CHILD,
            MAY_LOCATE,
            "The sending system's own record number",
            {"value": "P00371", "issuer": "oakfield-primary"},
        ),
    ] = None
    family_name: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Legal family name", "Ash")
    ] = None
    given_name: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Legal first given name", "Robin")
    ] = None
    middle_names: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Further given names", "Jay")
    ] = None
    preferred_family_name: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Family name used", "Ash-Bell")
    ] = None
    preferred_given_name: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Given name used", "Rob")
    ] = None
    birth_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Date of birth", "2017-05-14")
    ] = None
    expected_birth_date: Annotated[
        dt.date | None,
        described(CHILD, NOWHERE, "Expected date of birth of an unborn child", "2026-11-02"),
    ] = None
    death_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Date of death", "2026-01-31")
    ] = None
    sex: Annotated[Sex | None, described(CHILD, NOWHERE, "Sex as recorded")] = None
    ethnicity: Annotated[
        Code | None,
        described(
            CHILD, NOWHERE, "Ethnicity, in the sending system's own code; never mapped", "WBRI"
        ),
    ] = None


class Telephone(SectionPart):
    """One telephone number and what it is for."""

    number: Annotated[
        str,
        described(
            CHILD, MAY_LOCATE, "The number, as written", "01632 960001", min_length=1, max_length=40
        ),
    ]
    kind: Annotated[
        Code | None, described(CHILD, NOWHERE, "home, work, mobile or other", "home")
    ] = None


class Address(SectionPart):
    """One postal address."""

    lines: Annotated[
        tuple[ShortText, ...],
        described(CHILD, MAY_LOCATE, "Address lines above the town", ["1 Elm Row"], max_length=8),
    ] = ()
    town: Annotated[ShortText | None, described(CHILD, MAY_LOCATE, "Town", "Northmoor")] = None
    county: Annotated[ShortText | None, described(CHILD, MAY_LOCATE, "County", "Northshire")] = None
    postcode: Annotated[
        str | None, described(CHILD, MAY_LOCATE, "Postcode", "ZZ99 3WZ", max_length=12)
    ] = None
    uprn: Annotated[
        str | None,
        described(CHILD, MAY_LOCATE, "Unique property reference number", "10000001", max_length=12),
    ] = None


class Contact(Section):
    """Where the child lives and how to reach the home."""

    category: ClassVar[Category] = Category.CONTACT

    address: Annotated[Address | None, described(CHILD, LOCATES, "Home address")] = None
    # A home's telephone and e-mail are mostly a parent's.
    telephones: Annotated[
        tuple[Telephone, ...],
        described(OTHERS, LOCATES, "Telephone numbers of the home", max_length=20),
    ] = ()
    email: Annotated[
        ShortText | None, described(OTHERS, LOCATES, "E-mail address", "home@example.org")
    ] = None
    gp_practice: Annotated[
        Code | None, described(CHILD, LOCATES, "ODS code of the GP practice", "Y99999")
    ] = None
    confidentiality: Annotated[
        WhereaboutsFlag | None,
        described(CHILD, NOWHERE, "Whether whereabouts are restricted", "unrestricted"),
    ] = None
    do_not_disclose: Annotated[
        tuple[Code, ...],
        described(
            CHILD,
            NOWHERE,
            "Names of this section's fields marked do-not-disclose",
            ["email"],
            max_length=20,
        ),
    ] = ()


class Relative(SectionPart):
    """One person in the child's family or network, without where they live."""

    ref: Annotated[
        str, described(OTHERS, NOWHERE, "Names the person within this event", "p1", max_length=20)
    ]
    family_name: Annotated[ShortText | None, described(OTHERS, NOWHERE, "Family name", "Ash")] = (
        None
    )
    given_name: Annotated[ShortText | None, described(OTHERS, NOWHERE, "Given name", "Kim")] = None
    title: Annotated[str | None, described(OTHERS, NOWHERE, "Title", "Ms", max_length=40)] = None
    relationship: Annotated[
        Code | None,
        described(
            OTHERS,
            NOWHERE,
            "Relationship to the child: mother, father, carer, foster-carer, social-worker...",
            "mother",
        ),
    ] = None
    parental_responsibility: Annotated[
        bool | None,
        described(
            OTHERS,
            NOWHERE,
            "Parental responsibility as recorded; unknown is not the same as no",
            True,  # noqa: FBT003  an example value
        ),
    ] = None


class ContactPoint(SectionPart):
    """Where one relative can be reached."""

    ref: Annotated[str, described(OTHERS, NOWHERE, "The relative's ref", "p1", max_length=20)]
    address: Annotated[
        Address | None, described(OTHERS, MAY_LOCATE, "Where the relative lives")
    ] = None
    same_address_as_child: Annotated[
        bool | None,
        described(OTHERS, MAY_LOCATE, "Whether they live at the child's address", True),  # noqa: FBT003
    ] = None
    telephones: Annotated[
        tuple[Telephone, ...],
        described(OTHERS, MAY_LOCATE, "The relative's telephone numbers", max_length=20),
    ] = ()
    email: Annotated[
        ShortText | None,
        described(OTHERS, MAY_LOCATE, "The relative's e-mail address", "kim@example.org"),
    ] = None


class Family(Section):
    """The people around the child."""

    category: ClassVar[Category] = Category.FAMILY

    people: Annotated[
        tuple[Relative, ...],
        described(OTHERS, NOWHERE, "Relatives and others around the child", max_length=50),
    ] = ()
    contact_points: Annotated[
        tuple[ContactPoint, ...],
        described(OTHERS, LOCATES, "Where the people can be reached, by ref", max_length=50),
    ] = ()


class Organisation(SectionPart):
    """A school, trust, practice or department, by name and by the codes that are known."""

    name: Annotated[ShortText | None, described(CHILD, MAY_LOCATE, "Name", "Oakfield Primary")] = (
        None
    )
    urn: Annotated[
        str | None,
        described(CHILD, MAY_LOCATE, "School URN, six digits", "100000", max_length=6),
    ] = None
    laestab: Annotated[
        str | None,
        described(
            CHILD,
            MAY_LOCATE,
            "Local authority and establishment number, seven digits",
            "8012000",
            max_length=7,
        ),
    ] = None
    ukprn: Annotated[
        str | None,
        described(CHILD, MAY_LOCATE, "UK provider reference number", "10000001", max_length=8),
    ] = None
    ods: Annotated[
        str | None, described(CHILD, MAY_LOCATE, "NHS organisation code", "RX9", max_length=12)
    ] = None


class Coding(SectionPart):
    """A code with the system it belongs to; SNOMED CT codes are too long for a number."""

    code: Annotated[Code, described(CHILD, MAY_LOCATE, "The code", "35919005")]
    display: Annotated[
        ShortText | None, described(CHILD, MAY_LOCATE, "What the code means", "Autism")
    ] = None
    system: Annotated[
        str | None,
        described(
            CHILD,
            NOWHERE,
            "URI of the code system, such as SNOMED CT",
            "http://snomed.info/sct",
            max_length=120,
        ),
    ] = None


class DocumentRef(SectionPart):
    """A reference to a document that stays with the source; its content is not sent."""

    id: Annotated[
        str,
        described(
            CHILD,
            MAY_LOCATE,
            "Identifier or URL of the document at the source",
            "doc-2026-0031",
            min_length=1,
            max_length=120,
        ),
    ]
    title: Annotated[
        ShortText | None, described(TEXT, MAY_LOCATE, "Title of the document", "Therapy report")
    ] = None
    media_type: Annotated[
        str | None, described(CHILD, NOWHERE, "Media type", "application/pdf", max_length=80)
    ] = None
    sha256: Annotated[
        str | None,
        described(CHILD, NOWHERE, "SHA-256 of the document, hexadecimal", pattern="^[0-9a-f]{64}$"),
    ] = None
