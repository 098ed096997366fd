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
from hub.intake.hub import Office
from hub.journey import entries
from hub.journey.directives import directive_ref, make_directive, person_ref
from hub.journey.entries import Line
from hub.store.children import child_key
from hub.store.unit_of_work import Books
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
class Said:
    """A directive as the desk shows it: whether it holds, and what was sealed with it."""

    directive: Directive
    standing: str
    detail: dict[str, JsonValue]


def record(office: Office, sought: Sought, said: DirectiveRecorded, *, by: str) -> Recorded:
    """Record what a person with authority said about a child; an objection opens a review.

    ``said.decider_ref`` is the desk's reference for the person, or the opaque one (``p-...``) of
    somebody who spoke about this child before. Raises NotFound and ConfigurationError.
    """
    with office.writing() as (books, lines):
        return record_in(books, lines, the_child(books, sought), said, by)


def record_in(
    books: Books, lines: list[Line], child: str, said: DirectiveRecorded, by: str
) -> Recorded:
    """Record it as part of a piece of work; what is recorded in one is said at one moment."""
    directive = directive_of(said, child, books)
    books.said.record(directive, said.model_dump_json(exclude_none=True).encode(), by)
    lines.append(entries.directive_recorded(directive, by, "", books.now))
    review = None
    if directive.kind is DirectiveKind.OBJECTION:
        review, opened = _review(directive, books)
        lines.extend(opened)
    return Recorded(directive, review)


def withdraw(office: Office, reference: str, *, by: str, evidence: str) -> Directive:
    """End a directive from now; raises NotFound where there is none that still stands."""
    with office.writing() as (books, lines):
        directive = standing_directive(reference, books)
        said = DirectiveWithdrawn(evidence=evidence)
        books.said.withdraw(directive, said.model_dump_json().encode(), books.now)
        lines.append(entries.directive_withdrawn(directive.id, directive.child, by, "", books.now))
        return directive.model_copy(update={"withdrawn_at": books.now})


def show(office: Office, sought: Sought, *, by: str, reason: str) -> tuple[str, list[Said]]:
    """Show all that was ever said about a child, and the child's id; the look is recorded."""
    with office.writing() as (books, lines):
        child = the_child(books, sought)
        lines.append(entries.looked(by, "what was said about sharing", child, reason, books.now))
        found = sorted(books.directives(child), key=lambda one: (one.recorded_at, one.id))
        return child, [_shown(directive, books) for directive in found]


def standing_directive(reference: str, books: Books) -> Directive:
    """Find a directive that was not withdrawn; raises NotFound where there is none."""
    directive = books.said.find(reference)
    if directive is None:
        raise NotFound(f"There is no directive {reference}. See 'hub consent show'.")
    if directive.withdrawn_at is not None:
        raise NotFound(f"Directive {reference} was withdrawn before; nothing was changed.")
    return directive


def decider_of(given: str, child: str, books: Books) -> str:
    """Make the opaque reference of who spoke, or take it; raises NotFound for an unknown one."""
    known = {directive.decider for directive in books.directives(child)}
    if _OPAQUE.fullmatch(given) and given not in known:
        raise NotFound(f"Nobody known as {given} has spoken about this child.")
    return given if given in known else person_ref(DESK, given, books)


def directive_of(said: DirectiveRecorded, child: str, books: Books) -> Directive:
    """Make a directive of what the desk was told; raises NotFound and ConfigurationError."""
    _check_recipients(said, books)
    decider = decider_of(said.decider_ref or "", child, books)
    reference = directive_ref(DESK, child, clock.new_id(), books)
    try:
        return make_directive(said, child, reference=reference, decider=decider, now=books.now)
    except ValidationError:
        raise ConfigurationError("The directive is not valid.") from None


def _check_recipients(said: DirectiveRecorded, books: Books) -> None:
    named = said.scope.recipients if said.scope else ()
    strangers = [name for name in named if books.directory.find(name) is None]
    if strangers:
        known = ", ".join(sorted(books.directory.agencies)) or "none"
        raise ConfigurationError(f"No agency '{strangers[0]}'. There are: {known}.")


def _review(directive: Directive, books: Books) -> tuple[str | None, list[Line]]:
    cause = ReviewCause.OBJECTION_MADE
    reference = books.reviews.open(
        cause,
        directive.id,
        child=directive.child,
        event=None,
        detail=(json.dumps({"directive": directive.id}).encode(), child_key(directive.child)),
        now=books.now,
    )
    if reference is None:
        return None, []
    line = entries.review_opened(reference, cause, directive.child, None, books.now)
    return reference, [line]


def _shown(directive: Directive, books: Books) -> Said:
    detail: dict[str, JsonValue] = json.loads(books.said.detail(directive))
    return Said(directive, directive.standing(books.now).value, detail)
