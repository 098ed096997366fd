"""The hub's desk work: letters, receipts and commands, each carried out in one transaction.

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
from hub.intake.record import record
from hub.journey import entries
from hub.journey.deliveries import Outgoing
from hub.journey.entries import PendingEntry, Subject
from hub.journey.pipeline import EventFate, Letter, Limits, Verdict, judge, unsealed
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

_TOLD = {
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
    def writing(self) -> Iterator[tuple[UnitOfWork, list[PendingEntry]]]:
        """Open a unit of work; its lines go into the ledger at the end."""
        with writing(self.engine) as connection:
            work = self._work(connection)
            lines: list[PendingEntry] = []
            yield work, lines
            work.ledger.append(lines, self.signer)

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
                verdict, said = _contained(letter, work, limits)
                verdicts.append(verdict)
                lines.extend(said)
        for verdict in verdicts:
            _tell(verdict)
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
        lines: list[PendingEntry],
        keys: Sequence[OpeningKey],
    ) -> Reply | None:
        """Answer one request; a fault of ours refuses it alone, and no key leaves."""
        account, body = asked
        said: list[PendingEntry] = []
        try:
            with work.ledger.savepoint():
                reply = release(account, body, work, said, self.agency_keys, keys)
        except Exception as error:
            if _is_outage(error):
                raise
            log.error("release.failed", error=type(error).__name__)  # noqa: TRY400  as below
            work.vault.forget()
            known = account if account and self.directory.find(account) else ""
            lines.append(entries.release_refused(known, RELEASE_FAILED, None, work.now))
            return None
        lines.extend(said)
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


def _contained(
    letter: Letter, work: UnitOfWork, limits: Limits
) -> tuple[Verdict, list[PendingEntry]]:
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
        verdict = Verdict(EventFate.QUARANTINED, _opened(letter, limits), fault=Fault.UNREADABLE)
        return verdict, record(verdict, work, clock.random)


def _opened(letter: Letter, limits: Limits) -> Letter:
    """Open a letter for a person to read, as far as it can be opened."""
    try:
        return unsealed(letter, limits)
    except InputRefused:
        return letter


def _tell(verdict: Verdict) -> None:
    """Log what became of one letter: references and codes only."""
    event = verdict.event
    log.info(
        _TOLD[verdict.fate],
        event_ref=verdict.ref or None,
        event_type=event.kind.key if event else None,
        source=event.source if event else None,
        code=verdict.fault.value if verdict.fault else None,
        permitted=sum(a.view is not None for a in verdict.answers),
        withheld=sum(a.view is None for a in verdict.answers),
    )


def _receipt(account: str | None, body: bytes, work: UnitOfWork) -> list[PendingEntry]:
    if account is None:
        raise InputRefused(Fault.SENDER_UNVERIFIED, "receipt")
    said = read_receipt(body)
    delivery = work.deliveries.find(said.delivery)
    if delivery is None or delivery.recipient != account:
        raise InputRefused(Fault.SENDER_MISMATCH, "receipt")
    state = said.outcome.value
    if not work.deliveries.receipt(said.delivery, state, said.code, work.now):
        return []
    subject = Subject(delivery.child, delivery.event, delivery.recipient)
    return [entries.receipt(said.delivery, state, said.code, subject, work.now)]


def _refuse_receipt(
    account: str | None, body: bytes, error: InputRefused, work: UnitOfWork
) -> list[PendingEntry]:
    known = account if account and work.directory.find(account) else ""
    reference = work.inbox.quarantine(known, error.fault, error.where, body, work.now)
    if reference is None:
        return []
    return [entries.quarantined(reference, known, error.fault, error.where, work.now)]


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
