"""Text filters: dates, numbers and codes as written in England. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from consent.reasons import Reason, ReviewCause
from hub.journey.disclosure_index import IndexReason
from schemas.errors import Fault
from schemas.times import LONDON, unstamp

_CAPITALS = {name.lower(): name for name in ("EHC", "GP", "LA", "NHS", "SEN", "UPN", "URN")}
_SENTENCES: Mapping[str, str] = {
    one.value: one.sentence for kind in (Reason, IndexReason, ReviewCause, Fault) for one in kind
}


def moment(value: str | dt.datetime | None) -> str:
    """Return a time in England, such as 25 November 2026 at 3:41pm."""
    if not value:
        return "not yet"
    when = (unstamp(value) if isinstance(value, str) else value).astimezone(LONDON)
    hour = when.hour % 12 or 12
    half = "am" if when.hour < 12 else "pm"  # noqa: PLR2004  noon
    return f"{day(when.date())} at {hour}:{when:%M}{half}"


def day(value: str | dt.date | None) -> str:
    """Return a day, such as 25 November 2026; a stored time becomes its day in England."""
    if not value:
        return "no date"
    if isinstance(value, str):
        is_moment = "T" in value
        value = (
            unstamp(value).astimezone(LONDON).date() if is_moment else dt.date.fromisoformat(value)
        )
    return f"{value.day} {value:%B %Y}"


def number(value: int) -> str:
    """Return a count with commas."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 1 event, 2 events."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def plain(code: str) -> str:
    """Return a code or field name as words: sen-support becomes SEN support."""
    words = code.replace("-", " ").replace("_", " ").split(" ")
    return " ".join(_CAPITALS.get(word, word) for word in words)


def first_up(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def event_type(key: str) -> str:
    """Return the name of an event type: health.appointment-changed.v1 is Appointment changed."""
    name = key.split(".")[1] if "." in key else key
    return first_up(plain(name))


def sentence(code: str) -> str:
    """Return the sentence of a reason, review cause or fault; another code as words."""
    return _SENTENCES.get(code, plain(code))


FILTERS: Mapping[str, Callable[..., str]] = {
    "moment": moment,
    "day": day,
    "number": number,
    "plural": plural,
    "plain": plain,
    "first_up": first_up,
    "event_type": event_type,
    "sentence": sentence,
}
