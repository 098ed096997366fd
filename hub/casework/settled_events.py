"""Events that were held and went on, after a review was closed or children were merged or split."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel
from hub.intake.held_events import Settled
from hub.journey.pipeline import EventFate


class SettledEvent(ViewModel):
    """One event that was held, and what became of it."""

    event: Annotated[str, Field(description="The hub's own reference for the event")]
    outcome: Annotated[EventFate, Field(description="decided, held or quarantined")]
    code: Annotated[str, Field(description="Why it was quarantined; empty where it was not")]
    child: Annotated[str, Field(description="The hub's own id of the child; empty for none")]


def settled_events(found: Iterable[Settled]) -> tuple[SettledEvent, ...]:
    """Return settled events as they are shown."""
    return tuple(
        SettledEvent(
            event=one.ref,
            outcome=one.fate,
            code=one.fault.value if one.fault else "",
            child=one.child,
        )
        for one in found
    )
