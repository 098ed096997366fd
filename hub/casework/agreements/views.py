"""View models of agreements: published, checked in files, and tried out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from consent.agreement import Agreement
from hub.foundation.view_model import ViewModel
from schemas.sections import Category


class AgreementView(ViewModel):
    """One agreement in one version."""

    digest: Annotated[str, Field(description="SHA-256 of its canonical JSON, in hexadecimal")]
    in_force: bool
    versions: Annotated[tuple[int, ...], Field(description="All published versions")]
    expiry: Annotated[
        str | None, Field(description="That it has expired, soon will, or is due for review")
    ]
    agreement: Agreement


class AgreementList(ViewModel):
    """Every agreement in the version that applies now, in the order of their ids."""

    agreements: tuple[AgreementView, ...]


class LineNote(ViewModel):
    """One problem or warning about a file, and the line it is on."""

    line: int
    text: str


class FileCheck(ViewModel):
    """One agreement file that was checked; without id, version and digest where it is wrong."""

    file: str
    id: str | None
    version: int | None
    digest: str | None
    problems: tuple[LineNote, ...]
    warnings: tuple[LineNote, ...]


class FileChecks(ViewModel):
    """All files that were checked."""

    files: tuple[FileCheck, ...]


class PublishedFile(FileCheck):
    """One agreement file that was published."""

    new: Annotated[bool, Field(description="False where just this text was published before")]


class PublishedFiles(ViewModel):
    """All files that were published."""

    published: tuple[PublishedFile, ...]


class WhatIfGroup(ViewModel):
    """What would change for one source, recipient, event type and category of data."""

    source: str
    recipient: str
    type: str
    category: Category
    gained: Annotated[tuple[str, ...], Field(description="Fields it would start to see")]
    lost: Annotated[tuple[str, ...], Field(description="Fields it would stop seeing")]
    exists: Annotated[int, Field(description="How often it would learn that a record exists")]
    vanishes: Annotated[int, Field(description="How often it would no longer learn that")]
    decisions: int
    children: int
    begins: Annotated[int, Field(description="How many deliveries would be added")]
    ends: Annotated[int, Field(description="How many deliveries would no longer be made")]
    examples: Annotated[tuple[int, ...], Field(description="Entries of the ledger")]


class WhatIfReport(ViewModel):
    """What a proposed agreement would have changed in the last decisions."""

    agreement: Annotated[str, Field(description="Its id")]
    version: int
    title: str
    digest: str
    replaces: Annotated[int | None, Field(description="The version that applies now")]
    decisions: Annotated[int, Field(description="How many were made again")]
    first: Annotated[int | None, Field(description="The entry of the first of them")]
    since: Annotated[str, Field(description="The moment of the first of them")]
    changed: Annotated[int, Field(description="In how many something would change")]
    children: Annotated[int, Field(description="For how many children")]
    begins: Annotated[int, Field(description="How many deliveries would be added")]
    ends: Annotated[int, Field(description="How many deliveries would no longer be made")]
    differing: Annotated[
        int,
        Field(description="How many differ from the ledger even without it: replay the ledger"),
    ]
    groups: tuple[WhatIfGroup, ...]
    untouched: Annotated[tuple[str, ...], Field(description="Rules that matched no decision")]
    warnings: tuple[str, ...]
