"""The form to record a directive: read and validated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.casework.directives.validation import InvalidDirective, validated
from hub.console.forms.date_input import NO_DAY, TypedDay, day_in
from hub.console.security.guard import Visit
from hub.console.views.directive_text import NOTHING
from schemas.errors import HubError
from schemas.sharing import DirectiveKind, DirectiveRecorded
from schemas.times import day_start

NEW = "new"
Problems = tuple[tuple[str, str], ...]
_LONGEST = 200
_LONGEST_REFERENCE = 64
_MOST = 200
# The control of the page for each refused field.
_CONTROLS = {
    "allowed_purposes": "allow",
    "valid_until": "until-day",
    "scope.categories": "category",
    "scope.recipients": "recipient",
    "scope.purposes": "purpose",
}
_NOT_LISTED = "Choose from the list"
_LISTS = ("category", "recipient", "purpose", "allow")
_ONES = ("kind", "authority", "speaker", "decider_ref", "decider_name", "restriction", "evidence")


class FormProblem(HubError):
    """The form is invalid; ``problems`` name each control and what to correct."""

    code = "form-problem"

    def __init__(self, problems: Problems) -> None:
        super().__init__("; ".join(text for _, text in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class DirectiveForm:
    """The form as typed; ``speaker`` is a known person's reference, or ``NEW``."""

    kind: str = ""
    authority: str = ""
    speaker: str = ""
    decider_ref: str = ""
    decider_name: str = ""
    category: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    begins: TypedDay = NO_DAY
    until: TypedDay = NO_DAY
    restriction: str = ""
    allow: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def hidden(self) -> Iterator[tuple[str, str]]:
        """Every control with its value, for hidden fields of the next page."""
        for name in _ONES:
            yield name, getattr(self, name)
        for name in _LISTS:
            yield from ((name, value) for value in getattr(self, name))
        for name, day in (("begins", self.begins), ("until", self.until)):
            yield from ((f"{name}-{part}", getattr(day, part)) for part in ("day", "month", "year"))


def directive_form_in(visit: Visit) -> DirectiveForm:
    """Read the form as typed."""
    return DirectiveForm(
        kind=visit.field("kind"),
        authority=visit.field("authority"),
        speaker=visit.field("speaker"),
        decider_ref=visit.field("decider_ref"),
        decider_name=visit.field("decider_name"),
        category=visit.form.get("category", ())[:_MOST],
        recipient=visit.form.get("recipient", ())[:_MOST],
        purpose=visit.form.get("purpose", ())[:_MOST],
        begins=day_in(visit, "begins"),
        until=day_in(visit, "until"),
        restriction=visit.field("restriction").removeprefix(NOTHING),
        allow=visit.form.get("allow", ())[:_MOST],
        evidence=visit.field("evidence"),
    )


def directive_in(typed: DirectiveForm) -> DirectiveRecorded:
    """Return the directive; raises FormProblem with every problem."""
    if problems := tuple(_problems(typed)):
        raise FormProblem(problems)
    begins, until = typed.begins.date, typed.until.date
    fields = {
        "kind": typed.kind,
        "authority": typed.authority,
        "decider_ref": typed.decider_ref if typed.speaker == NEW else typed.speaker,
        "decider_name": typed.decider_name or None,
        "scope": {
            "categories": typed.category,
            "recipients": typed.recipient,
            "purposes": typed.purpose,
        },
        "valid_from": day_start(begins) if begins else None,
        "valid_until": day_start(until, after=1) if until else None,
        "evidence": typed.evidence,
        "restriction": typed.restriction or None,
        "allowed_purposes": typed.allow,
    }
    try:
        return validated(fields)
    except InvalidDirective as error:
        raise FormProblem((_problem(error),)) from None


def _problem(error: InvalidDirective) -> tuple[str, str]:
    """Return the control and the problem; a value outside a list was not sent by the form."""
    place = ".".join(part for part in error.field.split(".") if not part.isdigit())
    text = _NOT_LISTED if str(error).startswith(error.field) else str(error).removesuffix(".")
    return _CONTROLS.get(place, place), text


def _problems(typed: DirectiveForm) -> Iterator[tuple[str, str]]:
    if not typed.kind:
        yield "kind", "Select the kind of directive"
    if not typed.authority:
        yield "authority", "Select the authority of the person"
    yield from _who_problems(typed)
    for name, day in (("begins", typed.begins), ("until", typed.until)):
        if day.problem:
            yield f"{name}-day", day.problem
    if typed.kind == DirectiveKind.RESTRICTION and not typed.restriction:
        yield "restriction", "Select what the restriction protects"
    if problem := evidence_problem(typed.evidence):
        yield "evidence", problem


def _who_problems(typed: DirectiveForm) -> Iterator[tuple[str, str]]:
    if not typed.speaker:
        yield "speaker", "Select the person"
    elif typed.speaker == NEW and not typed.decider_ref:
        yield "decider_ref", "Enter your reference for the person"
    if len(typed.decider_ref) > _LONGEST_REFERENCE:
        yield "decider_ref", f"The reference must be {_LONGEST_REFERENCE} characters or fewer"
    if len(typed.decider_name) > _LONGEST:
        yield "decider_name", f"The name must be {_LONGEST} characters or fewer"


def evidence_problem(evidence: str) -> str:
    """Return the problem with the evidence reference; empty if it is valid."""
    if not evidence:
        return "Enter where the evidence is kept"
    if len(evidence) > _LONGEST:
        return f"The evidence must be {_LONGEST} characters or fewer"
    return ""
