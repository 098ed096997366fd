"""Who the child is, where the child lives, who the family are: the sections every sector shares."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.identifiers import Identifier
from schemas.sections import LOCATES, Category, Code, Section, SectionPart, ShortText


class Sex(StrEnum):
    """Sex as the sending system records it (CTF, CIN, HL7 and FHIR codes map to these)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class WhereaboutsFlag(StrEnum):
    """How a person's whereabouts are guarded (the NHS spine's U, R and V)."""

    UNRESTRICTED = "unrestricted"
    RESTRICTED = "restricted"
    VERY_RESTRICTED = "very-restricted"


class Identity(Section):
    """Who the child is. Each identifier is a field, so an agreement names each it allows."""

    category: ClassVar[Category] = Category.IDENTITY

    nhs_number: Annotated[Identifier | None, Field(description="NHS number")] = None
    upn: Annotated[
        Identifier | None, Field(description="Unique pupil number; for education and council use")
    ] = None
    former_upn: Annotated[Identifier | None, Field(description="The UPN before this one")] = None
    uln: Annotated[Identifier | None, Field(description="Unique learner number")] = None
    la_child_id: Annotated[
        Identifier | None, Field(description="The local authority's own child id")
    ] = None
    local_id: Annotated[
        Identifier | None, Field(description="The sending system's own record number")
    ] = None
    family_name: Annotated[ShortText | None, Field(description="Legal family name")] = None
    given_name: Annotated[ShortText | None, Field(description="Legal first given name")] = None
    middle_names: Annotated[ShortText | None, Field(description="Further given names")] = None
    preferred_family_name: Annotated[ShortText | None, Field(description="Name used")] = None
    preferred_given_name: Annotated[ShortText | None, Field(description="Name used")] = None
    birth_date: Annotated[dt.date | None, Field(description="Date of birth")] = None
    expected_birth_date: Annotated[
        dt.date | None, Field(description="Expected date of birth of an unborn child")
    ] = None
    death_date: Annotated[dt.date | None, Field(description="Date of death")] = None
    sex: Annotated[Sex | None, Field(description="Sex as recorded")] = None
    ethnicity: Annotated[
        Code | None, Field(description="Ethnicity, in the sending system's own code; never mapped")
    ] = None


class Telephone(SectionPart):
    """One telephone number and what it is for."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Annotated[Code | None, Field(description="home, work, mobile, other")] = None


class Address(SectionPart):
    """One postal address."""

    lines: Annotated[tuple[ShortText, ...], Field(max_length=8)] = ()
    town: ShortText | None = None
    county: ShortText | None = None
    postcode: Annotated[str | None, Field(max_length=12)] = None
    uprn: Annotated[str | None, Field(max_length=12, description="Unique property reference")] = (
        None
    )


class Contact(Section):
    """Where the child lives and how to reach the home."""

    category: ClassVar[Category] = Category.CONTACT

    address: Annotated[
        Address | None, Field(description="Home address", json_schema_extra=LOCATES)
    ] = None
    telephones: Annotated[
        tuple[Telephone, ...], Field(max_length=20, json_schema_extra=LOCATES)
    ] = ()
    email: Annotated[ShortText | None, Field(json_schema_extra=LOCATES)] = None
    gp_practice: Annotated[
        Code | None,
        Field(description="ODS code of the GP practice", json_schema_extra=LOCATES),
    ] = None
    confidentiality: Annotated[
        WhereaboutsFlag | None, Field(description="Whether whereabouts are restricted")
    ] = None
    do_not_disclose: Annotated[
        tuple[Code, ...],
        Field(max_length=20, description="Names of this section's fields marked do-not-disclose"),
    ] = ()


class Relative(SectionPart):
    """One person in the child's family or network; says nothing of where they live."""

    ref: Annotated[str, Field(max_length=20, description="Names the person within this event")]
    family_name: ShortText | None = None
    given_name: ShortText | None = None
    title: Annotated[str | None, Field(max_length=40)] = None
    relationship: Annotated[
        Code | None, Field(description="Such as mother, father, carer, foster-carer, social-worker")
    ] = None
    parental_responsibility: Annotated[
        bool | None,
        Field(description="Parental responsibility as recorded; unknown is not the same as no"),
    ] = None


class ContactPoint(SectionPart):
    """Where one relative can be reached."""

    ref: Annotated[str, Field(max_length=20, description="The relative's ref")]
    address: Address | None = None
    same_address_as_child: bool | None = None
    telephones: Annotated[tuple[Telephone, ...], Field(max_length=20)] = ()
    email: ShortText | None = None


class Family(Section):
    """The people around the child."""

    category: ClassVar[Category] = Category.FAMILY

    people: Annotated[tuple[Relative, ...], Field(max_length=50)] = ()
    contact_points: Annotated[
        tuple[ContactPoint, ...], Field(max_length=50, json_schema_extra=LOCATES)
    ] = ()


class Organisation(SectionPart):
    """A school, trust, practice or department, by name and by whichever codes are known."""

    name: ShortText | None = None
    urn: Annotated[str | None, Field(max_length=6, description="School URN, six digits")] = None
    laestab: Annotated[str | None, Field(max_length=7, description="LA and establishment")] = None
    ukprn: Annotated[str | None, Field(max_length=8, description="UK provider number")] = None
    ods: Annotated[str | None, Field(max_length=12, description="NHS organisation code")] = None


class Coding(SectionPart):
    """A code with the system it belongs to; SNOMED CT codes are strings, for they are long."""

    code: Code
    display: ShortText | None = None
    system: Annotated[
        str | None, Field(max_length=120, description="URI of the code system, such as SNOMED CT")
    ] = None


class DocumentRef(SectionPart):
    """A pointer to a document the source holds; the document itself does not travel."""

    id: Annotated[str, Field(min_length=1, max_length=120)]
    title: ShortText | None = None
    media_type: Annotated[str | None, Field(max_length=80)] = None
    sha256: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None
