"""What the ledger says of each thing: the bodies of its entries, without names or content. Pure.

Every body is documented in docs/ledger.md. Events, deliveries, directives and children stand in
it as the hub's own opaque references.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import JsonValue

from consent.agreement import Agreement
from consent.decision import Decision
from consent.directive import Directive
from consent.question import Question
from consent.reasons import ReviewCause
from hub.journey.decisions import RecipientDecision
from hub.journey.pipeline import Verdict
from hub.journey.release import Released
from hub.ledger.entry import EntryKind, LedgerEntry
from schemas.errors import Fault


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is found by: child, event and agency, each if there is one."""

    child: str | None = None
    event: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class OnWhoseWord:
    """On whose word something was done, and why: a case number or a code, no names."""

    by: str
    reason: str


PendingEntry = tuple[LedgerEntry, Subject]


def _line(
    kind: EntryKind, at: dt.datetime, body: dict[str, JsonValue], subject: Subject
) -> PendingEntry:
    return LedgerEntry(kind=kind, at=at, body=body), subject


def event_received(verdict: Verdict, now: dt.datetime) -> PendingEntry:
    """An event was taken and decided (or decided at last, after it was held)."""
    event = verdict.event
    assert event is not None  # noqa: S101  a decided verdict has its event
    body: dict[str, JsonValue] = {
        "event": verdict.ref,
        "type": event.kind.key,
        "source": event.source,
        "child": verdict.child,
        "new_child": verdict.new_child,
        "status": event.status.value,
        "override": event.override is not None,
    }
    return _line(
        EntryKind.EVENT_RECEIVED, now, body, Subject(verdict.child, verdict.ref, event.source)
    )


def event_held(verdict: Verdict, now: dt.datetime) -> PendingEntry:
    """An event waits until a person says who it is about."""
    event, doubt = verdict.event, verdict.doubt
    assert event is not None  # noqa: S101  a held verdict has its event and its doubt
    assert doubt is not None  # noqa: S101
    body: dict[str, JsonValue] = {
        "event": verdict.ref,
        "type": event.kind.key,
        "source": event.source,
        "cause": doubt.cause.value,
        "candidates": list(doubt.candidates),
    }
    return _line(EntryKind.EVENT_HELD, now, body, Subject(None, verdict.ref, event.source))


def quarantined(
    reference: str, account: str, fault: Fault, where: str, now: dt.datetime
) -> PendingEntry:
    """An input was quarantined. ``account`` is a registered agency or empty."""
    body: dict[str, JsonValue] = {
        "quarantine": reference,
        "account": account,
        "code": fault.value,
        "where": where,
    }
    return _line(EntryKind.EVENT_QUARANTINED, now, body, Subject(agency=account or None))


def quarantine_closed(
    reference: str, state: str, word: OnWhoseWord, now: dt.datetime
) -> PendingEntry:
    """A person retried or discarded a quarantined input."""
    body: dict[str, JsonValue] = {
        "quarantine": reference,
        "state": state,
        "by": word.by,
        "reason": word.reason,
    }
    return _line(EntryKind.REVIEW, now, body, Subject())


def decided(
    verdict: Verdict, answer: RecipientDecision, now: dt.datetime, *, reoffer: bool = False
) -> PendingEntry:
    """One recipient's decision, with all that is needed to make it again.

    A ``notice`` tells only that a record is wrong; a ``reoffer`` decides about an event of before.
    """
    body: dict[str, JsonValue] = {
        "event": verdict.ref,
        "child": verdict.child,
        "recipient": answer.question.recipient,
        "permitted": answer.view is not None and not answer.notice,
        **({"notice": True} if answer.notice else {}),
        **({"reoffer": True} if reoffer else {}),
        "question": answer.question.model_dump(mode="json", exclude_defaults=True),
        "decision": answer.decision.model_dump(mode="json", exclude_defaults=True),
        "considered": list(verdict.considered),
    }
    subject = Subject(verdict.child, verdict.ref, answer.question.recipient)
    return _line(EntryKind.DECISION, now, body, subject)


def delivery_made(
    verdict: Verdict, answer: RecipientDecision, delivery: str, commitment: bytes, now: dt.datetime
) -> PendingEntry:
    """A delivery was made; ``commitment`` binds it to exactly what is sent."""
    body: dict[str, JsonValue] = {
        "delivery": delivery,
        "event": verdict.ref,
        "child": verdict.child,
        "recipient": answer.question.recipient,
        "commitment": commitment.hex(),
    }
    subject = Subject(verdict.child, verdict.ref, answer.question.recipient)
    return _line(EntryKind.DELIVERY, now, body, subject)


@dataclass(frozen=True, slots=True)
class RestsOn:
    """The decision at release and what it was made of, so that it can be made again."""

    question: Question
    decision: Decision
    considered: tuple[str, ...]


def released(  # noqa: PLR0913, PLR0917  a release has these sides
    delivery: str,
    given: Released,
    repeat: int,
    rests_on: RestsOn | None,
    subject: Subject,
    now: dt.datetime,
) -> PendingEntry:
    """The hub decided again, and gave the keys of these sections: the moment of disclosure."""
    body: dict[str, JsonValue] = {
        "delivery": delivery,
        "event": subject.event,
        "child": subject.child,
        "recipient": subject.agency,
        "released": [c.value for c in given.sections],
        "withheld": {c.value: [r.value for r in why] for c, why in given.withheld.items()},
        "anything": given.anything,
        "repeat": repeat,
    }
    if given.existence:
        body["existence"] = [c.value for c in given.existence]
    if rests_on is not None:
        body["question"] = rests_on.question.model_dump(mode="json", exclude_defaults=True)
        body["decision"] = rests_on.decision.model_dump(mode="json", exclude_defaults=True)
        body["considered"] = list(rests_on.considered)
    return _line(EntryKind.RELEASE, now, body, subject)


def release_refused(agency: str, code: str, delivery: str | None, now: dt.datetime) -> PendingEntry:
    """A request for keys was refused: forged, malformed, or for another's delivery."""
    body: dict[str, JsonValue] = {"agency": agency, "code": code, "delivery": delivery}
    return _line(EntryKind.ALARM, now, body, Subject(agency=agency or None))


def receipt(
    delivery: str, outcome: str, code: str, subject: Subject, now: dt.datetime
) -> PendingEntry:
    """A recipient's adapter handed a delivery over, or could not."""
    body: dict[str, JsonValue] = {
        "delivery": delivery,
        "recipient": subject.agency,
        "outcome": outcome,
        "code": code,
    }
    return _line(EntryKind.RECEIPT, now, body, subject)


def dead_letter_closed(
    delivery: str, state: str, order: tuple[str, str], subject: Subject, now: dt.datetime
) -> PendingEntry:
    """A person had a dead letter ``retried`` or ``discarded``; ``order`` is by whom, and why."""
    body: dict[str, JsonValue] = {
        "delivery": delivery,
        "recipient": subject.agency,
        "state": state,
        "by": order[0],
        "reason": order[1],
    }
    return _line(EntryKind.REVIEW, now, body, subject)


def directive_recorded(directive: Directive, by: str, ref: str, now: dt.datetime) -> PendingEntry:
    """Someone with authority spoke about sharing."""
    said = directive.model_dump(mode="json", exclude_none=True)
    body: dict[str, JsonValue] = {"directive": said, "recorded_by": by, "event": ref or None}
    return _line(EntryKind.DIRECTIVE, now, body, Subject(directive.child, ref or None, by))


def directive_withdrawn(
    directive: str, child: str, by: str, ref: str, now: dt.datetime
) -> PendingEntry:
    """What someone said no longer holds."""
    body: dict[str, JsonValue] = {"withdrawn": directive, "recorded_by": by, "event": ref or None}
    return _line(EntryKind.DIRECTIVE, now, body, Subject(child, ref or None, by))


def agreement_published(agreement: Agreement, now: dt.datetime) -> PendingEntry:
    """A version of an agreement came into the store."""
    body: dict[str, JsonValue] = {
        "agreement": agreement.id,
        "version": agreement.version,
        "digest": agreement.digest(),
    }
    return _line(EntryKind.AGREEMENT, now, body, Subject())


def identity_learned(verdict: Verdict, count: int, now: dt.datetime) -> PendingEntry:
    """Identifiers were linked to a child: how many, and on whose word."""
    source = verdict.event.source if verdict.event else ""
    body: dict[str, JsonValue] = {
        "child": verdict.child,
        "event": verdict.ref,
        "source": source,
        "linked": count,
    }
    return _line(EntryKind.IDENTITY, now, body, Subject(verdict.child, verdict.ref, source))


def involvement(child: str, agency: str, part: str, ref: str, now: dt.datetime) -> PendingEntry:
    """An agency's part in a child's care began or ended."""
    body: dict[str, JsonValue] = {"child": child, "agency": agency, "part": part, "event": ref}
    return _line(EntryKind.INVOLVEMENT, now, body, Subject(child, ref, agency))


def review_opened(
    reference: str, cause: ReviewCause, child: str | None, ref: str | None, now: dt.datetime
) -> PendingEntry:
    """A matter needs a person."""
    body: dict[str, JsonValue] = {
        "review": reference,
        "cause": cause.value,
        "child": child,
        "event": ref,
    }
    return _line(EntryKind.REVIEW, now, body, Subject(child, ref))


def looked(by: str, what: str, child: str | None, reason: str, now: dt.datetime) -> PendingEntry:
    """Somebody looked at what is kept about a child, with a reason code or case number."""
    body: dict[str, JsonValue] = {"by": by, "what": what, "child": child, "reason": reason}
    return _line(EntryKind.LOOK, now, body, Subject(child))


def review_closed(  # noqa: PLR0913, PLR0917  an entry has this many sides
    reference: str,
    cause: ReviewCause,
    outcome: str,
    subject: Subject,
    word: OnWhoseWord,
    now: dt.datetime,
) -> PendingEntry:
    """A person closed a matter, or what they said of another settled it too."""
    body: dict[str, JsonValue] = {
        "review": reference,
        "cause": cause.value,
        "outcome": outcome,
        "child": subject.child,
        "event": subject.event,
        "by": word.by,
        "reason": word.reason,
    }
    return _line(EntryKind.REVIEW, now, body, subject)


def children_merged(
    losing: str, survivor: str, counts: dict[str, int], word: OnWhoseWord, now: dt.datetime
) -> PendingEntry:
    """Two ids turned out to be one child."""
    body: dict[str, JsonValue] = {
        "merged": losing,
        "into": survivor,
        "by": word.by,
        "reason": word.reason,
        "counts": dict(counts),
    }
    return _line(EntryKind.IDENTITY, now, body, Subject(survivor))


def child_split(
    child: str, new: str, count: int, word: OnWhoseWord, now: dt.datetime
) -> PendingEntry:
    """One id turned out to be two children: some identifiers went to a new one."""
    body: dict[str, JsonValue] = {
        "split": child,
        "new": new,
        "identifiers": count,
        "by": word.by,
        "reason": word.reason,
    }
    return _line(EntryKind.IDENTITY, now, body, Subject(child))


def child_erased(
    child: str,
    former: tuple[str, ...],
    counts: dict[str, int],
    word: OnWhoseWord,
    now: dt.datetime,
) -> PendingEntry:
    """A child's key was destroyed, and with it all that was kept about the child."""
    body: dict[str, JsonValue] = {
        "child": child,
        "former": list(former),
        "by": word.by,
        "reason": word.reason,
        "counts": dict(counts),
    }
    return _line(EntryKind.ERASURE, now, body, Subject(child))


def delivery_voided(
    delivery: str, cause: str, releases: int, subject: Subject, now: dt.datetime
) -> PendingEntry:
    """A delivery will not be released any more: its child was merged, split or erased."""
    body: dict[str, JsonValue] = {
        "delivery": delivery,
        "event": subject.event,
        "child": subject.child,
        "recipient": subject.agency,
        "voided": cause,
        "releases": releases,
    }
    return _line(EntryKind.DELIVERY, now, body, subject)


def key_changed(key: str, what: dict[str, JsonValue], by: str, now: dt.datetime) -> PendingEntry:
    """One of the hub's own keys was replaced; never any of it, at most the id of a public one."""
    return _line(EntryKind.KEY, now, {"key": key, **what, "by": by}, Subject())


def events_purged(count: int, before: str, by: str, now: dt.datetime) -> PendingEntry:
    """Kept events came to the end of their time, and their content was destroyed."""
    body: dict[str, JsonValue] = {
        "what": "retention",
        "events": count,
        "before": before,
        "by": by,
    }
    return _line(EntryKind.ERASURE, now, body, Subject())


def receipt_overdue(delivery: str, subject: Subject, now: dt.datetime) -> PendingEntry:
    """A delivery on the bus has no receipt in time; said once for each."""
    body: dict[str, JsonValue] = {
        "alarm": "receipt-overdue",
        "delivery": delivery,
        "recipient": subject.agency,
    }
    return _line(EntryKind.ALARM, now, body, subject)
