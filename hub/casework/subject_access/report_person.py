"""The report's parts about the child: identity, involvement, directives, reviews and accesses.

A number or name known only from a withheld event is withheld with it. Works on values only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consent.directive import Directive
from consent.reasons import ReviewCause
from hub.casework.subject_access.case_file import CaseFileEvent
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.plain_english import (
    AUTHORITIES,
    SYSTEMS,
    day,
    directive_title,
    scope_text,
    shown_field,
    value_text,
)
from hub.casework.subject_access.report import (
    DatedStep,
    ShownDirective,
    ShownField,
    ShownIdentifier,
    ShownInvolvement,
    ShownReview,
)
from hub.casework.subject_access.withheld_fields import WithholdReason
from hub.casework.subject_access.withholding import Withheld
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.children import ChildrenMergedEntry, ChildSplitEntry
from hub.journey.identify import usable_identifiers
from hub.journey.reviews import Review
from hub.store.children import StoredIdentifier
from schemas.identifiers import Assurance
from schemas.people import Contact, Identity
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveRecorded, DirectiveWithdrawn
from schemas.times import stamp

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PLAIN = re.compile(r"[A-Za-z ,()-]{1,80}")
_REVEALING = re.compile("safeguard|protect|overrid|restrict|police", re.IGNORECASE)
_ASSURANCE = {
    Assurance.VERIFIED: "checked with the national service that issues it",
    Assurance.ASSERTED: "as the agency sent it",
    Assurance.SUSPECT: "doubtful: the number is not valid",
}
_STATUS = {
    "in-force": "In force.",
    "not-yet": "Not yet in force.",
    "expired": "Expired.",
    "withdrawn": "Withdrawn.",
}


# -- identity


@dataclass(frozen=True, slots=True)
class IdentifierOrigin:
    """The agency that sent an identifier, and when; or ``why`` the copy leaves it out."""

    source: str = ""
    at: str = ""
    why: WithholdReason | None = None


def identifier_origin(identifier: StoredIdentifier, withheld: Withheld) -> IdentifierOrigin:
    """Find the event that an identifier came with, among the events that the copy shows."""
    source, at = identifier.asserted_by, identifier.seen_at
    first = [one for one in withheld.case.events if one.source == source and one.at == at]
    reasons = [withheld.events[one.ref] for one in first if one.ref in withheld.events]
    if first and not reasons:
        return IdentifierOrigin(source, at)
    for event in withheld.shown_events():
        if _has_identifier(event, identifier):
            return IdentifierOrigin(event.source, event.at)
    return IdentifierOrigin(why=reasons[0] if reasons else WithholdReason.CANNOT_TELL)


def _has_identifier(event: CaseFileEvent, identifier: StoredIdentifier) -> bool:
    if event.content is None:
        return False
    named = usable_identifiers(event.content.identity, event.source)
    return any(n.system is identifier.system and n.value == identifier.value for n in named)


def identifiers(withheld: Withheld) -> Iterator[ShownIdentifier]:
    """List the child's identifiers, with the assurance and the source of each."""
    for one in withheld.case.identifiers:
        origin = identifier_origin(one, withheld)
        if origin.why is None:
            yield ShownIdentifier(
                system=SYSTEMS[one.system],
                value=one.value,
                assurance=_ASSURANCE[one.assurance],
                source=withheld.case.title(origin.source),
                since=day(origin.at),
            )


def particulars(withheld: Withheld) -> Iterator[ShownField]:
    """List the names, birth dates and postcodes that the hub uses to match records."""
    for child in shown_ids(withheld):
        found = withheld.case.particulars[child]
        for name in ("family_name", "given_name", "birth_date"):
            if value := getattr(found, name):
                yield shown_field(Identity, name, value)
        if found.postcode and postcode_reason(child, withheld) is None:
            yield ShownField("Postcode", value_text(found.postcode))


def shown_ids(withheld: Withheld) -> tuple[str, ...]:
    """Return the ids of the child under which the copy shows events."""
    used = {event.child for event in withheld.shown_events()}
    return tuple(one for one in withheld.case.ids if one in used)


def postcode_reason(child: str, withheld: Withheld) -> WithholdReason | None:
    """Return the reason to withhold the postcode: its event is withheld, or it locates."""
    why = withheld.fields.why(Contact, "address")
    if why is not None:
        return why
    own = [one for one in withheld.case.events if one.child == child]
    first = next((one for one in own if "address" in one.fields().get(Category.CONTACT, ())), None)
    return WithholdReason.CANNOT_TELL if first is None else withheld.events.get(first.ref)


def involvement(withheld: Withheld) -> Iterator[ShownInvolvement]:
    """List the agencies that are or were involved in the child's care."""
    for one in withheld.involvement:
        until = day(one.until) if one.until else ""
        yield ShownInvolvement(withheld.case.title(one.agency), day(one.since), until)


# -- directives


def directives(withheld: Withheld) -> Iterator[ShownDirective]:
    """List consents, refusals and objections, oldest first."""
    hidden = {
        one.directive.id
        for one in withheld.case.events
        if one.directive is not None
        and one.ref in withheld.events
        and one.type.startswith("consent.directive-recorded.")
    }
    found = sorted(withheld.case.directives, key=lambda one: (one.recorded_at, one.id))
    for directive in found:
        if directive.id not in withheld.directives and directive.id not in hidden:
            yield shown_directive(directive, withheld)


def shown_directive(directive: Directive, withheld: Withheld) -> ShownDirective:
    """Show one directive with its sealed details; those of other people are flagged."""
    detail = withheld.case.details[directive.id]
    agency = withheld.case.titles.get(detail.recorder, "the hub")
    own = directive.authority is Authority.YOUNG_PERSON
    flag = None if own else About.ANOTHER_PERSON
    fields = [
        ShownField("Given by", AUTHORITIES[directive.authority], flag),
        ShownField("Recorded by", agency),
        ShownField("Applies to", scope_text(directive.scope)),
        ShownField("From", day(stamp(directive.valid_from))),
    ]
    if directive.valid_until:
        fields.append(ShownField("Until", day(stamp(directive.valid_until))))
    fields += [
        shown_field(DirectiveRecorded, name, value)
        for name in ("decider_name", "obtained", "evidence")
        if (value := getattr(detail.recorded, name))
    ]
    if directive.withdrawn_at:
        fields.append(ShownField("Withdrawn", day(stamp(directive.withdrawn_at))))
    if detail.withdrawal and detail.withdrawal.evidence:
        fields.append(shown_field(DirectiveWithdrawn, "evidence", detail.withdrawal.evidence))
    return ShownDirective(
        title=directive_title(directive),
        recorded=day(stamp(directive.recorded_at)),
        status=_STATUS.get(withheld.case.standing.get(directive.id, ""), ""),
        fields=tuple(fields),
    )


# -- reviews, accesses, changes of identity


def review_reason(review: Review, withheld: Withheld) -> WithholdReason | None:
    """Return the reason to withhold a review: its event is withheld, or it is of an override."""
    if why := withheld.events.get(review.event or ""):
        return why
    shown = {one.ref for one in withheld.shown_events() if one.override}
    overridden = review.cause is ReviewCause.OVERRIDE_USED and review.event not in shown
    return WithholdReason.OVERRIDE if overridden else None


def reviews(withheld: Withheld) -> Iterator[ShownReview]:
    """List the reviews with cause and outcome, without the reviewers."""
    found = sorted(withheld.case.reviews.values(), key=lambda one: (one.opened_at, one.id))
    for review in found:
        if review_reason(review, withheld) is None:
            yield ShownReview(
                cause=review.cause.sentence,
                opened=day(review.opened_at),
                outcome=(review.outcome or "open").replace("-", " ").capitalize(),
                closed=day(review.closed_at) if review.closed_at else "",
            )


def accesses(withheld: Withheld) -> Iterator[DatedStep]:
    """List the accesses to the record: when and to what, without names of staff."""
    for entry, body in withheld.case.of_kind(DataAccessedEntry):
        if access_reason(body, withheld) is None:
            plain = " ".join(_UUID.sub("", body.what).split())
            what = plain if _PLAIN.fullmatch(plain) else "the child's record"
            yield DatedStep(day(entry.at), what[:1].upper() + what[1:])


def access_reason(access: DataAccessedEntry, withheld: Withheld) -> WithholdReason | None:
    """Return the reason to withhold an access: what was viewed is withheld, or is unknown."""
    if _REVEALING.search(access.what):
        return WithholdReason.PURPOSE
    return _first(_viewed_reason(one, withheld) for one in _UUID.findall(access.what))


def _viewed_reason(viewed: str, withheld: Withheld) -> WithholdReason | None:
    """Return the reason to withhold what an id names: a review, an event or a delivery."""
    case = withheld.case
    if viewed in case.reviews:
        return review_reason(case.reviews[viewed], withheld)
    for event in case.events:
        own = [one for one in event.decisions if any(d.id == viewed for d in one.deliveries)]
        if viewed == event.ref or own:
            reasons = (withheld.decisions.get(one.position) for one in own)
            return withheld.events.get(event.ref) or _first(reasons)
    return None if viewed in case.ids else WithholdReason.CANNOT_TELL


def _first(reasons: Iterable[WithholdReason | None]) -> WithholdReason | None:
    return next((why for why in reasons if why is not None), None)


def changes(withheld: Withheld) -> Iterator[DatedStep]:
    """List when records were merged or split."""
    for entry in withheld.case.entries.values():
        if isinstance(entry.body, ChildrenMergedEntry):
            if change_reason(entry.body, withheld) is None:
                yield DatedStep(
                    day(entry.at), "Two records were merged: they are about the same child."
                )
        elif isinstance(entry.body, ChildSplitEntry):
            yield DatedStep(day(entry.at), "Some numbers were moved: they belong to another child.")


def change_reason(merge: ChildrenMergedEntry, withheld: Withheld) -> WithholdReason | None:
    """Return the reason to withhold a merge: everything under the other id is withheld."""
    return WithholdReason.LINKED if merge.merged not in shown_ids(withheld) else None
