"""The record of processing activities as CSV, and as lines for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from hub.casework.agreements.processing_record import (
    Activity,
    Party,
    ProcessedData,
    ProcessingRecord,
)
from schemas.times import stamp

_JOIN = "; "


def _end(one: Activity) -> str:
    return str(one.valid_until.date()) if one.valid_until else f"review on {one.review_on}"


def rows(record: ProcessingRecord) -> Iterator[dict[str, str]]:
    """Return one flat row for each activity, under the headings of Article 30(1)."""
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
            "lawful_basis": one.basis_sentence,
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


def write_csv(file: Path, record: ProcessingRecord) -> int:
    """Write the record as CSV under a row of headings; returns how many activities it has."""
    file.write_text(csv_text(record), encoding="utf-8", newline="")
    return len(record.activities)


def csv_text(record: ProcessingRecord) -> str:
    """Return the record as CSV text; empty where there is no activity."""
    found, out = list(rows(record)), io.StringIO(newline="")
    if found:
        writer = csv.DictWriter(out, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return out.getvalue()


def lines(record: ProcessingRecord) -> Iterator[str]:
    """Return the record as lines of text."""
    yield f"Record of processing activities of {record.hub} (UK GDPR, Article 30(1))"
    for one in record.activities:
        yield ""
        yield f"{one.agreement}@{one.version}/{one.rule}  {one.status.value.upper()}"
        yield f"  {one.title}"
        yield f"  controllers: {_parties(one.controllers)}"
        yield f"  recipients: {_parties(one.recipients)}"
        yield f"  purpose: {one.purpose.value}"
        yield f"  lawful basis: {one.basis_sentence}"
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
    return _JOIN.join(f"{one.name}: {getattr(one, field) or 'unknown'}" for one in parties)


def _data(data: ProcessedData) -> str:
    what = f" ({', '.join(data.fields)})" if data.fields else ""
    existence = " (that there is a record)" if data.existence else ""
    special = ", special category" if data.special else ""
    return f"{data.category.value}{special}{what}{existence}"
