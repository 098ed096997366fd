"""One sample of every kind of ledger entry; a new kind adds its own here."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.directive import Directive
from consent.question import Question, SectionShape
from consent.reasons import Reason, ReviewCause
from hub.journey.entries import EntryBody
from hub.journey.entries.access import (
    AccountChange,
    AccountChangedEntry,
    DataAccessedEntry,
    KeyReplacedEntry,
    KeysRetiredEntry,
    RotatedKey,
    SignedInEntry,
    SignedOutEntry,
    SignInRefusedEntry,
)
from hub.journey.entries.children import (
    ChildErasedEntry,
    ChildrenMergedEntry,
    ChildSplitEntry,
    EventsPurgedEntry,
    IdentifiersLinkedEntry,
    InvolvementChange,
    InvolvementEntry,
)
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import (
    DeadLetterClosedEntry,
    DeliveryMadeEntry,
    DeliveryVoidedEntry,
    KeyRequestRefusedEntry,
    ReceiptEntry,
    ReceiptOverdueEntry,
    ReleaseEntry,
    VoidCause,
)
from hub.journey.entries.directives import (
    AgreementPublishedEntry,
    DirectiveRecordedEntry,
    DirectiveWithdrawnEntry,
)
from hub.journey.entries.events import (
    EventHeldEntry,
    EventQuarantinedEntry,
    EventReceivedEntry,
    QuarantineClosedEntry,
    Resolution,
)
from hub.journey.entries.reviews import ReviewClosedEntry, ReviewOpenedEntry
from hub.journey.receipts import ReceiptOutcome
from schemas.errors import Fault
from schemas.event import RecordStatus
from schemas.roles import Role
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose

NOW = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
Kind = TypeVar("Kind", bound=EntryBody)

HEALTH = SectionDecision(
    category=Category.HEALTH,
    sharing=Sharing.CONTENT,
    fields={"start": ("a@1/two",)},
    refused={"note": Reason.FIELD_NOT_ALLOWED, "location": Reason.WHEREABOUTS_GUARDED},
    findings=(
        RuleFinding(
            reason=Reason.NO_CONSENT, rule="a@1/one", purpose=Purpose.EHC_PLAN, basis="6(1)(e)"
        ),
        RuleFinding(reason=Reason.CONSENT_GIVEN, rule="a@1/two", directives=("d-1", "d-2")),
    ),
)
SEN = SectionDecision(
    category=Category.SEN,
    sharing=Sharing.EXISTENCE,
    findings=(RuleFinding(reason=Reason.CONSENT_GIVEN),),
)
CONTACT = SectionDecision(
    category=Category.CONTACT,
    sharing=Sharing.WITHHELD,
    findings=(RuleFinding(reason=Reason.CONSENT_REFUSED, directives=("d-3",)),),
)
QUESTION = Question(
    event_type="health.discharge.v1",
    source="clinic",
    recipient="school",
    sections=(SectionShape(category=Category.HEALTH, fields=("start",)),),
    involved=True,
)


def decided(*sections: SectionDecision) -> Decision:
    """A decision for the school, of these sections."""
    return Decision(
        recipient="school", sections=sections, agreements={"a@1": "0" * 64}, decided_at=NOW
    )


_EVENT = {"event": "e-1", "type": "health.discharge.v1", "source": "clinic"}
_DELIVERY = {"delivery": "v-1", "event": "e-1", "child": "c-1", "recipient": "school"}
_WORD = {"by": "jmalik", "reason": "CASE-9"}
_REVIEW = {"review": "r-1", "child": "c-1", "event": "e-1"}

_SAMPLES: tuple[EntryBody, ...] = (
    EventReceivedEntry(
        **_EVENT, child="c-1", new_child=True, status=RecordStatus.RECORDED, override=False
    ),
    EventHeldEntry(**_EVENT, cause=ReviewCause.POSSIBLE_MATCH, candidates=("c-1", "c-2")),
    EventQuarantinedEntry(
        quarantine="q-1", account="clinic", code=Fault.NOT_JSON, where="data.sections"
    ),
    QuarantineClosedEntry(quarantine="q-1", state=Resolution.RETRIED, **_WORD),
    DecisionEntry(
        event="e-1",
        child="c-1",
        recipient="school",
        permitted=True,
        question=QUESTION,
        decision=decided(HEALTH, SEN, CONTACT),
        considered=("d-1", "d-2", "d-3"),
    ),
    DeliveryMadeEntry(**_DELIVERY, commitment="ab" * 32),
    DeliveryVoidedEntry(**_DELIVERY, cause=VoidCause.MERGED, releases=1),
    ReleaseEntry(
        **_DELIVERY,
        released=(Category.HEALTH,),
        withheld={Category.CONTACT: (Reason.CONSENT_REFUSED,)},
        anything=True,
        repeat=0,
        existence=(Category.SEN,),
        question=QUESTION,
        decision=decided(HEALTH, SEN, CONTACT),
        considered=("d-1", "d-2", "d-3"),
    ),
    ReceiptEntry(**_DELIVERY, outcome=ReceiptOutcome.FAILED, code="channel-refused"),
    DeadLetterClosedEntry(**_DELIVERY, state=Resolution.DISCARDED, **_WORD),
    ReceiptOverdueEntry(**_DELIVERY),
    KeyRequestRefusedEntry(agency="school", code="unknown-delivery", delivery="v-1"),
    DirectiveRecordedEntry(
        directive=Directive(
            id="d-1",
            child="c-1",
            kind=DirectiveKind.CONSENT,
            authority=Authority.PARENTAL_RESPONSIBILITY,
            decider="p-1",
            valid_from=NOW,
            recorded_at=NOW,
        ),
        recorded_by="school",
        event="e-1",
    ),
    DirectiveWithdrawnEntry(withdrawn="d-1", child="c-1", recorded_by="jmalik", event=None),
    AgreementPublishedEntry(agreement="a", version=1, digest="0" * 64, by="jmalik"),
    IdentifiersLinkedEntry(child="c-1", event="e-1", source="school", linked=2),
    InvolvementEntry(child="c-1", agency="school", part=InvolvementChange.BEGAN, event="e-1"),
    ChildrenMergedEntry(merged="c-2", into="c-1", **_WORD, counts={"directives": 1}),
    ChildSplitEntry(split="c-1", new="c-2", identifiers=1, **_WORD),
    ChildErasedEntry(child="c-1", former=("c-2",), **_WORD, counts={"events": 3}),
    EventsPurgedEntry(events=3, before="2026-08-01T00:00:00.000000Z", by="hub"),
    ReviewOpenedEntry(**_REVIEW, cause=ReviewCause.OVERRIDE_USED),
    ReviewClosedEntry(**_REVIEW, cause=ReviewCause.OVERRIDE_USED, outcome="accepted", **_WORD),
    DataAccessedEntry(what="the child's page", child="c-1", **_WORD),
    AccountChangedEntry(
        act=AccountChange.ADDED, person="jmalik", roles=(Role.OPERATOR,), by="root"
    ),
    SignedInEntry(person="jmalik", roles=(Role.OPERATOR,), how="password"),
    SignedOutEntry(person="jmalik"),
    SignInRefusedEntry(person="", code="no-role"),
    KeyReplacedEntry(key=RotatedKey.MASTER, by="jmalik", rewrapped=4),
    KeysRetiredEntry(key=RotatedKey.MASTER, by="jmalik", dropped=1),
)
SAMPLES = {body.kind: body for body in _SAMPLES}


def sample(model: type[Kind], **changes: Any) -> Kind:  # noqa: ANN401  any member
    """The sample of a kind, with other members."""
    body = SAMPLES[model.kind]
    assert isinstance(body, model)
    return model.model_validate(
        {name: getattr(body, name) for name in type(body).model_fields} | changes
    )
