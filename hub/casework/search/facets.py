"""What a search may ask for: every name in it is checked before the search.

An unknown name would find nothing, and read as if nothing had happened. Known is what the register,
the published agreements and the codes name now, and whatever the ledger's index holds from earlier:
an agency that has left, a rule of an earlier version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

from consent.agreement import Agreement
from consent.reasons import Reason
from hub.intake.hub import Hub
from hub.journey.access_log import AccessQuery
from hub.journey.disclosure_index import IndexReason
from hub.journey.index_query import Query
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import Purpose
from schemas.suggestion import suggestion


class Outcome(StrEnum):
    """Whether anything of a category was shared."""

    SHARED = "shared"
    WITHHELD = "withheld"


class UnknownName(ConfigurationError):
    """A search names an agency, event type, rule, code or person that the hub does not know."""

    code = "unknown-name"


def check_search(hub: Hub, query: Query) -> None:
    """Check every name in a search of decisions; raises UnknownName with a suggestion."""
    with hub.reading() as work:
        for facet, what, known in _known(work):
            name = getattr(query, facet)
            if name and name not in known and not _is_indexed(work, facet, name):
                raise UnknownName(f"Unknown {what}. {suggestion(name, known)}")
        if query.directive and not _is_directive(work, query.directive):
            raise UnknownName("Unknown directive. See 'hub consent show'.")


def check_access_log(hub: Hub, query: AccessQuery) -> None:
    """Check the person in a search of the access log; raises UnknownName with a suggestion."""
    if not query.by:
        return
    with hub.reading() as work:
        known = {account.person for account in work.accounts.listed()}
        if query.by not in known and not work.access_log.page(AccessQuery(by=query.by), 1).rows:
            raise UnknownName(f"No such person in the access log. {suggestion(query.by, known)}")


def _known(work: UnitOfWork) -> Iterator[tuple[str, str, Collection[str]]]:
    """List each facet with its name for people and the names that are known now."""
    agreements = work.rules.agreements
    yield "agency", "agency", work.directory.agencies.keys()
    yield "type", "event type", EVENT_TYPES.keys()
    yield "category", "category of data", {one.value for one in Category}
    yield "reason", "reason code", {one.value for one in (*Reason, *IndexReason)}
    yield "purpose", "purpose", {one.value for one in Purpose}
    yield "basis", "lawful basis", {rule.basis.articles for a in agreements for rule in a.rules}
    yield "rule", "rule", set(_rules(agreements))


def _rules(agreements: Collection[Agreement]) -> Iterator[str]:
    for one in agreements:
        yield from (f"{one.id}@{one.version}/{rule.id}" for rule in one.rules)


def _is_indexed(work: UnitOfWork, facet: str, name: str) -> bool:
    query: Query = replace(Query(), **dict[str, Any]({facet: name}))
    return bool(work.disclosure_index.search(query, 1).rows)


def _is_directive(work: UnitOfWork, reference: str) -> bool:
    return work.directives.find(reference) is not None or _is_indexed(work, "directive", reference)
