"""The tests of intake run over the same two stores as those of the store."""

from __future__ import annotations

from tests.hub.store.conftest import empty, engine, hub, postgres

__all__ = ["empty", "engine", "hub", "postgres"]
