"""Ledger entries: their one spelling in bytes, and what is not an entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from hub.ledger.entry import LedgerEntry, decode, encode
from hub.ledger.errors import LedgerError

AT = datetime(2025, 9, 1, 8, 30, 0, 5, tzinfo=UTC)
BODIES = st.dictionaries(
    st.text(),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=15,
    ),
)


def test_an_entry_is_written_exactly_as_documented() -> None:
    """Keys in order, no spaces, the moment in UTC with microseconds and a Z."""
    entry = LedgerEntry(kind="release", at=AT, body={"event": "e1", "count": 2})
    assert encode(entry) == (
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{"count":2,"event":"e1"},'
        b'"kind":"release","v":1}'
    )


@given(
    st.from_regex(r"[a-z]{1,9}(-[a-z]{1,9}){0,3}", fullmatch=True),
    st.datetimes(timezones=st.just(UTC)),
    BODIES,
)
def test_every_entry_reads_back_as_it_was_written(
    kind: str, at: datetime, body: dict[str, JsonValue]
) -> None:
    """Decoding what was encoded gives the same entry, and encoding that the same bytes."""
    entry = LedgerEntry(kind=kind, at=at, body=body)
    data = encode(entry)
    assert decode(data) == entry
    assert encode(decode(data)) == data


def test_one_moment_in_two_time_zones_gives_one_spelling() -> None:
    """The hash does not depend on where the clock hangs."""
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    here = LedgerEntry(kind="look", at=AT)
    assert encode(LedgerEntry(kind="look", at=summer)) == encode(here)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    """A naive time is nobody's time."""
    with pytest.raises(ValidationError):
        LedgerEntry(kind="look", at=AT.replace(tzinfo=None))


def test_an_entry_cannot_be_changed() -> None:
    """An entry is a frozen value."""
    entry = LedgerEntry(kind="look", at=AT)
    with pytest.raises(ValidationError):
        entry.kind = "key"  # type: ignore[misc]  # the assignment is what is tested


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 60_000,
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{},"kind":"no kind","v":1}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{},"kind":"look","v":2}',
        b'{"at":"2025-09-01T08:30:00.000005","body":{},"kind":"look","v":1}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{},"kind":"look","v":1,"x":1}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{"n":' + b"9" * 5000 + b'},"kind":"look"}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":' + b'{"a":' * 9000 + b"1" + b"}" * 9001,
    ],
)
def test_bytes_that_are_not_an_entry_are_refused(data: bytes) -> None:
    """Wrong JSON, words for kinds, versions, moments and keys, and endless nesting, have a code."""
    with pytest.raises(LedgerError) as caught:
        decode(data)
    assert caught.value.code == "ledger-entry-malformed"


@pytest.mark.parametrize(
    "data",
    [
        b'{"v":1,"at":"2025-09-01T08:30:00.000005Z","body":{},"kind":"look"}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{},"kind":"look","v":1} ',
        b'{"at":"2025-09-01T09:30:00.000005+01:00","body":{},"kind":"look","v":1}',
        b'{"at":"2025-09-01T08:30:00Z","body":{},"kind":"look","v":1}',
        b'{"at":0,"body":{},"kind":"look","v":1}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{"a":1,"a":1},"kind":"look","v":1}',
        b'{"at":"2025-09-01T08:30:00.000005Z","body":{"a":1.0},"kind":"look","v":1}',
    ],
)
def test_another_spelling_of_an_entry_is_refused(data: bytes) -> None:
    """Two spellings would be two hashes of one fact."""
    with pytest.raises(LedgerError) as caught:
        decode(data)
    assert caught.value.code == "ledger-not-canonical"


def test_an_entry_that_no_bundle_can_hold_is_refused() -> None:
    """65,535 bytes are the limit of the export format, in both directions."""
    frame = len(encode(LedgerEntry(kind="look", at=AT, body={"a": ""})))
    fits = LedgerEntry(kind="look", at=AT, body={"a": "x" * (65_535 - frame)})
    assert decode(encode(fits)) == fits
    with pytest.raises(LedgerError) as caught:
        encode(LedgerEntry(kind="look", at=AT, body={"a": "x" * (65_536 - frame)}))
    assert caught.value.code == "ledger-entry-too-long"
    with pytest.raises(LedgerError, match="too-long"):
        decode(b" " * 65_536)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_read_or_refused_with_a_code(data: bytes) -> None:
    """Nothing but our own error comes out."""
    with pytest.raises(LedgerError):
        decode(data)
