"""Who the child is, who takes part, what people said, who looked: as the copy shows it.

A number or name that the hub knows only from an event that is held back is held back with it.
Nothing here reads a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from consent.directive import Directive
from consent.reasons import ReviewCause
from hub.casework.subject_access.events import Sight
from hub.casework.subject_access.facts import Arrived
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.parts import Matter, Number, Shown, Spoken, Step, Takes
from hub.casework.subject_access.reading import Line
from hub.casework.subject_access.reasons import WithholdReason
from hub.casework.subject_access.words import AUTHORITIES, SYSTEMS, day, scope, shown, words
from hub.casework.subject_access.words import directive as directive_words
from hub.journey.identify import usable_identifiers
from hub.journey.reviews import Review
from hub.ledger.entry import EntryKind
from hub.store.children import StoredIdentifier
from schemas.identifiers import Assurance
from schemas.people import Contact, Identity
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveRecorded, DirectiveWithdrawn
from schemas.times import stamp

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PLAIN = re.compile(r"[A-Za-z ,()-]{1,80}")
_TELLING = re.compile("safeguard|protect|overrid|restrict|police", re.IGNORECASE)
_TRUSTED = {
    Assurance.VERIFIED: "checked with the national service that gives it out",
    Assurance.ASSERTED: "as the agency gave it",
    Assurance.SUSPECT: "doubtful: it cannot be right as written",
}
_STANDING = {
    "in-force": "It holds.",
    "not-yet": "It begins later.",
    "expired": "Its time is over.",
    "withdrawn": "It was withdrawn.",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """On whose word, and since when, the copy shows a number; or why it does not show it."""

    source: str = ""
    at: str = ""
    why: WithholdReason | None = None


def origin(one: StoredIdentifier, sight: Sight) -> Origin:
    """Find the event from which a number is known, among those that the copy shows."""
    arrived, held = sight.case.facts.arrived, sight.sorted.events
    told = [a for a in arrived if a.source == one.asserted_by and a.at == one.seen_at]
    if told and not any(a.ref in held for a in told):
        return Origin(one.asserted_by, one.seen_at)
    for event in sight.events():
        if event.content is not None and _bears(event, one):
            return Origin(event.source, event.at)
    return Origin(
        why=next((held[a.ref] for a in told if a.ref in held), WithholdReason.CANNOT_TELL)
    )


def _bears(event: Arrived, one: StoredIdentifier) -> bool:
    named = usable_identifiers(event.content.identity, event.source) if event.content else ()
    return any(n.system is one.system and n.value == one.value for n in named)


def identifiers(sight: Sight) -> Iterator[Number]:
    """List the child's numbers, with how far each is trusted and on whose word."""
    for one in sight.case.numbers:
        found = origin(one, sight)
        if found.why is None:
            yield Number(
                system=SYSTEMS[one.system],
                value=one.value,
                trusted=_TRUSTED[one.assurance],
                source=sight.case.title(found.source),
                since=day(found.at),
            )


def particulars(sight: Sight) -> Iterator[Shown]:
    """List the names, birth dates and postcode that the hub compares; each different one once."""
    for child in known_ids(sight):
        face = sight.case.faces[child]
        for name in ("family_name", "given_name", "birth_date"):
            if value := getattr(face, name):
                yield shown(Identity, name, value)
        if face.postcode and postcode_held(child, sight) is None:
            yield Shown("Postcode", words(face.postcode))


def known_ids(sight: Sight) -> tuple[str, ...]:
    """Name the ids of the child under which the copy shows events."""
    under = {event.child for event in sight.events()}
    return tuple(one for one in sight.case.ids if one in under)


def postcode_held(child: str, sight: Sight) -> WithholdReason | None:
    """Tell why the postcode compared is left out: where it is from, or whereabouts."""
    why = sight.hidden.why(Contact, "address")
    if why is not None:
        return why
    own = [one for one in sight.case.facts.arrived if one.child == child]
    first = next((one for one in own if "address" in one.filled().get(Category.CONTACT, ())), None)
    return WithholdReason.CANNOT_TELL if first is None else sight.sorted.events.get(first.ref)


def agencies(sight: Sight) -> Iterator[Takes]:
    """List who takes or took part in the child's care."""
    for part in sight.sorted.parts:
        until = day(part.until) if part.until else ""
        yield Takes(sight.case.title(part.agency), day(part.since), until)


# -- what people said


def said(sight: Sight, standing: Mapping[str, str]) -> Iterator[Spoken]:
    """Show what people said about sharing, oldest first; ``standing`` by directive."""
    found = sorted(sight.case.facts.directives, key=lambda one: (one.recorded_at, one.id))
    held = {
        one.said.id for one in sight.case.facts.arrived if _hidden_word(one, sight) and one.said
    }
    for directive in found:
        if directive.id not in sight.sorted.directives and directive.id not in held:
            yield spoken(directive, sight, standing.get(directive.id, ""))


def _hidden_word(one: Arrived, sight: Sight) -> bool:
    return one.ref in sight.sorted.events and one.type.startswith("consent.directive-recorded.")


def spoken(directive: Directive, sight: Sight, standing: str) -> Spoken:
    """Show one directive with what was sealed with it; what others said is flagged."""
    detail = sight.case.details[directive.id]
    agency = sight.case.titles.get(detail.recorder, "the hub's desk")
    own = directive.authority is Authority.YOUNG_PERSON
    flag = None if own else About.ANOTHER_PERSON
    rows = [
        Shown("Recorded by", agency),
        Shown("About", scope(directive.scope)),
        Shown("From", day(stamp(directive.valid_from))),
    ]
    if directive.valid_until:
        rows.append(Shown("Until", day(stamp(directive.valid_until))))
    rows += [
        shown(DirectiveRecorded, name, value)
        for name in ("decider_name", "obtained", "evidence")
        if (value := getattr(detail.said, name))
    ]
    if directive.withdrawn_at:
        rows.append(Shown("Withdrawn", day(stamp(directive.withdrawn_at))))
    if detail.withdrawal and detail.withdrawal.evidence:
        rows.append(shown(DirectiveWithdrawn, "evidence", detail.withdrawal.evidence))
    rows.insert(0, Shown("Said by", AUTHORITIES[directive.authority], flag))
    return Spoken(
        directive_words(directive),
        day(stamp(directive.recorded_at)),
        _STANDING.get(standing, ""),
        tuple(rows),
    )


# -- reviews, looks, changes


def review_held(review: Review, sight: Sight) -> WithholdReason | None:
    """Tell why a review is held back: its event is, or it is about an override."""
    if why := sight.sorted.events.get(review.event or ""):
        return why
    handed = {one.ref for one in sight.events() if one.override}
    overridden = review.cause is ReviewCause.OVERRIDE_USED and review.event not in handed
    return WithholdReason.OVERRIDE if overridden else None


def reviews(sight: Sight) -> Iterator[Matter]:
    """Show the matters that needed a person: why, and what came of it; not who."""
    for review in sorted(sight.case.reviews.values(), key=lambda one: (one.opened_at, one.id)):
        if review_held(review, sight) is None:
            yield Matter(
                cause=review.cause.sentence,
                opened=day(review.opened_at),
                outcome=(review.outcome or "open").replace("-", " ").capitalize(),
                closed=day(review.closed_at) if review.closed_at else "",
            )


def looks(sight: Sight) -> Iterator[tuple[Line, str, WithholdReason | None]]:
    """Give every look at the child's record: at what, in words, and why it is held back if so."""
    for line in sight.case.lines.values():
        if line.kind == EntryKind.LOOK:
            what = str(line.body.get("what"))
            plain = " ".join(_UUID.sub("", what).split())
            whole = plain if _PLAIN.fullmatch(plain) else "the child's record"
            telling = WithholdReason.PURPOSE if _TELLING.search(what) else None
            yield line, whole, telling or _look_held(_UUID.findall(what), sight)


def _look_held(named: Iterable[str], sight: Sight) -> WithholdReason | None:
    """Tell why a look is held back: what it was at is; or nobody can say what that was."""
    reasons = (_thing_held(one, sight) for one in named)
    return next((why for why in reasons if why is not None), None)


def _thing_held(named: str, sight: Sight) -> WithholdReason | None:
    case, held = sight.case, sight.sorted
    if named in case.reviews:
        return review_held(case.reviews[named], sight)
    for one in case.facts.arrived:
        mine = [a for a in one.answers if any(d.id == named for d in a.deliveries)]
        if named == one.ref or mine:
            answers = (held.answers.get(answer.position) for answer in mine)
            return held.events.get(one.ref) or next((w for w in answers if w), None)
    return None if named in case.ids else WithholdReason.CANNOT_TELL


def looked(sight: Sight) -> Iterator[Step]:
    """Show who looked: when and at what, without names of staff."""
    for line, what, why in looks(sight):
        if why is None:
            yield Step(day(line.at), what[:1].upper() + what[1:])


def change_held(line: Line, sight: Sight) -> WithholdReason | None:
    """Tell why a change of who the child is is held back: all under the other id is."""
    if "merged" in line.body and line.body["merged"] not in known_ids(sight):
        return WithholdReason.LINKED
    return None


def changes(sight: Sight) -> Iterator[Step]:
    """Show when records were joined or parted."""
    for line in sight.case.lines.values():
        if line.kind == EntryKind.IDENTITY and change_held(line, sight) is None:
            if "merged" in line.body:
                yield Step(day(line.at), "Two records turned out to be the same child.")
            elif "split" in line.body:
                yield Step(day(line.at), "Some numbers turned out not to be this child's.")
