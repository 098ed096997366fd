"""Open a FHIR document: its resources one by one, and what their references mean.

The outer Bundle is read here, defensively; each resource then goes through its own
``fhir.resources`` R4B model when it is first needed, so that one bad entry does not affect the
others. References are resolved by schemas/fhir/references.py, contained resources here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from pydantic import JsonValue, ValidationError

from adapters.fhir.codes import MOMENTS, REQUIRED_CODES
from schemas.errors import Fault, InputRefused
from schemas.fhir.moments import completed
from schemas.fhir.reading import Node, child, children, string
from schemas.fhir.references import ReferenceIndex
from schemas.fhir.resources import model_of
from schemas.fhir.systems import FHIR_NAMESPACE

Raw = Node | etree._Element  # noqa: SLF001  lxml has no public name for it
_TAG = f"{{{FHIR_NAMESPACE}}}"
_NSMAP: dict[str, str] = {None: FHIR_NAMESPACE}  # type: ignore[dict-item]  # stubs know no default


@dataclass(frozen=True, slots=True, eq=False)
class BundleEntry:
    """One resource and its place; ``raw`` is its unchecked JSON object or XML element."""

    place: str
    kind: str
    raw: Raw
    url: str | None = None
    deleted: bool = False
    within: BundleEntry | None = None

    @property
    def id(self) -> str | None:
        """The resource's logical id."""
        return raw_string(self.raw, "id")


def raw_string(raw: Raw, name: str) -> str | None:
    """Look up a primitive of an unchecked resource, in JSON or XML."""
    if isinstance(raw, Mapping):
        return string(raw, name)
    found = raw.find(_TAG + name)
    value = found.get("value") if found is not None else None
    return value.strip() or None if isinstance(value, str) else None


def raw_values(raw: Raw, name: str) -> Iterator[str]:
    """Return every primitive of a name anywhere in an unchecked resource."""
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
    _references: ReferenceIndex[BundleEntry] | None = None

    def of_kind(self, kind: str) -> Iterator[BundleEntry]:
        """Return the entries of a resource type."""
        return (e for e in self.entries if e.kind == kind)

    def checked(self, entry: BundleEntry) -> Node:
        """Return a resource as JSON once its model has accepted it; raises InputRefused."""
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
        if self._references is None:
            self._references = ReferenceIndex(self.entries)
        return self._references.resolve(reference, source.url)

    def _contained(self, name: str, holder: BundleEntry) -> BundleEntry | None:
        for node in children(self.checked(holder), "contained"):
            if node.get("id") == name:
                kind = string(node, "resourceType") or ""
                place = f"{holder.place}/contained"
                inner = BundleEntry(place, kind, node, within=holder)
                _check_codes(kind, node)
                self._checked[inner] = node
                return inner
        return None


def checked(entry: BundleEntry) -> Node:
    """Validate one resource by its model and its required codes; raises InputRefused."""
    try:
        model = model_of(entry.kind)
        if isinstance(entry.raw, Mapping):
            node = _cleaned(entry.raw)
            model.model_validate(node)
        else:
            xml = etree.tostring(_cleaned_element(entry.raw))
            node = model.model_validate_xml(xml).model_dump(mode="json")
    except ValidationError as error:
        raise _refusal_of(error) from None
    except Exception:  # noqa: BLE001  the library raises bare KeyErrors that quote the input
        raise InputRefused(Fault.BAD_VALUE) from None
    _check_codes(entry.kind, node)
    return node


def _check_codes(kind: str, node: Node) -> None:
    for name, codes in REQUIRED_CODES.get(kind, {}).items():
        found = string(node, name)
        if found is not None and found not in codes:
            raise InputRefused(Fault.BAD_VALUE, name)


def _refusal_of(error: ValidationError) -> InputRefused:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    # The name of an undefined element is the sender's text, so only its parent is named.
    parts = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    where = ".".join(str(p) for p in parts)
    if "missing" not in first["type"]:
        return InputRefused(Fault.BAD_VALUE, where)
    if where in ("subject", "patient", "participant"):
        return InputRefused(Fault.NO_CHILD)
    return InputRefused(Fault.MISSING_FIELD, where)


def _cleaned(node: Node) -> dict[str, JsonValue]:
    """Copy a resource without narrative and empty values, its moments completed."""
    cleaned_node: dict[str, JsonValue] = {}
    for name, value in node.items():
        if name == "text" and isinstance(value, dict):
            continue
        kept = _cleaned_value(name, value)
        if kept not in (None, "", [], {}):
            cleaned_node[name] = kept
    return cleaned_node


def _cleaned_value(name: str, value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return _cleaned(value)
    if isinstance(value, list):
        kept = [_cleaned_value(name, item) for item in value]
        return [item for item in kept if item not in ("", {}, [])]
    return completed(value) if isinstance(value, str) and name in MOMENTS else value


def _cleaned_element(element: etree._Element) -> etree._Element:
    """Copy an element in the same way, the FHIR namespace without prefix as the library wants."""
    copy = etree.Element(element.tag, {str(k): str(v) for k, v in element.items()}, nsmap=_NSMAP)
    for part in element:
        name = etree.QName(part).localname
        if name == "text" and any(etree.QName(e).localname == "div" for e in part):
            continue
        if not len(part) and not (part.get("value") or "").strip() and part.get("url") is None:
            continue
        inner = _cleaned_element(part)
        value = inner.get("value")
        if value is not None and name in MOMENTS:
            inner.set("value", completed(value))
        copy.append(inner)
    return copy


def meta_of(raw: Raw) -> Raw:
    """Return the ``meta`` of an unchecked resource, or an empty one."""
    if isinstance(raw, Mapping):
        return child(raw, "meta")
    found = raw.find(_TAG + "meta")
    return found if found is not None else {}


def security_of(raw: Raw) -> frozenset[str]:
    """Return the security label codes of a Bundle itself."""
    if isinstance(raw, Mapping):
        labels = children(child(raw, "meta"), "security")
        return frozenset(c for label in labels if (c := string(label, "code")))
    found = raw.findall(f"{_TAG}meta/{_TAG}security/{_TAG}code")
    return frozenset(str(e.get("value")) for e in found)
