"""The view model of a verified export: whether its files agree with its signed head."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel
from hub.ledger.export import ExportReport
from hub.ledger.keys import VerifierKey


class ExportVerification(ViewModel):
    """Whether an export verifies, and where and why not."""

    entries: int
    verified: bool
    first_bad: Annotated[int | None, Field(description="The first entry that may be bad")]
    span: Annotated[int, Field(description="How many entries from there may be the bad one")]
    problem: str | None
    path: Annotated[str | None, Field(description="The file with the problem")]
    code: Annotated[str | None, Field(description="What the ledger's own checks report of it")]
    root: Annotated[str | None, Field(description="The root of the tree, in hexadecimal")]
    key: Annotated[str, Field(description="The verifier key that was used")]
    witnessed: Annotated[int, Field(description="Size of the newest head that a witness signed")]


def export_verification(report: ExportReport, key: VerifierKey) -> ExportVerification:
    """Return the report of a verified export as it is shown."""
    return ExportVerification(
        entries=report.size,
        verified=report.verified,
        first_bad=report.first_bad,
        span=report.span,
        problem=report.problem.value if report.problem else None,
        path=report.path,
        code=report.code,
        root=report.checkpoint.root.hex() if report.checkpoint else None,
        key=str(key),
        witnessed=report.witnessed,
    )
