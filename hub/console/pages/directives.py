"""Directives: what somebody said is recorded or withdrawn, its effect shown before it is done."""

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
from hub.console.views.impact import shown
from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

Reads = Annotated[Visit, Depends(Needs(Permission.CHILDREN))]
Writes = Annotated[Visit, Depends(Needs(Permission.DIRECTIVES))]
DirectiveId = Annotated[str, Path(pattern="^d-[0-9a-f]{1,62}$")]
_REVIEW = re.compile(r"[0-9a-f-]{36}")
CHANGED = "What it would change is different now. Read it again before you confirm it"


# -- recorded


@router.get("/children/{child}/directives/new")
def new(child: ChildId, visit: Writes) -> Response:
    """Ask what was said."""
    return ask_reason(visit, child) or _form(visit, child, DirectiveForm())


@router.post("/children/{child}/directives/new")
def again(child: ChildId, visit: Writes) -> Response:
    """Show the form once more, as it was filled in."""
    return ask_reason(visit, child) or _form(visit, child, directive_form_in(visit))


def _form(visit: Visit, child: str, typed: DirectiveForm, problems: Problems = ()) -> Response:
    said = _said(visit, child, "the form for what was said about sharing")
    agencies = visit.hub.directory.agencies
    return visit.page(
        "directive_form.html",
        400 if problems else 200,
        child=child,
        typed=typed,
        problems=problems,
        speakers=_speakers(said),
        agencies=[OptionText(name, agencies[name].title) for name in sorted(agencies)],
        words=directive_text,
    )


def _speakers(said: tuple[DirectiveView, ...]) -> list[OptionText]:
    """List who spoke about the child before, each once, and somebody else."""
    known: dict[str, OptionText] = {}
    for one in said:
        who = one.directive
        capacity = directive_text.named(who.authority, "authority")
        if who.decider not in known or (one.decider_name and not known[who.decider].hint):
            known[who.decider] = OptionText(
                who.decider, f"{capacity}, {who.decider}", one.decider_name
            )
    return [*known.values(), OptionText(NEW, "Somebody else")] if known else []


@router.post("/children/{child}/directives/preview")
def preview(child: ChildId, visit: Writes) -> Response:
    """Show what recording would change; record nothing."""
    return ask_reason(visit, child) or _preview(visit, child)


@router.post("/children/{child}/directives/record")
def record(child: ChildId, visit: Writes) -> Response:
    """Record what was said, if it would still change what was shown."""
    return ask_reason(visit, child) or _preview(visit, child, commit=True)


def _preview(visit: Visit, child: str, *, commit: bool = False) -> Response:
    typed = directive_form_in(visit)
    try:
        said = directive_in(typed)
    except FormProblem as error:
        return _form(visit, child, typed, error.problems)
    before = _said(visit, child, "what recording a directive would change")
    try:
        effect = impact_of_recording(visit.hub, Sought(child), said)
    except (NotFound, ConfigurationError) as error:
        return _form(visit, child, typed, (("decider_ref", str(error)),))
    told = shown(visit, effect, before, said.model_dump_json())
    if commit and visit.field("digest") == told.digest:
        done = recording.record(visit.hub, Sought(child), said, by=visit.person)
        place = f"/children/{child}/directives/{done.directive.id}?done=recorded"
        return visit.redirect(f"{place}&review={done.review}" if done.review else place)
    return visit.page(
        "directive_preview.html",
        409 if commit else 200,
        child=child,
        typed=typed,
        said=said,
        shown=told,
        changed=CHANGED if commit else "",
    )


# -- shown


@router.get("/children/{child}/directives/{directive}")
def one(child: ChildId, directive: DirectiveId, visit: Reads) -> Response:
    """Show one directive, and what was just done with it."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    found = _spoken(_said(visit, child, "a directive"), directive)
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
def leave(child: ChildId, directive: DirectiveId, visit: Writes) -> Response:
    """Show what a withdrawal would change, and ask for the evidence."""
    return ask_reason(visit, child) or _withdrawal(visit, child, directive)


@router.post("/children/{child}/directives/{directive}/withdraw")
def withdraw(child: ChildId, directive: DirectiveId, visit: Writes) -> Response:
    """Withdraw a directive, if that would still change what was shown."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    evidence = visit.field("evidence")
    problem = evidence_problem(evidence)
    problems = (("evidence", problem),) if problem else ()
    return _withdrawal(visit, child, directive, evidence, problems, commit=True)


def _withdrawal(  # noqa: PLR0913  what was asked, and how far it got
    visit: Visit,
    child: str,
    directive: str,
    evidence: str = "",
    problems: Problems = (),
    *,
    commit: bool = False,
) -> Response:
    said = _said(visit, child, "what a withdrawal would change")
    found = _spoken(said, directive)
    told = shown(visit, impact_of_withdrawing(visit.hub, directive), said, directive)
    if commit and not problems:
        if visit.field("digest") == told.digest:
            recording.withdraw(visit.hub, directive, by=visit.person, evidence=evidence)
            return visit.redirect(f"/children/{child}/directives/{directive}?done=withdrawn")
        problems = (("effect", CHANGED),)
    status = 200 if not problems else 409 if problems[0][0] == "effect" else 400
    return visit.page(
        "directive_withdraw.html",
        status,
        child=child,
        one=found,
        shown=told,
        evidence=evidence,
        problems=problems,
    )


# -- both


def _said(visit: Visit, child: str, what: str) -> tuple[DirectiveView, ...]:
    """Open all that was said about a child, with a look; raises NotFound for a former id, too."""
    if survivor(visit.hub, child) != child:
        raise NotFound("This id is a former one. Look for the child again.")
    reason = visit.reason_for(child) or ""
    return directives_about(visit.hub, child, what, by=visit.person, reason=reason)


def _spoken(said: tuple[DirectiveView, ...], directive: str) -> DirectiveView:
    found = next((one for one in said if one.directive.id == directive), None)
    if found is None:
        raise NotFound("Nothing was said about this child under that id.")
    return found
