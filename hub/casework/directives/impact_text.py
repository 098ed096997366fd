"""An effect in plain sentences, for whoever is about to record or withdraw a directive. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hub.casework.directives.impact import Coming, Effect, Had
from hub.casework.directives.precedence import Bearing, PrecedenceNote
from hub.casework.directives.queue_impact import Queued
from hub.foundation.counted import counted
from hub.journey.comparison import VisibilityChange
from schemas.times import LONDON

NOTHING = "Nothing that is queued or asked about this child so far would change."
_BY_ITSELF = "None of it goes by itself: 'hub reoffer' offers it."
_BEARINGS: Mapping[Bearing, str] = {
    Bearing.BEGINS_LATER: "It begins on {day}. Until then nothing changes; what is told here is "
    "what it would change if it held already.",
    Bearing.OVER: "Its time is over already: it changes nothing.",
    Bearing.LAPSED: "It is not in force now: nothing rests on it.",
    Bearing.NO_VOICE: "It does not count: the young person is not known to be 16 or over, nor "
    "assessed as competent to decide about sharing.",
    Bearing.OUTRANKED: "It has no effect where a higher authority has spoken: {others}.",
    Bearing.OUTRANKS: "It counts more than what a lower authority said: {others}.",
    Bearing.REFUSED_BY_ANOTHER: "Somebody else of the same authority refused: {others}. Where both "
    "speak, the refusal counts, and a review is opened.",
    Bearing.AGAINST_ANOTHER: "Somebody else of the same authority consented: {others}. Where both "
    "speak, this refusal counts, and a review is opened.",
    Bearing.OWN_REFUSAL_STANDS: "A narrower refusal by the same person still counts where it "
    "speaks: {others}.",
    Bearing.ENDS_OWN_CONSENT: "It ends what the same person consented to, where both speak: "
    "{others}.",
    Bearing.RESTRICTS: "A restriction comes before every consent, and a safeguarding override does "
    "not lift it; only the purposes that it lets through are shared for.",
    Bearing.OBJECTS: "An objection withholds nothing by itself: a review is opened, and somebody "
    "must uphold or reject it.",
    Bearing.WITHOUT_CONSENT: "Of what was asked about this child so far, nothing that this speaks "
    "about rests on consent: it goes on, on its other lawful basis.",
}


@dataclass(frozen=True, slots=True)
class ImpactNames:
    """How what an effect is about is named: by its codes, or in words for the screen."""

    agency: Callable[[str], str] = str
    event: Callable[[str], str] = str
    category: Callable[[str], str] = str
    field: Callable[[str], str] = str
    directive: Callable[[str], str] = str


CODES = ImpactNames()


def sentences(effect: Effect, names: ImpactNames = CODES) -> list[str]:
    """Say an effect: what stands in its way first, then the queue, what comes, what was."""
    said = [_bearing(note, effect, names) for note in effect.notes]
    for queued in effect.queued:
        said += _queued(queued, names)
    for coming in effect.coming:
        said += _coming(coming, names)
    for recipient, count in effect.offers:
        events, whom = counted(count, "kept event"), names.agency(recipient)
        said.append(f"More of {events} could then be offered to {whom} again. {_BY_ITSELF}")
    said += [_had(had, names) for had in effect.had]
    return said if effect.anything else [*said, NOTHING]


def _bearing(note: PrecedenceNote, effect: Effect, names: ImpactNames) -> str:
    day = effect.directive.valid_from.astimezone(LONDON).date().isoformat()
    others = ", ".join(names.directive(other) for other in note.others)
    return _BEARINGS[note.bearing].format(day=day, others=others)


def _queued(one: Queued, names: ImpactNames) -> Iterator[str]:
    whom = names.agency(one.recipient)
    if one.unreadable:
        what = counted(one.unreadable, "queued delivery", "queued deliveries")
        yield f"{what} to {whom} will become unreadable.{_too_late(one.keys_given)}"
    for category, count in one.withheld:
        what = counted(count, "queued delivery", "queued deliveries")
        yield f"{names.category(category.value)} will be withheld from {what} to {whom}."
    if one.readable:
        what = counted(one.readable, "queued delivery", "queued deliveries")
        yield f"{what} to {whom} will become readable."
    for category, count in one.released:
        what = counted(count, "queued delivery", "queued deliveries")
        yield f"{names.category(category.value)} will be released with {what} to {whom}."


def _too_late(keys_given: int) -> str:
    if not keys_given:
        return ""
    return f" The keys of {keys_given} of them were given before, and cannot be taken back."


def _coming(one: Coming, names: ImpactNames) -> Iterator[str]:
    whom = names.agency(one.recipient)
    about = f"{names.event(one.type)} from {names.agency(one.source)}"
    if one.ends or one.begins:
        turn = "no longer" if one.ends else "newly"
        yield f"{whom} will {turn} be told of {about}: {_categories(one.changes, names)}."
        return
    for change in one.changes:
        yield from (f"{whom} {words} of {about}." for words in _changed(change, names))


def _changed(change: VisibilityChange, names: ImpactNames) -> Iterator[str]:
    name = names.category(change.category.value)
    if change.lost:
        yield f"will no longer see {name} ({_fields(change.lost, names)})"
    if change.vanishes:
        yield f"will no longer learn that there is a {name} record"
    if change.gained:
        yield f"will newly see {name} ({_fields(change.gained, names)})"
    if change.exists:
        yield f"will newly learn that there is a {name} record"


def _fields(fields: Iterable[str], names: ImpactNames) -> str:
    return ", ".join(names.field(field) for field in fields)


def _categories(changes: tuple[VisibilityChange, ...], names: ImpactNames) -> str:
    return ", ".join(names.category(change.category.value) for change in changes)


def _had(one: Had, names: ImpactNames) -> str:
    what = counted(one.deliveries, "delivery", "deliveries")
    given = ", ".join(names.category(category.value) for category, _ in one.categories)
    return (
        f"{names.agency(one.recipient)} has been given {given} in {what} already. "
        "What was handed over stays handed over."
    )


def as_json(effect: Effect) -> dict[str, object]:
    """Write an effect for programs."""
    return {
        "child": effect.child,
        "directive": effect.directive.model_dump(mode="json", exclude={"id"}, exclude_none=True),
        "withdraws": effect.withdraws,
        "anything": effect.anything,
        "sentences": sentences(effect),
        "queued": [_queued_json(one) for one in effect.queued],
        "coming": [_coming_json(one) for one in effect.coming],
        "offers": dict(effect.offers),
        "had": [
            {
                "recipient": one.recipient,
                "deliveries": one.deliveries,
                "categories": dict(one.categories),
            }
            for one in effect.had
        ],
        "notes": [{"note": n.bearing.value, "others": list(n.others)} for n in effect.notes],
    }


def _queued_json(one: Queued) -> dict[str, object]:
    return {
        "recipient": one.recipient,
        "waiting": one.waiting,
        "unreadable": one.unreadable,
        "keys_given": one.keys_given,
        "readable": one.readable,
        "withheld": dict(one.withheld),
        "released": dict(one.released),
        "undecided": one.undecided,
    }


def _coming_json(one: Coming) -> dict[str, object]:
    return {
        "source": one.source,
        "recipient": one.recipient,
        "type": one.type,
        "position": one.position,
        "begins": one.begins,
        "ends": one.ends,
        "changes": [
            {
                "category": change.category.value,
                "gained": list(change.gained),
                "lost": list(change.lost),
                "exists": change.exists,
                "vanishes": change.vanishes,
            }
            for change in one.changes
        ],
    }
