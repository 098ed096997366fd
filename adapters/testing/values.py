"""Behaviours with difficult values: separators, direction marks, control characters, clocks."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from adapters.contract import Translation
from adapters.testing.behaviour import NotApplicable, behaviour, expect, fail
from adapters.testing.damage import names_in, with_value
from adapters.testing.subject import Subject
from schemas.event import Event, View, dump_section
from schemas.people import Identity
from schemas.sections import Category, Section

SEPARATORS = (
    "Ash;Grove", "Ash|Grove", "Ash^G~r\\o&ve", "Ash<b>Grove</b>", "Ash&amp;Grove", 'Ash,"Gro"ve',
    "Ash\tGrove", "Ash\nGrove", "Ash\rPID|1|Grove", "Ash': Grove", "Ash]]>Grove", "=Ash+Grove",
    "Ash\\nGrove", "Ash\\F\\Grove",
)  # fmt: skip
DIRECTION = (
    "Ash\u202egrove", "\u2066Ashgrove\u2069", "Ash\u200bgrove", "Ash\x07grove", "Ash\x1b[2Jgrove",
    "Ash\x00grove", "Ash\u0085grove", "Ash\u2028grove",
)  # fmt: skip
LONG_AGO = dt.datetime(2020, 1, 15, 12, 34, 56, tzinfo=dt.UTC)
_HOUR = dt.timedelta(hours=1)
# Summer and winter, both sides of each change, and the hour of October that occurs twice.
MOMENTS = (
    dt.datetime(2026, 1, 20, 23, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 29, 0, 59, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 29, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2026, 7, 6, 22, 45, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 2, 15, tzinfo=dt.UTC),
)
_TWICE = MOMENTS[4:6]


def _named(view: View, name: str) -> View | None:
    """Return the view with another family name; None where it has none."""
    identity = view.identity
    if identity.family_name is None:
        return None
    changed: Section = Identity.model_construct(
        **{**{f: getattr(identity, f) for f in identity.present()}, "family_name": name}
    )
    return replace(view, sections={**view.sections, Category.IDENTITY: changed})


def _distinct(views: Iterator[View]) -> Iterator[View]:
    """One view of each event type is enough here."""
    seen: set[str] = set()
    for view in views:
        if view.kind.key not in seen:
            seen.add(view.kind.key)
            yield view


@behaviour
def keeps_a_value_inside_its_field(subject: Subject) -> None:
    """It writes a value that holds separators so that it stays in its field, or declines it."""
    _read_back_as_named(subject, SEPARATORS)


@behaviour
def keeps_or_declines_direction_marks_and_control_characters(subject: Subject) -> None:
    """It keeps direction marks and control characters, removes them or declines the value."""
    _read_back_as_named(subject, DIRECTION)


def _read_back_as_named(subject: Subject, names: tuple[str, ...]) -> None:
    tried = False
    for view in _distinct(subject.round_trip_views):
        before = _read(subject, view)
        for name in names:
            named = _named(view, name)
            if named is None or before is None:
                continue
            tried = True
            written = subject.write(named)
            if written.fault:
                place = f"{written.fault.error} at {written.fault.place}"
                fail(f"{view.kind.key}: {name!r}: {place}.")
            if written.document:
                after = subject.reads_back(written.document)
                where = f"{view.kind.key}: a name such as {name!r}"
                expect(not after.refused, f"{where}: its own document is refused.")
                _same_but_for_the_name(before, after, name, where)
    if not tried:
        raise NotApplicable("no event type with a name is declared for the round trip")


def _read(subject: Subject, view: View) -> Translation | None:
    document = subject.write(view).document
    return subject.reads_back(document) if document else None


def _same_but_for_the_name(before: Translation, after: Translation, name: str, where: str) -> None:
    expect(len(before.events) == len(after.events), f"{where} changes the number of events.")
    for old, new in zip(before.events, after.events, strict=True):
        name_read = _tidied(new.identity.family_name or "")
        expect(name_read == _tidied(name), f"{where} is read back as another name.")
        same = _without_name(old) == _without_name(new)
        expect(same, f"{where} changes another field.")


def _tidied(text: str) -> str:
    """Leave out what a format may remove: control and direction characters, and white space."""
    return "".join(c for c in text if unicodedata.category(c)[0] not in "CZ")


def _without_name(event: Event) -> object:
    sections = {category: dump_section(section) for category, section in event.sections.items()}
    sections.get(Category.IDENTITY, {}).pop("family_name", None)
    return event.kind.key, sections


@behaviour
def reads_or_refuses_direction_marks_and_control_characters(subject: Subject) -> None:
    """It reads or refuses a value with direction marks or control characters, without a fault."""
    for label, body in subject.some(6).items():
        found = [name for event in subject.accepted[label].events for name in names_in(event)]
        for name in sorted(set(found))[:2]:
            for text in DIRECTION:
                marked = with_value(body, name, text.encode())
                if marked is None:
                    continue
                translation = subject.read(marked)
                if translation.fault:
                    place = f"{translation.fault.error} at {translation.fault.place}"
                    fail(f"{label}: {text!r}: {place}.")
                for refusal in translation.refused:
                    shown = all(unicodedata.category(c)[0] != "C" for c in refusal.where)
                    expect(shown, f"{label}: the place of a refusal holds control characters.")


@behaviour
def keeps_times_across_the_change_of_summer_time(subject: Subject) -> None:
    """It keeps the time of an event, to the second, on both sides of the change of summer time."""
    tried = False
    for view in _distinct(subject.round_trip_views):
        for moment in MOMENTS:
            shifted = _at(view, moment)
            document = subject.write(shifted).document
            if document is None:
                continue
            for event in subject.reads_back(document, LONG_AGO).events:
                tried = True
                allowed = {moment, LONG_AGO, *(_TWICE if moment in _TWICE else ())}
                text = f"{view.kind.key}: {moment:%d %B %H:%M} UTC became another time"
                expect(event.time in allowed, f"{text}: {_offset(event.time, moment)}.")
                for was, now in _times(shifted, event):
                    near = {was, *(_TWICE if was in _TWICE else ())}
                    expect(now in near, f"{text} in a field: {_offset(now, was)}.")
    if not tried:
        raise NotApplicable("no event type is declared for the round trip (`round_trip`)")


def _offset(now: dt.datetime, was: dt.datetime) -> str:
    difference = int((now - was).total_seconds())
    return f"{difference:+d} seconds"


def _at(view: View, moment: dt.datetime) -> View:
    """Move a view, and the times in its sections, to a moment."""
    sections = {}
    for category, section in view.sections.items():
        fields = [f for f in section.present() if isinstance(getattr(section, f), dt.datetime)]
        sections[category] = section.model_copy(update=dict.fromkeys(fields, moment))
    return replace(view, time=moment, sections=sections)


def _times(view: View, event: Event) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for category, section in view.sections.items():
        again = event.sections.get(category)
        for field in section.present() if again else ():
            was, now = getattr(section, field), getattr(again, field, None)
            if isinstance(was, dt.datetime) and isinstance(now, dt.datetime):
                yield was, now
