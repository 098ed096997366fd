"""Elements of FHIR resources that become no event, and why. JSON paths have dots, XML slashes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BUNDLE = "It is about the Bundle, not about a child."

IGNORED: Mapping[str, str] = MappingProxyType(
    {
        "Bundle[./]id*": _BUNDLE,
        "Bundle[./]identifier*": _BUNDLE,
        "Bundle[./]total*": _BUNDLE,
        "Bundle[./]link*": _BUNDLE,
        "Bundle[./]entry[./]search*": _BUNDLE,
        "Bundle[./]entry[./]response*": _BUNDLE,
        "*[./]meta[./]*": "Profiles, versions and tags are not carried.",
        "*fullUrl*": "It is what references lead to.",
        "*[./]resourceType": "It names the type of a resource that others refer to.",
        "*[./]text[./]*": "Narrative repeats what elements say.",
        "*[./]data*": "A report is referred to; its content is not read.",
        "*[./]reference*": "It leads to nothing that an event carries.",
        "*[./]display*": "A display repeats its code or reference.",
        "*[./]system*": "The value is understood without its system.",
        "*[./]rank*": "The order of contact details is not carried.",
        "*[./]communication*": "Languages are not events.",
    }
)
