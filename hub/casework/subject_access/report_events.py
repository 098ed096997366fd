"""The events of the report: what was received, what was decided and why, and what was sent.

Works on values only. What is withheld is left out and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from consent.decision import RuleFinding, SectionDecision, Sharing
from consent.reasons import Reason
from hub.casework.subject_access.case_file import (
    CaseDecision,
    CaseDelivery,
    CaseEntry,
    CaseFileEvent,
    KeyResponse,
)
from hub.casework.subject_access.plain_english import (
    CATEGORIES,
    day,
    directive_title,
    labels,
    purpose_text,
    shown_field,
    shown_section,
)
from hub.casework.subject_access.report import (
    DatedStep,
    FieldsLeftOut,
    ShownCorrection,
    ShownDecision,
    ShownDelivery,
    ShownEvent,
    ShownField,
    ShownGround,
    ShownOutcome,
    ShownSection,
)
from hub.casework.subject_access.withheld_fields import WithheldFields
from hub.casework.subject_access.withholding import GUARDS, RESTRICTED, SAFEGUARDING, Withheld
from hub.evidence.explanation_text import refused_by_reason
from hub.journey.entries import EntryBody
from hub.journey.entries.deliveries import (
    DeadLetterClosedEntry,
    DeliveryMadeEntry,
    DeliveryVoidedEntry,
    ReceiptEntry,
    ReceiptOverdueEntry,
    VoidCause,
)
from hub.journey.entries.events import Resolution
from hub.journey.receipts import ReceiptOutcome
from schemas.event import Event
from schemas.sections import Category, Section
from schemas.times import stamp

_STATUS = {
    "corrected": "This corrects an earlier record.",
    "retracted": "This withdraws an earlier record.",
}
_VOIDED = {
    VoidCause.MERGED: "Cancelled because two records are about the same child.",
    VoidCause.SPLIT: "Cancelled because some numbers belong to another child.",
    VoidCause.ERASED: "Cancelled because the record was erased.",
}
_CLOSED = {
    Resolution.RETRIED: "Our staff sent it again.",
    Resolution.DISCARDED: "Our staff cancelled it.",
}
_SHARED, _EXISTS, _NOT_SHARED = "May be shared", "Only that a record exists", "Not shared"
_SHARING = {Sharing.CONTENT: _SHARED, Sharing.EXISTENCE: _EXISTS, Sharing.WITHHELD: _NOT_SHARED}


def shown_event(event: CaseFileEvent, withheld: Withheld) -> ShownEvent:
    """Show one event with the decisions about it that are not withheld."""
    registered, content = event.registered, event.content
    decisions = (shown_decision(one, event, withheld) for one in event.decisions)
    return ShownEvent(
        title=registered.title if registered else event.type,
        source=withheld.case.title(event.source),
        received=day(event.at),
        happened=day(stamp(content.time)) if content else "",
        status=_STATUS.get(event.status, ""),
        content=content_sections(content, event.type, withheld.fields) if content else None,
        field_names=() if content else tuple(_field_names(event, withheld.fields)),
        decisions=tuple(one for one in decisions if one is not None),
    )


def content_sections(
    event: Event, event_type: str, fields: WithheldFields | None
) -> tuple[ShownSection, ...]:
    """Return an event's content without the withheld ``fields``, or all of it for None."""
    found = list(_sections(event.sections, event_type, fields))
    if event.record:
        reference = ShownField("Reference at the agency", event.record)
        found.append(ShownSection("About the record", (reference,)))
    if event.override is not None:
        model = type(event.override)
        members = ((name, getattr(event.override, name)) for name in model.model_fields)
        shown = tuple(shown_field(model, name, value) for name, value in members)
        found.append(ShownSection("Safeguarding override", shown))
    return tuple(found)


def _sections(
    sections: Mapping[Category, Section],
    event_type: str,
    fields: WithheldFields | None,
    only: frozenset[Category] | None = None,
) -> Iterator[ShownSection]:
    """Yield the sections that have a field to show."""
    for category in (c for c in Category if c in sections and (only is None or c in only)):
        names = tuple(sorted(sections[category].present()))
        shown = names if fields is None else fields.shown(event_type, category, names)
        if shown:
            yield shown_section(category, sections[category], shown)


def _field_names(event: CaseFileEvent, fields: WithheldFields) -> Iterator[str]:
    """Yield the names of the fields of an event whose content is destroyed, by category."""
    for category, names in event.fields().items():
        if shown := fields.shown(event.type, category, names):
            yield f"{CATEGORIES[category]}: {', '.join(labels(shown))}"


# -- decisions


def shown_decision(
    decision: CaseDecision, event: CaseFileEvent, withheld: Withheld
) -> ShownDecision | None:
    """Show the decision for one recipient; None if it is withheld."""
    if decision.position in withheld.decisions:
        return None
    shared_only = decision.recipient in withheld.shared_only
    sections = tuple(_outcomes(decision, event, withheld))
    found = (_delivery(made, event, decision, withheld) for made in decision.deliveries)
    deliveries = tuple(one for one in found if one is not None)
    shared = any(section.fields or section.sharing != _NOT_SHARED for section in sections)
    if decision.decision.permitted and not shared:
        return None
    if shared_only and not (shared or decision.notice):
        return None
    if shared_only and decision.deliveries and not deliveries:
        return None
    return ShownDecision(
        agency=withheld.case.title(decision.recipient),
        at=day(decision.at),
        outcome=_outcome(decision, shared=shared),
        sections=sections,
        deliveries=deliveries,
    )


def _outcome(decision: CaseDecision, *, shared: bool) -> str:
    if decision.notice:
        return "Notified that its copy of this record is wrong. Received nothing else."
    if not shared:
        return "Not shared. The agency does not know of this event."
    return "May be shared, after a second decision." if decision.reoffered else "May be shared."


def _outcomes(
    decision: CaseDecision, event: CaseFileEvent, withheld: Withheld
) -> Iterator[ShownOutcome]:
    """Yield the outcome for each category that the copy may show."""
    shared_only = decision.recipient in withheld.shared_only
    left_out = withheld.sections_of(decision)
    present = {s.category: s.fields for s in decision.question.sections}
    for part in decision.decision.sections:
        category = part.category
        visible = withheld.fields.shown(event.type, category, present.get(category, ()))
        fields = withheld.fields.shown(event.type, category, sorted(part.fields))
        refused = part.sharing is Sharing.WITHHELD
        empty = part.sharing is Sharing.CONTENT and not fields
        if category in left_out or not visible or empty or (refused and shared_only):
            continue
        yield ShownOutcome(
            category=CATEGORIES[category],
            sharing=_SHARING[part.sharing],
            fields=labels(fields),
            grounds=tuple(_grounds(part, decision, withheld)),
            left_out=() if shared_only else tuple(_left_out(part, set(visible))),
        )


def _grounds(
    part: SectionDecision, decision: CaseDecision, withheld: Withheld
) -> Iterator[ShownGround]:
    """Yield each ground of an outcome once."""
    shared = part.sharing is not Sharing.WITHHELD
    findings = (one for one in part.findings if one.reason.permits is shared)
    yield from dict.fromkeys(_ground(one, decision, withheld) for one in findings)


def _ground(finding: RuleFinding, decision: CaseDecision, withheld: Withheld) -> ShownGround:
    """Return a finding with the rule it cites, unless the rule is for safeguarding."""
    cited = decision.cited.get(finding.rule or "")
    if cited is None or finding.purpose in SAFEGUARDING:
        return ShownGround(finding.reason.sentence)
    agreement = cited.agreement
    directives = [one for one in withheld.case.directives if one.id in finding.directives]
    return ShownGround(
        reason=finding.reason.sentence,
        purpose=purpose_text(cited.rule.purpose),
        basis=cited.rule.basis.sentence(),
        agreement=f"{agreement.title}, version {agreement.version}",
        directives=tuple(
            f"{directive_title(one)}, recorded {day(stamp(one.recorded_at))}" for one in directives
        ),
    )


def _left_out(part: SectionDecision, visible: set[str]) -> Iterator[FieldsLeftOut]:
    for reason, names in refused_by_reason(part).items():
        if shown := tuple(name for name in names if name in visible):
            yield FieldsLeftOut(labels(shown), reason.sentence)


# -- what was sent


def _delivery(
    made: CaseDelivery, event: CaseFileEvent, decision: CaseDecision, withheld: Withheld
) -> ShownDelivery | None:
    """Show one delivery; None if nothing was disclosed and refusals to its agency are left out."""
    disclosed = [one for one in made.responses if one.disclosed]
    if decision.recipient in withheld.shared_only and not disclosed:
        return None
    released = frozenset(c for one in disclosed for c in one.released)
    released -= withheld.sections_of(decision)
    agency = withheld.case.title(decision.recipient)
    entries = withheld.case.about_delivery(made.id)
    return ShownDelivery(
        state=_state(entries, agency, disclosed=bool(disclosed)),
        content=_sent(made, event, released, withheld.fields) if disclosed else (),
        exact=made.rebuilt.exact if made.rebuilt else None,
        steps=tuple(_steps(made, event, decision, withheld)),
    )


def _sent(
    made: CaseDelivery, event: CaseFileEvent, released: frozenset[Category], fields: WithheldFields
) -> tuple[ShownSection, ...] | None:
    """Return the content whose keys were released; None if it can no longer be rebuilt."""
    if made.rebuilt is None:
        return None
    view, record = made.rebuilt.view, ShownField("Record", "a record exists")
    existence = (ShownSection(CATEGORIES[category], (record,)) for category in view.existence)
    return (*_sections(view.sections, event.type, fields, released), *existence)


def _state(entries: Sequence[CaseEntry], agency: str, *, disclosed: bool) -> str:
    if not disclosed:
        return f"Prepared for {agency}. The agency never received the means to read it."
    receipts = (one.body for one in entries if isinstance(one.body, ReceiptEntry))
    if any(receipt.outcome is ReceiptOutcome.DELIVERED for receipt in receipts):
        return f"Sent to {agency}. The agency confirmed that it arrived."
    return f"Sent to {agency}. The agency has not confirmed that it arrived."


def _steps(
    made: CaseDelivery, event: CaseFileEvent, decision: CaseDecision, withheld: Withheld
) -> Iterator[DatedStep]:
    agency = withheld.case.title(decision.recipient)
    responses = {one.position: one for one in made.responses}
    for entry in withheld.case.about_delivery(made.id):
        response = responses.get(entry.position)
        if response is not None:
            what = _response(response, event, decision, withheld)
        else:
            what = _step(entry.body, agency)
        if what:
            yield DatedStep(day(entry.at), what)


def _step(body: EntryBody | None, agency: str) -> str:
    match body:
        case DeliveryVoidedEntry():
            return _VOIDED[body.cause]
        case DeliveryMadeEntry():
            return "Prepared."
        case ReceiptEntry(outcome=ReceiptOutcome.DELIVERED):
            return f"Received by {agency}."
        case ReceiptEntry():
            return f"Delivery to {agency} failed."
        case ReceiptOverdueEntry():
            return "The agency did not confirm in time that it arrived."
        case DeadLetterClosedEntry():
            return _CLOSED[body.state]
        case _:
            return ""


def _response(
    response: KeyResponse, event: CaseFileEvent, decision: CaseDecision, withheld: Withheld
) -> str:
    """Describe what was released and what was refused, of the categories that the copy shows."""
    shared_only = decision.recipient in withheld.shared_only
    left_out = withheld.sections_of(decision)
    fields = event.fields()

    def visible(category: Category) -> bool:
        names = fields.get(category, ())
        shown = not names or withheld.fields.shown(event.type, category, names)
        return category not in left_out and bool(shown)

    released = [CATEGORIES[category] for category in response.released if visible(category)]
    refused = [
        f"{CATEGORIES[category]}: {why}"
        for category, codes in (() if shared_only else response.withheld.items())
        if visible(category) and (why := _sentences(codes))
    ]
    if not response.disclosed:
        return f"Requested and refused. {' '.join(refused)}" if refused else ""
    first = f"Released: {', '.join(released) or 'that a record exists'}."
    return f"{first} Refused: {' '.join(refused)}" if refused else first


def _sentences(reasons: Iterable[Reason]) -> str:
    return " ".join(one.sentence for one in reasons if one not in RESTRICTED | GUARDS)


# -- corrections


def corrections(events: Iterable[tuple[CaseFileEvent, ShownEvent]]) -> Iterator[ShownCorrection]:
    """List the records that were corrected or retracted, and the agencies notified."""
    for event, shown in events:
        if event.status != "recorded":
            notified = [
                DatedStep(decision.at, f"{decision.agency}: {made.state}")
                for decision in shown.decisions
                for made in decision.deliveries
            ]
            how = "corrected" if event.status == "corrected" else "withdrew"
            what = f"{shown.source} {how}: {shown.title}"
            yield ShownCorrection(what, shown.received, tuple(notified))
