"""Step 5, record: a verdict is carried out in the store and the ledger, in one transaction.

Everything that follows from a verdict is stored together or not at all: the event, its directive,
the decisions, the deliveries. Recording the same verdict twice changes nothing, because every row
has a key that follows from the event.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from consent.reasons import ReviewCause
from hub.journey.decisions import EventDecisions, RecipientDecision
from hub.journey.entries import EntryBody
from hub.journey.entries.children import (
    IdentifiersLinkedEntry,
    InvolvementChange,
    InvolvementEntry,
)
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import DeliveryMadeEntry
from hub.journey.entries.directives import DirectiveRecordedEntry, DirectiveWithdrawnEntry
from hub.journey.entries.events import (
    EventHeldEntry,
    EventQuarantinedEntry,
    EventReceivedEntry,
)
from hub.journey.entries.reviews import ReviewOpenedEntry
from hub.journey.identify import Doubt, usable_identifiers
from hub.journey.matching import particulars_of
from hub.journey.pipeline import (
    DecidedEvent,
    DuplicateEvent,
    RecognisedEvent,
    RefusedInput,
    UnidentifiedEvent,
    Verdict,
)
from hub.journey.release import contents_of
from hub.ledger.commitment import SALT_BYTES, commit
from hub.sealing.delivery import seal_delivery
from hub.store.children import child_key
from hub.store.deliveries import Secret
from hub.store.inbox import QUARANTINE_KEY
from hub.store.unit_of_work import UnitOfWork
from schemas.canonical import canonical
from schemas.errors import Fault
from schemas.event import Event, view_envelope
from schemas.event_type import Involvement
from schemas.people import Contact, WhereaboutsFlag
from schemas.sections import Category
from schemas.times import stamp

KEY_BYTES = 32


def record(verdict: Verdict, work: UnitOfWork, random: Callable[[int], bytes]) -> list[EntryBody]:
    """Carry out one verdict; returns the ledger entries that follow, in order."""
    match verdict:
        case DecidedEvent():
            return _decided(verdict, work, random)
        case UnidentifiedEvent():
            return _held(verdict, work)
        case RefusedInput():
            return _quarantined(verdict, work)
        case DuplicateEvent():
            return []


def _quarantined(verdict: RefusedInput, work: UnitOfWork) -> list[EntryBody]:
    letter = verdict.letter
    known = letter.account and work.directory.find(letter.account)
    account = letter.account if known and letter.account else ""
    return quarantine_bytes(
        account, letter.body, verdict.fault, verdict.where, work, letter.arrived_at
    )


def quarantine_bytes(  # noqa: PLR0913, PLR0917  an input has these sides
    account: str,
    body: bytes,
    fault: Fault,
    where: str,
    work: UnitOfWork,
    arrived_at: dt.datetime,
) -> list[EntryBody]:
    """Put an input into the quarantine; ``account`` is empty if it is no registered agency."""
    reference = work.inbox.quarantine(account, fault, where, body, arrived_at)
    if reference is None:
        return []
    return [EventQuarantinedEntry(quarantine=reference, account=account, code=fault, where=where)]


def _held(verdict: UnidentifiedEvent, work: UnitOfWork) -> list[EntryBody]:
    recognised, doubt = verdict.recognised, verdict.doubt
    event, ref = recognised.event, recognised.ref
    _store(recognised, verdict.fingerprint, work, child=None, key=QUARANTINE_KEY)
    entries: list[EntryBody] = [
        EventHeldEntry(
            event=ref,
            type=event.kind.key,
            source=event.source,
            cause=doubt.cause,
            candidates=doubt.candidates,
        )
    ]
    reference = work.reviews.open(
        doubt.cause,
        ref,
        child=None,
        event=ref,
        detail=(doubt_detail(doubt), QUARANTINE_KEY),
        now=work.now,
        again=True,
    )
    if reference:
        entries.append(
            ReviewOpenedEntry(review=reference, cause=doubt.cause, child=None, event=ref)
        )
    return entries


def doubt_detail(doubt: Doubt) -> bytes:
    """Write what a person must see of a doubt: the children it might be, and how similar."""
    detail = {"candidates": list(doubt.candidates), "score": round(doubt.score, 3)}
    return json.dumps(detail).encode()


def _store(
    recognised: RecognisedEvent, fingerprint: str, work: UnitOfWork, *, child: str | None, key: str
) -> None:
    """Store an event: decided if its child is known, otherwise held."""
    event = recognised.event
    work.inbox.keep(
        recognised.ref,
        {
            "fingerprint": fingerprint,
            "state": "decided" if child else "held",
            "type": event.kind.key,
            "source": event.source,
            "child": child,
            "status": event.status.value,
            "record": _record_index(event, work),
            "decided_at": stamp(work.now) if child else None,
            "happened_at": stamp(event.time),
            "received_at": stamp(recognised.letter.arrived_at),
        },
        recognised.letter.body,
        key,
    )


def _decided(
    verdict: DecidedEvent, work: UnitOfWork, random: Callable[[int], bytes]
) -> list[EntryBody]:
    recognised, decisions = verdict.recognised, verdict.decisions
    event, ref, child = recognised.event, recognised.ref, decisions.context.child
    if verdict.new_child:
        work.children.introduce(child, work.now)
    if recognised.fingerprint is None:
        work.inbox.settle(ref, child, child_key(child), recognised.letter.body)
    else:
        _store(recognised, recognised.fingerprint, work, child=child, key=child_key(child))
    entries: list[EntryBody] = [
        EventReceivedEntry(
            event=ref,
            type=event.kind.key,
            source=event.source,
            child=child,
            new_child=verdict.new_child,
            status=event.status,
            override=event.override is not None,
        )
    ]
    entries += _learn(recognised, child, work)
    entries += _take_part(verdict, work)
    entries += _directive(verdict, work)
    for answer in decisions.answers:
        entries.append(decision_entry(decisions, answer))
        entries += deliver(decisions, answer, work, random)
    return entries + open_reviews(decisions, work)


def decision_entry(
    decisions: EventDecisions, answer: RecipientDecision, *, reoffer: bool = False
) -> DecisionEntry:
    """Return the ledger entry of one recipient's decision."""
    context = decisions.context
    return DecisionEntry(
        event=context.ref,
        child=context.child,
        recipient=answer.question.recipient,
        permitted=answer.view is not None and not answer.notice,
        notice=answer.notice,
        reoffer=reoffer,
        question=answer.question,
        decision=answer.decision,
        considered=context.considered,
    )


def _learn(recognised: RecognisedEvent, child: str, work: UnitOfWork) -> list[EntryBody]:
    """Learn the child's identifiers, particulars and whether whereabouts are guarded."""
    event = recognised.event
    work.children.learn(child, particulars_of(event))
    contact = event.section(Contact)
    if contact is not None and contact.confidentiality is not None:
        guarded = contact.confidentiality is not WhereaboutsFlag.UNRESTRICTED
        work.children.guard(child, event.source, on=guarded)
    return link_identifiers(
        event, recognised.ref, child, work, all_of_them=recognised.fingerprint is not None
    )


def link_identifiers(
    event: Event, ref: str, child: str, work: UnitOfWork, *, all_of_them: bool
) -> list[EntryBody]:
    """Link an event's usable identifiers to a child; those of another child if ``all_of_them``.

    An event that was held may name identifiers that are another child's.
    """
    named = usable_identifiers(event.identity, event.source)
    if not all_of_them:
        named = tuple(one for one in named if work.children.named([one]) <= {child})
    new = work.children.name(child, named, event.source, work.now)
    if not new:
        return []
    return [IdentifiersLinkedEntry(child=child, event=ref, source=event.source, linked=new)]


def _take_part(verdict: DecidedEvent, work: UnitOfWork) -> list[EntryBody]:
    """Begin or end the sender's involvement in the child's care; involve those it invited."""
    event, now = verdict.recognised.event, work.now
    child, involvement = verdict.decisions.context.child, event.kind.involvement
    changes: list[tuple[str, InvolvementChange]] = []
    if involvement is Involvement.BEGINS and work.children.involve(child, event.source, now):
        changes.append((event.source, InvolvementChange.BEGAN))
    if involvement is Involvement.ENDS and work.children.release(child, event.source, now):
        changes.append((event.source, InvolvementChange.ENDED))
    changes += [
        (agency, InvolvementChange.INVITED)
        for agency in verdict.invited
        if work.children.involve(child, agency, now)
    ]
    return [
        InvolvementEntry(child=child, agency=agency, part=part, event=verdict.recognised.ref)
        for agency, part in changes
    ]


def _directive(verdict: DecidedEvent, work: UnitOfWork) -> list[EntryBody]:
    """Record the directive or the withdrawal that the event carries."""
    event, ref = verdict.recognised.event, verdict.recognised.ref
    section = event.sections.get(Category.CONSENT)
    detail = section.model_dump_json(exclude_none=True).encode() if section else b"{}"
    directive = verdict.decisions.directive
    if directive is not None:
        work.directives.record(directive, detail, event.source)
        return [DirectiveRecordedEntry(directive=directive, recorded_by=event.source, event=ref)]
    withdrawn = work.directives.find(verdict.withdrawn) if verdict.withdrawn is not None else None
    if withdrawn is None or not work.directives.withdraw(withdrawn, detail, work.now):
        return []
    child = verdict.decisions.context.child
    return [
        DirectiveWithdrawnEntry(
            withdrawn=withdrawn.id, child=child, recorded_by=event.source, event=ref
        )
    ]


def deliver(
    decisions: EventDecisions,
    answer: RecipientDecision,
    work: UnitOfWork,
    random: Callable[[int], bytes],
) -> list[EntryBody]:
    """Seal one recipient's delivery, with the salted commitment to exactly what is sealed."""
    view, context = answer.view, decisions.context
    if view is None:
        return []
    event, ref, child, recipient = (
        context.event, context.ref, context.child, answer.question.recipient,
    )  # fmt: skip
    secret = Secret(key=random(KEY_BYTES), salt=random(SALT_BYTES))
    plain = view_envelope(view).model_dump(mode="json", exclude_none=True)
    commitment = commit(secret.salt, canonical(plain))
    values = {
        "seq": work.inbox.seq(ref),
        "event": ref,
        "child": child,
        "recipient": recipient,
        "type": view.kind.key,
        "record": _record_index(event, work),
        "contents": contents_of(view, notice=answer.notice).model_dump_json(),
        "commitment": commitment,
        "made_at": stamp(work.now),
    }
    body = seal_delivery(view, ref, recipient, secret.key, random)
    if not work.deliveries.add(view.delivery_id, values, body, secret, child_key(child)):
        return []
    return [
        DeliveryMadeEntry(
            delivery=view.delivery_id,
            event=ref,
            child=child,
            recipient=recipient,
            commitment=commitment.hex(),
        )
    ]


def _record_index(event: Event, work: UnitOfWork) -> str | None:
    """Return the blind index by which deliveries about one record of a source are found again."""
    return work.record_index(event.source, event.record) if event.record else None


def open_reviews(decisions: EventDecisions, work: UnitOfWork) -> list[EntryBody]:
    """Open the reviews the decisions call for, each once: a new dispute is a new review."""
    context, entries = decisions.context, list[EntryBody]()
    for cause in decisions.reviews:
        reference = work.reviews.open(
            cause,
            _subject(decisions, cause, work),
            child=context.child,
            event=context.ref,
            detail=(_detail(decisions, cause), child_key(context.child)),
            now=work.now,
        )
        if reference:
            entries.append(
                ReviewOpenedEntry(
                    review=reference, cause=cause, child=context.child, event=context.ref
                )
            )
    return entries


_ABOUT_DIRECTIVE = frozenset({ReviewCause.OBJECTION_MADE, ReviewCause.COURT_ORDER_RECORDED})
_ABOUT_EVENT = _ABOUT_DIRECTIVE | {ReviewCause.OVERRIDE_USED}


def _subject(decisions: EventDecisions, cause: ReviewCause, work: UnitOfWork) -> str:
    """Name what a review is about: the event, or the child and the directives it turns on."""
    if cause in _ABOUT_EVENT:
        return decisions.context.ref
    return work.blind("review", decisions.context.child, *_turns_on(decisions, cause))


def _turns_on(decisions: EventDecisions, cause: ReviewCause) -> list[str]:
    """Return the directives that a review turns on."""
    return sorted(
        {
            directive
            for answer in decisions.answers
            for section in answer.decision.sections
            for finding in section.findings
            if finding.review is cause
            for directive in finding.directives
        }
    )


def _detail(decisions: EventDecisions, cause: ReviewCause) -> bytes:
    if cause in _ABOUT_DIRECTIVE and decisions.directive is not None:
        return json.dumps({"directive": decisions.directive.id}).encode()
    if cause is ReviewCause.CONSENT_TO_CONFIRM:
        return json.dumps({"directives": _turns_on(decisions, cause)}).encode()
    override = decisions.context.event.override
    return override.model_dump_json().encode() if override else b"{}"
