"""View models of agreements: published, checked, tried out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from consent.agreement import Agreement
from hub.casework.agreements.publishing import AgreementStanding
from hub.foundation.view_model import ViewModel


class AgreementView(ViewModel):
    """One agreement in the version that applies now."""

    digest: Annotated[str, Field(description="SHA-256 of its canonical JSON, in hexadecimal")]
    in_force: bool
    agreement: Agreement


class AgreementList(ViewModel):
    """All agreements, in the order of their ids."""

    agreements: tuple[AgreementView, ...]


def agreement_list(found: Iterable[AgreementStanding]) -> AgreementList:
    """Return the agreements that apply now as they are shown."""
    views = [
        AgreementView(digest=one.agreement.digest(), in_force=one.in_force, agreement=one.agreement)
        for one in found
    ]
    return AgreementList(agreements=tuple(sorted(views, key=lambda one: one.agreement.id)))
