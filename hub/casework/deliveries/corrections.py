"""Corrections and retractions: which agencies they went to, and which have acknowledged them.

An agency has acknowledged a correction once its adapter has sent the receipt that the agency's
system took it. A delivery that failed, was withheld or has no receipt yet is not acknowledged.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.release import Contents
from hub.store.disclosures import RecordChange, SentDelivery
from hub.store.unit_of_work import UnitOfWork

NOT_SENT = "not-sent"


class CorrectionRecipient(ViewModel):
    """One agency that has the old value, and what became of the correction for it."""

    recipient: str
    state: Annotated[
        str,
        Field(
            description="That of its delivery, or not-sent where there is none: it has the old "
            "value and is no longer an agency of this hub"
        ),
    ]
    delivery: str = ""
    notice: Annotated[bool, Field(description="It is sent only that there is a correction")] = False
    code: str = ""
    at: str = ""
    acknowledged: Annotated[bool, Field(description="Its system has taken it")] = False


class CorrectionStatus(ViewModel):
    """One event that corrects or retracts a record, and who has acknowledged it."""

    event: Annotated[str, Field(description="The hub's own reference for the event")]
    type: str
    source: str
    status: Annotated[str, Field(description="corrected or entered-in-error")]
    received_at: str
    recipients: tuple[CorrectionRecipient, ...]
    outstanding: Annotated[
        tuple[str, ...], Field(description="Agencies that have not acknowledged it")
    ]


def listed(hub: Hub, *, open_only: bool = False) -> list[CorrectionStatus]:
    """Return every correction and retraction, oldest first; or those not acknowledged by all."""
    with hub.reading() as work:
        found = [_status(change, work) for change in work.disclosures.changes()]
    return [one for one in found if one.outstanding or not open_only]


def _status(change: RecordChange, work: UnitOfWork) -> CorrectionStatus:
    recipients = _recipients(change, work)
    done = {one.recipient for one in recipients if one.acknowledged}
    outstanding = dict.fromkeys(one.recipient for one in recipients if one.recipient not in done)
    return CorrectionStatus(
        event=change.ref,
        type=change.type,
        source=change.source,
        status=change.status,
        received_at=change.received_at,
        recipients=recipients,
        outstanding=tuple(outstanding),
    )


def _recipients(change: RecordChange, work: UnitOfWork) -> tuple[CorrectionRecipient, ...]:
    found = [_recipient(sent) for sent in work.disclosures.sent(change.ref)]
    if change.record is not None:
        have_old_value = work.disclosures.recipients_of(change.record, before=change.seq)
        missing = sorted(have_old_value - {one.recipient for one in found})
        found += [CorrectionRecipient(recipient=name, state=NOT_SENT) for name in missing]
    return tuple(found)


def _recipient(sent: SentDelivery) -> CorrectionRecipient:
    return CorrectionRecipient(
        recipient=sent.recipient,
        state=sent.state,
        delivery=sent.id,
        notice=Contents.model_validate_json(sent.contents).notice,
        code=sent.code,
        at=sent.receipt_at or "",
        acknowledged=sent.state == "delivered",
    )
