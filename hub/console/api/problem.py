"""An error of the audit API as problem details (RFC 9457)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel


class ApiProblem(ViewModel):
    """What is wrong, as problem details (RFC 9457)."""

    title: Annotated[str, Field(description="The HTTP status in words")]
    status: Annotated[int, Field(description="The HTTP status")]
    code: Annotated[str, Field(description="A code that never changes its meaning")]
    detail: Annotated[str, Field(description="What is wrong and what to do, for a person")]
