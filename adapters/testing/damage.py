"""Documents that an adapter must survive: damaged, foreign, with values it cannot expect."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from lxml import etree

from adapters.testing.invented import leaves
from schemas.event import Event, dump_section
from schemas.sections import Category

EMPTY: Mapping[str, bytes] = {
    "no bytes": b"",
    "white space": b" \r\n\t ",
    "a byte order mark": b"\xef\xbb\xbf",
    "a byte order mark and a line end": b"\xef\xbb\xbf\r\n",
}
BINARY: Mapping[str, bytes] = {
    "every byte": bytes(range(256)) * 4,
    "null bytes": b"\x00" * 64,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
    "a zip file": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x9c\xed\xc1" * 20,
}
FOREIGN: Mapping[str, bytes] = {
    "a web page": b"<html><body>Service unavailable</body></html>",
    "a sentence": b"Please find the list attached. Kind regards",
    "an empty JSON list": b"[[[[]]]]",
    "an unknown JSON object": b'{"hello": ["world"]}',
    "an unknown XML root": b"<unknown><part/></unknown>",
    "an XML document type": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "an unknown table": b"colour,size\r\nred,9\r\n",
    "Latin-1 text": b"\xe9t\xe9",
}
_DEPTH = 100_000
DEEP: Mapping[str, bytes] = {
    "JSON lists": b"[" * _DEPTH,
    "JSON objects": b'{"a":' * _DEPTH,
    "XML elements": b"<a>" * _DEPTH,
    "brackets": b"(" * _DEPTH,
    "lines of separators": b"|^~\\&;," * (_DEPTH // 8),
}
CANARY = "Quillcanary"
_SHORTEST = 4
_ROUNDS = 40


def damaged(body: bytes, rounds: int = _ROUNDS) -> Iterator[bytes]:
    """Yield damaged copies of a document, the same each time: cut, altered, repeated."""
    chance = random.Random(zlib.crc32(body))  # noqa: S311  not a secret
    for n in range(rounds):
        cut = chance.randrange(len(body) + 1)
        if n % 4 == 0:
            yield body[:cut]
        elif n % 4 == 1:
            yield body[:cut] + chance.randbytes(chance.randrange(1, 7)) + body[cut:]
        elif n % 4 == 2:  # noqa: PLR2004
            yield body[:cut] + body[cut + chance.randrange(1, 9) :]
        else:
            end = min(len(body), cut + chance.randrange(1, 60))
            yield body[:end] + body[cut:end] + body[end:]


def names_in(event: Event) -> Iterator[str]:
    """List the texts about people in an event that are long enough to be found in a document."""
    for category in (Category.IDENTITY, Category.CONTACT, Category.FAMILY):
        section = event.sections.get(category)
        if section:
            for text in leaves(dump_section(section)):
                if len(text) >= _SHORTEST and text.isalpha():
                    yield text


def with_value(body: bytes, old: str, new: bytes) -> bytes | None:
    """Replace a value in a document; None where the document does not hold it in plain bytes."""
    for form in (old, escape(old)):
        if form.encode() in body:
            return body.replace(form.encode(), new)
    return None


def with_unknown_field(body: bytes) -> Iterator[bytes]:
    """Yield copies with a field that no adapter can know, where the document's syntax allows it."""
    stripped = body.lstrip(b"\xef\xbb\xbf \r\n\t")
    if stripped.startswith((b"{", b"[")):
        yield from _with_unknown_member(body)
    elif stripped.startswith(b"<"):
        yield from _with_unknown_element(body)
    elif stripped.startswith((b"MSH", b"FHS", b"BHS")):
        yield stripped.rstrip(b"\r\n") + b"\rZZQ|1|unknown value\r"


def _with_unknown_member(body: bytes) -> Iterator[bytes]:
    try:
        value = json.loads(body)
    except ValueError:
        return
    for holder in value if isinstance(value, list) else [value]:
        if isinstance(holder, dict):
            holder["zqUnknownField"] = "unknown value"
    yield json.dumps(value).encode()


def _with_unknown_element(body: bytes) -> Iterator[bytes]:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return
    etree.SubElement(root, "ZqUnknownElement").text = "unknown value"
    yield etree.tostring(root)
