"""The form to find a child: by one number or by name, with the reason for access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hub.console.forms.date_input import NO_DAY, TypedDay, day_in
from hub.console.security.access_reason import reason_problem
from hub.console.security.guard import Visit
from hub.console.views.directive_text import OptionText
from hub.evidence.child_lookup import Sought
from hub.journey.matching import Particulars
from schemas.identifiers import System

OWN = "hub"
SYSTEMS = (
    OptionText(System.NHS_NUMBER, "NHS number"),
    OptionText(System.UPN, "Unique pupil number (UPN)"),
    OptionText(System.LA_CHILD_ID, "Local authority child id"),
    OptionText(OWN, "The hub's own id"),
)
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class ChildSearch:
    """The form as typed; ``sought`` is None for a search by name."""

    system: str = System.NHS_NUMBER
    number: str = ""
    issuer: str = ""
    family_name: str = ""
    given_name: str = ""
    born: TypedDay = NO_DAY
    reason: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def sought(self) -> Sought | None:
        """The number to find, for a search by number."""
        if not self.number:
            return None
        system = None if self.system == OWN else System(self.system)
        return Sought(self.number, system, self.issuer)

    @property
    def particulars(self) -> Particulars:
        """The name and birth date to find."""
        return Particulars(self.family_name or None, self.given_name or None, self.born.date)


def child_search_in(visit: Visit) -> ChildSearch:
    """Read the form, with its problems."""
    system = visit.field("system")
    typed = ChildSearch(
        system=system if system in {one.code for one in SYSTEMS} else System.NHS_NUMBER,
        number=visit.field("number")[:_LONGEST],
        issuer=visit.field("issuer")[:_LONGEST],
        family_name=visit.field("family_name")[:_LONGEST],
        given_name=visit.field("given_name")[:_LONGEST],
        born=day_in(visit, "born"),
        reason=visit.field("reason"),
    )
    return replace(typed, problems=tuple(_problems(typed)))


def _problems(typed: ChildSearch) -> Iterator[tuple[str, str]]:
    named = bool(typed.family_name or typed.given_name or typed.born)
    if problem := reason_problem(typed.reason):
        yield "reason", problem
    if typed.number and named:
        yield "number", "Search by a number or by a name, not both"
    elif typed.number:
        if typed.system == System.LA_CHILD_ID and not typed.issuer:
            yield "issuer", "Enter the authority that issued the child id"
    elif not named:
        yield "number", "Enter a number or a name"
    else:
        yield from _name_problems(typed)


def _name_problems(typed: ChildSearch) -> Iterator[tuple[str, str]]:
    if typed.born.problem:
        yield "born-day", typed.born.problem
    if not typed.family_name:
        yield "family_name", "Enter the family name"
    elif not typed.given_name and not typed.born:
        yield "given_name", "Enter the given name or the birth date as well"
