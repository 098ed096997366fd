"""What every format must keep, whoever wrote it: subclass FormatContract in your test file.

A subclass gives the adapter, a speaker, some good documents and some bad ones; every promise below
is then tested on them. See docs/adding-an-adapter.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contract import Adapter, AgencySystem, Document, Translation, translate
from schemas.errors import CannotExpress, Fault
from schemas.event import full_view, parse_event
from schemas.registry import EVENT_TYPES

WHEN = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)

HOSTILE: Mapping[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "binary": bytes(range(256)) * 4,
    "nulls": b"\x00" * 64,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "doctype": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "json-array": b"[[[[]]]]",
    "json-deep": b"[" * 5000,
    "html": b"<html><body>Service unavailable</body></html>",
    "latin-1": b"\xe9t\xe9",
}


def document(body: bytes, suffix: str = "") -> Document:
    """Make a document that arrived at a fixed moment."""
    return Document(body=body, received_at=WHEN, suffix=suffix)


class FormatContract:
    """The promises of a format. Class attributes are what a subclass must give.

    ``good`` maps a label to a document's bytes; ``bad`` maps a label to bytes and the fault
    expected among the refusals. ``lossless`` names event types whose events must come back the
    same in type and in every section field after write and read.
    """

    adapter: ClassVar[Adapter]
    speaker: ClassVar[AgencySystem]
    good: ClassVar[Mapping[str, bytes]]
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]]
    lossless: ClassVar[frozenset[str]] = frozenset()

    def _read(self, body: bytes) -> Translation:
        return translate(self.adapter.format, document(body, self.adapter.suffix), self.speaker)

    def test_declares_registered_types_only(self) -> None:
        """Every type a format reads or writes is registered."""
        declared = self.adapter.format.reads | self.adapter.format.writes
        assert declared
        assert declared <= set(EVENT_TYPES)

    def test_good_documents_become_events_of_declared_types(self) -> None:
        """Each good document gives events, nothing refused, all of types the format declares."""
        for label, body in self.good.items():
            translation = self._read(body)
            assert not translation.refused, (label, translation.refused)
            assert translation.events, label
            assert {e.kind.key for e in translation.events} <= self.adapter.format.reads, label
            assert {e.source for e in translation.events} == {self.speaker.agency}, label

    def test_reading_twice_makes_the_same_events(self) -> None:
        """The same document gives the same events with the same ids, each id once."""
        for label, body in self.good.items():
            first, second = self._read(body), self._read(body)
            assert first == second, label
            ids = [e.id for e in first.events]
            assert len(ids) == len(set(ids)), label

    def test_events_survive_the_wire(self) -> None:
        """Written as a CloudEvent and read back, each event is the same."""
        for body in self.good.values():
            for event in self._read(body).events:
                assert parse_event(event.to_json()) == event

    def test_bad_documents_are_refused_with_their_code(self) -> None:
        """Each bad document is refused with the documented fault and is never raised through."""
        for label, (body, fault) in self.bad.items():
            refused = {r.fault for r in self._read(body).refused}
            assert fault in refused, (label, refused)

    @pytest.mark.parametrize("label", sorted(HOSTILE))
    def test_hostile_input_is_refused(self, label: str) -> None:
        """Empty, binary, foreign and attacking input is refused, and not as a fault of ours."""
        translation = self._read(HOSTILE[label])
        assert not translation.events
        assert translation.refused
        assert Fault.UNREADABLE not in {r.fault for r in translation.refused}

    def test_refusals_never_quote_the_input(self) -> None:
        """The place of a refusal holds no value from the document."""
        for body, _ in self.bad.values():
            for refusal in self._read(body).refused:
                assert "CANARY" not in refusal.where
                assert len(refusal.where) < 400

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_damaged_documents_never_crash(self, data: st.DataObject) -> None:
        """A good document cut short or altered is translated or refused, never raised."""
        body = data.draw(st.sampled_from(sorted(self.good.values())))
        cut = data.draw(st.integers(0, len(body)))
        junk = data.draw(st.binary(max_size=6))
        damaged = body[:cut] + junk + body[cut + data.draw(st.integers(0, 6)) :]
        translation = self._read(damaged)
        assert translation.events or translation.refused
        assert Fault.UNREADABLE not in {r.fault for r in translation.refused}

    def test_writes_what_it_declares_and_says_so_otherwise(self) -> None:
        """Every event it reads and declares to write is written; others raise CannotExpress."""
        for body in self.good.values():
            for event in self._read(body).events:
                view = full_view(event)
                if event.kind.key in self.adapter.format.writes:
                    written = self.adapter.format.write(view, self.speaker)
                    assert written.body
                    assert written == self.adapter.format.write(view, self.speaker)
                else:
                    with pytest.raises(CannotExpress):
                        self.adapter.format.write(view, self.speaker)

    def test_the_round_trip_keeps_the_meaning(self) -> None:
        """What is written and read again is the same event with the same sections."""
        for label, body in self.good.items():
            for event in self._read(body).events:
                if event.kind.key not in self.lossless:
                    continue
                written = self.adapter.format.write(full_view(event), self.speaker)
                again = translate(self.adapter.format, written, self.speaker)
                assert not again.refused, (label, again.refused)
                twin = [e for e in again.events if e.kind == event.kind]
                assert twin, (label, event.kind.key)
                assert any(t.sections == event.sections for t in twin), label

    def test_a_bare_view_is_written_or_declined(self) -> None:
        """A view with no section at all is written without invention, or declined."""
        for body in self.good.values():
            for event in self._read(body).events:
                if event.kind.key not in self.adapter.format.writes:
                    continue
                view = full_view(event)
                for category in event.sections:
                    partial = {c: s for c, s in view.sections.items() if c != category}
                    thinner = type(view)(
                        delivery_id=view.delivery_id,
                        kind=view.kind,
                        source=view.source,
                        child=view.child,
                        time=view.time,
                        sections=partial,
                    )
                    try:
                        assert self.adapter.format.write(thinner, self.speaker).body
                    except CannotExpress:
                        continue
