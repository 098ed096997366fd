"""Message properties, decoded so that no sender can stop the reader.

The header table of a message is the sender's own. pika decodes it whole on the connection's thread:
tables nested ten thousand deep end in a RecursionError, a timestamp of 2^62 in an OverflowError,
and both end the connection for every message behind it. Here the table is read without recursion:
plain values of bounded size are kept, and everything else is skipped by its length.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from pika import spec

MOST_HEADERS = 64
LONGEST_TEXT = 1024
_FIXED: Mapping[bytes, tuple[str, Callable[[Any], object] | None]] = {
    b"t": (">?", bool),
    b"b": (">b", int),
    b"B": (">B", int),
    b"s": (">h", int),
    b"U": (">h", int),
    b"u": (">H", int),
    b"I": (">i", int),
    b"i": (">I", int),
    b"l": (">q", int),
    b"L": (">q", int),
    b"f": (">f", None),
    b"d": (">d", None),
    b"D": (">5s", None),
    b"T": (">8s", None),
    b"V": (">0s", None),
}
_SIZED = frozenset({b"S", b"x", b"A", b"F"})
_TWO_TEXTS_BEFORE = (
    spec.BasicProperties.FLAG_CONTENT_TYPE,
    spec.BasicProperties.FLAG_CONTENT_ENCODING,
)


class UntrustedProperties(spec.BasicProperties):  # type: ignore[misc]  # pika has no types
    """The properties of an arriving message, with a header table of bounded cost."""

    def decode(self, encoded: bytes, offset: int = 0) -> UntrustedProperties:
        """Decode everything but the header table as pika does, and that with care."""
        first = struct.unpack_from(">H", encoded, offset)[0]
        if not first & spec.BasicProperties.FLAG_HEADERS or first & 1:
            super().decode(encoded, offset)
            return self
        begin = offset + 2
        for flag in _TWO_TEXTS_BEFORE:
            if first & flag:
                begin += 1 + encoded[begin]
        size = struct.unpack_from(">I", encoded, begin)[0]
        end = min(begin + 4 + size, len(encoded))
        flags = struct.pack(">H", first & ~spec.BasicProperties.FLAG_HEADERS)
        super().decode(flags + encoded[offset + 2 : begin] + encoded[end:])
        self.headers = plain_headers(encoded[begin + 4 : end])
        return self


def install() -> None:
    """Have pika decode the properties of every arriving message this way."""
    spec.props[spec.BasicProperties.INDEX] = UntrustedProperties


def plain_headers(table: bytes) -> dict[str, object]:
    """Read the plain values of a header table: whole numbers, booleans and short texts.

    At most ``MOST_HEADERS`` entries are read. Nested values, times, decimals and long texts are
    skipped, and so is the rest of a table that breaks AMQP's rules.
    """
    found: dict[str, object] = {}
    place = 0
    for _ in range(MOST_HEADERS):
        try:
            name, place = _short_text(table, place)
            kept, value, place = _value(table, place)
        except (IndexError, struct.error):
            break
        if kept:
            found[name] = value
    return found


def _short_text(table: bytes, place: int) -> tuple[str, int]:
    end = place + 1 + table[place]
    return table[place + 1 : end].decode("utf-8", "replace"), end


def _value(table: bytes, place: int) -> tuple[bool, object, int]:
    """Read one value: whether it is kept, the value, and where the next entry begins."""
    kind, place = table[place : place + 1], place + 1
    if kind in _SIZED:
        size = struct.unpack_from(">I", table, place)[0]
        place += 4
        text = table[place : place + min(size, LONGEST_TEXT)]
        kept = kind == b"S" and size <= LONGEST_TEXT
        return kept, text.decode("utf-8", "replace"), place + size
    layout, make = _FIXED.get(kind, ("", None))
    if not layout:
        raise IndexError
    (raw,) = struct.unpack_from(layout, table, place)
    return make is not None, raw, place + struct.calcsize(layout)
