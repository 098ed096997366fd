"""An adapter that asks for the present day: apart, because its whole module is judged."""

from __future__ import annotations

import datetime as dt

from adapters.contract import Document
from tests.adapters.testing.honest_adapter import HonestFormat, adapter_of


class Punctual(HonestFormat):
    """Asks for the present day."""

    def seed(self, place: str, document: Document) -> str:
        """Look at the clock, for nothing."""
        _ = dt.date.today()  # noqa: DTZ011  what is being tested
        return super().seed(place, document)


IMPURE = adapter_of(Punctual())
