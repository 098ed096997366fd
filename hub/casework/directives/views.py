"""View models of directives: one with its sealed detail, and what recording or withdrawing did."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

from pydantic import Field, JsonValue

from consent.directive import Directive, DirectiveStanding
from hub.foundation.view_model import ViewModel
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import KeyDestroyed


class DirectiveView(ViewModel):
    """One directive, whether it holds, who recorded it, and what was sealed with it.

    What was sealed is empty where it was not recorded, or the child was erased.
    """

    directive: Directive
    standing: DirectiveStanding
    recorded_by: Annotated[str, Field(description="An agency, or a person's staff reference")]
    decider_name: str
    obtained: Annotated[str, Field(description="How the statement was obtained")]
    evidence: str
    withdrawal_evidence: str


class ChildDirectives(ViewModel):
    """All directives ever recorded about one child."""

    child: str
    directives: tuple[DirectiveView, ...]


class RecordedDirective(ViewModel):
    """A directive that was recorded, and the review that it opened."""

    directive: Annotated[str, Field(description="Its id")]
    child: str
    review: Annotated[str | None, Field(description="The review of an objection")]


class WithdrawnDirective(ViewModel):
    """A directive that was withdrawn."""

    directive: Annotated[str, Field(description="Its id")]
    child: str
    withdrawn_at: dt.datetime | None


def directive_view(directive: Directive, work: UnitOfWork) -> DirectiveView:
    """Return a directive with its sealed detail; whoever shows it records the access."""
    detail = _opened(directive, work)
    try:
        withdrawal: dict[str, JsonValue] = json.loads(work.directives.withdrawal(directive))
    except KeyDestroyed:
        withdrawal = {}
    return DirectiveView(
        directive=directive,
        standing=directive.standing(work.now),
        recorded_by=work.directives.recorder(directive.id),
        decider_name=str(detail.get("decider_name") or ""),
        obtained=str(detail.get("obtained") or ""),
        evidence=str(detail.get("evidence") or ""),
        withdrawal_evidence=str(withdrawal.get("evidence") or ""),
    )


def _opened(directive: Directive, work: UnitOfWork) -> dict[str, JsonValue]:
    try:
        detail: dict[str, JsonValue] = json.loads(work.directives.detail(directive))
    except KeyDestroyed:
        return {}
    return detail
