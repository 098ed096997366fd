"""Who may do what in the console: four roles, and what each of them opens. Pure.

A permission that no role gives opens nothing, and a page that asks for none is not served
(hub/console/security/guard.py). docs/console.md describes the roles.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.coded import Coded


class Permission(Coded):
    """One thing that a user may be permitted to do."""

    FLOWS = "flows", "See how many events went between agencies, and what waits: no personal data."
    AGREEMENTS = "agreements", "Read agreements and the record of processing, and try what-if."
    INTEGRITY = "integrity", "See and verify the ledger's state, and download proofs."
    DECISIONS = "decisions", "Search decisions and disclosures, read an event's life, run it again."
    CHILDREN = "children", "Find a child, and see the directives and disclosures about them."
    DIRECTIVES = "directives", "Record and withdraw directives about sharing."
    REVIEWS = "reviews", "Read matters that need a person, with the personal data they need."
    CLOSE_REVIEWS = "close-reviews", "Close matters that need a person."
    QUARANTINE = "quarantine", "See what waits in the quarantine: codes, not content."
    INPUT = "input", "Open quarantined input, and retry or discard it."
    ACCESS_LOG = "access-log", "See who viewed which records."
    EXPORT = "export", "Take answers away: CSV, FHIR, the ledger's files, a subject-access copy."


class Role(Coded):
    """A user's role in the console; a user may have several."""

    IG_OFFICER = (
        "ig-officer",
        "Information-governance officer: everything in the console.",
    )
    OPERATOR = (
        "operator",
        "Operator: flows, agreements, integrity and the quarantine's codes; no personal data.",
    )
    REVIEWER = (
        "reviewer",
        "Reviewer: matters that need a person, and the events they are about.",
    )
    AUDITOR = (
        "auditor",
        "Auditor: reads everything, changes nothing.",
    )


_OF = {
    Role.IG_OFFICER: frozenset(Permission),
    Role.OPERATOR: frozenset(
        {Permission.FLOWS, Permission.AGREEMENTS, Permission.INTEGRITY, Permission.QUARANTINE}
    ),
    Role.REVIEWER: frozenset(
        {
            Permission.FLOWS,
            Permission.AGREEMENTS,
            Permission.INTEGRITY,
            Permission.DECISIONS,
            Permission.REVIEWS,
            Permission.CLOSE_REVIEWS,
            Permission.QUARANTINE,
            Permission.INPUT,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.FLOWS,
            Permission.AGREEMENTS,
            Permission.INTEGRITY,
            Permission.DECISIONS,
            Permission.CHILDREN,
            Permission.REVIEWS,
            Permission.QUARANTINE,
            Permission.ACCESS_LOG,
            Permission.EXPORT,
        }
    ),
}


def permissions(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return the permissions of all the roles; none for no role."""
    return frozenset().union(*(_OF[role] for role in roles))
