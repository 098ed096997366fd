"""The settings of health-fhir."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from adapters.fhir.codes import LOCAL_ID
from adapters.settings import FormatSettings
from schemas.events.ehc import AdviceKind


class FhirSettings(FormatSettings):
    """What differs from one NHS system to the next."""

    bundle_type: Annotated[
        Literal["collection", "message"], Field(description="Type of the Bundles written")
    ] = "collection"
    syntax: Annotated[
        Literal["json", "xml"], Field(description="Syntax of the Bundles written")
    ] = "json"
    local_id_system: Annotated[
        str,
        Field(
            max_length=200,
            description="Identifier system URI of the trust's own record number for a child",
        ),
    ] = LOCAL_ID
    advice_kind: Annotated[
        AdviceKind, Field(description="Kind of advice where an answer names none")
    ] = AdviceKind.HEALTH
