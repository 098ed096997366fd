"""The record of processing activities written out: as JSON, as CSV, and as lines for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from hub.casework.agreements.processing_record import Activity, Party, ProcessedData, Record
from schemas.times import stamp

_JOIN = "; "


def as_json(record: Record) -> dict[str, object]:
    """Write the whole record for programs."""
    return {
        "hub": record.hub,
        "made_at": stamp(record.made_at),
        "activities": [_activity_json(one) for one in record.activities],
        "transfers": record.transfers,
        "retention": list(record.retention),
        "security": list(record.security),
        "gaps": list(record.gaps),
    }


def _activity_json(one: Activity) -> dict[str, object]:
    basis: dict[str, object] = one.basis.model_dump(mode="json")
    return {
        "agreement": one.agreement,
        "version": one.version,
        "title": one.title,
        "rule": one.rule,
        "status": one.status.value,
        "controllers": [asdict(party) for party in one.controllers],
        "recipients": [asdict(party) for party in one.recipients],
        "recipient_categories": list(one.recipient_categories),
        "purpose": one.purpose.value,
        "basis": basis | {"sentence": one.basis.sentence(), "consent": one.basis.needs_consent},
        "event_types": list(one.event_types),
        "only_involved": one.only_involved,
        "data_subjects": list(one.data_subjects),
        "data": [asdict(data) | {"category": data.category.value} for data in one.data],
        "dpia": one.dpia,
        "approved_by": one.approved_by,
        "approved_on": one.approved_on.isoformat(),
        "valid_from": one.valid_from.isoformat(),
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        "review_on": one.review_on.isoformat() if one.review_on else None,
    }


def _end(one: Activity) -> str:
    return str(one.valid_until.date()) if one.valid_until else f"review on {one.review_on}"


def rows(record: Record) -> Iterator[dict[str, str]]:
    """Give one flat row for each activity, under the headings of Article 30(1)."""
    for one in record.activities:
        yield {
            "agreement": f"{one.agreement}@{one.version}",
            "title": one.title,
            "rule": one.rule,
            "status": one.status.value,
            "controllers": _parties(one.controllers),
            "controllers_contact": _each(one.controllers, "contact"),
            "controllers_dpo": _each(one.controllers, "dpo"),
            "purpose": one.purpose.value,
            "lawful_basis": one.basis.sentence(),
            "article_6": one.basis.article_6.value,
            "article_9": one.basis.article_9.value if one.basis.article_9 else "",
            "schedule_1": one.basis.schedule_1 or "",
            "confidentiality": one.basis.confidentiality.value,
            "statutory_gate": one.basis.gate or "",
            "data_subjects": _JOIN.join(one.data_subjects),
            "personal_data": _JOIN.join(map(_data, one.data)),
            "event_types": _JOIN.join(one.event_types),
            "recipients": _parties(one.recipients),
            "recipient_categories": _JOIN.join(one.recipient_categories),
            "recipients_contact": _each(one.recipients, "contact"),
            "recipients_dpo": _each(one.recipients, "dpo"),
            "only_if_involved": "yes" if one.only_involved else "no",
            "transfers": record.transfers,
            "retention": " ".join(record.retention),
            "security": " ".join(record.security),
            "dpia": one.dpia,
            "approved_by": one.approved_by,
            "approved_on": one.approved_on.isoformat(),
            "valid_from": one.valid_from.isoformat(),
            "valid_until": one.valid_until.isoformat() if one.valid_until else "",
            "made_at": stamp(record.made_at),
        }


def write_csv(file: Path, record: Record) -> int:
    """Write the record as CSV under a row of headings; returns how many activities it has."""
    file.write_text(csv_text(record), encoding="utf-8", newline="")
    return len(record.activities)


def csv_text(record: Record) -> str:
    """Write the record as CSV text; empty where there is no activity."""
    found, out = list(rows(record)), io.StringIO(newline="")
    if found:
        writer = csv.DictWriter(out, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return out.getvalue()


def lines(record: Record) -> Iterator[str]:
    """Say the record to a person."""
    yield f"Record of processing activities of {record.hub} (UK GDPR, Article 30(1))"
    for one in record.activities:
        yield ""
        yield f"{one.agreement}@{one.version}/{one.rule}  {one.status.value.upper()}"
        yield f"  {one.title}"
        yield f"  controllers: {_parties(one.controllers)}"
        yield f"  recipients: {_parties(one.recipients)}"
        yield f"  purpose: {one.purpose.value}"
        yield f"  lawful basis: {one.basis.sentence()}"
        yield f"  about: {_JOIN.join(one.data_subjects)}"
        yield f"  data: {_JOIN.join(map(_data, one.data))}"
        yield f"  DPIA {one.dpia}; approved by {one.approved_by} on {one.approved_on}"
        yield f"  from {one.valid_from.date()} until {_end(one)}"
    yield ""
    yield f"Transfers to third countries: {record.transfers}"
    yield "Time limits for erasure:"
    yield from (f"  {text}" for text in record.retention)
    yield "Security measures:"
    yield from (f"  {text}" for text in record.security)


def _parties(parties: tuple[Party, ...]) -> str:
    return _JOIN.join(one.title or one.name for one in parties)


def _each(parties: tuple[Party, ...], field: str) -> str:
    return _JOIN.join(f"{one.name}: {getattr(one, field) or 'not known'}" for one in parties)


def _data(data: ProcessedData) -> str:
    what = f" ({', '.join(data.fields)})" if data.fields else ""
    existence = " (that there is a record)" if data.existence else ""
    special = ", special category" if data.special else ""
    return f"{data.category.value}{special}{what}{existence}"
