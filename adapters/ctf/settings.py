"""The settings of education-ctf."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import FormatSettings


class CtfSettings(FormatSettings):
    """What differs from school to school."""

    attendance_threshold: Annotated[
        float,
        Field(ge=0, le=100, description="Attendance in per cent at or below which it is a concern"),
    ] = 90.0
    school_urn: Annotated[
        str | None,
        Field(
            pattern="^[1-9][0-9]{5}$",
            description="URN of the agency's own school, for files that do not name their source",
        ),
    ] = None
    school_laestab: Annotated[
        str | None,
        Field(
            pattern="^[0-9]{7}$",
            description="LA and establishment number of the agency's own school, seven digits",
        ),
    ] = None
    school_name: Annotated[
        str | None, Field(max_length=200, description="Name of the agency's own school")
    ] = None
    ctf_version: Annotated[
        str, Field(pattern=r"^[0-9]{2}(\.[0-9])?$", description="CTF version to write")
    ] = "25.0"
    sex_element: Annotated[
        Literal["Sex", "Gender"],
        Field(description="Element to write; Gender for importers of older versions"),
    ] = "Sex"
