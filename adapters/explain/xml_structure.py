"""The elements of an XML document: elements with text or nothing inside, and attributes."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from adapters.explain.structure import Edits, Part, PartBuilder, container
from adapters.xml import parse_xml


class XmlStructure:
    """An XML document; a repeated element has its number, from 1, in its path."""

    def __init__(self, body: bytes) -> None:
        self._root = parse_xml(body)
        builder = PartBuilder()
        self.root = _part(self._root, _name(self._root), builder)
        self.values = tuple(builder.values)

    def render(self, edits: Edits) -> bytes:
        """Write the document with these elements changed or removed."""
        root = copy.deepcopy(self._root)
        for number, (element, attribute) in enumerate(list(_places(root))):
            if number in edits:
                _apply(element, attribute, edits[number])
        _prune(root)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _own(element: etree._Element) -> Iterator[str | None]:
    """Return the attributes of an element by name, then None where it has a value of its own."""
    yield from (str(name) for name in element.attrib)
    mixed = bool((element.text or "").strip())
    if mixed or (not len(element) and not element.attrib):
        yield None


def _places(element: etree._Element) -> Iterator[tuple[etree._Element, str | None]]:
    """Return every element of the document, in the order in which they are numbered."""
    for attribute in _own(element):
        yield element, attribute
    for child in element:
        yield from _places(child)


def _part(element: etree._Element, path: str, builder: PartBuilder) -> Part:
    parts = []
    for attribute in _own(element):
        if attribute is None:
            parts.append(builder.element(path, (element.text or "").strip()))
        else:
            name = etree.QName(attribute).localname
            parts.append(builder.element(f"{path}/@{name}", str(element.get(attribute))))
    total = Counter(_name(child) for child in element)
    seen: Counter[str] = Counter()
    for child in element:
        name = _name(child)
        seen[name] += 1
        number = f"[{seen[name]}]" if total[name] > 1 else ""
        parts.append(_part(child, f"{path}/{name}{number}", builder))
    return parts[0] if len(parts) == 1 and not parts[0].parts else container(path, parts)


def _apply(element: etree._Element, attribute: str | None, value: str | None) -> None:
    if attribute is None:
        element.text = value
    elif value is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, value)
    if value is None:
        element.set(_REMOVED, "")


_REMOVED = "removed-by-explain"


def _prune(element: etree._Element) -> bool:
    """Remove what is empty because elements were removed; returns whether any were in it."""
    touched = _REMOVED in element.attrib
    if touched:
        del element.attrib[_REMOVED]
    for child in list(element):
        if _prune(child):
            touched = True
            if not (len(child) or child.attrib or (child.text or "").strip()):
                element.remove(child)
    return touched
