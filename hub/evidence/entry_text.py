"""Ledger entries in plain sentences: who, what, with what outcome, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue, ValidationError

from consent.decision import Decision, SectionDecision, Sharing
from consent.reasons import Reason, ReviewCause
from hub.ledger.entry import EntryKind, LedgerEntry
from schemas.errors import Fault

Body = Mapping[str, JsonValue]


def sentence(entry: LedgerEntry) -> str:
    """Say one entry in words; an entry of a kind without words is shown as its codes."""
    words = _WORDS.get(entry.kind, _codes)
    return words(entry.body)


def _received(body: Body) -> str:
    child = f"child {body.get('child')}" + (", new to the hub" if body.get("new_child") else "")
    status = body.get("status", "recorded")
    how = "" if status == "recorded" else f" ({status})"
    override = " A safeguarding override is asserted." if body.get("override") else ""
    return f"{body.get('source')} sent {body.get('type')}{how} about {child}.{override}"


def _held(body: Body) -> str:
    cause = _cause(body.get("cause"))
    return f"{body.get('type')} from {body.get('source')} is held. {cause}"


def _quarantined(body: Body) -> str:
    account = body.get("account") or "an account that is no registered agency"
    code = str(body.get("code"))
    known = code in {fault.value for fault in Fault}
    why = Fault(code).sentence if known else code
    where = f" At: {body['where']}." if body.get("where") else ""
    return f"An input from {account} is quarantined. {why}{where}"


def _decision(body: Body) -> str:
    question = body.get("question")
    about = question if isinstance(question, Mapping) else {}
    what = f"{about.get('event_type')} from {about.get('source')}"
    try:
        decision = Decision.model_validate(body.get("decision"))
    except ValidationError:
        return f"{body.get('recipient')} was decided about for {what}."
    shared = ", ".join(_share(part) for part in decision.shared())
    first = (
        f"{decision.recipient} may see {shared} of {what}."
        if shared
        else f"{decision.recipient} learns nothing of {what}."
    )
    notice = ["It is told that what it holds of the record is wrong."] if body.get("notice") else []
    return " ".join([first, *_withheld(decision), *notice])


def _share(part: SectionDecision) -> str:
    if part.sharing is Sharing.EXISTENCE:
        return f"that there is a {part.category.value} record"
    return f"{part.category.value} ({', '.join(sorted(part.fields))})"


def _withheld(decision: Decision) -> list[str]:
    """Give each reason once, with the categories it withholds."""
    by_reason: dict[Reason, list[str]] = {}
    for part in decision.sections:
        if part.sharing is Sharing.WITHHELD:
            for reason in dict.fromkeys(finding.reason for finding in part.findings):
                if not reason.permits:
                    by_reason.setdefault(reason, []).append(part.category.value)
    return [f"{', '.join(names)}: {reason.sentence}" for reason, names in by_reason.items()]


def _delivery(body: Body) -> str:
    if "voided" in body:
        whom, why = body.get("recipient"), body["voided"]
        return f"Delivery {body.get('delivery')} for {whom} was voided: its child was {why}."
    return f"Delivery {body.get('delivery')} was made for {body.get('recipient')}."


def _released(body: Body) -> str:
    whom, delivery = body.get("recipient"), f"delivery {body.get('delivery')}"
    shared, kept = body.get("released"), body.get("withheld")
    names = ", ".join(map(str, shared)) if isinstance(shared, list) else ""
    if not body.get("anything"):
        first = f"{whom} was refused the keys of {delivery}: nothing of it may be seen any more."
    else:
        first = f"{whom} was given the keys of {delivery}: {names or 'that it exists'}."
    if not isinstance(kept, Mapping):
        return first
    codes = {str(part): why for part, why in kept.items() if isinstance(why, list)}
    return " ".join([first, *(f"{part}: {_reasons(why)}" for part, why in codes.items())])


def _reasons(codes: list[JsonValue]) -> str:
    known = {reason.value for reason in Reason}
    return " ".join(Reason(str(c)).sentence if c in known else str(c) for c in codes)


def _alarm(body: Body) -> str:
    if body.get("alarm") == "receipt-overdue":
        return f"{body.get('recipient')} has sent no receipt for delivery {body.get('delivery')}."
    agency = body.get("agency") or "an account that is no registered agency"
    about = f" about delivery {body['delivery']}" if body.get("delivery") else ""
    return f"A request for keys by {agency}{about} was refused: {body.get('code')}."


def _receipt(body: Body) -> str:
    if body.get("outcome") == "delivered":
        return f"{body.get('recipient')} has delivery {body.get('delivery')}."
    failed = f"Delivery {body.get('delivery')} could not be handed to {body.get('recipient')}"
    return f"{failed}: {body.get('code')}."


def _directive(body: Body) -> str:
    by = body.get("recorded_by")
    if "withdrawn" in body:
        return f"{by} recorded that directive {body['withdrawn']} is withdrawn."
    said = body.get("directive")
    if not isinstance(said, Mapping):
        return f"{by} recorded a directive."
    who = f"{said.get('decider')} ({str(said.get('authority')).replace('-', ' ')})"
    child = f"child {said.get('child')}"
    return f"{by} recorded directive {said.get('id')}: {said.get('kind')} by {who} about {child}."


def _agreement(body: Body) -> str:
    return f"Agreement {body.get('agreement')}@{body.get('version')} was published."


def _identity(body: Body) -> str:
    why = f"by {body.get('by')}. Reason: {body.get('reason')}."
    if "merged" in body:
        return f"Child {body['merged']} was merged into child {body.get('into')} {why}"
    if "split" in body:
        some = f"{body.get('identifiers')} identifier(s) of child {body['split']}"
        return f"{some} were given to the new child {body.get('new')} {why}"
    linked = f"{body.get('linked')} identifier(s) to child {body.get('child')}"
    return f"On the word of {body.get('source')} the hub linked {linked}."


def _involvement(body: Body) -> str:
    part = {
        "began": "takes part in the care of",
        "ended": "no longer takes part in the care of",
        "invited": "was invited into the care of",
    }.get(str(body.get("part")), str(body.get("part")))
    return f"{body.get('agency')} {part} child {body.get('child')}."


def _review(body: Body) -> str:
    if "quarantine" in body:
        done = f"{body.get('by')} {body.get('state')} the quarantined input {body['quarantine']}."
        # Entries of the first version have no reason.
        return f"{done} Reason: {body['reason']}." if body.get("reason") else done
    if "delivery" in body:
        what = f"dead letter {body['delivery']} of {body.get('recipient')}"
        return f"{body.get('by')} {body.get('state')} the {what}. Reason: {body.get('reason')}."
    if "outcome" in body:
        closed = f"{body.get('by')} closed review {body.get('review')}: {body['outcome']}."
        return f"{closed} {_cause(body.get('cause'))} Reason: {body.get('reason')}."
    if "cause" in body:
        return f"Review {body.get('review')} was opened. {_cause(body['cause'])}"
    return _codes(body)


def _erasure(body: Body) -> str:
    what = f"all that was kept about child {body.get('child')}"
    return f"{body.get('by')} erased {what}. Reason: {body.get('reason')}."


def _look(body: Body) -> str:
    whom = f" of child {body['child']}" if body.get("child") else ""
    return f"{body.get('by')} looked at {body.get('what')}{whom}. Reason: {body.get('reason')}."


def _key(body: Body) -> str:
    name = f"{body.get('key')} key"
    if body.get("act") == "finished":
        return f"{body.get('by')} took {body.get('dropped')} old {name}(s) out of use."
    more = f", {body['rewrapped']} data keys wrapped anew" if "rewrapped" in body else ""
    return f"{body.get('by')} replaced the {name}{more}."


def _access(body: Body) -> str:
    person, roles = body.get("person") or "Somebody without an account", body.get("roles")
    named = ", ".join(map(str, roles)) if isinstance(roles, list) else ""
    act = str(body.get("act"))
    if act == "signed-in":
        return f"{person} signed in by {body.get('how')} as {named}."
    if act == "signed-out":
        return f"{person} signed out."
    if act == "refused":
        return f"{person} was not let in: {body.get('code')}."
    done = _ACCOUNT.get(act, act)
    return f"{body.get('by')} {done.format(person=person, roles=named)}."


_ACCOUNT = {
    "token": "made a token in the name of {person} as {roles}",
    "added": "gave {person} an account as {roles}",
    "roles": "changed what {person} may do to {roles}",
    "password": "gave {person} another password",
    "unlocked": "let {person} try again",
    "disabled": "closed the account of {person}",
}


def _cause(code: JsonValue) -> str:
    known = code in {cause.value for cause in ReviewCause}
    return ReviewCause(str(code)).sentence if known else str(code)


def _codes(body: Body) -> str:
    plain = {k: v for k, v in body.items() if isinstance(v, str | int | float) and v != ""}
    return ", ".join(f"{name} {value}" for name, value in plain.items()) or "(no particulars)"


_WORDS: Mapping[EntryKind, Callable[[Body], str]] = {
    EntryKind.EVENT_RECEIVED: _received,
    EntryKind.EVENT_HELD: _held,
    EntryKind.EVENT_QUARANTINED: _quarantined,
    EntryKind.DECISION: _decision,
    EntryKind.DELIVERY: _delivery,
    EntryKind.RELEASE: _released,
    EntryKind.ALARM: _alarm,
    EntryKind.RECEIPT: _receipt,
    EntryKind.DIRECTIVE: _directive,
    EntryKind.AGREEMENT: _agreement,
    EntryKind.IDENTITY: _identity,
    EntryKind.INVOLVEMENT: _involvement,
    EntryKind.REVIEW: _review,
    EntryKind.LOOK: _look,
    EntryKind.KEY: _key,
    EntryKind.ERASURE: _erasure,
    EntryKind.ACCESS: _access,
}
