"""Reasons to withhold something from the copy, and the fields withheld wherever they appear. Pure.

A child who was ever guarded counts as guarded, because the fact may itself endanger someone. A
withheld field is left out of everything received, decided and sent, so that no gap shows.

The sentences of the reasons appear in the officer's note and never in the copy. Sources: UK GDPR
Articles 12 and 15; Data Protection Act 2018 Schedules 2 and 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consent.directive import Directive
from consent.question import is_guarded
from consent.reasons import Reason
from schemas.coded import Coded
from schemas.fields import Whereabouts, whereabouts_of
from schemas.people import Contact
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from schemas.sharing import RestrictionKind

if TYPE_CHECKING:
    from hub.casework.subject_access.case_file import CaseFile, CaseFileEvent


class WithholdReason(Coded):
    """A reason to withhold. A code never changes its meaning; the sentence explains it."""

    OVERRIDE = "override", "An agency asserted a safeguarding override for it."
    SAFEGUARDING = "safeguarding", "It holds safeguarding data."
    CHILD_PROTECTION = "child-protection", "It is about child protection."
    PURPOSE = "safeguarding-purpose", "It was shared for safeguarding or child protection."
    RESTRICTION = "restriction", "It is a restriction on sharing, or rests on one."
    POLICE = "police", "It was sent to the police, or came from them."
    LINKED = "linked", "It belongs to the same record or case as something withheld."
    INVOLVEMENT = "involvement", "It shows an involvement known only from withheld events."
    WHEREABOUTS = "whereabouts", "It shows, or may show, where a guarded child can be found."
    MARKED = "marked", "Its sender marked it do-not-disclose."
    PLACEMENT = "placement", "It shows where a looked-after child is placed."
    CANNOT_TELL = "cannot-tell", "Its content is destroyed or unclear, so the hub cannot assess it."
    CONTRAST = "contrast", "It is harmless alone, but would show that something else is missing."

    @property
    def law(self) -> str:
        """The law that may permit withholding it, or requires it."""
        return _LAW[self]

    @property
    def decide(self) -> str:
        """What the officer must decide before disclosing it."""
        return _DECIDE[self]


_OTHERS = "DPA 2018 Schedule 2 paragraph 16"
_ABUSE = "DPA 2018 Schedule 3 paragraph 21 (child abuse data, where a parent asks)"
_HARM = "DPA 2018 Schedule 3 paragraphs 5, 11 and 19 (serious harm: health, social work, education)"
_CRIME = "DPA 2018 Schedule 2 paragraph 2 (crime: where disclosure would be likely to prejudice it)"
_TIP_OFF = f"{_ABUSE}; {_HARM}; {_CRIME}."
_PLACE = f"{_HARM}; {_OTHERS} (others who live there)."
_LAW: Mapping[WithholdReason, str] = {
    **dict.fromkeys(WithholdReason, _TIP_OFF),
    WithholdReason.RESTRICTION: f"{_OTHERS} (who asked for it); {_HARM}; the court's order.",
    WithholdReason.POLICE: f"{_CRIME}.",
    WithholdReason.WHEREABOUTS: _PLACE,
    WithholdReason.MARKED: _PLACE,
    WithholdReason.PLACEMENT: _PLACE,
    WithholdReason.CANNOT_TELL: "Depends on what it is about. Ask the agency that sent it.",
    WithholdReason.CONTRAST: "The law that applies to what is missing beside it.",
}

_ASK = (
    "Ask the agency that sent it: would disclosure put anyone at risk? Disclose it if the family "
    "already knows of it, or if it is harmless."
)
_DECIDE: Mapping[WithholdReason, str] = {
    **dict.fromkeys(WithholdReason, _ASK),
    WithholdReason.RESTRICTION: (
        "Who asked for the restriction? Disclose it to that person, or if it is harmless."
    ),
    WithholdReason.POLICE: "Ask the police: would disclosure prejudice an investigation?",
    WithholdReason.LINKED: "Decide it together with what it is linked to.",
    WithholdReason.INVOLVEMENT: "Decide it together with the events that involved the agency.",
    WithholdReason.WHEREABOUTS: (
        "Does the requester live there, or know the place? If not, leave it out."
    ),
    WithholdReason.MARKED: "Ask the sender why it was marked, and whether the requester may know.",
    WithholdReason.PLACEMENT: "Ask social care whether the requester may know the placement.",
    WithholdReason.CANNOT_TELL: (
        "Ask the sender what it was about. Disclose it only if it is harmless."
    ),
    WithholdReason.CONTRAST: "Disclose it only together with what it would show to be missing.",
}


def item_id(kind: str, reference: object) -> str:
    """Return the id by which an officer names a withheld item; the id reveals nothing.

    ``kind`` is event, decision, directive or fields: what can be disclosed separately.
    """
    return hashlib.sha256(f"{kind}\n{reference}".encode()).hexdigest()[:10]


# -- fields

FIELD_ITEMS = (WithholdReason.WHEREABOUTS, WithholdReason.MARKED)
"""Groups of withheld fields that an officer can disclose, each as a whole."""

_GUARDING = frozenset({Reason.WHEREABOUTS_GUARDED, Reason.RESTRICTED_ADDRESS})
_REVEALING = frozenset({"confidentiality", "do_not_disclose"})


@dataclass(frozen=True, slots=True)
class WithheldFields:
    """The fields withheld everywhere: those that locate a guarded child, and marked ones.

    ``marked`` are fields of the contact section.
    """

    guarded: bool = False
    marked: frozenset[str] = frozenset()

    def why(self, model: type[Section], name: str) -> WithholdReason | None:
        """Return the reason to withhold a field of a section; None if it is shown."""
        if name not in model.model_fields:
            return WithholdReason.CANNOT_TELL
        whereabouts = whereabouts_of(model, name)
        if whereabouts is Whereabouts.NEVER:
            return WithholdReason.PLACEMENT
        revealing = model is Contact and name in _REVEALING
        if self.guarded and (whereabouts is Whereabouts.LOCATES or revealing):
            return WithholdReason.WHEREABOUTS
        if model is Contact and (name in self.marked or (self.marked and revealing)):
            return WithholdReason.MARKED
        return None

    def shown(self, event_type: str, category: Category, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of a section's fields that are shown."""
        model = _section_model(event_type, category)
        return tuple(n for n in names if model is not None and self.why(model, n) is None)

    def withheld(self, event: CaseFileEvent) -> Mapping[WithholdReason, tuple[str, ...]]:
        """Return the withheld fields of an event as ``category.field``, by reason."""
        found: dict[WithholdReason, list[str]] = {}
        for category, names in event.fields().items():
            model = _section_model(event.type, category)
            for name in names:
                why = self.why(model, name) if model else WithholdReason.CANNOT_TELL
                if why is not None:
                    found.setdefault(why, []).append(f"{category.value}.{name}")
        return {why: tuple(names) for why, names in found.items()}


def _section_model(event_type: str, category: Category) -> type[Section] | None:
    registered = EVENT_TYPES.get(event_type)
    return registered.sections.get(category) if registered else None


def withheld_fields(case: CaseFile, disclosed: frozenset[str] = frozenset()) -> WithheldFields:
    """Find the fields to withhold; ``disclosed`` are ids of items the officer discloses."""
    guarded = (
        case.guarded
        or any(_restricts_address(one) for one in case.directives)
        or any(_was_guarded(one) for one in case.events)
    )
    marked = {name for one in case.events for name in (*one.do_not_disclose(), *_marked_in(one))}
    if item_id("fields", WithholdReason.WHEREABOUTS) in disclosed:
        guarded = False
    if item_id("fields", WithholdReason.MARKED) in disclosed:
        marked = set()
    return WithheldFields(guarded, frozenset(marked) & frozenset(Contact.model_fields))


def _restricts_address(directive: Directive) -> bool:
    return directive.restriction is RestrictionKind.ADDRESS


def _was_guarded(event: CaseFileEvent) -> bool:
    if event.content is not None and is_guarded(event.content):
        return True
    return any(
        one.question.child.guarded
        or any(_GUARDING & set(s.refused.values()) for s in one.decision.sections)
        for one in event.decisions
    )


def _marked_in(event: CaseFileEvent) -> frozenset[str]:
    """Return the fields that an event's content marks; an unknown field name marks all fields."""
    contact = event.content.section(Contact) if event.content else None
    marked = set(contact.do_not_disclose) if contact else set()
    known = set(Contact.model_fields)
    return frozenset(known if marked - known else marked)
