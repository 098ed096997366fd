"""The doctor's look at the store: keys, ledger, clock, agreements, and what waits for a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from hub.casework.agreements.publishing import expiry
from hub.evidence.pinned_checkpoint import LedgerBroken, check_kept
from hub.evidence.verification import verify_head
from hub.foundation import clock
from hub.foundation.settings import ConsoleSettings, Settings
from hub.intake.hub import Office
from hub.keys.vault import BLIND_KEY
from hub.runtime.bootstrap import open_office
from hub.runtime.doctor.finding import Finding, Level
from hub.store.unit_of_work import Books
from schemas import times

UNWITNESSED = dt.timedelta(days=8)


def look_at_store(settings: Settings) -> Iterator[Finding]:
    """Open the store and look at all that can be seen quickly."""
    office = open_office(settings)
    try:
        yield Finding(Level.OK, "store", "reachable and of this version")
        yield _ledger(office)
        yield _kept(office)
        yield from _witnesses(office)
        with office.reading() as books:
            yield from _master_key(books)
            yield _clock(books)
            yield from _agreements(books)
            yield from _waiting(books)
            yield from _receipts(books, dt.timedelta(hours=settings.receipt_hours))
            yield from _console(books, settings.console)
    finally:
        office.engine.dispose()


def _master_key(books: Books) -> Iterator[Finding]:
    """Open something: raises Unavailable where the master key is not the store's."""
    if books.shelf.wrapped(BLIND_KEY) is not None:
        books.blind("doctor")
        yield Finding(Level.OK, "keys", "the master key opens the store")


def _ledger(office: Office) -> Finding:
    head = verify_head(office)
    if head.verified:
        return Finding(Level.OK, "ledger", f"{head.entries} entries, the signed head fits")
    return Finding(Level.WRONG, "ledger", str(head.problem), "Run 'hub audit verify'.")


def _kept(office: Office) -> Finding:
    """Compare the store with the head that is kept beside it: an older copy does not fit."""
    try:
        size = check_kept(office)
    except LedgerBroken as error:
        return Finding(Level.WRONG, "kept head", str(error), "Run nothing before you know why.")
    if size is None:
        return Finding(Level.OK, "kept head", "none yet: a worker keeps one")
    return Finding(Level.OK, "kept head", f"the store contains the {size} entries it counts")


def _witnesses(office: Office) -> Iterator[Finding]:
    """Tell when a witness last signed, where there is one."""
    if not office.witnesses:
        return
    with office.reading() as books:
        newest, now = books.cosigned.newest(), books.now
    if newest is None or now - times.unstamp(newest.signed_at) > UNWITNESSED:
        text = f"last signed {newest.signed_at}" if newest else "none has signed yet"
        do = "Send a witness what 'hub audit checkpoint --request' writes."
        yield Finding(Level.WARN, "witnesses", text, do)
    else:
        yield Finding(Level.OK, "witnesses", f"{newest.size} entries signed {newest.signed_at}")


def _clock(books: Books) -> Finding:
    size = books.ledger.size()
    newest = next(books.ledger.rows(size - 1), None) if size else None
    if newest is not None and times.unstamp(newest.at) > clock.now():
        text = f"this machine's clock is before the newest ledger entry, {newest.at}"
        return Finding(Level.WRONG, "clock", text, "Set the clock (NTP), then look again.")
    return Finding(Level.OK, "clock", times.stamp(clock.now()))


def _agreements(books: Books) -> Iterator[Finding]:
    now = clock.now()
    current = books.agreements.current(now)
    force = sum(one.in_force(now) for one in current)
    if not force:
        text = "no agreement is in force: nothing is shared"
        yield Finding(Level.WARN, "agreements", text, "Run 'hub agreement publish FILE'.")
    else:
        yield Finding(Level.OK, "agreements", f"{force} in force")
    for one in current:
        if (late := expiry(one, now)) is not None:
            do = "Agree and publish its next version, if it is still wanted."
            yield Finding(Level.WARN, "agreements", f"{one.id}@{one.version} {late}", do)


def _waiting(books: Books) -> Iterator[Finding]:
    counts = books.inbox.counts()
    waiting = (
        ("quarantine", counts.get("quarantined", 0), "See 'hub quarantine list'."),
        ("reviews", len(books.reviews.listed()), "See the reviews."),
        ("held events", counts.get("held", 0), "They go on when their reviews are closed."),
    )
    for about, count, do in waiting:
        if count:
            yield Finding(Level.WARN, about, f"{count} waiting for a person", do)
        else:
            yield Finding(Level.OK, about, "none waiting")


def _receipts(books: Books, patience: dt.timedelta) -> Iterator[Finding]:
    """Count by agency what is on the bus without a receipt in time."""
    late = Counter(one.recipient for one in books.upkeep.overdue(books.now - patience, told=True))
    for agency, count in sorted(late.items()):
        text = f"{agency} has sent no receipt for {count} deliveries"
        yield Finding(Level.WARN, "receipts", text, "See that its adapter runs and is connected.")
    if not late:
        yield Finding(Level.OK, "receipts", "none overdue")


def _console(books: Books, console: ConsoleSettings) -> Iterator[Finding]:
    """Tell who may sign in to a console that runs; that nobody may yet is no fault."""
    accounts = [one.person for one in books.people.listed() if not one.disabled_at]
    if not console.on:
        return
    text = f"{len(accounts)} accounts of its own"
    if not accounts and not console.openid.issuer:
        text = "nobody may sign in yet: 'hub person add NAME --role ig-officer' lets somebody"
    yield Finding(Level.OK, "console", text)
