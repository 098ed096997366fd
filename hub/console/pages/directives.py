"""Directives: recording and withdrawing one, after the user has seen its impact."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from hub.casework.children.record import directives_about, survivor
from hub.casework.directives import recording
from hub.casework.directives.impact import impact_of_recording, impact_of_withdrawing
from hub.casework.directives.views import DirectiveView
from hub.console.forms.directive import (
    NEW,
    DirectiveForm,
    FormProblem,
    Problems,
    directive_form_in,
    directive_in,
    evidence_problem,
)
from hub.console.security.access_reason import ChildId, ask_reason
from hub.console.security.guard import Needs, Visit
from hub.console.views import directive_text
from hub.console.views.directive_text import OptionText
from hub.console.views.impact import impact_view
from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, Depends(Needs(Permission.CHILDREN))]
Recorder = Annotated[Visit, Depends(Needs(Permission.DIRECTIVES))]
DirectiveId = Annotated[str, Path(pattern="^d-[0-9a-f]{1,62}$")]
_REVIEW = re.compile(r"[0-9a-f-]{36}")
CHANGED = "The impact has changed since you viewed it. Check it again before you confirm"


# -- recorded


@router.get("/children/{child}/directives/new")
def new(child: ChildId, visit: Recorder) -> Response:
    """Show the form."""
    return ask_reason(visit, child) or _form(visit, child, DirectiveForm())


@router.post("/children/{child}/directives/new")
def again(child: ChildId, visit: Recorder) -> Response:
    """Show the form again, as filled in."""
    return ask_reason(visit, child) or _form(visit, child, directive_form_in(visit))


def _form(visit: Visit, child: str, form: DirectiveForm, problems: Problems = ()) -> Response:
    known = _directives(visit, child, "the form to record a directive")
    agencies = visit.hub.directory.agencies
    return visit.page(
        "directive_form.html",
        400 if problems else 200,
        child=child,
        form=form,
        problems=problems,
        speakers=_people(known),
        agencies=[OptionText(name, agencies[name].title) for name in sorted(agencies)],
        words=directive_text,
    )


def _people(directives: tuple[DirectiveView, ...]) -> list[OptionText]:
    """List the people with directives about the child, and another person."""
    people: dict[str, OptionText] = {}
    for one in directives:
        who = one.directive
        capacity = directive_text.named(who.authority, "authority")
        if who.decider not in people or (one.decider_name and not people[who.decider].hint):
            people[who.decider] = OptionText(
                who.decider, f"{capacity}, {who.decider}", one.decider_name
            )
    return [*people.values(), OptionText(NEW, "Another person")] if people else []


@router.post("/children/{child}/directives/preview")
def preview(child: ChildId, visit: Recorder) -> Response:
    """Show the impact of a directive without recording it."""
    return ask_reason(visit, child) or _preview(visit, child)


@router.post("/children/{child}/directives/record")
def record(child: ChildId, visit: Recorder) -> Response:
    """Record a directive if its impact is still as shown."""
    return ask_reason(visit, child) or _preview(visit, child, commit=True)


def _preview(visit: Visit, child: str, *, commit: bool = False) -> Response:
    form = directive_form_in(visit)
    try:
        directive = directive_in(form)
    except FormProblem as error:
        return _form(visit, child, form, error.problems)
    before = _directives(visit, child, "what recording a directive would change")
    try:
        effect = impact_of_recording(visit.hub, Sought(child), directive)
    except (NotFound, ConfigurationError) as error:
        return _form(visit, child, form, (("decider_ref", str(error)),))
    impact = impact_view(visit, effect, before, directive.model_dump_json())
    if commit and visit.field("digest") == impact.digest:
        done = recording.record(visit.hub, Sought(child), directive, by=visit.person)
        place = f"/children/{child}/directives/{done.directive.id}?done=recorded"
        return visit.redirect(f"{place}&review={done.review}" if done.review else place)
    return visit.page(
        "directive_preview.html",
        409 if commit else 200,
        child=child,
        form=form,
        directive=directive,
        impact=impact,
        changed=CHANGED if commit else "",
    )


# -- shown


@router.get("/children/{child}/directives/{directive}")
def one(child: ChildId, directive: DirectiveId, visit: Reader) -> Response:
    """Show one directive, and the result of an action."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    found = _find(_directives(visit, child, "a directive"), directive)
    review = visit.query("review")
    return visit.page(
        "directive.html",
        child=child,
        one=found,
        done=visit.query("done"),
        review=review if _REVIEW.fullmatch(review) else "",
    )


# -- withdrawn


@router.get("/children/{child}/directives/{directive}/withdraw")
def leave(child: ChildId, directive: DirectiveId, visit: Recorder) -> Response:
    """Show the impact of a withdrawal, and ask for the evidence."""
    return ask_reason(visit, child) or _withdrawal(visit, child, directive)


@router.post("/children/{child}/directives/{directive}/withdraw")
def withdraw(child: ChildId, directive: DirectiveId, visit: Recorder) -> Response:
    """Withdraw a directive if the impact is still as shown."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    evidence = visit.field("evidence")
    problem = evidence_problem(evidence)
    problems = (("evidence", problem),) if problem else ()
    return _withdrawal(visit, child, directive, evidence, problems, commit=True)


def _withdrawal(  # noqa: PLR0913  the request and its state
    visit: Visit,
    child: str,
    directive: str,
    evidence: str = "",
    problems: Problems = (),
    *,
    commit: bool = False,
) -> Response:
    before = _directives(visit, child, "what a withdrawal would change")
    found = _find(before, directive)
    impact = impact_view(visit, impact_of_withdrawing(visit.hub, directive), before, directive)
    if commit and not problems:
        if visit.field("digest") == impact.digest:
            recording.withdraw(visit.hub, directive, by=visit.person, evidence=evidence)
            return visit.redirect(f"/children/{child}/directives/{directive}?done=withdrawn")
        problems = (("effect", CHANGED),)
    status = 200 if not problems else 409 if problems[0][0] == "effect" else 400
    return visit.page(
        "directive_withdraw.html",
        status,
        child=child,
        one=found,
        impact=impact,
        evidence=evidence,
        problems=problems,
    )


# -- both


def _directives(visit: Visit, child: str, what: str) -> tuple[DirectiveView, ...]:
    """Return the directives about a child and record the access; raises NotFound."""
    if survivor(visit.hub, child) != child:
        raise NotFound("This is a former id. Find the child again.")
    reason = visit.reason_for(child) or ""
    return directives_about(visit.hub, child, what, by=visit.person, reason=reason)


def _find(directives: tuple[DirectiveView, ...], directive: str) -> DirectiveView:
    found = next((one for one in directives if one.directive.id == directive), None)
    if found is None:
        raise NotFound("There is no such directive about this child.")
    return found
