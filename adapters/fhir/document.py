"""From the bytes of a FHIR document, JSON or XML, to its resources; hostile input is refused.

JSON is read as I-JSON (RFC 7493): no duplicate names, no NaN, no number out of range. XML goes
through adapters/xml.py first. Both are refused where they nest deeper than any real document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from lxml import etree

from adapters.fhir.bundle import Bundle, BundleEntry, Raw, meta_of, raw_string, raw_values
from adapters.fhir.codes import (
    BUNDLE_TYPES,
    CONTEXT,
    OLDER_ELEMENTS,
    OLDER_PROFILE,
    OLDER_SYSTEMS,
    OLDER_TYPES,
    TRANSLATED,
)
from adapters.xml import parse_xml
from schemas.errors import Fault, InputRefused
from schemas.fhir.reading import Node, child, string
from schemas.fhir.resources import parse_json
from schemas.fhir.systems import FHIR_NAMESPACE

MAX_DEPTH = 64
_MAX_NESTED_BUNDLES = 2
_TAG = f"{{{FHIR_NAMESPACE}}}"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 13}


def open_document(body: bytes) -> tuple[Bundle, ...]:
    """Open a document: its bundle, and any bundles inside that.

    Raises InputRefused with BINARY_INPUT, WRONG_ENCODING, NOT_JSON, NOT_XML, DOCTYPE_FORBIDDEN,
    BAD_VALUE, MISSING_FIELD or UNSUPPORTED (STU3 and older, or not FHIR).
    """
    raw = _parse(body)
    kind = _kind(raw)
    if kind is None:
        raise InputRefused(Fault.UNSUPPORTED)
    if kind != "Bundle":
        # An unknown type is the sender's text, which no refusal may quote.
        place = kind if kind in TRANSLATED | CONTEXT else "Resource"
        entry = BundleEntry(place, kind, raw)
        _refuse_older([entry], raw)
        return (Bundle("", raw, (entry,), place),)
    return tuple(_bundles(raw, "Bundle", 0))


def _bundles(raw: Raw, place: str, depth: int) -> Iterable[Bundle]:
    kind = raw_string(raw, "type")
    if kind is None:
        raise InputRefused(Fault.MISSING_FIELD, f"{place}.type")
    if kind not in BUNDLE_TYPES:
        raise InputRefused(Fault.BAD_VALUE, f"{place}.type")
    entries = tuple(_entries(raw, place))
    _refuse_older(entries, raw)
    inner = [e for e in entries if e.kind == "Bundle"]
    if inner and depth >= _MAX_NESTED_BUNDLES:
        raise InputRefused(Fault.UNSUPPORTED, inner[0].place)
    yield Bundle(kind, raw, tuple(e for e in entries if e.kind != "Bundle"), place)
    for entry in inner:
        yield from _bundles(entry.raw, f"{entry.place}.Bundle", depth + 1)


def _entries(raw: Raw, place: str) -> Iterable[BundleEntry]:
    if isinstance(raw, Mapping):
        found = raw.get("entry")
        listed = found if isinstance(found, list) else []
        if found is not None and not isinstance(found, list):
            raise InputRefused(Fault.BAD_VALUE, f"{place}.entry")
        for index, item in enumerate(listed):
            node: Node = item if isinstance(item, dict) else {}
            resource = node.get("resource")
            method = string(child(node, "request"), "method")
            inner = resource if isinstance(resource, dict) else None
            yield _entry(f"{place}.entry[{index}]", inner, string(node, "fullUrl"), method)
        return
    for index, element in enumerate(raw.findall(_TAG + "entry")):
        holder = element.find(_TAG + "resource")
        request = element.find(_TAG + "request")
        method = raw_string(request, "method") if request is not None else None
        resource_element = next(iter(holder), None) if holder is not None else None
        yield _entry(
            f"{place}.entry[{index}]", resource_element, raw_string(element, "fullUrl"), method
        )


def _entry(place: str, raw: Raw | None, url: str | None, method: str | None) -> BundleEntry:
    # An entry without a resource says what to delete or how a request went; it is listed as such.
    kind = (_kind(raw) if raw is not None else None) or ""
    return BundleEntry(place, kind, raw if raw is not None else {}, url, deleted=method == "DELETE")


def _kind(raw: Raw) -> str | None:
    if isinstance(raw, Mapping):
        return string(raw, "resourceType")
    name = etree.QName(raw)
    return name.localname if name.namespace == FHIR_NAMESPACE else None


def _refuse_older(entries: Iterable[BundleEntry], outer: Raw) -> None:
    """Refuse a document that is STU3 or older: a document has one FHIR version."""
    if any(OLDER_PROFILE.search(p) for p in _profiles(outer)):
        raise InputRefused(Fault.UNSUPPORTED, "meta.profile")
    for entry in entries:
        if entry.kind in OLDER_TYPES or _is_older(entry.kind, entry.raw):
            raise InputRefused(Fault.UNSUPPORTED, entry.place)


def _is_older(kind: str, raw: Raw) -> bool:
    names: frozenset[str]
    if isinstance(raw, Mapping):
        names = frozenset(raw)
        plain = any(isinstance(raw.get(n), str) for n in ("clinicalStatus", "verificationStatus"))
    else:
        names = frozenset(etree.QName(e).localname for e in raw)
        plain = raw_string(raw, "clinicalStatus") is not None
    return (
        bool(names & OLDER_ELEMENTS.get(kind, frozenset()))
        or (kind == "Condition" and plain)
        or any(OLDER_PROFILE.search(p) for p in _profiles(raw))
        or any(s.startswith(OLDER_SYSTEMS) for s in raw_values(raw, "system"))
    )


def _profiles(raw: Raw) -> Iterable[str]:
    return raw_values(meta_of(raw), "profile")


def _parse(body: bytes) -> Raw:
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<") or body[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<"):
        root = parse_xml(body.lstrip(b" \t\r\n"))
        _refuse_deep(root)
        return _with_namespace(root)
    return _parse_json(body)


def _with_namespace(root: etree._Element) -> etree._Element:
    """Return a document without any namespace FHIR's: real files sometimes forget it."""
    if etree.QName(root).namespace is None:
        for element in root.iter(etree.Element):
            if etree.QName(element).namespace is None:
                element.tag = f"{_TAG}{element.tag}"
    return root


def _parse_json(body: bytes) -> Node:
    encoding = next((e for bom, e in _BOMS.items() if body.startswith(bom)), "utf-8")
    if encoding != "utf-16" and b"\x00" in body:
        raise InputRefused(Fault.BINARY_INPUT)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        binary = any(byte in _TEXT_CONTROLS for byte in body[:512])
        raise InputRefused(Fault.BINARY_INPUT if binary else Fault.WRONG_ENCODING) from None
    try:
        found = parse_json(text)
    except RecursionError:
        raise InputRefused(Fault.UNSUPPORTED, "nested too deep") from None
    except json.JSONDecodeError as error:
        raise InputRefused(Fault.NOT_JSON, f"line {error.lineno}") from None
    except ValueError:
        raise InputRefused(Fault.NOT_JSON) from None
    if not isinstance(found, dict):
        raise InputRefused(Fault.UNSUPPORTED)
    _refuse_deep(found)
    return found


def _refuse_deep(root: Raw) -> None:
    level: list[object] = [root]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise InputRefused(Fault.UNSUPPORTED, "nested too deep")


def _inside(outer: object) -> Iterable[object]:
    if isinstance(outer, Mapping):
        return (v for v in outer.values() if isinstance(v, (dict, list)))
    if isinstance(outer, list):
        return (v for v in outer if isinstance(v, (dict, list)))
    return outer if isinstance(outer, etree._Element) else ()  # noqa: SLF001


def time_text(bundle: Bundle, node: Node) -> tuple[str | None, str]:
    """Find the document's time for one resource, and its place.

    A message, document or collection has its own timestamp; a searchset or history only repeats
    resources as they were last updated.
    """
    updated = string(child(node, "meta"), "lastUpdated"), "meta.lastUpdated"
    stamped = raw_string(bundle.raw, "timestamp") if bundle.kind else None, "timestamp"
    assembled = raw_string(meta_of(bundle.raw), "lastUpdated"), "meta.lastUpdated"
    repeats = bundle.kind in {"searchset", "history"}
    order = (updated, stamped, assembled) if repeats else (stamped, updated, assembled)
    return next((found for found in order if found[0]), (None, ""))
