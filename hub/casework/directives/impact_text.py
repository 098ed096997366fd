"""The impact of a directive in sentences, for a user about to record or withdraw it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hub.casework.directives.impact import AlreadyShared, FutureChange, Impact
from hub.casework.directives.precedence import PrecedenceCode, PrecedenceNote
from hub.casework.directives.queue_impact import Queued
from hub.journey.comparison import VisibilityChange
from schemas.counted import counted
from schemas.times import LONDON

NOTHING = "Nothing queued or decided about this child so far would change."
_BY_ITSELF = "It is not sent automatically: use 'hub reoffer'."
_NOTES: Mapping[PrecedenceCode, str] = {
    PrecedenceCode.BEGINS_LATER: "It begins on {day}. Until then nothing changes; this is what it "
    "would change if it were in force already.",
    PrecedenceCode.OVER: "Its period has ended: it changes nothing.",
    PrecedenceCode.LAPSED: "It is not in force now: nothing depends on it.",
    PrecedenceCode.NO_VOICE: "It does not count: the young person is not known to be 16 or over, "
    "nor assessed as competent to decide about sharing.",
    PrecedenceCode.OUTRANKED: "It has no effect where a higher authority has decided: {others}.",
    PrecedenceCode.OUTRANKS: "It takes precedence over a lower authority: {others}.",
    PrecedenceCode.REFUSED_BY_ANOTHER: "Another person with the same authority refused: {others}. "
    "Where both apply, the refusal counts, and a review is opened.",
    PrecedenceCode.AGAINST_ANOTHER: "Another person with the same authority consented: {others}. "
    "Where both apply, this refusal counts, and a review is opened.",
    PrecedenceCode.OWN_REFUSAL_STANDS: "A narrower refusal by the same person still applies within "
    "its scope: {others}.",
    PrecedenceCode.ENDS_OWN_CONSENT: "It ends the same person's consent where both apply: "
    "{others}.",
    PrecedenceCode.RESTRICTS: "A restriction comes before every consent, and a safeguarding "
    "override does not lift it; data are shared only for the purposes that it allows.",
    PrecedenceCode.OBJECTS: "An objection withholds nothing by itself: a review is opened, and a "
    "person must uphold or reject it.",
    PrecedenceCode.WITHOUT_CONSENT: "Of the decisions about this child so far, none that it covers "
    "depends on consent: the sharing continues on its other lawful basis.",
}


@dataclass(frozen=True, slots=True)
class ImpactNames:
    """How agencies, events, categories and fields are named: by codes, or in words."""

    agency: Callable[[str], str] = str
    event: Callable[[str], str] = str
    category: Callable[[str], str] = str
    field: Callable[[str], str] = str
    directive: Callable[[str], str] = str


CODES = ImpactNames()


def sentences(impact: Impact, names: ImpactNames = CODES) -> list[str]:
    """Return an impact in sentences: precedence, the queue, future events, what is shared."""
    found = [_note(note, impact, names) for note in impact.notes]
    for queued in impact.queued:
        found += _queued(queued, names)
    for future in impact.future:
        found += _future(future, names)
    for recipient, count in impact.offers:
        events, agency = counted(count, "stored event"), names.agency(recipient)
        found.append(f"More of {events} could then be offered to {agency} again. {_BY_ITSELF}")
    found += [_already_shared(one, names) for one in impact.already_shared]
    return found if impact.has_effect else [*found, NOTHING]


def _note(note: PrecedenceNote, impact: Impact, names: ImpactNames) -> str:
    day = impact.directive.valid_from.astimezone(LONDON).date().isoformat()
    others = ", ".join(names.directive(other) for other in note.others)
    return _NOTES[note.code].format(day=day, others=others)


def _queued(one: Queued, names: ImpactNames) -> Iterator[str]:
    agency = names.agency(one.recipient)
    if one.unreadable:
        what = counted(one.unreadable, "queued delivery", "queued deliveries")
        yield f"{what} to {agency} will become unreadable.{_too_late(one.keys_given)}"
    for category, count in one.withheld:
        what = counted(count, "queued delivery", "queued deliveries")
        yield f"{names.category(category.value)} will be withheld from {what} to {agency}."
    if one.readable:
        what = counted(one.readable, "queued delivery", "queued deliveries")
        yield f"{what} to {agency} will become readable."
    for category, count in one.released:
        what = counted(count, "queued delivery", "queued deliveries")
        yield f"{names.category(category.value)} will be released with {what} to {agency}."


def _too_late(keys_given: int) -> str:
    if not keys_given:
        return ""
    return f" The keys of {keys_given} of them were released before, and cannot be recalled."


def _future(one: FutureChange, names: ImpactNames) -> Iterator[str]:
    agency = names.agency(one.recipient)
    about = f"{names.event(one.type)} from {names.agency(one.source)}"
    if one.ends or one.begins:
        outcome = "stop" if one.ends else "start"
        yield f"{agency} will {outcome} receiving {about}: {_categories(one.changes, names)}."
        return
    for change in one.changes:
        yield from (f"{agency} {words} of {about}." for words in _changed(change, names))


def _changed(change: VisibilityChange, names: ImpactNames) -> Iterator[str]:
    name = names.category(change.category.value)
    if change.lost:
        yield f"will no longer see {name} ({_fields(change.lost, names)})"
    if change.vanishes:
        yield f"will no longer be informed that a {name} record exists"
    if change.gained:
        yield f"will see {name} ({_fields(change.gained, names)})"
    if change.exists:
        yield f"will be informed that a {name} record exists"


def _fields(fields: Iterable[str], names: ImpactNames) -> str:
    return ", ".join(names.field(field) for field in fields)


def _categories(changes: tuple[VisibilityChange, ...], names: ImpactNames) -> str:
    return ", ".join(names.category(change.category.value) for change in changes)


def _already_shared(one: AlreadyShared, names: ImpactNames) -> str:
    what = counted(one.deliveries, "delivery", "deliveries")
    shared = ", ".join(names.category(category.value) for category, _ in one.categories)
    return (
        f"{names.agency(one.recipient)} already has {shared} from {what}. This cannot be recalled."
    )
