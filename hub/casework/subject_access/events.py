"""Events as the copy shows them: what came, who was told what and why, and what was sent.

Nothing here reads a store; what is held back is left out without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from consent.decision import RuleFinding, SectionDecision, Sharing
from consent.reasons import Reason
from hub.casework.subject_access.facts import Answered, Arrived, DeliveryFacts
from hub.casework.subject_access.fields import Hidden
from hub.casework.subject_access.holding import GUARDS, RESTRICTED, SAFEGUARDING, Sorted
from hub.casework.subject_access.parts import (
    Correction,
    Decision,
    Ground,
    Happening,
    Outcome,
    Section,
    Sent,
    Shown,
    Step,
    Untold,
)
from hub.casework.subject_access.reading import Case, Line
from hub.casework.subject_access.words import (
    CATEGORIES,
    day,
    label,
    labels,
    purpose,
    section,
    shown,
)
from hub.casework.subject_access.words import directive as directive_words
from hub.evidence.explanation import Cited
from hub.evidence.explanation_text import refused_by_reason
from hub.ledger.entry import EntryKind
from schemas.event import Event
from schemas.sections import Category
from schemas.sections import Section as SectionModel
from schemas.times import stamp

_STATUS = {
    "corrected": "This corrected an earlier record.",
    "retracted": "This took back an earlier record.",
}
_VOIDED = {
    "merged": "Stopped: two records turned out to be the same child.",
    "split": "Stopped: some numbers turned out not to be the child's.",
    "erased": "Stopped: the record was erased.",
}
_CLOSED = {"retried": "A person had it sent again.", "discarded": "A person gave it up."}


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is held about a child, and how it was sorted."""

    case: Case
    sorted: Sorted

    @property
    def hidden(self) -> Hidden:
        """The fields that are left out everywhere."""
        return self.sorted.hidden

    def events(self) -> list[Arrived]:
        """Give the events that the copy shows, in the order they came."""
        return [one for one in self.case.facts.arrived if one.ref not in self.sorted.events]


def happening(one: Arrived, sight: Sight) -> Happening:
    """Show one event with every decision about it that is not held back."""
    kind, content = one.kind, one.content
    made = (decision(answer, one, sight) for answer in one.answers)
    return Happening(
        title=kind.title if kind else one.type,
        source=sight.case.title(one.source),
        received=day(one.at),
        happened=day(stamp(content.time)) if content else "",
        status=_STATUS.get(one.status, ""),
        content=contents(content, one.type, sight.hidden) if content else None,
        held=tuple(_held(one, sight.hidden)) if content is None else (),
        decisions=tuple(shown_one for shown_one in made if shown_one is not None),
    )


def contents(event: Event, kind: str, hidden: Hidden | None) -> tuple[Section, ...]:
    """List what an event held; without what is ``hidden``, or all of it for None."""
    found = tuple(sections_of(event.sections, kind, hidden))
    more = [Shown("Reference at the agency", event.record)] if event.record else []
    about = (Section("About the record", tuple(more)),) if more else ()
    if event.override is None:
        return (*found, *about)
    model = type(event.override)
    held = tuple(shown(model, n, getattr(event.override, n)) for n in model.model_fields)
    return (*found, *about, Section("Safeguarding override", held))


def sections_of(
    sections: Mapping[Category, SectionModel],
    kind: str,
    hidden: Hidden | None,
    only: Iterable[Category] | None = None,
) -> Iterator[Section]:
    """List sections with their fields, those that hold something that may be shown."""
    chosen = set(Category) if only is None else set(only)
    for category in (c for c in Category if c in sections and c in chosen):
        names = tuple(sorted(sections[category].present()))
        left = names if hidden is None else hidden.left(kind, category, names)
        if left:
            yield section(category, sections[category], left)


def _held(one: Arrived, hidden: Hidden) -> Iterator[str]:
    """Name the fields that an event held whose content is gone."""
    for category, names in one.filled().items():
        if left := hidden.left(one.type, category, names):
            yield f"{CATEGORIES[category]}: {', '.join(labels(left))}"


# -- decisions


def decision(answer: Answered, one: Arrived, sight: Sight) -> Decision | None:
    """Show one recipient's decision; None where it is held back."""
    if answer.position in sight.sorted.answers:
        return None
    quiet = answer.recipient in sight.sorted.quiet
    sections = tuple(_outcomes(answer, one, sight, quiet=quiet))
    sent = (_sent(made, one, answer, sight, quiet=quiet) for made in answer.deliveries)
    told = any(section.fields or section.told != _NOT for section in sections)
    given = tuple(each for each in sent if each is not None)
    if answer.decision.permitted and not told:
        return None
    if (quiet and not (told or answer.notice)) or (quiet and answer.deliveries and not given):
        return None
    return Decision(
        agency=sight.case.title(answer.recipient),
        at=day(answer.at),
        outcome=_outcome(answer, told=told),
        sections=sections,
        sent=given,
    )


def _outcome(answer: Answered, *, told: bool) -> str:
    if answer.notice:
        return "Told only that what it holds of this record is wrong."
    if not told:
        return "Told nothing, not even that there was such an event."
    return "May be told, when it was asked again." if answer.again else "May be told."


_TOLD, _EXISTS, _NOT = "Told", "Told only that there is a record", "Not told"


def _outcomes(answer: Answered, one: Arrived, sight: Sight, *, quiet: bool) -> Iterator[Outcome]:
    for part in answer.decision.sections:
        if (answer.position, part.category) in sight.sorted.sections:
            continue
        filled = next(
            (s.fields for s in answer.question.sections if s.category is part.category), ()
        )
        visible = sight.hidden.left(one.type, part.category, filled)
        fields = sight.hidden.left(one.type, part.category, sorted(part.fields))
        withheld = part.sharing is Sharing.WITHHELD
        if not visible or (withheld and quiet) or (part.sharing is Sharing.CONTENT and not fields):
            continue
        yield Outcome(
            category=CATEGORIES[part.category],
            told={Sharing.CONTENT: _TOLD, Sharing.EXISTENCE: _EXISTS}.get(part.sharing, _NOT),
            fields=labels(fields),
            grounds=tuple(_grounds(part, answer, sight)),
            untold=() if quiet else tuple(_untold(part, set(visible))),
        )


def _grounds(part: SectionDecision, answer: Answered, sight: Sight) -> Iterator[Ground]:
    """Say why, each ground once; a rule made for safeguarding is not cited."""
    shared = part.sharing is not Sharing.WITHHELD
    cited = sight.case.cited.get(answer.position, {})
    found = (
        _ground(finding, cited.get(finding.rule or ""), sight)
        for finding in part.findings
        if finding.reason.permits is shared
    )
    yield from dict.fromkeys(found)


def _ground(finding: RuleFinding, cited: Cited | None, sight: Sight) -> Ground:
    if cited is None or finding.purpose in SAFEGUARDING:
        return Ground(finding.reason.sentence)
    paper = cited.agreement
    said = [one for one in sight.case.facts.directives if one.id in finding.directives]
    return Ground(
        reason=finding.reason.sentence,
        purpose=purpose(cited.rule.purpose),
        basis=cited.rule.basis.sentence(),
        agreement=f"{paper.title}, version {paper.version}",
        said=tuple(
            f"{directive_words(one)}, recorded {day(stamp(one.recorded_at))}" for one in said
        ),
    )


def _untold(part: SectionDecision, visible: set[str]) -> Iterator[Untold]:
    for reason, names in refused_by_reason(part).items():
        if left := tuple(name for name in names if name in visible):
            yield Untold(labels(left), reason.sentence)


# -- what was sent


def _sent(
    made: DeliveryFacts, one: Arrived, answer: Answered, sight: Sight, *, quiet: bool
) -> Sent | None:
    """Show one delivery; None where it was given nothing and its agency is a quiet one."""
    given = [each for each in made.given if each.anything]
    if quiet and not given:
        return None
    out = {c for position, c in sight.sorted.sections if position == answer.position}
    released = {c for each in given for c in each.sections} - out
    remade = sight.case.remade.get(made.id)
    content: tuple[Section, ...] | None = ()
    if given and remade is None:
        content = None
    elif given and remade is not None:
        view = remade.view
        exists = (
            Section(CATEGORIES[c], (Shown("Record", "there is one"),)) for c in view.existence
        )
        content = (*sections_of(view.sections, one.type, sight.hidden, released), *exists)
    lines = sight.case.of_delivery(made.id)
    return Sent(
        state=_state(lines, sight.case.title(answer.recipient), given=bool(given)),
        content=content,
        exact=remade.exact if remade else None,
        steps=tuple(_steps(lines, one, answer, sight, quiet=quiet)),
    )


def _state(lines: Sequence[Line], whom: str, *, given: bool) -> str:
    if not given:
        return f"Made ready for {whom}, which was never given the means to read it."
    taken = any(
        line.kind == EntryKind.RECEIPT and line.body.get("outcome") == "delivered" for line in lines
    )
    return f"Sent to {whom}, which has it." if taken else f"Given to {whom}."


def _steps(
    lines: Sequence[Line], one: Arrived, answer: Answered, sight: Sight, *, quiet: bool
) -> Iterator[Step]:
    whom = sight.case.title(answer.recipient)
    out = {c.value for position, c in sight.sorted.sections if position == answer.position}
    for line in lines:
        what = _step(line, whom)
        if line.kind == EntryKind.RELEASE:
            what = _release(line, one, out, sight, quiet=quiet)
        if what:
            yield Step(day(line.at), what)


def _step(line: Line, whom: str) -> str:
    body = line.body
    if line.kind == EntryKind.DELIVERY:
        return _VOIDED.get(str(body["voided"]), "Stopped.") if "voided" in body else "Made ready."
    if line.kind == EntryKind.RECEIPT:
        delivered = body.get("outcome") == "delivered"
        return f"Received by {whom}." if delivered else f"Could not be handed to {whom}."
    if line.kind == EntryKind.ALARM:
        return "No receipt had come in time."
    if line.kind == EntryKind.REVIEW:
        return _CLOSED.get(str(body.get("state")), "")
    return ""


def _release(line: Line, one: Arrived, out: set[str], sight: Sight, *, quiet: bool) -> str:
    """Say what was given and what not; without a word on what the copy does not show."""
    named, kept = line.body.get("released"), line.body.get("withheld")
    given = [
        CATEGORIES[Category(str(c))]
        for c in (named if isinstance(named, list) else [])
        if str(c) not in out and _visible(Category(str(c)), one, sight)
    ]
    reasons = [
        f"{CATEGORIES[Category(c)]}: {why}"
        for c, codes in (kept.items() if isinstance(kept, Mapping) and not quiet else ())
        if c not in out and _visible(Category(c), one, sight)
        if (why := _sentences(codes))
    ]
    if not line.body.get("anything"):
        return f"Asked for, and not given. {' '.join(reasons)}" if reasons else ""
    first = f"Given: {', '.join(given) or 'that there is a record'}."
    return f"{first} Not given: {' '.join(reasons)}" if reasons else first


def _visible(category: Category, one: Arrived, sight: Sight) -> bool:
    filled = one.filled().get(category, ())
    return not filled or bool(sight.hidden.left(one.type, category, filled))


def _sentences(codes: object) -> str:
    found = [Reason(str(code)) for code in codes] if isinstance(codes, list) else []
    tell = [reason for reason in found if reason not in RESTRICTED | GUARDS]
    return " ".join(reason.sentence for reason in tell)


# -- corrections


def corrections(sight: Sight) -> Iterator[Correction]:
    """Say which records were corrected or taken back, and who was told of it."""
    for one in sight.events():
        if one.status != "recorded":
            made = happening(one, sight)
            told = [
                Step(each.at, f"{each.agency}: {sent.state}")
                for each in made.decisions
                for sent in each.sent
            ]
            how = "corrected" if one.status == "corrected" else "took back"
            yield Correction(f"{made.source} {how}: {made.title}", made.received, tuple(told))


def field_names(names: Iterable[str]) -> str:
    """Name fields, given as ``category.field``, for people."""
    parts = (name.partition(".") for name in names)
    return ", ".join(f"{CATEGORIES[Category(c)]}: {label(field)}" for c, _, field in parts)
