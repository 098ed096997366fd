"""Corrections at the desk: who was told that what it holds is wrong, and who has confirmed it.

An agency has acknowledged a correction when its adapter has sent the receipt that the agency's
system took it. What failed, was withheld or has no receipt yet is not acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.intake.hub import Hub
from hub.journey.release import Contents
from hub.store.disclosures import RecordChange, SentDelivery
from hub.store.unit_of_work import UnitOfWork

NOT_TOLD = "not-told"


@dataclass(frozen=True, slots=True)
class CorrectionRecipient:
    """One agency and one correction: how it stands. ``notice``: it learns only that one exists.

    ``state`` is that of its delivery, or ``not-told`` for one that holds the old value and for
    which there is no delivery (it is no longer an agency of this hub).
    """

    recipient: str
    state: str
    delivery: str = ""
    notice: bool = False
    code: str = ""
    at: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether the agency's system has it."""
        return self.state == "delivered"


@dataclass(frozen=True, slots=True)
class CorrectionStatus:
    """One event that corrects or retracts a record, and how it stands with each agency."""

    change: RecordChange
    told: tuple[CorrectionRecipient, ...]

    @property
    def outstanding(self) -> tuple[str, ...]:
        """The agencies that have not acknowledged, each once."""
        done = {one.recipient for one in self.told if one.acknowledged}
        return tuple(dict.fromkeys(t.recipient for t in self.told if t.recipient not in done))


def listed(hub: Hub, *, open_only: bool = False) -> list[CorrectionStatus]:
    """List every correction and retraction, oldest first; or those not acknowledged by all."""
    with hub.reading() as work:
        found = [CorrectionStatus(change, _told(change, work)) for change in work.trail.changes()]
    return [one for one in found if one.outstanding or not open_only]


def _told(change: RecordChange, work: UnitOfWork) -> tuple[CorrectionRecipient, ...]:
    told = [_one(sent) for sent in work.trail.sent(change.ref)]
    if change.record is not None:
        hold = work.trail.recipients_of(change.record, before=change.seq)
        missing = sorted(hold - {one.recipient for one in told})
        told += [CorrectionRecipient(recipient, NOT_TOLD) for recipient in missing]
    return tuple(told)


def _one(sent: SentDelivery) -> CorrectionRecipient:
    return CorrectionRecipient(
        recipient=sent.recipient,
        state=sent.state,
        delivery=sent.id,
        notice=Contents.model_validate_json(sent.contents).notice,
        code=sent.code,
        at=sent.receipt_at or "",
    )
