"""Writing XML the way agency systems do: elements in order, declared UTF-8."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree


def node(name: str, *content: etree._Element | str | None) -> etree._Element:
    """Make an element from texts and elements, without those that are None."""
    made = etree.Element(name)
    for part in content:
        if isinstance(part, str):
            made.text = part
        elif part is not None:
            made.append(part)
    return made


def leaves(values: Iterable[tuple[str, str | None]]) -> list[etree._Element]:
    """Make an element of each name with a value that is not empty."""
    return [node(name, value) for name, value in values if value]


def written(root: etree._Element) -> bytes:
    """Write a document."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
