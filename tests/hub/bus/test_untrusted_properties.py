"""Properties that a hostile sender wrote, without a broker: the same as pika's, or skipped."""

from __future__ import annotations

import datetime as dt
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import spec

from hub.bus.untrusted_properties import MOST_HEADERS, UntrustedProperties, plain_headers

TEXTS = st.none() | st.text(max_size=30)
PLAIN = st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text(max_size=40)


def decoded(encoded: bytes) -> UntrustedProperties:
    """Decode as the connection does."""
    return UntrustedProperties().decode(encoded)


@given(
    content_type=TEXTS,
    content_encoding=TEXTS,
    user_id=TEXTS,
    message_id=TEXTS,
    headers=st.none() | st.dictionaries(st.text(max_size=10), PLAIN, max_size=8),
    delivery_mode=st.none() | st.integers(0, 255),
)
def test_honest_properties_are_read_as_pika_reads_them(**given: object) -> None:
    """Every property, and plain headers too."""
    encoded = b"".join(spec.BasicProperties(**given).encode())
    ours, theirs = decoded(encoded), spec.BasicProperties().decode(encoded)
    assert vars(ours) == vars(theirs)


@pytest.mark.parametrize(
    "headers",
    [
        {"x": {"y": {"z": 1}}, "n": 1},
        {"x": [1, [2, [3]]], "n": 1},
        {"x": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "n": 1},
        {"x": "y" * 5000, "n": 1},
    ],
)
def test_what_is_not_plain_is_skipped_and_the_rest_is_kept(headers: dict[str, object]) -> None:
    """Nested tables, arrays, times and long texts cost their length and no more."""
    encoded = b"".join(spec.BasicProperties(headers=headers, user_id="school").encode())
    found = decoded(encoded)
    assert (found.headers, found.user_id) == ({"n": 1}, "school")


def test_tables_nested_deeper_than_the_stack_are_skipped() -> None:
    """No recursion: pika's own reader raises RecursionError here."""
    table = b""
    for _ in range(sys.getrecursionlimit() * 10):
        table = b"\x01aF" + struct.pack(">I", len(table)) + table
    assert plain_headers(table + b"\x01nI" + struct.pack(">i", 7)) == {"n": 7}


def test_a_time_outside_of_the_calendar_is_skipped() -> None:
    """Pika's own reader raises OverflowError here."""
    table = b"\x01tT" + struct.pack(">Q", 2**62) + b"\x01nI" + struct.pack(">i", 7)
    assert plain_headers(table) == {"n": 7}


def test_only_the_first_headers_are_read() -> None:
    """A table of a hundred thousand entries costs no more than a short one."""
    table = b"".join(b"\x06%06dt\x01" % n for n in range(100_000))
    assert len(plain_headers(table)) == MOST_HEADERS


@given(st.binary(max_size=300))
def test_no_bytes_raise(table: bytes) -> None:
    """Whatever a table holds, reading it ends."""
    plain_headers(table)
