"""View models: what ``--json``, the audit API and the console's pages show, each described once."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ViewModel(BaseModel):
    """The base of every view model: frozen, with nothing in it that is not described.

    Members are only added; a member's name and meaning do not change once the hub is released.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)
