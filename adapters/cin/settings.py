"""The settings of care-cin."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.settings import FormatSettings


class CinSettings(FormatSettings):
    """What differs from one local authority to the next."""

    la: Annotated[
        str | None,
        Field(description="The local authority's three-digit number, where a file has none"),
    ] = None
    census_year: Annotated[
        int | None,
        Field(
            ge=2000,
            le=2099,
            alias="census_year",
            description="Census year to write; up to 2023 sex is written as GenderCurrent; "
            "empty: the year whose 31 March comes next",
        ),
    ] = None
