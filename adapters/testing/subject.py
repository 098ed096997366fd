"""The adapter under test with its samples: what it makes of them, computed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from adapters.contract import Adapter, AgencySystem, Document, Translation, translate
from adapters.faults import AdapterFault, fault_of
from adapters.testing.invented import DELIVERY, WHEN, invented_view
from adapters.testing.samples import Samples
from adapters.testing.subsets import thinner_sections, thinner_views
from schemas.errors import CannotExpress
from schemas.event import Event, View, full_view
from schemas.registry import EVENT_TYPES

LIMIT = 4 * 1_048_576


@dataclass(frozen=True, slots=True)
class Written:
    """What an adapter made of a view: a document, a refusal with its text, or a fault."""

    view: View
    document: Document | None = None
    declined: str | None = None
    fault: AdapterFault | None = None


@dataclass(frozen=True)
class Subject:
    """An adapter and its samples."""

    adapter: Adapter
    samples: Samples

    @cached_property
    def system(self) -> AgencySystem:
        """The agency system that the samples come from."""
        return self.adapter.system(self.samples.agency, self.samples.settings)

    def check_settings(self) -> None:
        """Check the samples' settings; raises ConfigurationError."""
        _ = self.system

    def document(self, body: bytes, received_at: dt.datetime = WHEN) -> Document:
        """Make a document that arrived at a fixed moment."""
        return Document(body, received_at, self.adapter.suffix)

    def read(self, body: bytes, received_at: dt.datetime = WHEN) -> Translation:
        """Read a document as the hub does: every failure is in the result."""
        document = self.document(body, received_at)
        return translate(self.adapter.format, document, self.system, LIMIT)

    @cached_property
    def accepted(self) -> Mapping[str, Translation]:
        """What the accepted samples became, by label."""
        return {label: self.read(body) for label, body in self.samples.accepted.items()}

    @property
    def events(self) -> Iterator[tuple[str, Event]]:
        """The events of the accepted samples, each with its sample's label."""
        for label, translation in self.accepted.items():
            for event in translation.events:
                yield label, event

    def some(self, most: int) -> Mapping[str, bytes]:
        """Choose at most so many of the accepted samples, spread over all of them."""
        labels = list(self.samples.accepted)
        step = max(1, -(-len(labels) // most))
        return {label: self.samples.accepted[label] for label in labels[::step]}

    def write(self, view: View) -> Written:
        """Write a view; CannotExpress and every other exception are in the result."""
        try:
            return Written(view, document=self.adapter.format.write(view, self.system))
        except CannotExpress as error:
            return Written(view, declined=str(error))
        except Exception as error:  # noqa: BLE001  that it happened is what is tested
            return Written(view, fault=fault_of(error, self.adapter.format))

    @cached_property
    def sample_views(self) -> tuple[View, ...]:
        """The samples' events of the types that the adapter writes, each as a whole view."""
        writes = self.adapter.format.writes
        return tuple(full_view(event) for _, event in self.events if event.kind.key in writes)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Views to write: of each type up to two of the samples' and an invented one."""
        chosen: list[View] = []
        for key in sorted(self.adapter.format.writes & set(EVENT_TYPES)):
            own = [view for view in self.sample_views if view.kind.key == key]
            chosen += [*own[:2], invented_view(EVENT_TYPES[key])]
        return tuple(chosen)

    @cached_property
    def thinned(self) -> tuple[tuple[View, Written], ...]:
        """Subsets of the views: the whole view, and what became of a part of it."""
        found: list[tuple[View, Written]] = []
        for view in self.views:
            invented = view.delivery_id == DELIVERY
            thin = thinner_views(view) if invented else thinner_sections(view)
            found += [(view, self.write(one)) for one in thin]
        return tuple(found)

    @property
    def round_trip_views(self) -> Iterator[View]:
        """The samples' views of the types that must come back the same."""
        both = self.adapter.format.reads & self.adapter.format.writes
        for view in self.sample_views:
            if view.kind.key in both and view.kind.key in self.samples.round_trip:
                yield view

    def reads_back(self, document: Document, received_at: dt.datetime | None = None) -> Translation:
        """Read a document that the adapter wrote."""
        return self.read(document.body, received_at or document.received_at)
