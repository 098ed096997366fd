"""From FHIR Address and Organization to an address and an NHS organisation code."""

from __future__ import annotations

from collections.abc import Callable

from adapters.fhir import codes as fc
from adapters.fhir.bundle import BundleEntry
from schemas.errors import Fault, InputRefused
from schemas.fhir.reading import (
    SHORT,
    Node,
    child,
    children,
    codes,
    identifiers,
    string,
    strings,
    truncated,
)
from schemas.people import Address

# Follows a reference in a resource to what it points at, if that is here and readable.
Lookup = Callable[[Node, BundleEntry], tuple[BundleEntry, Node] | None]
_POSTCODE = 12
_LINES = 8


def address(node: Node) -> Address | None:
    """Read one Address; a bare text is one line. Raises BAD_VALUE for an impossible postcode."""
    lines = tuple(s for line in strings(node, "line") if (s := truncated(line, SHORT)))[:_LINES]
    whole = string(node, "text", SHORT)
    keys = [e for e in children(node, "extension") if e.get("url") == fc.ADDRESS_KEY]
    uprn = next((v for k in keys if (v := _uprn(k))), None)
    postcode = string(node, "postalCode")
    if postcode and len(postcode) > _POSTCODE:
        raise InputRefused(Fault.BAD_VALUE, "address.postalCode")
    made = Address(
        lines=lines or ((whole,) if whole and not string(node, "city") else ()),
        town=string(node, "city", SHORT),
        county=string(node, "district", SHORT),
        postcode=postcode,
        uprn=uprn,
    )
    return made if made != Address() else None


def _uprn(key: Node) -> str | None:
    parts = {str(e.get("url")): e for e in children(key, "extension")}
    kinds = {
        c
        for name in ("valueCoding", "valueCodeableConcept")
        for _, c in codes(parts.get("type", {}), name)
    }
    value = string(parts.get("value", {}), "valueString")
    return value if "UPRN" in kinds and value and len(value) <= _POSTCODE else None


def organisation_code(
    reference: Node, source: BundleEntry, look: Lookup, steps: int = 3
) -> str | None:
    """Find the ODS code of what a reference names: an Organization, or a role's organisation."""
    found = look(reference, source)
    node = found[1] if found else {}
    for system, code in (*identifiers(reference), *identifiers(node)):
        if system in fc.ODS_SYSTEMS and len(code) <= _POSTCODE:
            return code
    further = child(node, "organization") or child(node, "providedBy")
    if found is None or not further or not steps:
        return None
    return organisation_code(further, found[0], look, steps - 1)
