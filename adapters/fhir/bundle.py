"""Opening a FHIR document: its resources one by one, and what their references mean.

The outer Bundle is read here, defensively; each resource then goes through its own
``fhir.resources`` R4B model, and only when something asks for it, so that one bad entry harms no
other. A reference is resolved as the Bundle chapter of FHIR says (fullUrl, relative URL under the
same base, ``urn:uuid``, contained ``#id``) and is left unresolved where two entries could be meant:
a child's record must never go with another child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, Self

from lxml import etree
from pydantic import JsonValue, ValidationError

from adapters.fhir.codes import FHIR_NS, MOMENTS, REQUIRED_CODES
from adapters.fhir.node import Node, child, children, mended, word
from schemas.errors import Fault, InputRefused

Raw = Node | etree._Element  # noqa: SLF001  lxml has no public name for it
_VERSION = re.compile(r"/_history/[^/]*$")
_TAIL = re.compile(r"(?:^|/)([A-Za-z]+/[A-Za-z0-9.\-]+)$")
_UUID = "urn:uuid:"
_TAG = f"{{{FHIR_NS}}}"
_NSMAP: dict[str, str] = {None: FHIR_NS}  # type: ignore[dict-item]  # stubs know no default


class Model(Protocol):
    """The part of a ``fhir.resources`` model class that the adapter uses."""

    @classmethod
    def model_validate(cls, obj: object) -> Self:
        """Check a resource given as JSON."""

    @classmethod
    def model_validate_xml(cls, xml_data: bytes) -> Self:
        """Check a resource given as XML."""

    def model_dump(self, *, mode: str) -> dict[str, JsonValue]:
        """Give the resource as JSON."""

    def model_dump_json(self) -> str:
        """Write the resource as JSON text."""

    def model_dump_xml(self) -> bytes:
        """Write the resource as XML text."""


def model_of(kind: str) -> type[Model]:
    """Find the R4B model of a resource type, importing nothing but its module."""
    module = import_module(f"fhir.resources.R4B.{kind.lower()}")
    model: type[Model] = getattr(module, kind)
    return model


@dataclass(frozen=True, slots=True, eq=False)
class BundleEntry:
    """One resource and where it stands; ``raw`` is its unchecked JSON object or XML element."""

    place: str
    kind: str
    raw: Raw
    url: str | None = None
    deleted: bool = False
    within: BundleEntry | None = None

    @property
    def id(self) -> str | None:
        """The resource's logical id."""
        return raw_word(self.raw, "id")

    @property
    def base(self) -> str | None:
        """The part of the full URL before ``Type/id``."""
        tail = _TAIL.search(self.url or "")
        return self.url[: tail.start(1)] if self.url and tail else None


def raw_word(raw: Raw, name: str) -> str | None:
    """Look up a primitive of an unchecked resource, in JSON or XML."""
    if isinstance(raw, Mapping):
        return word(raw, name)
    found = raw.find(_TAG + name)
    value = found.get("value") if found is not None else None
    return value.strip() or None if isinstance(value, str) else None


def raw_values(raw: Raw, name: str) -> Iterator[str]:
    """Give every primitive of a name anywhere in an unchecked resource."""
    if not isinstance(raw, Mapping):
        yield from (str(v) for e in raw.iter(_TAG + name) if (v := e.get("value")))
        return
    for key, value in raw.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from raw_values(item, name)
            elif key == name and isinstance(item, str):
                yield item


@dataclass(slots=True)
class Bundle:
    """The resources of one document. ``kind`` is the Bundle type, empty for a single resource."""

    kind: str
    raw: Raw
    entries: tuple[BundleEntry, ...]
    place: str = "Bundle"
    _checked: dict[BundleEntry, Node | InputRefused] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Iterator[BundleEntry]:
        """Give the entries of a resource type."""
        return (e for e in self.entries if e.kind == kind)

    def checked(self, entry: BundleEntry) -> Node:
        """Give a resource as JSON once its model has accepted it; raises InputRefused."""
        if entry not in self._checked:
            try:
                self._checked[entry] = checked(entry)
            except InputRefused as error:
                self._checked[entry] = error
        found = self._checked[entry]
        if isinstance(found, InputRefused):
            raise InputRefused(found.fault, found.where)
        return found

    def resolve(self, reference: str | None, source: BundleEntry) -> BundleEntry | None:
        """Find what a reference in ``source`` points at, if that is here and there is but one."""
        if not reference:
            return None
        if reference.startswith("#"):
            return self._contained(reference[1:], source.within or source)
        target = _VERSION.sub("", reference)
        candidates = self._by_url(target) or self._by_tail(target, source)
        return _only(candidates) if candidates else None

    def _contained(self, name: str, holder: BundleEntry) -> BundleEntry | None:
        for node in children(self.checked(holder), "contained"):
            if node.get("id") == name:
                kind = word(node, "resourceType") or ""
                place = f"{holder.place}/contained"
                inner = BundleEntry(place, kind, node, within=holder)
                _check_codes(kind, node)
                self._checked[inner] = node
                return inner
        return None

    def _by_url(self, target: str) -> list[BundleEntry]:
        return [e for e in self.entries if e.url and e.url.lower() == target.lower()]

    def _by_tail(self, target: str, source: BundleEntry) -> list[BundleEntry]:
        """Match ``Type/id`` under the same base, then ids that stand without any full URL."""
        bare = target.lower().removeprefix(_UUID)
        if "/" not in bare:
            return [e for e in self.entries if e.id and e.id.lower() == bare]
        tail = _TAIL.search(target)
        if tail is None:
            return []
        same = [e for e in self.entries if f"{e.kind}/{e.id}" == tail[1] or _ends(e, tail[1])]
        if tail.start(1):
            return [e for e in same if e.url is None]
        near = [e for e in same if source.base is not None and e.base == source.base]
        return near or same


def _ends(entry: BundleEntry, tail: str) -> bool:
    return entry.url is not None and entry.url.endswith("/" + tail)


def _only(candidates: list[BundleEntry]) -> BundleEntry | None:
    # A history holds versions of one resource, newest first; two resources are ambiguous.
    first = candidates[0]
    same = all(e.kind == first.kind and e.id and e.id == first.id for e in candidates[1:])
    return first if len(candidates) == 1 or same else None


def checked(entry: BundleEntry) -> Node:
    """Send one resource through its model and check its required codes; raises InputRefused."""
    try:
        model = model_of(entry.kind)
        if isinstance(entry.raw, Mapping):
            node = _mended(entry.raw)
            model.model_validate(node)
        else:
            xml = etree.tostring(_mended_element(entry.raw))
            node = model.model_validate_xml(xml).model_dump(mode="json")
    except ValidationError as error:
        raise _refusal_of(error) from None
    except Exception:  # noqa: BLE001  the library raises bare KeyErrors that quote the input
        raise InputRefused(Fault.BAD_VALUE) from None
    _check_codes(entry.kind, node)
    return node


def _check_codes(kind: str, node: Node) -> None:
    for name, codes in REQUIRED_CODES.get(kind, {}).items():
        found = word(node, name)
        if found is not None and found not in codes:
            raise InputRefused(Fault.BAD_VALUE, name)


def _refusal_of(error: ValidationError) -> InputRefused:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    # The name of an element nobody defined is the sender's text, so only its parent is named.
    parts = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    where = ".".join(str(p) for p in parts)
    if "missing" not in first["type"]:
        return InputRefused(Fault.BAD_VALUE, where)
    if where in ("subject", "patient", "participant"):
        return InputRefused(Fault.NO_CHILD)
    return InputRefused(Fault.MISSING_FIELD, where)


def _mended(node: Node) -> dict[str, JsonValue]:
    """Copy a resource without narrative and empty values, its moments completed."""
    mended_node: dict[str, JsonValue] = {}
    for name, value in node.items():
        if name == "text" and isinstance(value, dict):
            continue
        kept = _mended_value(name, value)
        if kept not in (None, "", [], {}):
            mended_node[name] = kept
    return mended_node


def _mended_value(name: str, value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return _mended(value)
    if isinstance(value, list):
        kept = [_mended_value(name, item) for item in value]
        return [item for item in kept if item not in ("", {}, [])]
    return mended(value) if isinstance(value, str) and name in MOMENTS else value


def _mended_element(element: etree._Element) -> etree._Element:
    """Copy an element likewise, with the FHIR namespace unprefixed as the library wants it."""
    copy = etree.Element(element.tag, {str(k): str(v) for k, v in element.items()}, nsmap=_NSMAP)
    for part in element:
        name = etree.QName(part).localname
        if name == "text" and any(etree.QName(e).localname == "div" for e in part):
            continue
        if not len(part) and not (part.get("value") or "").strip() and part.get("url") is None:
            continue
        inner = _mended_element(part)
        value = inner.get("value")
        if value is not None and name in MOMENTS:
            inner.set("value", mended(value))
        copy.append(inner)
    return copy


def meta_of(raw: Raw) -> Raw:
    """Give the ``meta`` of an unchecked resource, or an empty one."""
    if isinstance(raw, Mapping):
        return child(raw, "meta")
    found = raw.find(_TAG + "meta")
    return found if found is not None else {}


def security_of(raw: Raw) -> frozenset[str]:
    """Give the security label codes of a Bundle itself."""
    if isinstance(raw, Mapping):
        labels = children(child(raw, "meta"), "security")
        return frozenset(c for label in labels if (c := word(label, "code")))
    found = raw.findall(f"{_TAG}meta/{_TAG}security/{_TAG}code")
    return frozenset(str(e.get("value")) for e in found)
