"""Looking for a child at the desk: by identifier or name, with a reason kept in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.identify import usable_identifiers
from hub.journey.matching import POSSIBLE_MATCH, Particulars, likeness, name_likeness
from hub.store.children import StoredIdentifier
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import BadIdentifier, NotFound
from schemas.identifiers import Assurance, System, la_child_id, nhs_number, upn
from schemas.people import Identity

MOST = 20


@dataclass(frozen=True, slots=True)
class Sought:
    """By what a child is looked for: the hub's own id (no system), or an identifier.

    ``issuer`` is who gave a local authority's child id.
    """

    value: str
    system: System | None = None
    issuer: str = ""


class KnownIdentifier(ViewModel):
    """One identifier of a child, on whose word, and when it was last seen."""

    system: System
    assurance: Assurance
    asserted_by: Annotated[str, Field(description="The agency that asserted it")]
    seen_at: str
    value: Annotated[str | None, Field(description="Null where values are not shown")]


class ChildFound(ViewModel):
    """A child: who takes part in its care, and its identifiers."""

    child: Annotated[str, Field(description="The hub's own id of the child")]
    involved: Annotated[tuple[str, ...], Field(description="Agencies that take part in its care")]
    guarded: Annotated[bool, Field(description="Whether its whereabouts are guarded")]
    identifiers: tuple[KnownIdentifier, ...]

    def without_values(self) -> ChildFound:
        """Return the same child without the identifiers' values."""
        hidden = tuple(one.model_copy(update={"value": None}) for one in self.identifiers)
        return self.model_copy(update={"identifiers": hidden})


@dataclass(frozen=True, slots=True)
class Likely:
    """A child who may be the one that is looked for by name; ``score`` is 1 where all agrees."""

    child: str
    score: float
    face: Particulars


def find(hub: Hub, sought: Sought, *, by: str, reason: str) -> list[ChildFound]:
    """Find the children who bear an identifier; the look is recorded, found or not."""
    with hub.writing() as (work, lines):
        children = matches(work, sought)
        lines.extend(
            DataAccessedEntry(by=by, what="identifiers and involvement", child=child, reason=reason)
            for child in children or (None,)
        )
        return [_shown(work, child) for child in children]


def find_by_name(hub: Hub, particulars: Particulars, *, by: str, reason: str) -> list[Likely]:
    """Find the children of a name, most alike first, at most ``MOST``; each look is recorded.

    Family and given name find who is written the same; with a birth date also who is written
    nearly so, or has it nearly so. The look is recorded even where nobody is found.
    """
    with hub.writing() as (work, lines):
        likely = _likely(work, particulars)
        lines.extend(
            DataAccessedEntry(by=by, what="name and birth date", child=child, reason=reason)
            for child in tuple(one.child for one in likely) or (None,)
        )
        return likely


def _likely(work: UnitOfWork, who: Particulars) -> list[Likely]:
    alike = {work.children.known(child) for child in work.children_like(who)} - {None}
    scored = [_scored(work, child, who) for child in sorted(filter(None, alike))]
    near = [one for one in scored if one.score >= POSSIBLE_MATCH]
    return sorted(near, key=lambda one: (-one.score, one.child))[:MOST]


def _scored(work: UnitOfWork, child: str, who: Particulars) -> Likely:
    """Compare with all that a child was ever known by, its own particulars before former ones."""
    faces = [(_alike(who, face), face) for face in work.faces(child)]
    score, face = max(faces, key=lambda one: one[0])
    return Likely(child, score, face)


def _alike(who: Particulars, face: Particulars) -> float:
    if who.birth_date and face.birth_date:
        return likeness(who, face)
    return name_likeness(who, face)


def matches(work: UnitOfWork, sought: Sought) -> list[str]:
    """Name the children that are meant; raises BadIdentifier for what is never looked up."""
    if sought.system is None:
        child = work.children.known(sought.value)
        return [child] if child else []
    named = usable_identifiers(_identity(sought), sought.issuer)
    if not named:
        what = sought.system.value.replace("-", " ")
        raise BadIdentifier(f"This is not a good {what}: its form or check digit is wrong.")
    return sorted(work.children.named(named))


def the_child(work: UnitOfWork, sought: Sought) -> str:
    """Name the one child that is meant; raises NotFound where there is none, or several."""
    children = matches(work, sought)
    if not children:
        raise NotFound("The hub knows no such child. Look with 'hub child find'.")
    if len(children) > 1:
        raise NotFound("Several children bear that identifier. Name one by its id (--child).")
    return children[0]


def _identity(sought: Sought) -> Identity:
    if sought.system is System.NHS_NUMBER:
        return Identity(nhs_number=nhs_number(sought.value))
    if sought.system is System.UPN:
        return Identity(upn=upn(sought.value))
    return Identity(la_child_id=la_child_id(sought.value, sought.issuer))


def _shown(work: UnitOfWork, child: str) -> ChildFound:
    return ChildFound(
        child=child,
        involved=tuple(sorted(work.involved(child))),
        guarded=work.guarded(child),
        identifiers=tuple(map(_identifier, work.children.held(child))),
    )


def _identifier(held: StoredIdentifier) -> KnownIdentifier:
    return KnownIdentifier.model_validate(held)
