"""Fields that the copy leaves out wherever they stand: whereabouts of a guarded child. Pure.

A child who was ever guarded is guarded here: that it was so once may still tell somebody off. A
field that is left out is left out everywhere, in what was received, decided and sent, so that it is
not seen to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consent.directive import Directive
from consent.question import is_guarded
from consent.reasons import Reason
from hub.casework.subject_access.facts import Arrived, Facts, item
from hub.casework.subject_access.reasons import WithholdReason
from schemas.people import Contact
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Handling, Section, handling_of
from schemas.sharing import RestrictionKind

_GUARDING = frozenset({Reason.WHEREABOUTS_GUARDED, Reason.RESTRICTED_ADDRESS})
_TELLING = frozenset({"confidentiality", "do_not_disclose"})


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which fields are left out: ``guarded`` for whereabouts, ``marks`` of the contact section."""

    guarded: bool = False
    marks: frozenset[str] = frozenset()

    def why(self, model: type[Section], name: str) -> WithholdReason | None:
        """Tell why a field of a section is left out; None where it is shown."""
        if name not in model.model_fields:
            return WithholdReason.CANNOT_TELL
        handling = handling_of(model, name)
        if handling is Handling.NEVER:
            return WithholdReason.PLACEMENT
        telling = model is Contact and name in _TELLING
        if self.guarded and (handling is Handling.LOCATES or telling):
            return WithholdReason.WHEREABOUTS
        if model is Contact and (name in self.marks or (self.marks and telling)):
            return WithholdReason.MARKED
        return None

    def left(self, kind: str, category: Category, names: Iterable[str]) -> tuple[str, ...]:
        """Keep the names of a section's fields that are shown."""
        model = model_of(kind, category)
        return tuple(n for n in names if model is not None and self.why(model, n) is None)

    def out(self, one: Arrived) -> Mapping[WithholdReason, tuple[str, ...]]:
        """Name what is left out of one event, by reason, as ``category.field``."""
        found: dict[WithholdReason, list[str]] = {}
        for category, names in one.filled().items():
            model = model_of(one.type, category)
            for name in names:
                why = self.why(model, name) if model else WithholdReason.CANNOT_TELL
                if why is not None:
                    found.setdefault(why, []).append(f"{category.value}.{name}")
        return {why: tuple(names) for why, names in found.items()}


def model_of(kind: str, category: Category) -> type[Section] | None:
    """Find the section model of a category in a type of event."""
    registered = EVENT_TYPES.get(kind)
    return registered.sections.get(category) if registered else None


def hidden_of(facts: Facts) -> Hidden:
    """Find out what is left out of a child's copy wherever it stands."""
    guarded = facts.guarded or _guarded_by_word(facts.directives)
    guarded = guarded or any(_guarded_once(one) for one in facts.arrived)
    marks = frozenset(name for one in facts.arrived for name in (*one.marks(), *_marked(one)))
    if item("fields", WithholdReason.WHEREABOUTS) in facts.handed:
        guarded = False
    if item("fields", WithholdReason.MARKED) in facts.handed:
        marks = frozenset()
    return Hidden(guarded, marks & frozenset(Contact.model_fields))


def _guarded_by_word(directives: Iterable[Directive]) -> bool:
    return any(d.restriction is RestrictionKind.ADDRESS for d in directives)


def _guarded_once(one: Arrived) -> bool:
    if one.content is not None and is_guarded(one.content):
        return True
    return any(
        answer.question.child.guarded
        or any(_GUARDING & set(s.refused.values()) for s in answer.decision.sections)
        for answer in one.answers
    )


def _marked(one: Arrived) -> frozenset[str]:
    """Name what an event's own content marks; a name nobody knows marks everything."""
    contact = one.content.section(Contact) if one.content else None
    marked = set(contact.do_not_disclose) if contact else set()
    known = set(Contact.model_fields)
    return frozenset(known if marked - known else marked)
