"""Checks of the store: keys, ledger, clock, agreements, and what waits for a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from hub.casework.agreements.publishing import expiry
from hub.evidence.pinned_checkpoint import LedgerBroken, check_kept
from hub.evidence.verification import verify_head
from hub.foundation import clock
from hub.foundation.settings import ConsoleSettings, Settings
from hub.intake.hub import Hub
from hub.keys.vault import BLIND_KEY
from hub.runtime.bootstrap import open_hub
from hub.runtime.doctor.finding import DoctorFinding, Level
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.counted import counted

UNWITNESSED = dt.timedelta(days=8)


def check_store(settings: Settings) -> Iterator[DoctorFinding]:
    """Open the store and make every check that is quick."""
    hub = open_hub(settings)
    try:
        yield DoctorFinding(Level.OK, "store", "reachable, with the tables of this version")
        yield _ledger(hub)
        yield _kept(hub)
        yield from _witnesses(hub)
        with hub.reading() as work:
            yield from _master_key(work)
            yield _clock(work)
            yield from _agreements(work)
            yield from _waiting(work)
            yield from _receipts(work, dt.timedelta(hours=settings.receipt_hours))
            yield from _console(work, settings.console)
    finally:
        hub.engine.dispose()


def _master_key(work: UnitOfWork) -> Iterator[DoctorFinding]:
    """Decrypt something; raises Unavailable where the master key is not the store's."""
    if work.data_keys.wrapped(BLIND_KEY) is not None:
        work.blind("doctor")
        yield DoctorFinding(Level.OK, "keys", "the master key opens the store")


def _ledger(hub: Hub) -> DoctorFinding:
    head = verify_head(hub)
    if head.verified:
        return DoctorFinding(
            Level.OK, "ledger", f"{_entries(head.entries)}, as the newest checkpoint says"
        )
    return DoctorFinding(Level.WRONG, "ledger", str(head.problem), "Run 'hub audit verify'.")


def _kept(hub: Hub) -> DoctorFinding:
    """Compare the store with the checkpoint pinned beside it: an older copy does not match."""
    try:
        size = check_kept(hub)
    except LedgerBroken as error:
        return DoctorFinding(
            Level.WRONG, "kept head", str(error), "Stop the hub until the cause is known."
        )
    if size is None:
        return DoctorFinding(Level.OK, "kept head", "none yet: a worker writes it")
    return DoctorFinding(
        Level.OK, "kept head", f"the store contains the {_entries(size)} it counts"
    )


def _witnesses(hub: Hub) -> Iterator[DoctorFinding]:
    """Report when a witness last signed, if one is configured."""
    if not hub.witnesses:
        return
    with hub.reading() as work:
        newest, now = work.cosignatures.newest(), work.now
    if newest is None or now - times.unstamp(newest.signed_at) > UNWITNESSED:
        text = f"last signed {newest.signed_at}" if newest else "none has signed yet"
        do = "Send a witness the output of 'hub audit checkpoint --request'."
        yield DoctorFinding(Level.WARN, "witnesses", text, do)
    else:
        yield DoctorFinding(
            Level.OK, "witnesses", f"{_entries(newest.size)} signed {newest.signed_at}"
        )


def _clock(work: UnitOfWork) -> DoctorFinding:
    size = work.ledger.size()
    newest = next(work.ledger.rows(size - 1), None) if size else None
    if newest is not None and times.unstamp(newest.at) > clock.now():
        text = f"this machine's clock is before the newest ledger entry, {newest.at}"
        return DoctorFinding(Level.WRONG, "clock", text, "Set the clock (NTP), then look again.")
    return DoctorFinding(Level.OK, "clock", times.stamp(clock.now()))


def _agreements(work: UnitOfWork) -> Iterator[DoctorFinding]:
    now = clock.now()
    current = work.agreements.current(now)
    force = sum(one.in_force(now) for one in current)
    if not force:
        text = "no agreement is in force: nothing is shared"
        yield DoctorFinding(Level.WARN, "agreements", text, "Run 'hub agreement publish FILE'.")
    else:
        yield DoctorFinding(Level.OK, "agreements", f"{force} in force")
    for one in current:
        if (late := expiry(one, now)) is not None:
            do = "Agree and publish its next version, if it is still needed."
            yield DoctorFinding(Level.WARN, "agreements", f"{one.id}@{one.version} {late}", do)


def _waiting(work: UnitOfWork) -> Iterator[DoctorFinding]:
    counts = work.inbox.counts()
    waiting = (
        ("quarantine", counts.get("quarantined", 0), "See 'hub quarantine list'."),
        ("reviews", len(work.reviews.listed()), "See 'hub review list'."),
        ("held events", counts.get("held", 0), "They continue when their reviews are closed."),
    )
    for about, count, do in waiting:
        if count:
            yield DoctorFinding(Level.WARN, about, f"{count} waiting for a person", do)
        else:
            yield DoctorFinding(Level.OK, about, "none waiting")


def _receipts(work: UnitOfWork, patience: dt.timedelta) -> Iterator[DoctorFinding]:
    """Count by agency the deliveries without a receipt in time."""
    late = Counter(one.recipient for one in work.retention.overdue(work.now - patience, told=True))
    for agency, count in sorted(late.items()):
        text = f"{agency} has sent no receipt for {counted(count, 'delivery', 'deliveries')}"
        yield DoctorFinding(
            Level.WARN, "receipts", text, "Check that its adapter runs and is connected."
        )
    if not late:
        yield DoctorFinding(Level.OK, "receipts", "none overdue")


def _console(work: UnitOfWork, console: ConsoleSettings) -> Iterator[DoctorFinding]:
    """Report how many accounts may sign in to the console; none yet is not a fault."""
    accounts = [one.person for one in work.accounts.listed() if not one.disabled_at]
    if not console.on:
        return
    text = counted(len(accounts), "account of its own", "accounts of its own")
    if not accounts and not console.openid.issuer:
        text = "no accounts yet: 'hub person add NAME --role ig-officer' makes one"
    yield DoctorFinding(Level.OK, "console", text)


def _entries(number: int) -> str:
    return counted(number, "entry", "entries")
