"""The quarantine at the desk: looked at, judged again, discarded; each with who did it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.foundation import clock
from hub.intake.hub import Hub
from hub.intake.record import record
from hub.journey import entries
from hub.journey.entries import OnWhoseWord, PendingEntry
from hub.journey.inbox import Quarantined
from hub.journey.pipeline import EventFate, Letter, judge
from hub.sealing.inbound import SEAL
from hub.store.engine import StoreFailed
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.errors import Fault, KeyDestroyed, NotFound, Unavailable

RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one input that was to be judged again.

    ``outcome`` is the fate of the letter, or why it was not taken: ``not-retried``.
    """

    id: str
    outcome: str
    code: str = ""
    text: str = ""

    @property
    def taken(self) -> bool:
        """Whether it is no longer in the quarantine."""
        return self.outcome in {EventFate.DECIDED, EventFate.HELD, EventFate.DUPLICATE}


def listed(hub: Hub, *, everything: bool = False) -> list[Quarantined]:
    """List what waits; with ``everything`` also what was retried or discarded."""
    with hub.reading() as work:
        return work.inbox.quarantined(everything=everything)


def shown(hub: Hub, reference: str) -> Quarantined:
    """Give what is known of one input, without its content."""
    with hub.reading() as work:
        return _item(work, reference)[0]


def opened(hub: Hub, reference: str, *, by: str, reason: str) -> bytes:
    """Open one input's bytes as received; the look is recorded."""
    with hub.writing() as (work, lines):
        _, body = _item(work, reference)
        what = f"the quarantined input {reference}"
        lines.append(entries.looked(by, what, None, reason, work.now))
        return body


def retry(hub: Hub, reference: str, *, by: str, reason: str) -> Retried:
    """Judge one input again, as if it came now from the same account at the same time.

    Closing it and taking it are one transaction. What is quarantined again waits again, under the
    same id where the fault is the same.
    """
    try:
        with hub.writing() as (work, lines):
            item, body = _item(work, reference)
            if (hindrance := _hindrance(item, body)) is not None:
                return Retried(reference, "not-retried", item.code, hindrance)
            done, said = _take_again(item, body, work, hub, OnWhoseWord(by, reason))
            lines.extend(said)
            return done
    except (KeyDestroyed, StoreFailed, Unavailable, NotFound):
        raise
    except Exception as error:  # noqa: BLE001  it is kept: the transaction was undone
        text = f"{Fault.UNREADABLE.sentence} ({type(error).__name__}) It waits as before."
        return Retried(reference, "not-retried", Fault.UNREADABLE.value, text)


def discard(hub: Hub, reference: str, *, by: str, reason: str) -> None:
    """Close one input for good; raises NotFound where it does not wait."""
    with hub.writing() as (work, lines):
        _item(work, reference)
        if not work.inbox.close(reference, "discarded", by=by, reason=reason, now=work.now):
            raise NotFound(f"Input {reference} does not wait; nothing was changed.")
        word = OnWhoseWord(by, reason)
        lines.append(entries.quarantine_closed(reference, "discarded", word, work.now))


def _take_again(
    item: Quarantined, body: bytes, work: UnitOfWork, hub: Hub, word: OnWhoseWord
) -> tuple[Retried, list[PendingEntry]]:
    # Closed first: if it is quarantined again under the same id, that opens it again.
    work.inbox.close(item.id, "retried", by=word.by, reason=word.reason, now=work.now)
    lines = [entries.quarantine_closed(item.id, "retried", word, work.now)]
    arrived = times.unstamp(item.arrived_at)
    letter = Letter(body, item.account, arrived, sealed=_is_sealed(item, body))
    verdict = judge(letter, work, work.now, clock.new_id, hub.limits_for([body]))
    lines += record(verdict, work, clock.random)
    fault = verdict.fault
    where = f" At: {verdict.where}." if verdict.where else ""
    text = f"{fault.sentence}{where}" if fault else ""
    return Retried(item.id, verdict.fate.value, fault.value if fault else "", text), lines


def _is_sealed(item: Quarantined, body: bytes) -> bool:
    """Whether the bytes were kept as they travelled; what came unsealed is not let in so."""
    unopened = item.code in {Fault.NOT_SEALED, Fault.SEAL_BROKEN}
    return unopened or body.startswith(SEAL.magic)


def _hindrance(item: Quarantined, body: bytes) -> str | None:
    """Say why an input cannot be judged again; None where it can."""
    if item.state != "waiting":
        return f"It does not wait: it was {item.state}."
    if not item.account:
        return "No registered agency is known to have sent it. Ask for it to be sent again."
    if item.place == RECEIPT:
        return "It is a receipt, not an event: only its sender can send a good one."
    if not body:
        return "Its content is no longer kept."
    return None


def _item(work: UnitOfWork, reference: str) -> tuple[Quarantined, bytes]:
    found = work.inbox.quarantined_body(reference)
    if found is None:
        raise NotFound(f"There is no quarantined input {reference}. See 'hub quarantine list'.")
    return found
