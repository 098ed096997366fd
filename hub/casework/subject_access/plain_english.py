"""Plain English for the copy of a child's record: names of fields, their values, codes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import Enum

from pydantic import BaseModel

from consent.directive import Directive
from hub.casework.subject_access.field_subjects import About, about_value
from hub.casework.subject_access.report import ShownField, ShownSection
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
    Category.CONSENT: "Consent and objections to sharing",
}
SYSTEMS: Mapping[System, str] = {
    System.NHS_NUMBER: "NHS number",
    System.UPN: "Unique pupil number (UPN)",
    System.ULN: "Unique learner number (ULN)",
    System.LA_CHILD_ID: "Local authority number",
    System.LOCAL_ID: "Agency number",
}
_NAMES = {
    "nhs_number": "NHS number",
    "upn": "Unique pupil number (UPN)",
    "former_upn": "Former UPN",
    "uln": "Unique learner number (ULN)",
    "la_child_id": "Local authority number",
    "local_id": "Agency number",
    "gp_practice": "GP practice",
    "urn": "School number (URN)",
    "laestab": "School number (LAESTAB)",
    "ukprn": "Provider number (UKPRN)",
    "uprn": "Property number (UPRN)",
    "ods": "NHS organisation code",
    "sha256": "Checksum (SHA-256)",
    "case_id": "Case number",
    "directive_id": "Reference",
    "decider_ref": "Reference of the person",
    "decider_name": "Name of the person",
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
    Authority.PROFESSIONAL: "a professional",
}
_KINDS: Mapping[DirectiveKind, str] = {
    DirectiveKind.CONSENT: "Consent",
    DirectiveKind.REFUSAL: "Refusal",
    DirectiveKind.OBJECTION: "Objection",
    DirectiveKind.RESTRICTION: "Restriction",
}


def label(name: str) -> str:
    """Return the name of a field."""
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


def labels(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of several fields, in order."""
    return tuple(label(name) for name in names)


def purpose_text(value: Purpose) -> str:
    """Return what data is shared for."""
    return _PURPOSES.get(value, value.value.replace("-", " "))


def day(at: str) -> str:
    """Return a stored time as ``5 March 2026, 09:30 (UTC)``."""
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{_date(moment)}, {moment:%H:%M} (UTC)"


def _date(moment: dt.date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def value_text(value: object) -> str:
    """Return the value of a field in words."""
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
            return joint.join(value_text(one) for one in value)
        case Identifier():
            return _identifier(value)
        case Coding():
            return f"{value.display} (code {value.code})" if value.display else value.code
        case Scope():
            return scope_text(value)
        case BaseModel():
            return _members(value)
        case _:
            return str(value)


def _identifier(value: Identifier) -> str:
    more = [f"as written: {value.original}"] if value.original else []
    more += [f"issued by {value.issuer}"] if value.issuer else []
    more += ["its check digit is wrong"] if not value.usable else []
    return f"{value.value} ({', '.join(more)})" if more else value.value


def _members(value: BaseModel) -> str:
    members = ((name, getattr(value, name)) for name in type(value).model_fields)
    return ", ".join(
        f"{label(name).lower() if name not in _NAMES else label(name)}: {value_text(one)}"
        for name, one in members
        if one is not None and one != ()
    )


def scope_text(value: Scope) -> str:
    """Return what a directive applies to."""
    parts = [
        f"{what}: {', '.join(named)}"
        for what, named in (
            ("data", [CATEGORIES[c].lower() for c in value.categories]),
            ("agencies", list(value.recipients)),
            ("purposes", [purpose_text(p) for p in value.purposes]),
        )
        if named
    ]
    return "; ".join(parts) or "everything"


def directive_title(directive: Directive) -> str:
    """Return the title of a directive, without a reference to the person who gave it."""
    upheld = ", upheld" if directive.upheld else ""
    return f"{_KINDS[directive.kind]} by {AUTHORITIES[directive.authority]}{upheld}"


def shown_field(model: type, name: str, value: object) -> ShownField:
    """Return one field, flagged if it may be about someone else."""
    about = about_value(model, name, value)
    return ShownField(label(name), value_text(value), None if about is About.CHILD else about)


def shown_section(category: Category, section: Section, names: Iterable[str]) -> ShownSection:
    """Return the named fields of a section, in the order of its model."""
    model, chosen = type(section), set(names)
    ordered = (name for name in model.model_fields if name in chosen)
    fields = (shown_field(model, name, getattr(section, name)) for name in ordered)
    return ShownSection(CATEGORIES[category], tuple(fields))
