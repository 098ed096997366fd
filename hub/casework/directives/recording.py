"""What people say about sharing, written down at the desk: recorded, withdrawn, shown.

Each is one transaction with its lines in the ledger. Who spoke and where the evidence is are sealed
under the child's key; the ledger has the opaque references and who wrote it down.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from consent.directive import Directive
from consent.reasons import ReviewCause
from hub.evidence.child_lookup import Sought, the_child
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey import entries
from hub.journey.directives import directive_ref, make_directive, person_ref
from hub.journey.entries import PendingEntry
from hub.store.children import child_key
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.sharing import DirectiveKind, DirectiveRecorded, DirectiveWithdrawn

DESK = "cli"
_OPAQUE = re.compile(r"p-[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A directive as it was recorded, and the review it opened, if any."""

    directive: Directive
    review: str | None


@dataclass(frozen=True, slots=True)
class DirectiveView:
    """A directive as the desk shows it: whether it holds, and what was sealed with it."""

    directive: Directive
    standing: str
    detail: dict[str, JsonValue]


def record(hub: Hub, sought: Sought, said: DirectiveRecorded, *, by: str) -> Recorded:
    """Record what a person with authority said about a child; an objection opens a review.

    ``said.decider_ref`` is the desk's reference for the person, or the opaque one (``p-...``) of
    somebody who spoke about this child before. Raises NotFound and ConfigurationError.
    """
    with hub.writing() as (work, lines):
        return record_in(work, lines, the_child(work, sought), said, by)


def record_in(
    work: UnitOfWork, lines: list[PendingEntry], child: str, said: DirectiveRecorded, by: str
) -> Recorded:
    """Record it as part of a piece of work; what is recorded in one is said at one moment."""
    directive = directive_of(said, child, work)
    work.said.record(directive, said.model_dump_json(exclude_none=True).encode(), by)
    lines.append(entries.directive_recorded(directive, by, "", work.now))
    review = None
    if directive.kind is DirectiveKind.OBJECTION:
        review, opened = _review(directive, work)
        lines.extend(opened)
    return Recorded(directive, review)


def withdraw(hub: Hub, reference: str, *, by: str, evidence: str) -> Directive:
    """End a directive from now; raises NotFound where there is none that still stands."""
    with hub.writing() as (work, lines):
        directive = standing_directive(reference, work)
        said = DirectiveWithdrawn(evidence=evidence)
        work.said.withdraw(directive, said.model_dump_json().encode(), work.now)
        lines.append(entries.directive_withdrawn(directive.id, directive.child, by, "", work.now))
        return directive.model_copy(update={"withdrawn_at": work.now})


def show(hub: Hub, sought: Sought, *, by: str, reason: str) -> tuple[str, list[DirectiveView]]:
    """Show all that was ever said about a child, and the child's id; the look is recorded."""
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        lines.append(entries.looked(by, "what was said about sharing", child, reason, work.now))
        found = sorted(work.directives(child), key=lambda one: (one.recorded_at, one.id))
        return child, [_shown(directive, work) for directive in found]


def standing_directive(reference: str, work: UnitOfWork) -> Directive:
    """Find a directive that was not withdrawn; raises NotFound where there is none."""
    directive = work.said.find(reference)
    if directive is None:
        raise NotFound(f"There is no directive {reference}. See 'hub consent show'.")
    if directive.withdrawn_at is not None:
        raise NotFound(f"Directive {reference} was withdrawn before; nothing was changed.")
    return directive


def decider_of(given: str, child: str, work: UnitOfWork) -> str:
    """Make the opaque reference of who spoke, or take it; raises NotFound for an unknown one."""
    known = {directive.decider for directive in work.directives(child)}
    if _OPAQUE.fullmatch(given) and given not in known:
        raise NotFound(f"Nobody known as {given} has spoken about this child.")
    return given if given in known else person_ref(DESK, given, work)


def directive_of(said: DirectiveRecorded, child: str, work: UnitOfWork) -> Directive:
    """Make a directive of what the desk was told; raises NotFound and ConfigurationError."""
    _check_recipients(said, work)
    decider = decider_of(said.decider_ref or "", child, work)
    reference = directive_ref(DESK, child, clock.new_id(), work)
    try:
        return make_directive(said, child, reference=reference, decider=decider, now=work.now)
    except ValidationError:
        raise ConfigurationError("The directive is not valid.") from None


def _check_recipients(said: DirectiveRecorded, work: UnitOfWork) -> None:
    named = said.scope.recipients if said.scope else ()
    strangers = [name for name in named if work.directory.find(name) is None]
    if strangers:
        known = ", ".join(sorted(work.directory.agencies)) or "none"
        raise ConfigurationError(f"No agency '{strangers[0]}'. There are: {known}.")


def _review(directive: Directive, work: UnitOfWork) -> tuple[str | None, list[PendingEntry]]:
    cause = ReviewCause.OBJECTION_MADE
    reference = work.reviews.open(
        cause,
        directive.id,
        child=directive.child,
        event=None,
        detail=(json.dumps({"directive": directive.id}).encode(), child_key(directive.child)),
        now=work.now,
    )
    if reference is None:
        return None, []
    line = entries.review_opened(reference, cause, directive.child, None, work.now)
    return reference, [line]


def _shown(directive: Directive, work: UnitOfWork) -> DirectiveView:
    detail: dict[str, JsonValue] = json.loads(work.said.detail(directive))
    return DirectiveView(directive, directive.standing(work.now).value, detail)
