"""Write identity, contact and family as FHIR Patient, RelatedPerson and Organization.

UK Core profiles and NHS identifier systems where they exist; identifiers that the NHS has no system
for (UPN, ULN, a council's child id) go under this project's own URIs.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from adapters.contract import AgencySystem
from adapters.fhir import codes as fc
from adapters.fhir.settings import FhirSettings
from schemas.event import View
from schemas.fhir import systems
from schemas.fhir.building import Resource, coding, concept, extensions, identifier
from schemas.identifiers import Assurance, Identifier, is_ods_code
from schemas.people import (
    Address,
    Contact,
    ContactPoint,
    Family,
    Identity,
    Organisation,
    Relative,
    Telephone,
)


def patient_body(view: View, speaker: AgencySystem) -> Resource:
    """Write the Patient of a view; without any identifier, the pseudonym of the child."""
    identity = view.identity
    contact = view.section(Contact) or Contact()
    born = identity.expected_birth_date
    ethnic: Resource = {"coding": [{"code": identity.ethnicity}]} if identity.ethnicity else {}
    security: Resource | None = (
        {
            "system": fc.CONFIDENTIALITY,
            "code": fc.CONFIDENTIALITY_CODES[contact.confidentiality],
        }
        if contact.confidentiality
        else None
    )
    ids = list(_identifiers(identity, speaker))
    return {
        "resourceType": "Patient",
        "meta": {"profile": [fc.UKCORE + "Patient"], "security": [security]},
        "extension": [
            *extensions(fc.ETHNIC_CATEGORY, "valueCodeableConcept", ethnic or None),
            *extensions(fc.EXPECTED_BIRTH_DATE, "valueDate", born.isoformat() if born else None),
        ],
        "identifier": [*ids] if ids else [identifier(systems.CHILD, view.child)],
        "name": _names(identity),
        "telecom": _telecom(contact.telephones, contact.email),
        "gender": identity.sex.value if identity.sex else None,
        "birthDate": identity.birth_date.isoformat() if identity.birth_date else None,
        "deceasedDateTime": identity.death_date.isoformat() if identity.death_date else None,
        "address": [_address(contact.address)] if contact.address else None,
        "generalPractitioner": _practice(contact.gp_practice),
    }


def _practice(code: str | None) -> list[JsonValue]:
    return [{"type": "Organization", "identifier": identifier(fc.ODS, code)}] if code else []


def _names(identity: Identity) -> list[JsonValue]:
    given: list[JsonValue] = [identity.given_name] if identity.given_name else []
    if given and identity.middle_names:
        given.append(identity.middle_names)
    legal: Resource = {"use": "official", "family": identity.family_name, "given": given}
    known_as: list[JsonValue] = [identity.preferred_given_name]
    used: Resource = {"use": "usual", "family": identity.preferred_family_name, "given": known_as}
    has_legal = identity.family_name or given
    has_used = identity.preferred_family_name or identity.preferred_given_name
    return [n for n, there in ((legal, has_legal), (used, has_used)) if there]


def _identifiers(identity: Identity, speaker: AgencySystem) -> Iterator[Resource]:
    if number := identity.nhs_number:
        verified = number.assurance is Assurance.VERIFIED
        code = "01" if verified else fc.TRACE_REQUIRED
        status = concept(coding(fc.VERIFICATION_SYSTEM, code))
        stated = verified or not number.usable
        more = extensions(fc.VERIFICATION_STATUS, "valueCodeableConcept", status) if stated else []
        yield _identifier(systems.NHS_NUMBER, number, more)
    plain = (
        (systems.UPN, identity.upn),
        (fc.FORMER_UPN, identity.former_upn),
        (fc.ULN, identity.uln),
        (fc.LA_CHILD_ID, identity.la_child_id),
    )
    for system, one in plain:
        if one:
            yield _identifier(system, one, [])
    if own := identity.local_id:
        mine = own.issuer == speaker.agency
        system = speaker.settings_as(FhirSettings).local_id_system if mine else fc.LOCAL_ID
        yield _identifier(system, own, [])


def _identifier(system: str, one: Identifier, more: list[JsonValue]) -> Resource:
    issuer: Resource = {"display": one.issuer}
    if one.issuer and is_ods_code(one.issuer):
        issuer = {"identifier": identifier(fc.ODS, one.issuer)}
    doubt = None if one.usable else one.assurance.value
    return {
        "extension": [
            *more,
            *extensions(fc.ORIGINAL, "valueString", one.original),
            *extensions(fc.ASSURANCE, "valueCode", doubt),
        ],
        "system": system,
        "value": one.value,
        "assigner": issuer,
    }


def person_bodies(family: Family | None, patient: Resource) -> Iterator[tuple[str, Resource]]:
    """Write each relative as a RelatedPerson of the patient, with a place name for its id."""
    if family is None:
        return
    points = {p.ref: p for p in family.contact_points}
    shown = {p.ref for p in family.people}
    people = [*family.people, *(Relative(ref=r) for r in points if r not in shown)]
    for relative in people:
        point = points.get(relative.ref) or ContactPoint(ref=relative.ref)
        yield f"person/{relative.ref}", _person(relative, point, patient)


def _person(relative: Relative, point: ContactPoint, patient: Resource) -> Resource:
    pr, same = relative.parental_responsibility, point.same_address_as_child
    name: Resource = {
        "family": relative.family_name,
        "given": [relative.given_name],
        "prefix": [relative.title],
    }
    return {
        "resourceType": "RelatedPerson",
        "meta": {"profile": [fc.UKCORE + "RelatedPerson"]},
        "extension": [
            *extensions(fc.PARENTAL_RESPONSIBILITY, "valueBoolean", pr),
            *extensions(fc.SAME_ADDRESS, "valueBoolean", same),
        ],
        "identifier": [identifier(systems.PERSON, relative.ref)],
        "patient": patient,
        "relationship": [_relationship(relative.relationship)] if relative.relationship else None,
        "name": [name],
        "telecom": _telecom(point.telephones, point.email),
        "address": [_address(point.address)] if point.address else None,
    }


def _relationship(word: str) -> Resource:
    known = fc.ROLE_CODES.get(word)
    return (
        concept(coding(fc.ROLE_CODE, known, word))
        if known
        else concept(coding(fc.RELATIONSHIP, word, word))
    )


def _telecom(telephones: tuple[Telephone, ...], email: str | None) -> list[JsonValue]:
    made: list[JsonValue] = [
        {"system": "phone", "value": t.number, "use": t.kind if t.kind in fc.TELECOM_USES else None}
        for t in telephones
    ]
    return [*made, {"system": "email", "value": email}] if email else made


def _address(address: Address) -> Resource:
    key: Resource = {
        "url": fc.ADDRESS_KEY,
        "extension": [
            {"url": "type", "valueCoding": coding(fc.ADDRESS_KEY_SYSTEM, "UPRN")},
            {"url": "value", "valueString": address.uprn},
        ],
    }
    return {
        "extension": [key] if address.uprn else None,
        "use": "home",
        "line": list(address.lines),
        "city": address.town,
        "district": address.county,
        "postalCode": address.postcode,
    }


def organisation_body(organisation: Organisation) -> Resource:
    """Write an Organization with each code it goes by."""
    codes = (
        (fc.ODS, organisation.ods),
        (fc.SCHOOL_URN, organisation.urn),
        (fc.LAESTAB, organisation.laestab),
        (fc.UKPRN, organisation.ukprn),
    )
    return {
        "resourceType": "Organization",
        "meta": {"profile": [fc.UKCORE + "Organization"]},
        "identifier": [identifier(system, code) for system, code in codes if code],
        "name": organisation.name,
    }
