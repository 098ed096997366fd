"""A view in plain language: a notification for a reader whose system has no such event.

An NHS system has no message for an exclusion or a social worker's name, but every one can file a
document. The lines are made of the fields of the view and nothing else: a label from the field's
own name, codes of special educational needs spelled out, days as ``7 September 2026``, moments in
London time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

from adapters.hl7v2.codes import NEED_WORDS, PROVISION_WORDS
from schemas.event import RecordStatus, View
from schemas.events.education import SenNeed, SenNeedType, SenProvision
from schemas.people import Coding, DocumentRef, Organisation
from schemas.sections import Category, Section
from schemas.times import LONDON

_SHARED = frozenset({Category.IDENTITY, Category.CONTACT, Category.FAMILY})
_CHANGES = {
    RecordStatus.CORRECTED: "This corrects an earlier notification of the same record.",
    RecordStatus.RETRACTED: "This withdraws an earlier notification: the record was made in error.",
}
_CAPITALS = {"ehc": "EHC", "la": "LA", "sen": "SEN", "id": "number"}


def own_sections(view: View) -> list[Section]:
    """Return the sections that make the event what it is, in the order of its type."""
    wanted = (c for c in view.kind.sections if c not in _SHARED)
    return [view.sections[c] for c in wanted if c in view.sections]


def is_notice(view: View) -> bool:
    """Whether a view tells nothing but that a record was corrected or taken back."""
    return view.status in _CHANGES and not view.sections and not view.existence


def letter_lines(view: View) -> list[str]:
    """Write a view as lines of text: what happened, who says so, then field by field."""
    lines = [view.kind.title + ".", f"From: {view.source}"]
    if view.status in _CHANGES:
        lines.append(_CHANGES[view.status])
    if view.record:
        lines.append(f"Their record: {view.record}")
    for section in own_sections(view):
        lines += _section_lines(section)
    if is_notice(view) and view.status is RecordStatus.CORRECTED:
        lines.append("The correction is not shared; do not rely on the earlier version.")
    lines += [f"A record exists, its content is not shared: {c.value}" for c in view.existence]
    return lines


def _section_lines(section: Section) -> Iterator[str]:
    present = section.present()
    for name in type(section).model_fields:
        if name in present:
            yield from _field_lines(_label(name), getattr(section, name))


def _label(name: str) -> str:
    words = [_CAPITALS.get(word, word) for word in name.split("_")]
    label = " ".join(words)
    return label[0].upper() + label[1:]


def _field_lines(label: str, value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield f"{label}: {_words(item)}"
        return
    first, *rest = _words(value).split("\n")
    yield f"{label}: {first}"
    yield from rest


def _words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return f"{_day(value.astimezone(LONDON))} {value.astimezone(LONDON):%H:%M}"
        case dt.date():
            return _day(value)
        case SenNeed():
            return _need(value)
        case SenProvision():
            return PROVISION_WORDS[value]
        case StrEnum():
            return value.value.replace("-", " ")
        case Organisation():
            return _organisation(value)
        case Coding():
            return f"{value.display} ({value.code})" if value.display else value.code
        case DocumentRef():
            return f"{value.title} ({value.id})" if value.title else value.id
        case _:
            return str(value)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _need(need: SenNeed) -> str:
    rank = {1: " (primary)", None: ""}.get(need.rank, f" (rank {need.rank})")
    since = f" since {_day(need.start_date)}" if need.start_date else ""
    until = f" until {_day(need.end_date)}" if need.end_date else ""
    return f"{NEED_WORDS[SenNeedType(need.type)]}{rank}{since}{until}"


def _organisation(organisation: Organisation) -> str:
    codes = (
        ("URN", organisation.urn),
        ("LAESTAB", organisation.laestab),
        ("UKPRN", organisation.ukprn),
        ("ODS", organisation.ods),
    )
    known = ", ".join(f"{scheme} {code}" for scheme, code in codes if code)
    if organisation.name and known:
        return f"{organisation.name} ({known})"
    return organisation.name or known or "not named"
