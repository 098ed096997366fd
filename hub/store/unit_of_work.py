"""Unit of work: every repository on one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from consent.directive import Directive
from consent.facts import StandingFact
from consent.rulebook import RuleBook
from hub.journey.matching import Particulars
from hub.journey.ports import LookupIdentifier
from hub.keys.master_keys import MasterKeys
from hub.keys.vault import Vault
from hub.store.access_log import AccessLog
from hub.store.accounts import ConsoleAccounts
from hub.store.agreements import Agreements, RuleShelf
from hub.store.children import Children
from hub.store.cosignatures import CosignedHeads
from hub.store.daily_counts import DailyCounts
from hub.store.data_keys import DataKeys
from hub.store.deliveries import Deliveries
from hub.store.directives import Directives
from hub.store.disclosure_index import DisclosureIndex
from hub.store.disclosures import Disclosures
from hub.store.engine import Connection
from hub.store.erasure import ChildErasure
from hub.store.inbox import Inbox
from hub.store.ledger import Ledger
from hub.store.retention import Retention
from hub.store.reviews import Reviews
from hub.store.saved_searches import SavedSearches
from hub.store.sessions import Sessions
from hub.store.verifications import Verifications
from schemas.agencies import Directory
from schemas.identifiers import System


class UnitOfWork:
    """Every repository on one transaction, and what the pipeline reads from them (ports.py)."""

    def __init__(
        self,
        connection: Connection,
        masters: MasterKeys,
        directory: Directory,
        rules: RuleShelf,
        now: dt.datetime,
    ) -> None:
        self.data_keys = DataKeys(connection)
        self.vault = Vault(masters, self.data_keys)
        self.agreements = Agreements(connection)
        self.children = Children(connection, self.vault)
        self.erasure = ChildErasure(connection, self.vault)
        self.directives = Directives(connection, self.vault)
        self.inbox = Inbox(connection, self.vault)
        self.deliveries = Deliveries(connection, self.vault)
        self.reviews = Reviews(connection, self.vault)
        self.disclosures = Disclosures(connection)
        self.retention = Retention(connection)
        self.ledger = Ledger(connection)
        self.cosignatures = CosignedHeads(connection)
        self.disclosure_index = DisclosureIndex(connection)
        self.accounts = ConsoleAccounts(connection)
        self.sessions = Sessions(connection)
        self.saved_searches = SavedSearches(connection)
        self.verifications = Verifications(connection)
        self.daily_counts = DailyCounts(connection)
        self.access_log = AccessLog(connection)
        self.now = now
        self._directory = directory
        self._rules = rules.book(self.agreements, now)

    @property
    def directory(self) -> Directory:
        """The register of agencies."""
        return self._directory

    @property
    def rules(self) -> RuleBook:
        """The current version of every published agreement."""
        return self._rules

    def fingerprint(self, event_ref: str) -> str | None:
        """The keyed hash of an event received before, or None."""
        return self.inbox.fingerprint(event_ref)

    def children_named(self, named: Sequence[LookupIdentifier]) -> frozenset[str]:
        """The children who bear any of these identifiers."""
        return self.children.named(named)

    def children_like(self, who: Particulars) -> frozenset[str]:
        """The children in the same blocks: same birth date, or same name."""
        return self.children.like(who)

    def particulars(self, child: str) -> Particulars:
        """A child's comparable particulars."""
        return self.children.particulars(child)

    def numbers(self, child: str) -> Mapping[System, frozenset[str]]:
        """A child's identifiers by system."""
        return self.children.numbers(child)

    def guarded(self, child: str) -> bool:
        """Whether any source has flagged the child's whereabouts as restricted."""
        return self.children.guarded(child)

    def competent(self, child: str) -> bool:
        """Whether the child is assessed as competent to decide about sharing."""
        return self.children.competent(child, self.now)

    def facts(self, child: str) -> tuple[StandingFact, ...]:  # noqa: ARG002
        """The facts about who may decide for the child; none are recorded yet."""
        return ()

    def involved(self, child: str) -> frozenset[str]:
        """The agencies that take part in the child's care."""
        return self.children.involved(child)

    def faces(self, child: str) -> tuple[Particulars, ...]:
        """A child's particulars, and those of every id that was merged into it."""
        return self.children.faces(child)

    def former(self, child: str) -> tuple[str, ...]:
        """The ids that were merged into this child."""
        return self.children.former(child)

    def directives_of(self, child: str) -> tuple[Directive, ...]:
        """Every directive about the child, in force or not."""
        return self.directives.of(child)

    def recipients_of(self, source: str, record: str) -> frozenset[str]:
        """The agencies that were sent, or are being sent, something about a record of a source."""
        return self.disclosures.recipients_of(self.record_index(source, record))

    def record_index(self, source: str, record: str) -> str:
        """The blind index by which what is about one record of a source is found again."""
        return self.blind("record-index", source, record)

    def blind(self, *parts: str) -> str:
        """A keyed hash of 64 hexadecimal digits: pseudonyms and opaque references."""
        return self.vault.blind(*parts)
