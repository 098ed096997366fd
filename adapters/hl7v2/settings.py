"""The settings of health-hl7v2."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import FormatSettings

_Name = Annotated[str | None, Field(max_length=180)]


class Hl7v2Settings(FormatSettings):
    """What differs from one NHS system to the next."""

    version: Annotated[
        Literal["2.3", "2.3.1", "2.4", "2.5", "2.5.1"],
        Field(description="Version written in MSH-12"),
    ] = "2.4"
    processing: Annotated[
        Literal["P", "T", "D"], Field(description="Processing id written in MSH-11")
    ] = "P"
    sending_application: Annotated[str, Field(max_length=180, description="MSH-3 to write")] = (
        "INTERAGENCY-HUB"
    )
    sending_facility: Annotated[
        _Name, Field(description="MSH-4 to write; empty: the agency that the event is from")
    ] = None
    receiving_application: Annotated[str, Field(max_length=180, description="MSH-5 to write")] = ""
    receiving_facility: Annotated[
        _Name, Field(description="MSH-6 to write; empty: the receiving agency's name")
    ] = None
    nhs_number_in: Annotated[
        Literal["", "PID-2", "PID-3", "PID-4", "PID-19"],
        Field(
            description="Field in which this sender puts an NHS number without a label; "
            "empty: only a labelled number is one"
        ),
    ] = ""
