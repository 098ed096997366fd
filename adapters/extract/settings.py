"""The settings of care-extract."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from adapters.settings import FormatSettings


def _lower(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


class ExtractSettings(FormatSettings):
    """What differs from one case-management system to the next."""

    encoding: Annotated[
        Literal["utf-8", "windows-1252"],
        BeforeValidator(_lower),
        Field(description="Character set of CSV files without a byte order mark"),
    ] = "utf-8"
    form: Annotated[
        Literal["csv", "json"],
        BeforeValidator(_lower),
        Field(description="Form to write"),
    ] = "csv"
    la: Annotated[
        str | None,
        Field(description="The local authority's three-digit number, as issuer of la_child_id"),
    ] = None
