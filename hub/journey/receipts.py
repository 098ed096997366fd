"""Receipts: what a recipient's adapter says became of a delivery. Codes only, never content."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import Fault, InputRefused


class ReceiptOutcome(StrEnum):
    """Whether the agency's system has the document."""

    DELIVERED = "delivered"
    FAILED = "failed"


class Receipt(BaseModel):
    """One receipt: the delivery, the outcome, and a code where it failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery: Annotated[str, Field(pattern="^[0-9a-f-]{36}$")]
    outcome: ReceiptOutcome
    code: Annotated[str, Field(pattern="^[a-z0-9-]{0,40}$")] = ""


def read_receipt(body: bytes) -> Receipt:
    """Read a receipt; raises InputRefused with SCHEMA_INVALID."""
    try:
        return Receipt.model_validate_json(body)
    except ValidationError:
        raise InputRefused(Fault.SCHEMA_INVALID, "receipt") from None
