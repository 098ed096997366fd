"""Step 5, record: a verdict is carried out in the store and the ledger, in one transaction.

Everything a verdict says is kept together or not at all: the event, what was said, the decisions,
the deliveries. Recording the same verdict twice changes nothing, because every row has a key that
follows from the event.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from consent.reasons import ReviewCause
from hub.journey import entries
from hub.journey.decisions import RecipientDecision
from hub.journey.entries import PendingEntry
from hub.journey.identify import Doubt, usable_identifiers
from hub.journey.matching import particulars_of
from hub.journey.pipeline import EventFate, Verdict
from hub.journey.release import contents_of
from hub.ledger.commitment import SALT_BYTES, commit
from hub.sealing.delivery import seal_delivery
from hub.store.children import child_key
from hub.store.deliveries import Secret
from hub.store.inbox import QUARANTINE_KEY
from hub.store.unit_of_work import UnitOfWork
from schemas.canonical import canonical
from schemas.event import Event, view_envelope
from schemas.event_type import Involvement
from schemas.people import Contact, WhereaboutsFlag
from schemas.sections import Category
from schemas.times import stamp

KEY_BYTES = 32


def record(
    verdict: Verdict, work: UnitOfWork, random: Callable[[int], bytes]
) -> list[PendingEntry]:
    """Carry out one verdict; returns the ledger lines it calls for, in order."""
    if verdict.fate is EventFate.QUARANTINED:
        return _quarantine(verdict, work)
    if verdict.fate is EventFate.HELD:
        return _hold(verdict, work)
    if verdict.fate is EventFate.DECIDED:
        return _decided(verdict, work, random)
    return []


def _quarantine(verdict: Verdict, work: UnitOfWork) -> list[PendingEntry]:
    fault, letter = verdict.fault, verdict.letter
    assert fault is not None  # noqa: S101  a quarantined verdict has its fault
    known = letter.account and work.directory.find(letter.account)
    account = letter.account if known and letter.account else ""
    reference = work.inbox.quarantine(account, fault, verdict.where, letter.body, letter.arrived_at)
    if reference is None:
        return []
    return [entries.quarantined(reference, account, fault, verdict.where, work.now)]


def _hold(verdict: Verdict, work: UnitOfWork) -> list[PendingEntry]:
    event, doubt = verdict.event, verdict.doubt
    assert event is not None  # noqa: S101  a held verdict has its event and its doubt
    assert doubt is not None  # noqa: S101
    _keep(verdict, event, work, state="held", key=QUARANTINE_KEY)
    lines = [entries.event_held(verdict, work.now)]
    reference = work.reviews.open(
        doubt.cause,
        verdict.ref,
        child=None,
        event=verdict.ref,
        detail=(doubt_detail(doubt), QUARANTINE_KEY),
        now=work.now,
        again=True,
    )
    if reference:
        lines.append(entries.review_opened(reference, doubt.cause, None, verdict.ref, work.now))
    return lines


def doubt_detail(doubt: Doubt) -> bytes:
    """Write down what a person must see of a doubt: the children it might be, and how alike."""
    detail = {"candidates": list(doubt.candidates), "score": round(doubt.score, 3)}
    return json.dumps(detail).encode()


def _keep(verdict: Verdict, event: Event, work: UnitOfWork, *, state: str, key: str) -> None:
    work.inbox.keep(
        verdict.ref,
        {
            "fingerprint": verdict.fingerprint,
            "state": state,
            "type": event.kind.key,
            "source": event.source,
            "child": verdict.child,
            "status": event.status.value,
            "record": _record_index(event, work),
            "decided_at": stamp(work.now) if state == "decided" else None,
            "happened_at": stamp(event.time),
            "received_at": stamp(verdict.letter.arrived_at),
        },
        verdict.letter.body,
        key,
    )


def _decided(
    verdict: Verdict, work: UnitOfWork, random: Callable[[int], bytes]
) -> list[PendingEntry]:
    event, child = verdict.event, verdict.child
    assert event is not None  # noqa: S101  a decided verdict has its event and its child
    assert child is not None  # noqa: S101
    if verdict.new_child:
        work.children.introduce(child, work.now)
    if verdict.was_held:
        work.inbox.settle(verdict.ref, child, child_key(child), verdict.letter.body)
    else:
        _keep(verdict, event, work, state="decided", key=child_key(child))
    lines = [entries.event_received(verdict, work.now)]
    lines += _learn(verdict, event, child, work)
    lines += _take_part(verdict, event, child, work)
    lines += _said(verdict, event, child, work)
    for answer in verdict.answers:
        lines.append(entries.decided(verdict, answer, work.now))
        lines += deliver(verdict, answer, work, random)
    lines += open_reviews(verdict, event, child, work)
    return lines


def _learn(verdict: Verdict, event: Event, child: str, work: UnitOfWork) -> list[PendingEntry]:
    """Learn the child's identifiers, particulars and whether whereabouts are guarded."""
    work.children.learn(child, particulars_of(event))
    contact = event.section(Contact)
    if contact is not None and contact.confidentiality is not None:
        guarded = contact.confidentiality is not WhereaboutsFlag.UNRESTRICTED
        work.children.guard(child, event.source, on=guarded)
    named = usable_identifiers(event.identity, event.source)
    if verdict.was_held:
        named = tuple(one for one in named if work.children.named([one]) <= {child})
    new = work.children.name(child, named, event.source, work.now)
    return [entries.identity_learned(verdict, new, work.now)] if new else []


def _take_part(verdict: Verdict, event: Event, child: str, work: UnitOfWork) -> list[PendingEntry]:
    """Begin or end the sender's part in the child's care, and that of those it invited."""
    lines: list[PendingEntry] = []
    now, ref = work.now, verdict.ref
    if verdict.involvement is Involvement.BEGINS and work.children.involve(
        child, event.source, now
    ):
        lines.append(entries.involvement(child, event.source, "began", ref, now))
    if verdict.involvement is Involvement.ENDS and work.children.release(child, event.source, now):
        lines.append(entries.involvement(child, event.source, "ended", ref, now))
    lines += [
        entries.involvement(child, agency, "invited", ref, now)
        for agency in verdict.invited
        if work.children.involve(child, agency, now)
    ]
    return lines


def _said(verdict: Verdict, event: Event, child: str, work: UnitOfWork) -> list[PendingEntry]:
    """Record the directive or the withdrawal the event carries."""
    section = event.sections.get(Category.CONSENT)
    detail = section.model_dump_json(exclude_none=True).encode() if section else b"{}"
    if verdict.directive is not None:
        work.said.record(verdict.directive, detail, event.source)
        return [entries.directive_recorded(verdict.directive, event.source, verdict.ref, work.now)]
    if verdict.withdrawn is not None:
        directive = work.said.find(verdict.withdrawn)
        if directive is not None and work.said.withdraw(directive, detail, work.now):
            return [
                entries.directive_withdrawn(
                    directive.id, child, event.source, verdict.ref, work.now
                )
            ]
    return []


def deliver(
    verdict: Verdict, answer: RecipientDecision, work: UnitOfWork, random: Callable[[int], bytes]
) -> list[PendingEntry]:
    """Seal one recipient's delivery, with the salted commitment to exactly what is sealed."""
    view, event, child = answer.view, verdict.event, verdict.child
    if view is None or event is None or child is None:
        return []
    recipient = answer.question.recipient
    secret = Secret(key=random(KEY_BYTES), salt=random(SALT_BYTES))
    plain = view_envelope(view).model_dump(mode="json", exclude_none=True)
    commitment = commit(secret.salt, canonical(plain))
    values = {
        "seq": work.inbox.seq(verdict.ref),
        "event": verdict.ref,
        "child": child,
        "recipient": recipient,
        "type": view.kind.key,
        "record": _record_index(event, work),
        "contents": contents_of(view, notice=answer.notice).model_dump_json(),
        "commitment": commitment,
        "made_at": stamp(work.now),
    }
    body = seal_delivery(view, verdict.ref, recipient, secret.key, random)
    if not work.deliveries.add(view.delivery_id, values, body, secret, child_key(child)):
        return []
    return [entries.delivery_made(verdict, answer, view.delivery_id, commitment, work.now)]


def _record_index(event: Event, work: UnitOfWork) -> str | None:
    """Make the blind index by which deliveries about one record of a source are found again."""
    return work.record_index(event.source, event.record) if event.record else None


def open_reviews(
    verdict: Verdict, event: Event, child: str, work: UnitOfWork
) -> list[PendingEntry]:
    """Open the reviews the decisions call for, each once: a new dispute is a new review."""
    lines: list[PendingEntry] = []
    for cause in verdict.reviews:
        reference = work.reviews.open(
            cause,
            _subject(verdict, cause, child, work),
            child=child,
            event=verdict.ref,
            detail=(_detail(verdict, event, cause), child_key(child)),
            now=work.now,
        )
        if reference:
            lines.append(entries.review_opened(reference, cause, child, verdict.ref, work.now))
    return lines


def _subject(verdict: Verdict, cause: ReviewCause, child: str, work: UnitOfWork) -> str:
    """Name what a review is about: the event, or the child and the directives it turns on."""
    if cause in {ReviewCause.OVERRIDE_USED, ReviewCause.OBJECTION_MADE}:
        return verdict.ref
    turns_on = {
        directive
        for answer in verdict.answers
        for section in answer.decision.sections
        for finding in section.findings
        if finding.review is cause
        for directive in finding.directives
    }
    return work.blind("review", child, *sorted(turns_on))


def _detail(verdict: Verdict, event: Event, cause: ReviewCause) -> bytes:
    if cause is ReviewCause.OBJECTION_MADE and verdict.directive is not None:
        return json.dumps({"directive": verdict.directive.id}).encode()
    return event.override.model_dump_json().encode() if event.override else b"{}"
