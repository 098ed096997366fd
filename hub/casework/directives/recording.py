"""Record, withdraw and show directives, each in one transaction with its entries in the ledger.

Who decided and where the evidence is stored are sealed under the child's key; the ledger has opaque
references and the user who recorded it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pydantic import ValidationError

from consent.directive import Directive
from consent.reasons import ReviewCause
from hub.casework.directives.views import ChildDirectives, directive_view
from hub.evidence.child_lookup import Sought, the_child
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.decisions import recording_review
from hub.journey.directives import directive_ref, make_directive, person_ref
from hub.journey.entries import EntryBody
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.directives import DirectiveRecordedEntry, DirectiveWithdrawnEntry
from hub.journey.entries.reviews import ReviewOpenedEntry
from hub.store.children import child_key
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.sharing import DirectiveRecorded, DirectiveWithdrawn
from schemas.suggestion import suggestion

DESK = "cli"
"""The recorder's name in keyed references of directives recorded by the hub's own users."""
_OPAQUE = re.compile(r"p-[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A directive as it was recorded, and the review it opened, if any."""

    directive: Directive
    review: str | None


def record(hub: Hub, sought: Sought, statement: DirectiveRecorded, *, by: str) -> Recorded:
    """Record a directive about a child; an objection opens a review.

    ``statement.decider_ref`` is the recorder's own reference for the person who decided, or the
    opaque one (``p-...``) from an earlier directive about this child. Raises NotFound and
    ConfigurationError.
    """
    with hub.writing() as (work, lines):
        return record_in(work, lines, the_child(work, sought), statement, by)


def record_in(
    work: UnitOfWork, lines: list[EntryBody], child: str, statement: DirectiveRecorded, by: str
) -> Recorded:
    """Record a directive in an open unit of work, all of which has one moment."""
    directive = directive_of(statement, child, work)
    work.directives.record(directive, statement.model_dump_json(exclude_none=True).encode(), by)
    lines.append(DirectiveRecordedEntry(directive=directive, recorded_by=by, event=None))
    review = None
    if (cause := recording_review(directive)) is not None:
        review, opened = _review(directive, cause, work)
        lines.extend(opened)
    return Recorded(directive, review)


def withdraw(hub: Hub, reference: str, *, by: str, evidence: str) -> Directive:
    """Withdraw a directive from now on; raises NotFound where there is none to withdraw."""
    with hub.writing() as (work, lines):
        directive = withdrawable(reference, work)
        statement = DirectiveWithdrawn(evidence=evidence)
        work.directives.withdraw(directive, statement.model_dump_json().encode(), work.now)
        lines.append(
            DirectiveWithdrawnEntry(
                withdrawn=directive.id, child=directive.child, recorded_by=by, event=None
            )
        )
        return directive.model_copy(update={"withdrawn_at": work.now})


def show(hub: Hub, sought: Sought, *, by: str, reason: str) -> ChildDirectives:
    """Return all directives about a child, oldest first, and record the access; raises NotFound."""
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        lines.append(
            DataAccessedEntry(by=by, what="what was said about sharing", child=child, reason=reason)
        )
        found = sorted(work.directives_of(child), key=lambda one: (one.recorded_at, one.id))
        views = tuple(directive_view(directive, work) for directive in found)
        return ChildDirectives(child=child, directives=views)


def withdrawable(reference: str, work: UnitOfWork) -> Directive:
    """Return a directive that is not withdrawn; raises NotFound."""
    directive = work.directives.find(reference)
    if directive is None:
        raise NotFound(f"There is no directive {reference}. See 'hub consent show'.")
    if directive.withdrawn_at is not None:
        raise NotFound(f"Directive {reference} is withdrawn already; nothing was changed.")
    return directive


def decider_of(given: str, child: str, work: UnitOfWork) -> str:
    """Return the opaque reference of the person who decided; raises NotFound for an unknown one."""
    known = {directive.decider for directive in work.directives_of(child)}
    if _OPAQUE.fullmatch(given) and given not in known:
        raise NotFound(f"No directive about this child is by {given}.")
    return given if given in known else person_ref(DESK, given, work)


def directive_of(statement: DirectiveRecorded, child: str, work: UnitOfWork) -> Directive:
    """Return the directive that a statement makes; raises NotFound and ConfigurationError."""
    _check_recipients(statement, work)
    decider = decider_of(statement.decider_ref or "", child, work)
    reference = directive_ref(DESK, child, clock.new_id(), work)
    try:
        return make_directive(statement, child, reference=reference, decider=decider, now=work.now)
    except ValidationError:
        raise ConfigurationError("The directive is not valid.") from None


def _check_recipients(statement: DirectiveRecorded, work: UnitOfWork) -> None:
    known = work.directory.agencies
    for name in statement.scope.recipients if statement.scope else ():
        if name not in known:
            raise ConfigurationError(f"Unknown agency '{name}'. {suggestion(name, known)}")


def _review(
    directive: Directive, cause: ReviewCause, work: UnitOfWork
) -> tuple[str | None, list[EntryBody]]:
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
    line = ReviewOpenedEntry(review=reference, cause=cause, child=directive.child, event=None)
    return reference, [line]
