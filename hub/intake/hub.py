"""The hub's engine: letters, receipts and key requests, each carried out in one transaction.

Several processes may hold a hub over the same store; the store makes them take turns.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from hub.foundation import clock
from hub.intake.key_requests import Reply, release
from hub.intake.record import quarantine_bytes, record
from hub.journey.deliveries import Outgoing
from hub.journey.entries import EntryBody
from hub.journey.entries.deliveries import KeyRequestRefusedEntry, ReceiptEntry
from hub.journey.pipeline import (
    DecidedEvent,
    EventFate,
    Letter,
    Limits,
    RefusedInput,
    Verdict,
    judge,
    unsealed,
)
from hub.journey.receipts import read_receipt
from hub.keys.master_keys import MasterKeys
from hub.ledger.keys import SignerKey, VerifierKey
from hub.sealing.hpke import OpeningKey
from hub.store.agreements import RuleShelf
from hub.store.engine import Connection, Engine, StoreFailed, StoreRefused, reading, writing
from hub.store.ledger import Ledger
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.agencies import Directory
from schemas.errors import ConfigurationError, Fault, InputRefused, Unavailable

log = structlog.get_logger()

RELEASE_FAILED = "release-failed"

_LOGGED_AS = {
    EventFate.DECIDED: "event.decided",
    EventFate.HELD: "event.held",
    EventFate.QUARANTINED: "event.quarantined",
    EventFate.DUPLICATE: "event.duplicate",
}


def _no_agency_key(agency: str) -> bytes:
    raise ConfigurationError(f"No public key is registered for {agency}.")


@dataclass(frozen=True, slots=True)
class Hub:
    """The store, the keys and the register, ready to work.

    ``kept`` is the file outside of the store that holds the newest signed head ;
    ``witnesses`` are the keys of those whose cosignatures count.
    """

    engine: Engine
    master: MasterKeys
    signer: SignerKey
    directory: Directory
    limits: Limits = field(default_factory=Limits)
    agency_keys: Callable[[str], bytes] = _no_agency_key
    inbound: Callable[[Iterable[bytes]], tuple[OpeningKey, ...]] | None = None
    rules: RuleShelf = field(default_factory=RuleShelf)
    kept: Path | None = None
    witnesses: tuple[VerifierKey, ...] = ()

    @contextmanager
    def writing(self) -> Iterator[tuple[UnitOfWork, list[EntryBody]]]:
        """Open a unit of work; its lines go into the ledger at the end."""
        with writing(self.engine) as connection:
            work = self._work(connection)
            lines: list[EntryBody] = []
            yield work, lines
            work.ledger.append(lines, work.now, self.signer)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a read-only unit of work."""
        with reading(self.engine) as connection:
            yield self._work(connection)

    def _work(self, connection: Connection) -> UnitOfWork:
        # The hub's time never goes back behind its ledger: a machine's clock that is set back must
        # not bring a withdrawn or expired consent to life again.
        newest = Ledger(connection).newest_at()
        now = max(clock.now(), times.unstamp(newest)) if newest else clock.now()
        return UnitOfWork(connection, self.master, self.directory, self.rules, now)

    def limits_for(self, bodies: Iterable[bytes]) -> Limits:
        """Give the limits, with the keys of now that these messages name."""
        return replace(self.limits, keys=self.inbound(bodies)) if self.inbound else self.limits

    def take(self, letters: Sequence[Letter]) -> list[Verdict]:
        """Judge and record letters, in order, in one transaction; returns what became of each."""
        limits = self.limits_for(letter.body for letter in letters if letter.sealed)
        with self.writing() as (work, lines):
            verdicts = []
            for letter in letters:
                verdict, entries = _contained(letter, work, limits)
                verdicts.append(verdict)
                lines.extend(entries)
        for verdict in verdicts:
            _log(verdict)
        return verdicts

    def take_receipts(self, receipts: Sequence[tuple[str | None, bytes]]) -> int:
        """Record receipts, each with the account that sent it; returns how many were good."""
        good = 0
        with self.writing() as (work, lines):
            for account, body in receipts:
                try:
                    lines.extend(_receipt(account, body, work))
                    good += 1
                except InputRefused as error:
                    lines.extend(_refuse_receipt(account, body, error, work))
        return good

    def release(self, asked: Sequence[tuple[str | None, bytes]]) -> list[Reply]:
        """Answer requests for keys, in one transaction that is committed before any key leaves."""
        keys = self.limits_for(body for _, body in asked).keys
        with self.writing() as (work, lines):
            replies = [self._released(one, work, lines, keys) for one in asked]
        return [reply for reply in replies if reply is not None]

    def _released(
        self,
        asked: tuple[str | None, bytes],
        work: UnitOfWork,
        lines: list[EntryBody],
        keys: Sequence[OpeningKey],
    ) -> Reply | None:
        """Answer one request; a fault of ours refuses it alone, and no key leaves."""
        account, body = asked
        entries: list[EntryBody] = []
        try:
            with work.ledger.savepoint():
                reply = release(account, body, work, entries, self.agency_keys, keys)
        except Exception as error:
            if _is_outage(error):
                raise
            log.error("release.failed", error=type(error).__name__)  # noqa: TRY400  as below
            work.vault.forget()
            known = account if account and self.directory.find(account) else ""
            lines.append(KeyRequestRefusedEntry(agency=known, code=RELEASE_FAILED, delivery=None))
            return None
        lines.extend(entries)
        return reply

    def pending(self, limit: int) -> list[Outgoing]:
        """Give the oldest deliveries that are not on the bus yet."""
        with self.reading() as work:
            return work.deliveries.pending(limit)

    def published(self, identifiers: list[str]) -> None:
        """Note that deliveries are on the bus."""
        with self.writing() as (work, _):
            work.deliveries.published(identifiers, work.now)


def _is_outage(error: Exception) -> bool:
    """Whether the store is out of reach: then nothing is at fault, and the work is tried again."""
    return isinstance(error, (StoreFailed, Unavailable)) and not isinstance(error, StoreRefused)


def _contained(letter: Letter, work: UnitOfWork, limits: Limits) -> tuple[Verdict, list[EntryBody]]:
    """Judge and record one letter; a fault of ours quarantines it alone, the rest go on."""
    try:
        with work.ledger.savepoint():
            verdict = judge(letter, work, work.now, clock.new_id, limits)
            return verdict, record(verdict, work, clock.random)
    except Exception as error:
        if _is_outage(error):
            raise
        # Whatever else it is, the letter is kept and work goes on.
        # Not log.exception: a foreign error's text may quote the letter.
        log.error("event.unreadable", error=type(error).__name__)  # noqa: TRY400
        work.vault.forget()
        refused = RefusedInput(_opened(letter, limits), Fault.UNREADABLE)
        return refused, record(refused, work, clock.random)


def _opened(letter: Letter, limits: Limits) -> Letter:
    """Open a letter for a person to read, as far as it can be opened."""
    try:
        return unsealed(letter, limits)
    except InputRefused:
        return letter


def _log(verdict: Verdict) -> None:
    """Log what became of one letter: references and codes only."""
    recognised = None if isinstance(verdict, RefusedInput) else verdict.recognised
    answers = verdict.decisions.answers if isinstance(verdict, DecidedEvent) else ()
    log.info(
        _LOGGED_AS[verdict.fate],
        event_ref=recognised.ref if recognised else None,
        event_type=recognised.event.kind.key if recognised else None,
        source=recognised.event.source if recognised else None,
        code=verdict.fault.value if isinstance(verdict, RefusedInput) else None,
        permitted=sum(a.view is not None for a in answers),
        withheld=sum(a.view is None for a in answers),
    )


def _receipt(account: str | None, body: bytes, work: UnitOfWork) -> list[EntryBody]:
    if account is None:
        raise InputRefused(Fault.SENDER_UNVERIFIED, "receipt")
    receipt = read_receipt(body)
    delivery = work.deliveries.find(receipt.delivery)
    if delivery is None or delivery.recipient != account:
        raise InputRefused(Fault.SENDER_MISMATCH, "receipt")
    outcome = receipt.outcome.value
    if not work.deliveries.receipt(receipt.delivery, outcome, receipt.code, work.now):
        return []
    return [
        ReceiptEntry(
            delivery=delivery.id,
            event=delivery.event,
            child=delivery.child,
            recipient=delivery.recipient,
            outcome=receipt.outcome,
            code=receipt.code,
        )
    ]


def _refuse_receipt(
    account: str | None, body: bytes, error: InputRefused, work: UnitOfWork
) -> list[EntryBody]:
    known = account if account and work.directory.find(account) else ""
    return quarantine_bytes(known, body, error.fault, error.where, work, work.now)


def backoff(attempt: int, longest: float = 30.0) -> float:
    """Give the seconds to wait before a repeated try: doubling from a tenth, bounded."""
    return float(min(longest, 0.1 * 2 ** min(attempt, 20)))


def until_done(work: Callable[[], object], stop: threading.Event) -> bool:
    """Repeat work while the store or broker is out of reach; False where stopped before done."""
    attempt = 0
    while not stop.is_set():
        try:
            work()
        except Unavailable as error:
            attempt += 1
            log.warning("work.postponed", code=error.code, attempt=attempt)
            stop.wait(backoff(attempt))
        else:
            return True
    return False
