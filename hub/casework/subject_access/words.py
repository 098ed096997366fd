"""Plain English for the copy of a child's record: names of fields, what they hold, codes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel

from consent.directive import Directive
from hub.casework.subject_access.field_subjects import About, about_value
from hub.casework.subject_access.parts import Section as Listed
from hub.casework.subject_access.parts import Shown
from schemas.events.education import SenNeedType, SenProvision
from schemas.identifiers import Identifier, System
from schemas.people import Coding
from schemas.sections import Category, Section
from schemas.sharing import Authority, DirectiveKind, Purpose, Scope

CATEGORIES: Mapping[Category, str] = {
    Category.IDENTITY: "Who the child is",
    Category.CONTACT: "Where the child lives",
    Category.FAMILY: "Family and other people",
    Category.EDUCATION: "Education",
    Category.SEN: "Special educational needs",
    Category.HEALTH: "Health",
    Category.CARE: "Social care",
    Category.SAFEGUARDING: "Safeguarding",
    Category.CONSENT: "What was said about sharing",
}
SYSTEMS: Mapping[System, str] = {
    System.NHS_NUMBER: "NHS number",
    System.UPN: "Unique pupil number (UPN)",
    System.ULN: "Unique learner number (ULN)",
    System.LA_CHILD_ID: "Number at a local authority",
    System.LOCAL_ID: "Number at an agency",
}
_NAMES = {
    "nhs_number": "NHS number",
    "upn": "Unique pupil number (UPN)",
    "former_upn": "Former UPN",
    "uln": "Unique learner number (ULN)",
    "la_child_id": "Number at a local authority",
    "local_id": "Number at the agency",
    "gp_practice": "GP practice",
    "urn": "School number (URN)",
    "laestab": "School number (LAESTAB)",
    "ukprn": "Provider number (UKPRN)",
    "uprn": "Property number (UPRN)",
    "ods": "NHS organisation code",
    "sha256": "Fingerprint",
    "case_id": "Case number",
    "directive_id": "Number",
    "decider_ref": "Who spoke (reference)",
    "decider_name": "Who spoke",
}
_PURPOSES: Mapping[Purpose, str] = {
    Purpose.EHC_ASSESSMENT: "assessing education, health and care needs",
    Purpose.EHC_PLAN: "an education, health and care plan",
    Purpose.SEN_SUPPORT: "support for special educational needs",
}
# DfE Common Basic Data Set, as used in the school census.
_NEEDS: Mapping[Enum, str] = {
    SenProvision.NONE: "no special provision",
    SenProvision.SEN_SUPPORT: "SEN support",
    SenProvision.EHC_PLAN: "education, health and care plan",
    SenProvision.STATEMENT: "statement",
    SenProvision.SCHOOL_ACTION: "School Action",
    SenProvision.SCHOOL_ACTION_PLUS: "School Action Plus",
    SenNeedType.SPLD: "specific learning difficulty",
    SenNeedType.MLD: "moderate learning difficulty",
    SenNeedType.SLD: "severe learning difficulty",
    SenNeedType.PMLD: "profound and multiple learning difficulty",
    SenNeedType.SEMH: "social, emotional and mental health",
    SenNeedType.SLCN: "speech, language and communication needs",
    SenNeedType.HI: "hearing impairment",
    SenNeedType.VI: "vision impairment",
    SenNeedType.MSI: "multi-sensory impairment",
    SenNeedType.PD: "physical disability",
    SenNeedType.ASD: "autistic spectrum disorder",
    SenNeedType.DS: "Down syndrome",
    SenNeedType.OTH: "other difficulty or disability",
    SenNeedType.NSA: "SEN support, type of need not yet assessed",
}
AUTHORITIES: Mapping[Authority, str] = {
    Authority.COURT: "a court",
    Authority.YOUNG_PERSON: "the young person",
    Authority.PARENTAL_RESPONSIBILITY: "a person with parental responsibility",
}
_SAID: Mapping[DirectiveKind, str] = {
    DirectiveKind.CONSENT: "Consent",
    DirectiveKind.REFUSAL: "Refusal",
    DirectiveKind.OBJECTION: "Objection",
    DirectiveKind.RESTRICTION: "Restriction",
}


def label(name: str) -> str:
    """Name a field for people."""
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


def labels(names: object) -> tuple[str, ...]:
    """Name several fields for people, in order."""
    return tuple(label(str(n)) for n in names) if isinstance(names, (tuple, list)) else ()


def purpose(value: Purpose) -> str:
    """Name what data is shared for."""
    return _PURPOSES.get(value, value.value.replace("-", " "))


def day(at: str) -> str:
    """Write a moment of the store for people: ``5 March 2026, 09:30 (UTC)``."""
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{_date(moment)}, {moment:%H:%M} (UTC)"


def _date(moment: dt.date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def words(value: object) -> str:
    """Say what a field holds in words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Enum():
            return _NEEDS.get(value) or str(value.value).replace("-", " ")
        case dt.datetime():
            return day(value.astimezone(dt.UTC).isoformat())
        case dt.date():
            return _date(value)
        case tuple():
            joint = ", " if all(isinstance(one, str) for one in value) else "; "
            return joint.join(words(one) for one in value)
        case Identifier():
            return _number(value)
        case Coding():
            return f"{value.display} (code {value.code})" if value.display else value.code
        case Scope():
            return scope(value)
        case BaseModel():
            return _parts(value)
        case _:
            return str(value)


def _number(value: Identifier) -> str:
    more = [f"as written: {value.original}"] if value.original else []
    more += [f"given by {value.issuer}"] if value.issuer else []
    more += ["its check digit is wrong"] if not value.usable else []
    return f"{value.value} ({', '.join(more)})" if more else value.value


def _parts(value: BaseModel) -> str:
    held = ((name, getattr(value, name)) for name in type(value).model_fields)
    return ", ".join(
        f"{label(name).lower() if name not in _NAMES else label(name)}: {words(one)}"
        for name, one in held
        if one is not None and one != ()
    )


def scope(value: Scope) -> str:
    """Say what a directive speaks about."""
    said = [
        f"{what}: {', '.join(named)}"
        for what, named in (
            ("data", [CATEGORIES[c].lower() for c in value.categories]),
            ("agencies", list(value.recipients)),
            ("purposes", [purpose(p) for p in value.purposes]),
        )
        if named
    ]
    return "; ".join(said) or "everything"


def section(category: Category, held: Section, names: tuple[str, ...]) -> Listed:
    """List some fields of a section with what they hold and whom they may be about."""
    ordered = [name for name in type(held).model_fields if name in names]
    return Listed(
        CATEGORIES[category],
        tuple(shown(type(held), name, getattr(held, name)) for name in ordered),
    )


def shown(model: type, name: str, value: object) -> Shown:
    """Show one field, flagged where it may be about somebody else."""
    about = about_value(model, name, value)
    return Shown(label(name), words(value), None if about is About.CHILD else about)


def directive(said: Directive) -> str:
    """Name what somebody said about sharing, without a reference to the person."""
    upheld = ", upheld" if said.upheld else ""
    return f"{_SAID[said.kind]} by {AUTHORITIES[said.authority]}{upheld}"
