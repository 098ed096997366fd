"""The shipped suite for our own adapters, and damage by hypothesis on top of it.

A subclass gives the adapter, an agency system, accepted and refused documents, and the event types
that come back the same; every behaviour of ``adapters.testing`` is then a test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contract import Adapter, AgencySystem, Document, Translation, translate
from adapters.settings import FormatSettings
from adapters.testing import AdapterContract, Samples, Subject
from schemas.errors import Fault

WHEN = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)


def document(body: bytes, suffix: str = "") -> Document:
    """Make a document that arrived at a fixed moment."""
    return Document(body=body, received_at=WHEN, suffix=suffix)


class FormatContract(AdapterContract):
    """The suite on documents made by the test file.

    ``good`` maps a label to a document's bytes; ``bad`` maps a label to bytes and the fault
    expected among the refusals. ``lossless`` names event types whose events must come back the
    same in type and in every section field after write and read.
    """

    adapter: ClassVar[Adapter]
    speaker: ClassVar[AgencySystem]
    good: ClassVar[Mapping[str, bytes]]
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]]
    lossless: ClassVar[frozenset[str]] = frozenset()
    times: ClassVar[Mapping[str, dt.datetime]] = {}

    @classmethod
    def subject(cls) -> Subject:
        """Return the adapter with the documents of the class."""
        if cls._subject is None:
            given_settings = cls.speaker.settings
            assert not isinstance(given_settings, FormatSettings)
            samples = Samples(
                accepted=cls.good,
                refused=cls.bad,
                agency=cls.speaker.agency,
                settings=given_settings,
                round_trip=cls.lossless,
                times=cls.times,
            )
            cls._subject = Subject(cls.adapter, samples)
        return cls._subject

    def _read(self, body: bytes) -> Translation:
        return translate(self.adapter.format, document(body, self.adapter.suffix), self.speaker)

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
