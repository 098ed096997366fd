"""What the officer is told and the child or parent is not: everything held back, and what to check.

Each thing held back comes with the ledger's own words about it, so that every entry about the child
is either told in the copy or stands here. Nothing here reads a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hub.casework.subject_access.events import Sight, contents, decision, field_names
from hub.casework.subject_access.facts import Arrived, item
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.parts import Flagged, HeldBack, Report, Section, Shown
from hub.casework.subject_access.person import (
    change_held,
    known_ids,
    looks,
    origin,
    postcode_held,
    review_held,
    spoken,
)
from hub.casework.subject_access.reading import Line
from hub.casework.subject_access.reasons import WithholdReason
from hub.casework.subject_access.words import CATEGORIES, SYSTEMS, day, shown
from hub.ledger.entry import EntryKind
from schemas.sections import Category
from schemas.sharing import Authority

_TOLD = frozenset(kind.value for kind in EntryKind) - {EntryKind.KEY, EntryKind.AGREEMENT}
Entries = tuple[tuple[int, str, str], ...]


def held_back(sight: Sight) -> tuple[HeldBack, ...]:
    """List everything that the copy leaves out, with why."""
    found = [
        *_events(sight),
        *_decisions(sight),
        *_fields(sight),
        *_quiet(sight),
        *_said(sight),
        *_person(sight),
        *_others(sight),
    ]
    return (*found, *_rest(sight, found))


def _entries(lines: Iterable[Line]) -> Entries:
    return tuple((line.position, day(line.at), line.words) for line in lines)


def _named(one: Arrived, sight: Sight) -> str:
    kind = one.kind.title if one.kind else one.type
    return f"{sight.case.title(one.source)}: {kind}"


def _events(sight: Sight) -> Iterator[HeldBack]:
    for one in sight.case.facts.arrived:
        if why := sight.sorted.events.get(one.ref):
            yield HeldBack(
                id=item("event", one.ref),
                kind="Event",
                at=day(one.at),
                what=_named(one, sight),
                why=why,
                content=contents(one.content, one.type, None) if one.content else (),
                entries=_entries(sight.case.of_event(one.ref)),
            )


def _decisions(sight: Sight) -> Iterator[HeldBack]:
    """List held decisions and parts of decisions about events that are shown."""
    for one in sight.events():
        for answer in one.answers:
            about = f"{_named(one, sight)}, decided for {sight.case.title(answer.recipient)}"
            made = [sight.case.lines[answer.position]]
            for delivery in answer.deliveries:
                made += sight.case.of_delivery(delivery.id)
            number = item("decision", answer.position)
            why = sight.sorted.answers.get(answer.position)
            loud = answer.recipient not in sight.sorted.quiet
            if why is None and loud and decision(answer, one, sight) is None:
                why = WithholdReason.WHEREABOUTS
            if why is not None:
                yield HeldBack(
                    number, "Decision", day(answer.at), about, why, entries=_entries(made)
                )
            for (position, category), held in sight.sorted.sections.items():
                if position == answer.position:
                    what = f"{about}: {CATEGORIES[category]}"
                    yield HeldBack(
                        number,
                        "Part of a decision",
                        day(answer.at),
                        what,
                        held,
                        entries=_entries(made[:1]),
                    )


def _fields(sight: Sight) -> Iterator[HeldBack]:
    for one in sight.events():
        for why, names in sight.hidden.out(one).items():
            yield HeldBack(
                id=item("fields", why),
                kind="Fields",
                at=day(one.at),
                what=f"{_named(one, sight)}. Left out: {field_names(names)}",
                why=why,
                content=tuple(_values(one, names)),
            )


def _values(one: Arrived, names: Sequence[str]) -> Iterator[Section]:
    if one.content is None:
        return
    for name in names:
        category, _, field = name.partition(".")
        held = one.content.sections[Category(category)]
        value = shown(type(held), field, getattr(held, field))
        yield Section(CATEGORIES[Category(category)], (value,))


def _quiet(sight: Sight) -> Iterator[HeldBack]:
    """List what agencies were not told, where that is left out for the sake of what is missing."""
    for agency in sorted(sight.sorted.quiet):
        lines: list[Line] = []
        for one in sight.events():
            for answer in one.answers:
                if answer.recipient == agency and answer.position not in sight.sorted.answers:
                    lines.append(sight.case.lines[answer.position])
                    for made in answer.deliveries:
                        lines += sight.case.of_delivery(made.id)
        if lines:
            what = f"What {sight.case.title(agency)} was not told, and why; what it was is shown"
            yield HeldBack(
                "", "Refusals", "", what, WithholdReason.CONTRAST, entries=_entries(lines)
            )


def _said(sight: Sight) -> Iterator[HeldBack]:
    for one in sight.case.facts.directives:
        if why := sight.sorted.directives.get(one.id):
            made = spoken(one, sight, "")
            kind = one.restriction.value.replace("-", " ") if one.restriction else ""
            lines = [line for line in sight.case.lines.values() if _speaks(line, one.id)]
            yield HeldBack(
                id=item("said", one.id),
                kind="What was said",
                at=made.at,
                what=f"{made.what}: {kind}",
                why=why,
                content=(Section("Particulars", made.particulars),),
                entries=_entries(lines),
            )


def _speaks(line: Line, directive: str) -> bool:
    said = line.body.get("directive")
    named = said.get("id") if isinstance(said, dict) else line.body.get("withdrawn")
    return line.kind == EntryKind.DIRECTIVE and named == directive


def _person(sight: Sight) -> Iterator[HeldBack]:
    """List numbers, names and parts in the child's care that only held-back events tell of."""
    for one in sight.case.numbers:
        if why := origin(one, sight).why:
            value = (Section("Number", (Shown(SYSTEMS[one.system], one.value),)),)
            what = f"{SYSTEMS[one.system]}, on the word of {sight.case.title(one.asserted_by)}"
            yield HeldBack("", "Number", day(one.seen_at), what, why, value)
    for child, face in sight.case.faces.items():
        if child not in known_ids(sight):
            yield HeldBack(
                "", "Names", "", "Names and birth date under one id", WithholdReason.LINKED
            )
        elif face.postcode and (why := postcode_held(child, sight)):
            yield HeldBack("", "Postcode", "", "The postcode that is compared", why)
    shown_parts = {part.agency for part in sight.sorted.parts if not part.until}
    for agency in sorted(sight.case.involved - shown_parts):
        what = f"{sight.case.title(agency)} takes part in the child's care"
        yield HeldBack("", "Part in care", "", what, WithholdReason.INVOLVEMENT)


def _others(sight: Sight) -> Iterator[HeldBack]:
    lines = sight.case.lines.values()
    for review in sight.case.reviews.values():
        if why := review_held(review, sight):
            own = _entries(line for line in lines if line.body.get("review") == review.id)
            at = day(review.opened_at)
            yield HeldBack("", "Review", at, review.cause.sentence, why, entries=own)
    for line, _, held in looks(sight):
        if held:
            yield HeldBack("", "Look", day(line.at), line.words, held, entries=_entries([line]))
    for line in lines:
        if line.kind == EntryKind.IDENTITY and (held := change_held(line, sight)):
            yield HeldBack("", "Change", day(line.at), line.words, held, entries=_entries([line]))


def _rest(sight: Sight, found: Iterable[HeldBack]) -> Iterator[HeldBack]:
    """List entries that neither the copy nor anything above tells of: nobody said they may."""
    known = {position for one in found for position, _, _ in one.entries}
    answers = [answer for one in sight.case.facts.arrived for answer in one.answers]
    known |= {answer.position for answer in answers}
    deliveries = {made.id for answer in answers for made in answer.deliveries}
    for line in sight.case.lines.values():
        unmatched = line.kind == EntryKind.DECISION or (
            "delivery" in line.body and line.body["delivery"] not in deliveries
        )
        if line.position not in known and (line.kind not in _TOLD or unmatched):
            what = "An entry that the copy has no place for"
            yield HeldBack(
                "",
                "Entry",
                day(line.at),
                what,
                WithholdReason.CANNOT_TELL,
                entries=_entries([line]),
            )


# -- third parties


def flagged(report: Report) -> Iterator[Flagged]:
    """List every field of the copy that may be about somebody else, with where it stands."""
    for spoke in report.said:
        yield from _flags(f"What was said: {spoke.what}, {spoke.at}", spoke.particulars)
    for event in report.events:
        place = f"{event.title}, from {event.source}, received {event.received}"
        yield from _in_sections(place, event.content or ())
        for made in event.decisions:
            for sent in made.sent:
                yield from _in_sections(f"{place}; sent to {made.agency}", sent.content or ())


def _in_sections(place: str, sections: Iterable[Section]) -> Iterator[Flagged]:
    for section in sections:
        yield from _flags(f"{place}: {section.title}", section.fields)


def _flags(place: str, fields: Iterable[Shown]) -> Iterator[Flagged]:
    for one in fields:
        if one.flag is not None and one.flag is not About.CHILD:
            yield Flagged(place, one.name, one.value, one.flag)


# -- checks

_ALWAYS = (
    (
        "Are you sure who asks, and that this is their right? A child who understands asks for "
        "themselves; a parent only for one who cannot (UK GDPR Article 12(6))."
    ),
    (
        "Answer within one month of the request; two more where it is complex, if you say so "
        "within the first (UK GDPR Article 12(3))."
    ),
    (
        "If a parent asks: did the child expect that something would not be told to the parent "
        "(DPA 2018 Schedule 3 paragraphs 4 and 10)?"
    ),
    (
        "Social-work and education data: would telling be likely to cause serious harm to anybody "
        "(Schedule 3 paragraphs 11 and 19)?"
    ),
    (
        "Adoption records and papers of an education, health and care plan have rules of their own "
        "(Schedule 4)."
    ),
    ("Free text that is shown may tell of what is held back: read every entry with that mark."),
    "Inputs in the quarantine are about nobody the hub knows. Look there for this child's.",
    (
        "Hand over the report and nothing else of this folder. Read it once more as the person who "
        "asks will read it."
    ),
)


def checks(sight: Sight, held: Sequence[HeldBack]) -> Iterator[str]:
    """Say what a machine cannot decide and the officer must, for this child."""
    yield from _ALWAYS
    if any(Category.HEALTH in one.filled() for one in sight.events()):
        yield (
            "There is health data: a health professional must first say that telling would not "
            "be likely to cause serious harm, unless it is known already (Schedule 3 paragraph 6)."
        )
    if sight.hidden.guarded:
        yield (
            "The child's whereabouts are or were guarded. Fields that locate are left out, but the "
            "names of agencies, schools and services may tell where the child is: read them."
        )
    if any(d.authority is Authority.COURT for d in sight.case.facts.directives):
        yield "A court has spoken: does its order let this be told to whoever asks?"
    if sight.sorted.quiet:
        yield (
            "Of some agencies only what they were told is shown. Does it show that they were told "
            "of such events once and are not named later?"
        )
    for review in sight.case.waiting:
        yield f"Review {review}: a held event may be about this child. Close it, then report again."
    if any("split" in line.body for line in sight.case.lines.values()):
        yield "Numbers were given to another child: what came before may be about that child."
    if any(one.why is WithholdReason.CANNOT_TELL for one in held):
        yield "Some things are held back only because their content is gone: ask who sent them."
