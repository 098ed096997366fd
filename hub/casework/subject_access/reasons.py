"""Why something is left out of the copy a child or parent gets, with the law an officer decides on.

The sentences stand in the officer's note and never in the copy itself. Sources: UK GDPR Articles 12
and 15; Data Protection Act 2018 Schedules 2 and 3. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemas.coded import Coded


class WithholdReason(Coded):
    """A reason for holding back. The value never changes its meaning; the sentence explains it."""

    OVERRIDE = "override", "An agency asserted a safeguarding override for it."
    SAFEGUARDING = "safeguarding", "It holds safeguarding data."
    CHILD_PROTECTION = "child-protection", "It is about child protection."
    PURPOSE = "safeguarding-purpose", "It was shared for safeguarding or child protection."
    RESTRICTION = "restriction", "It is a restriction on sharing, or rests on one."
    POLICE = "police", "It went to the police, or came from them."
    LINKED = "linked", "It belongs to the same record or case as something held back."
    INVOLVEMENT = "involvement", "It shows an agency's part that only held-back events tell of."
    WHEREABOUTS = "whereabouts", "It tells, or may tell, where a guarded child can be found."
    MARKED = "marked", "Its sender marked it do-not-disclose."
    PLACEMENT = "placement", "It tells where a looked-after child is placed."
    CANNOT_TELL = "cannot-tell", "Its content is gone or unclear, so nobody can say it is harmless."
    CONTRAST = "contrast", "It is harmless alone, but would show that something else is missing."

    @property
    def law(self) -> str:
        """The law that may allow it to be held back, or that asks for it."""
        return _LAW[self]

    @property
    def decide(self) -> str:
        """What the officer must decide before anything is handed over."""
        return _DECIDE[self]


_OTHERS = "DPA 2018 Schedule 2 paragraph 16"
_ABUSE = "DPA 2018 Schedule 3 paragraph 21 (child abuse data, where a parent asks)"
_HARM = "DPA 2018 Schedule 3 paragraphs 5, 11 and 19 (serious harm: health, social work, education)"
_CRIME = "DPA 2018 Schedule 2 paragraph 2 (crime: where telling would be likely to prejudice it)"
_TIP_OFF = f"{_ABUSE}; {_HARM}; {_CRIME}."
_PLACE = f"{_HARM}; {_OTHERS} (others who live there)."
_LAW: Mapping[WithholdReason, str] = {
    WithholdReason.OVERRIDE: _TIP_OFF,
    WithholdReason.SAFEGUARDING: _TIP_OFF,
    WithholdReason.CHILD_PROTECTION: _TIP_OFF,
    WithholdReason.PURPOSE: _TIP_OFF,
    WithholdReason.RESTRICTION: f"{_OTHERS} (who asked for it); {_HARM}; the court's order.",
    WithholdReason.POLICE: f"{_CRIME}.",
    WithholdReason.LINKED: _TIP_OFF,
    WithholdReason.INVOLVEMENT: _TIP_OFF,
    WithholdReason.WHEREABOUTS: _PLACE,
    WithholdReason.MARKED: _PLACE,
    WithholdReason.PLACEMENT: _PLACE,
    WithholdReason.CANNOT_TELL: "As for what it may be about; ask the agency that sent it.",
    WithholdReason.CONTRAST: "As for what is missing beside it.",
}

_KNOWN = "If the family knows of it already, or it is harmless, hand it over."
_ASK = f"Ask the agency it came from: would telling whoever asks put somebody at risk? {_KNOWN}"
_DECIDE: Mapping[WithholdReason, str] = {
    WithholdReason.OVERRIDE: _ASK,
    WithholdReason.SAFEGUARDING: _ASK,
    WithholdReason.CHILD_PROTECTION: _ASK,
    WithholdReason.PURPOSE: _ASK,
    WithholdReason.RESTRICTION: "Who asked for the restriction? Give it to them, or if harmless.",
    WithholdReason.POLICE: "Ask the police: would telling prejudice an investigation?",
    WithholdReason.LINKED: "Decide it together with what it is linked to.",
    WithholdReason.INVOLVEMENT: "Decide it together with the events that brought the agency in.",
    WithholdReason.WHEREABOUTS: "Does the requester live there or know? If not, leave it out.",
    WithholdReason.MARKED: "Ask the sender why it was marked, and whether whoever asks may know.",
    WithholdReason.PLACEMENT: "Ask social care whether the requester may know the placement.",
    WithholdReason.CANNOT_TELL: "Ask the sender what it was about; hand it over if it is harmless.",
    WithholdReason.CONTRAST: "Hand it over only together with what it would show to be missing.",
}
