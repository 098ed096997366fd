"""Quarantined inputs: list them, open their content, judge them again, discard them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.foundation import clock
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.intake.record import record
from hub.journey.entries import Attribution, EntryBody
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.events import QuarantineClosedEntry, Resolution
from hub.journey.inbox import Quarantined
from hub.journey.pipeline import EventFate, Letter, RefusedInput, judge
from hub.sealing.inbound import SEAL
from hub.store.engine import StoreFailed
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.errors import Fault, KeyDestroyed, NotFound, Unavailable

RECEIPT = "receipt"
WAITING, RETRIED, DISCARDED = "waiting", "retried", "discarded"
NOT_RETRIED = "not-retried"
_OUT_OF_QUARANTINE = frozenset({EventFate.DECIDED, EventFate.HELD, EventFate.DUPLICATE})
_FAULTS = {fault.value: fault.sentence for fault in Fault}


class QuarantinedInput(ViewModel):
    """One quarantined input without its content."""

    id: str
    account: Annotated[str, Field(description="The broker account; empty where it is no agency's")]
    code: Annotated[str, Field(description="Why it was quarantined")]
    sentence: str
    place: Annotated[str, Field(description="Where in the input the fault is")]
    state: Annotated[str, Field(description="waiting, retried or discarded")]
    size: Annotated[int, Field(description="In bytes")]
    arrived_at: str


class RetryResult(ViewModel):
    """What became of one input that was judged again."""

    id: str
    outcome: Annotated[str, Field(description="The fate of the event, or not-retried")]
    code: str = ""
    text: str = ""
    taken: Annotated[bool, Field(description="Whether it has left the quarantine")] = False


def listed(hub: Hub, *, everything: bool = False) -> list[QuarantinedInput]:
    """Return what waits, oldest first; with ``everything`` also what was retried or discarded."""
    with hub.reading() as work:
        return [_shown(one) for one in work.inbox.quarantined(everything=everything)]


def shown(hub: Hub, reference: str) -> QuarantinedInput:
    """Return one input without its content; raises NotFound."""
    with hub.reading() as work:
        return _shown(_item(work, reference)[0])


def opened(hub: Hub, reference: str, *, by: str, reason: str) -> bytes:
    """Return one input's bytes as received, and record the access; raises NotFound."""
    with hub.writing() as (work, lines):
        _, body = _item(work, reference)
        what = f"the quarantined input {reference}"
        lines.append(DataAccessedEntry(by=by, what=what, child=None, reason=reason))
        return body


def retry(hub: Hub, reference: str, *, by: str, reason: str) -> RetryResult:
    """Judge one input again, as if its account had sent it at the same time; raises NotFound.

    Closing it and judging it are one transaction. An input that is quarantined again waits again,
    under the same id where the fault is the same.
    """
    try:
        with hub.writing() as (work, lines):
            item, body = _item(work, reference)
            if (obstacle := _obstacle(item, body)) is not None:
                return RetryResult(id=reference, outcome=NOT_RETRIED, code=item.code, text=obstacle)
            done, added = _judge_again(item, body, work, hub, Attribution(by, reason))
            lines.extend(added)
            return done
    except (KeyDestroyed, StoreFailed, Unavailable, NotFound):
        raise
    except Exception as error:  # noqa: BLE001  the input is not lost: the transaction was undone
        text = f"{Fault.UNREADABLE.sentence} ({type(error).__name__}) It still waits."
        code = Fault.UNREADABLE.value
        return RetryResult(id=reference, outcome=NOT_RETRIED, code=code, text=text)


def discard(hub: Hub, reference: str, *, by: str, reason: str) -> None:
    """Close one input for good; raises NotFound where it does not wait."""
    with hub.writing() as (work, lines):
        _item(work, reference)
        if not work.inbox.close(reference, DISCARDED, by=by, reason=reason, now=work.now):
            raise NotFound(f"Input {reference} does not wait; nothing was changed.")
        lines.append(
            QuarantineClosedEntry(
                quarantine=reference, state=Resolution.DISCARDED, by=by, reason=reason
            )
        )


def _shown(item: Quarantined) -> QuarantinedInput:
    return QuarantinedInput(
        id=item.id,
        account=item.account,
        code=item.code,
        sentence=_FAULTS.get(item.code, ""),
        place=item.place,
        state=item.state,
        size=item.size,
        arrived_at=item.arrived_at,
    )


def _judge_again(
    item: Quarantined, body: bytes, work: UnitOfWork, hub: Hub, word: Attribution
) -> tuple[RetryResult, list[EntryBody]]:
    # Closed first: quarantining it again under the same id opens it again.
    work.inbox.close(item.id, RETRIED, by=word.by, reason=word.reason, now=work.now)
    lines: list[EntryBody] = [
        QuarantineClosedEntry(
            quarantine=item.id, state=Resolution.RETRIED, by=word.by, reason=word.reason
        )
    ]
    arrived = times.unstamp(item.arrived_at)
    letter = Letter(body, item.account, arrived, sealed=_is_sealed(item, body))
    verdict = judge(letter, work, work.now, clock.new_id, hub.limits_for([body]))
    lines += record(verdict, work, clock.random)
    code = text = ""
    if isinstance(verdict, RefusedInput):
        where = f" At: {verdict.where}." if verdict.where else ""
        code, text = verdict.fault.value, f"{verdict.fault.sentence}{where}"
    result = RetryResult(
        id=item.id,
        outcome=verdict.fate.value,
        code=code,
        text=text,
        taken=verdict.fate in _OUT_OF_QUARANTINE,
    )
    return result, lines


def _is_sealed(item: Quarantined, body: bytes) -> bool:
    """Return whether the bytes are stored as they travelled; an unsealed input stays refused."""
    unopened = item.code in {Fault.NOT_SEALED, Fault.SEAL_BROKEN}
    return unopened or body.startswith(SEAL.magic)


def _obstacle(item: Quarantined, body: bytes) -> str | None:
    """Return why an input cannot be judged again, or None where it can."""
    if item.state != WAITING:
        return f"It does not wait: it was {item.state}."
    if not item.account:
        return "No registered agency is known to have sent it. Ask for it to be sent again."
    if item.place == RECEIPT:
        return "It is a receipt, not an event: only its sender can send a valid one."
    if not body:
        return "Its content is no longer stored."
    return None


def _item(work: UnitOfWork, reference: str) -> tuple[Quarantined, bytes]:
    found = work.inbox.quarantined_body(reference)
    if found is None:
        raise NotFound(f"There is no quarantined input {reference}. See 'hub quarantine list'.")
    return found
