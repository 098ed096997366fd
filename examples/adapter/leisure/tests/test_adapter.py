"""leisure has every behaviour of an adapter, and reads its own documents as meant."""

from __future__ import annotations

import datetime as dt

from leisure_adapter.adapter import ADAPTER

from adapters.testing import AdapterContract
from schemas.events.care import CarePlan, CarePlanChange


class TestLeisure(AdapterContract):
    """One test for each behaviour, on the documents in leisure_adapter/samples."""

    adapter = ADAPTER

    def test_a_row_without_a_last_day_is_a_short_break_that_started(self) -> None:
        """And one with a last day has ended."""
        plans = [event.section(CarePlan) for _, event in self.subject().events]
        changes = [(plan.change, plan.end_date) for plan in plans if plan]
        assert changes == [
            (CarePlanChange.STARTED, None),
            (CarePlanChange.ENDED, dt.date(2026, 12, 19)),
        ]
