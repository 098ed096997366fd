"""An event in plain sentences, for formats that can carry most of what the hub says only as text.

"Appointment attended 2026-09-03 10:30, speech and language therapy." The words are data: one lead
per event type, then one sentence for each further field that is present.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from schemas.event import RecordStatus, View
from schemas.events.education import SenNeed, SenProvision
from schemas.fields import Whereabouts, whereabouts_of
from schemas.people import (
    Address,
    Coding,
    Contact,
    DocumentRef,
    Organisation,
    Telephone,
    WhereaboutsFlag,
)
from schemas.sections import Category, Section
from schemas.times import LONDON

_SHARED = frozenset({Category.IDENTITY, Category.CONTACT, Category.FAMILY})
_FIELD = re.compile(r"\{([a-z_]+)\}")

# Pieces between bars are written only where every field they name is present.
_LEADS: Mapping[str, str] = MappingProxyType(
    {
        "education.child-registered": "On the school roll|: {school}| since {entry_date}"
        "|, year group {year_group}|, previous school {previous_school}",
        "education.school-placement-changed": "School changed| on {changed_on}"
        "|, from {from_school}|, to {to_school}|, reason {reason}",
        "education.attendance-concern": "Attendance concern"
        "|: {sessions_attended} of {sessions_possible} sessions attended"
        "|, academic year {academic_year}|, from {period_start}| to {period_end}",
        "education.exclusion": "Exclusion from school|: {kind}| from {start_date}| to {end_date}"
        "|, {sessions} sessions|, reason {reason}|, at {school}",
        "education.sen-support-recorded": "Special educational needs recorded"
        "|: provision {provision}| since {start_date}|, needs {needs}",
        "ehc.ehc-assessment-requested": "EHC needs assessment requested| {requested_on}"
        "|, by {requested_by}|, decision due {decision_due}|, known needs {needs}",
        "ehc.ehc-advice-requested": "EHC advice asked for| {requested_on}|, {kind}|, due {due_on}",
        "ehc.ehc-advice-provided": "EHC advice given| {provided_on}|, {kind}|, {document}",
        "ehc.ehc-decision-made": "EHC decision|: {decision}|, {decided_on}|, plan due {plan_due}",
        "ehc.ehc-plan-issued": "EHC plan issued| {issued_on}|, first review due {review_due}"
        "|, needs {needs}",
        "ehc.ehc-plan-reviewed": "EHC plan reviewed| {reviewed_on}|, outcome {outcome}"
        "|, next review due {next_review_due}",
        "ehc.ehc-plan-ceased": "EHC plan ended| {ceased_on}|, reason {reason}"
        "|, transferred to {transferred_to}",
        "health.referral-made": "Health referral| {status}| {referred_on}|, {service}"
        "|, from {referred_by}|, to {referred_to}|, priority {priority}",
        "health.appointment-changed": "Appointment| {status}| {start}|, {service}|, {reason}"
        "|, at {location}",
        "health.waiting-status-changed": "Waiting list|: {status}|, {service}"
        "|, since {waiting_since}|, {weeks_waiting} weeks",
        "health.report-available": "Health report available|, {kind}|, {issued_on}|, {service}"
        "|, by {author}|, {document}",
        "health.diagnosis-recorded": "Condition recorded|: {condition}|, {recorded_on}"
        "|, {verification}|, {clinical_status}",
        "health.discharge": "Discharged| {discharged_on}|, {service}|, admitted {admitted_on}"
        "|, {outcome}",
        "care.case-opened": "Social care case opened| {referral_date}",
        "care.plan-changed": "Social care plan| {plan_kind}| {change}|, start {start_date}"
        "|, reviewed {reviewed_on}|, end {end_date}",
        "care.worker-allocated": "Worker allocated|: {worker_name}|, {worker_role}|, {team}"
        "|, telephone {telephone}|, from {allocated_on}",
        "care.case-closed": "Social care case closed| {closed_on}|, reason {reason}",
    }
)
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "views": "Section A, views",
        "needs_text": "Section B, needs",
        "health_needs": "Section C, health needs",
        "care_needs": "Section D, care needs",
        "outcomes": "Section E, outcomes",
        "provision": "Section F, provision",
        "health_provision": "Section G, health provision",
        "care_provision": "Section H, care provision",
        "placement": "Section I, placement",
        "personal_budget": "Section J, personal budget",
        "la_child_id": "Council's child id",
        "local_id": "Sender's record number",
        "nhs_number": "NHS number",
        "gp_practice": "GP practice code",
    }
)
_PROVISIONS: Mapping[SenProvision, str] = MappingProxyType(
    {
        SenProvision.NONE: "N (none)",
        SenProvision.SEN_SUPPORT: "K (SEN support)",
        SenProvision.EHC_PLAN: "E (EHC plan)",
        SenProvision.STATEMENT: "S (statement)",
        SenProvision.SCHOOL_ACTION: "A (School Action)",
        SenProvision.SCHOOL_ACTION_PLUS: "P (School Action Plus)",
    }
)


def sentences_of(view: View) -> list[str]:
    """Write all that a view holds besides identity, contact and family, the main section first."""
    own = [s for c, s in view.sections.items() if c not in _SHARED]
    fields = {name: getattr(s, name) for s in own for name in _sayable(s)}
    lead, used = _lead(view, fields)
    said = [lead, *(_labelled(n, v) for n, v in fields.items() if n not in used)]
    kept = (f"A record exists in the category {c.value}; ask the sender" for c in view.existence)
    said += [*kept, f"Sent by {view.source} on {_words(view.time)[:10]}"]
    if view.record:
        said.append(f"Sender's reference: {view.record}")
    return [_stop(s) for s in said]


def labelled_fields(section: Section, names: Iterable[str]) -> list[str]:
    """Write the named fields of a section, each as a sentence."""
    present = _sayable(section)
    return [_stop(_labelled(n, getattr(section, n))) for n in names if n in present]


def identity_sentences(view: View) -> list[str]:
    """Write the parts of the child's identity that CTF has no element for.

    Where nothing else names the child, the hub's own reference for it does.
    """
    who = view.identity
    names = ("nhs_number", "la_child_id", "local_id", "expected_birth_date", "death_date")
    said = labelled_fields(who, names)
    if not who.present() & {"upn", "uln", "family_name", *names[:3]}:
        said.insert(0, f"Hub's reference for the child: {view.child}.")
    return said


def contact_sentences(view: View) -> list[str]:
    """Write the contact details that CTF has no element for: GP practice, address restriction."""
    contact = view.section(Contact)
    if contact is None:
        return []
    said = labelled_fields(contact, ("gp_practice",))
    if contact.confidentiality not in (None, WhereaboutsFlag.UNRESTRICTED):
        said.insert(0, "Whereabouts are restricted: do not disclose the address.")
    if contact.do_not_disclose:
        listed = ", ".join(contact.do_not_disclose).replace("_", " ")
        said.insert(0, f"Do not disclose: {listed}.")
    return said


def _sayable(section: Section) -> list[str]:
    model = type(section)
    held = section.present()
    return [
        n
        for n in model.model_fields
        if n in held and whereabouts_of(model, n) is not Whereabouts.NEVER
    ]


def _lead(view: View, fields: Mapping[str, object]) -> tuple[str, frozenset[str]]:
    used: set[str] = set()
    said = ""
    for piece in _LEADS.get(view.kind.name, view.kind.title).split("|"):
        named = _FIELD.findall(piece)
        if all(n in fields for n in named):
            said += _FIELD.sub(lambda m: _words(fields[m[1]]), piece)
            used.update(named)
    if view.status is RecordStatus.RETRACTED:
        said = f"Retracted by the sender, please disregard: {said}"
    elif view.status is RecordStatus.CORRECTED:
        said = f"Corrected by the sender: {said}"
    return said, frozenset(used)


def _labelled(name: str, value: object) -> str:
    label = _LABELS.get(name) or name.replace("_", " ").capitalize()
    return f"{label}: {_words(value)}"


def _stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _words(value: object) -> str:
    """Write one value as text; times are local, as a school clerk reads them."""
    if isinstance(value, tuple):
        return ", ".join(_words(v) for v in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, SenProvision):
        return _PROVISIONS[value]
    if isinstance(value, StrEnum):
        return value.value.replace("-", " ")
    return _part_words(value) or str(getattr(value, "value", value))


def _part_words(value: object) -> str | None:
    if isinstance(value, Coding):
        return value.display or value.code
    if isinstance(value, Organisation):
        codes = {"URN": value.urn, "LAESTAB": value.laestab, "ODS": value.ods}
        return value.name or next((f"{k} {v}" for k, v in codes.items() if v), "not named")
    if isinstance(value, DocumentRef):
        return f"document {value.id}" + (f" ({value.title})" if value.title else "")
    if isinstance(value, SenNeed):
        return value.type.value + (f" (rank {value.rank})" if value.rank else "")
    if isinstance(value, Telephone):
        return value.number
    if isinstance(value, Address):
        return ", ".join(p for p in (*value.lines, value.town, value.county, value.postcode) if p)
    return None
