"""Step 7 in the store: who asks for which keys, what is decided now, and what is recorded of it.

A request is answered inside one transaction, which is committed before any key leaves the hub. So
once a withdrawal is committed, every later release sees it: the only keys that can still be under
way are those whose release the ledger shows before the withdrawal.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from consent.directive import Directive
from hub.journey import entries
from hub.journey.decisions import DecisionContext, ask, asking
from hub.journey.deliveries import StoredDelivery
from hub.journey.entries import PendingEntry, Subject
from hub.journey.release import Contents, Released, notice_given, reconsider
from hub.keys.master_keys import MasterKeyMissing
from hub.sealing.block import ENVELOPE, block_key
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import open_inbound
from hub.sealing.reply import DeliveryAnswer, ReleaseReply, read_request, seal_reply
from hub.store.deliveries import VOID
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, Fault, InputRefused, KeyDestroyed, Unavailable
from schemas.event import parse_event

UNKNOWN = "unknown-delivery"
WITHHELD = "withheld"
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, sealed to its recipient's registered key."""

    recipient: str
    body: bytes


def release(  # noqa: PLR0913, PLR0917  a request needs all of these
    account: str | None,
    body: bytes,
    work: UnitOfWork,
    lines: list[PendingEntry],
    public_key: Callable[[str], bytes],
    hub_keys: Sequence[OpeningKey],
) -> Reply | None:
    """Answer one request for keys; None for what is no request of a known agency (recorded)."""
    if account is None or work.directory.find(account) is None:
        lines.append(entries.release_refused("", Fault.SENDER_UNVERIFIED.value, None, work.now))
        return None
    try:
        own_key = public_key(account)
        request = read_request(open_inbound(hub_keys, account, body))
    except (InputRefused, ConfigurationError) as error:
        lines.append(entries.release_refused(account, error.code, None, work.now))
        return None
    answers = tuple(_answer(str(d), account, work, lines) for d in request.deliveries)
    reply = ReleaseReply(request=request.request, answers=answers)
    sealed = seal_reply(own_key, account, reply)
    return Reply(account, sealed)


def _answer(
    delivery: str, account: str, work: UnitOfWork, lines: list[PendingEntry]
) -> DeliveryAnswer:
    number = uuid.UUID(delivery)
    known = work.deliveries.find(delivery)
    if known is None or known.recipient != account:
        # The same words whether it is another's or nobody's: neither is the asker's business.
        lines.append(entries.release_refused(account, UNKNOWN, delivery, work.now))
        return DeliveryAnswer(delivery=number, code=UNKNOWN)
    subject = Subject(known.child, known.event, account)
    try:
        given, rests_on = decide_release(known, work)
        secret = work.deliveries.secret(delivery)
    except MasterKeyMissing:
        raise  # nothing is destroyed: it can be answered once the master key is there
    except (InputRefused, KeyDestroyed, Unavailable):
        # Its key was destroyed, or its event is no longer kept: nothing can be decided or opened.
        lines.append(entries.release_refused(account, ERASED, delivery, work.now))
        work.deliveries.withhold(delivery)
        return DeliveryAnswer(delivery=number, code=ERASED)
    if known.state == VOID:
        # Made for a child since merged or split: whom it is about is no longer as it was sealed.
        lines.append(entries.release_refused(account, VOID, delivery, work.now))
        return DeliveryAnswer(delivery=number, code=WITHHELD)
    repeat = known.releases
    lines.append(entries.released(delivery, given, repeat, rests_on, subject, work.now))
    if not given.anything:
        work.deliveries.withhold(delivery)
        return DeliveryAnswer(delivery=number, code=WITHHELD)
    work.deliveries.released(delivery, given.sections)
    names = (ENVELOPE, *(c.value for c in given.sections))
    keys = {name: block_key(secret.key, delivery, account, name) for name in names}
    return DeliveryAnswer(delivery=number, keys=keys, withheld=_codes(given))


def _codes(given: Released) -> dict[str, str]:
    return {c.value: why[0].value for c, why in given.withheld.items()}


def decide_release(
    known: StoredDelivery, work: UnitOfWork, said: Iterable[Directive] | None = None
) -> tuple[Released, entries.RestsOn | None]:
    """Decide again about one delivery, with what is in force now; and say what that rests on.

    ``said`` takes the place of what was said about the child, to see what it would change. A notice
    rests on nothing but what was given before. Raises Unavailable where the event's key was
    destroyed, InputRefused where it is not kept.
    """
    contents = Contents.model_validate_json(known.contents)
    if contents.notice:
        return notice_given(knows=work.trail.was_given(known.id)), None
    kept = work.inbox.find(known.event)
    if kept is None or not kept.body:
        raise InputRefused(Fault.EMPTY_INPUT)
    event = parse_event(kept.body)
    child = kept.child or known.child
    heard = work.directives(child) if said is None else tuple(said)
    matter = DecisionContext(event, known.event, child, heard, work.now)
    question, decision = ask(asking(matter, work), known.recipient, work)
    considered = tuple(sorted(d.id for d in matter.said))
    rests_on = entries.RestsOn(question, decision, considered)
    return reconsider(contents, decision), rests_on
