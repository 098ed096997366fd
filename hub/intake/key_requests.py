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
from hub.journey.decisions import DecisionContext, decide_one, shared_question
from hub.journey.deliveries import StoredDelivery
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionBasis
from hub.journey.entries.deliveries import KeyRequestRefusedEntry, ReleaseEntry
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
    lines: list[EntryBody],
    public_key: Callable[[str], bytes],
    hub_keys: Sequence[OpeningKey],
) -> Reply | None:
    """Answer one request for keys; None for what is no request of a known agency (recorded)."""
    if account is None or work.directory.find(account) is None:
        lines.append(_refused("", Fault.SENDER_UNVERIFIED.value))
        return None
    try:
        own_key = public_key(account)
        request = read_request(open_inbound(hub_keys, account, body))
    except (InputRefused, ConfigurationError) as error:
        lines.append(_refused(account, error.code))
        return None
    answers = tuple(_answer(str(d), account, work, lines) for d in request.deliveries)
    reply = ReleaseReply(request=request.request, answers=answers)
    sealed = seal_reply(own_key, account, reply)
    return Reply(account, sealed)


def _answer(
    delivery: str, account: str, work: UnitOfWork, lines: list[EntryBody]
) -> DeliveryAnswer:
    number = uuid.UUID(delivery)
    known = work.deliveries.find(delivery)
    if known is None or known.recipient != account:
        # The same words whether it is another's or nobody's: neither is the asker's business.
        lines.append(_refused(account, UNKNOWN, delivery))
        return DeliveryAnswer(delivery=number, code=UNKNOWN)
    try:
        given, basis = decide_release(known, work)
        secret = work.deliveries.secret(delivery)
    except MasterKeyMissing:
        raise  # nothing is destroyed: it can be answered once the master key is there
    except (InputRefused, KeyDestroyed, Unavailable):
        # Its key was destroyed, or its event is no longer kept: nothing can be decided or opened.
        lines.append(_refused(account, ERASED, delivery))
        work.deliveries.withhold(delivery)
        return DeliveryAnswer(delivery=number, code=ERASED)
    if known.state == VOID:
        # Made for a child since merged or split: whom it is about is no longer as it was sealed.
        lines.append(_refused(account, VOID, delivery))
        return DeliveryAnswer(delivery=number, code=WITHHELD)
    lines.append(release_entry(known, given, basis))
    if not given.anything:
        work.deliveries.withhold(delivery)
        return DeliveryAnswer(delivery=number, code=WITHHELD)
    work.deliveries.released(delivery, given.sections)
    names = (ENVELOPE, *(c.value for c in given.sections))
    keys = {name: block_key(secret.key, delivery, account, name) for name in names}
    return DeliveryAnswer(delivery=number, keys=keys, withheld=_codes(given))


def _refused(agency: str, code: str, delivery: str | None = None) -> KeyRequestRefusedEntry:
    return KeyRequestRefusedEntry(agency=agency, code=code, delivery=delivery)


def release_entry(
    known: StoredDelivery, given: Released, basis: DecisionBasis | None
) -> ReleaseEntry:
    """Return the ledger entry of a release: what was given of a delivery, and on which decision."""
    return ReleaseEntry(
        delivery=known.id,
        event=known.event,
        child=known.child,
        recipient=known.recipient,
        released=given.sections,
        withheld=dict(given.withheld),
        anything=given.anything,
        repeat=known.releases,
        existence=given.existence,
        question=basis.question if basis else None,
        decision=basis.decision if basis else None,
        considered=basis.considered if basis else (),
    )


def _codes(given: Released) -> dict[str, str]:
    return {c.value: why[0].value for c, why in given.withheld.items()}


def decide_release(
    known: StoredDelivery, work: UnitOfWork, directives: Iterable[Directive] | None = None
) -> tuple[Released, DecisionBasis | None]:
    """Decide again about one delivery, with what is in force now; returns the decision's basis too.

    ``directives`` replaces the child's own, to find out what they would change. A notice rests on
    no decision, only on what was released before. Raises Unavailable where the event's key was
    destroyed, InputRefused where the event is no longer stored.
    """
    contents = Contents.model_validate_json(known.contents)
    if contents.notice:
        return notice_given(informed=work.disclosures.was_given(known.id)), None
    kept = work.inbox.find(known.event)
    if kept is None or not kept.body:
        raise InputRefused(Fault.EMPTY_INPUT)
    event = parse_event(kept.body)
    child = kept.child or known.child
    counting = work.directives_of(child) if directives is None else tuple(directives)
    context = DecisionContext(event, known.event, child, counting, work.now)
    question, decision = decide_one(shared_question(context, work), known.recipient, work)
    return reconsider(contents, decision), DecisionBasis(question, decision, context.considered)
