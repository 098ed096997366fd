"""The bus as data: the broker's exchanges, queues, policies and accounts.

The result is RabbitMQ's own definitions format, which a broker loads when it starts and an operator
can review. The hub declares nothing at run time; it only checks.

    agency --> hub.inbound (topic) ----> hub.decide.<n>          one active reader: order is kept
                   └─ no queue fits ---> hub.unroutable          must stay empty: alarm
    hub -----> hub.outbound (direct) --> agency.<name>           the agency's sealed deliveries
    agency --> hub.release (direct) ---> hub.release             requests for keys
    hub -----> hub.keys (direct) ------> agency.<name>.release   the replies
    agency --> hub.receipts (direct) --> hub.receipts            delivered or failed
    (failed) > hub.dead (direct) ------> agency.<name>.dead and hub.dead

Direct exchanges route to an agency by its name, and to the hub's own queues by the queue's name.
A delivery that fails too often keeps its routing key, the agency's name, and so goes to that
agency's own dead-letter queue. With one partition ``hub.decide.0`` takes every routing key; with
more, the key's last word is the partition's number (``health.report.v1.3``), and any other key is
unroutable.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypedDict

from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

INBOUND = "hub.inbound"
OUTBOUND = "hub.outbound"
RECEIPTS = "hub.receipts"
RELEASE = "hub.release"
KEYS = "hub.keys"
DEAD = "hub.dead"
UNROUTABLE = "hub.unroutable"

DEFAULT_MAX_LENGTH = 1_000_000
DELIVERY_LIMIT = 20
# Without a limit RabbitMQ 4 drops a message after 20 returns. A dead-letter queue must drop none:
# its limit is the largest number that every supported version accepts.
NEVER = 2**31 - 1
SALT_BYTES = 4

_AGENCY_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
_RESERVED = frozenset({"hub", "guest", "localbroker"})
_AGENCY_WRITES = r"^(hub\.inbound|hub\.receipts|hub\.release)$"

type_of = {
    INBOUND: "topic",
    OUTBOUND: "direct",
    RECEIPTS: "direct",
    RELEASE: "direct",
    KEYS: "direct",
    DEAD: "direct",
    UNROUTABLE: "fanout",
}


class Definitions(TypedDict):
    """The parts of RabbitMQ's definitions file that the hub uses."""

    users: list[dict[str, object]]
    vhosts: list[dict[str, object]]
    permissions: list[dict[str, object]]
    policies: list[dict[str, object]]
    exchanges: list[dict[str, object]]
    queues: list[dict[str, object]]
    bindings: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """A broker account: its name and RabbitMQ's hash of its password, never the password."""

    name: str
    password_hash: str

    @classmethod
    def with_password(cls, name: str, password: str, salt: bytes) -> Self:
        """Return an account with the hash of a password."""
        return cls(name, hash_password(password, salt))


@dataclass(frozen=True, slots=True)
class AgencyAccount(BrokerAccount):
    """The account of one agency; its name is the agency's name on the bus."""

    def __post_init__(self) -> None:
        """Refuse a name that could be mistaken for another queue or account."""
        if not _AGENCY_NAME.fullmatch(self.name) or self.name in _RESERVED:
            message = (
                f"{self.name!r} is not an agency's name. Use 2 to 41 lower-case letters, digits "
                "and hyphens, beginning with a letter; hub, guest and localbroker are reserved."
            )
            raise ConfigurationError(message)


@dataclass(frozen=True, slots=True)
class TopologyNames:
    """The exchanges and queues that must exist for the hub to work."""

    exchanges: tuple[str, ...]
    queues: tuple[str, ...]


def hash_password(password: str, salt: bytes) -> str:
    """Return RabbitMQ's salted SHA-256: base64 of the salt followed by the digest of both."""
    if len(salt) != SALT_BYTES:
        message = f"a broker password's salt has {SALT_BYTES} bytes, not {len(salt)}"
        raise ValueError(message)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode("ascii")


def agency_queue(name: str) -> str:
    """Return the queue of an agency's sealed deliveries."""
    return f"agency.{name}"


def dead_queue(name: str) -> str:
    """Return the queue of deliveries that the agency's adapter could not hand over."""
    return f"agency.{name}.dead"


def keys_queue(name: str) -> str:
    """Return the queue of replies to an agency's release requests."""
    return f"agency.{name}.release"


def decide_queue(partition: int) -> str:
    """Return the queue of one partition of arriving events."""
    return f"hub.decide.{partition}"


def names(agencies: Sequence[str], partitions: int = 1) -> TopologyNames:
    """Return all exchanges and queues for these agencies, in a fixed order."""
    own = [decide_queue(n) for n in range(partitions)]
    theirs = [q(name) for name in agencies for q in (agency_queue, dead_queue, keys_queue)]
    return TopologyNames(tuple(type_of), (*own, RECEIPTS, RELEASE, UNROUTABLE, DEAD, *theirs))


def definitions(  # noqa: PLR0913  # the operator's choices
    vhost: str,
    agencies: Sequence[AgencyAccount],
    hub: BrokerAccount,
    *,
    partitions: int = 1,
    max_length: int = DEFAULT_MAX_LENGTH,
    delivery_limit: int = DELIVERY_LIMIT,
    administrator: BrokerAccount | None = None,
) -> Definitions:
    """Return the whole bus of one virtual host in RabbitMQ's definitions format."""
    _must_differ([hub, *agencies, *([administrator] if administrator else [])])
    if partitions < 1:
        message = f"the bus has at least one partition, not {partitions}"
        raise ConfigurationError(message)
    agency_names = [agency.name for agency in agencies]
    return Definitions(
        users=_users(agencies, hub, administrator),
        vhosts=[{"name": vhost}],
        permissions=_permissions(vhost, agency_names, hub, administrator),
        policies=_policies(vhost, max_length, delivery_limit),
        exchanges=[_exchange(vhost, name) for name in type_of],
        queues=[_queue(vhost, name) for name in names(agency_names, partitions).queues],
        bindings=_bindings(vhost, agency_names, partitions),
    )


def merge(*parts: Definitions) -> Definitions:
    """Combine several virtual hosts; an account in more than one is listed once."""
    return Definitions(
        users=list({str(user["name"]): user for part in parts for user in part["users"]}.values()),
        vhosts=[entry for part in parts for entry in part["vhosts"]],
        permissions=[entry for part in parts for entry in part["permissions"]],
        policies=[entry for part in parts for entry in part["policies"]],
        exchanges=[entry for part in parts for entry in part["exchanges"]],
        queues=[entry for part in parts for entry in part["queues"]],
        bindings=[entry for part in parts for entry in part["bindings"]],
    )


def _must_differ(accounts: Sequence[BrokerAccount]) -> None:
    seen: set[str] = set()
    for account in accounts:
        if account.name in seen:
            message = f"two broker accounts are called {account.name!r}"
            raise ConfigurationError(message)
        seen.add(account.name)


def _users(
    agencies: Sequence[AgencyAccount], hub: BrokerAccount, administrator: BrokerAccount | None
) -> list[dict[str, object]]:
    users = [_user(hub), *(_user(agency) for agency in agencies)]
    return [*users, _user(administrator, "administrator")] if administrator else users


def _user(account: BrokerAccount, *tags: str) -> dict[str, object]:
    return {
        "name": account.name,
        "password_hash": account.password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(tags),
    }


def _permissions(
    vhost: str, agencies: Sequence[str], hub: BrokerAccount, administrator: BrokerAccount | None
) -> list[dict[str, object]]:
    own = r"^(hub|agency)\..*"
    rights = [(hub.name, "^$", own, own)]
    for name in agencies:
        reads = rf"^agency\.{re.escape(name)}(\.release|\.dead)?$"
        rights.append((name, "^$", _AGENCY_WRITES, reads))
    if administrator:
        rights.append((administrator.name, ".*", ".*", ".*"))
    return [
        {"user": user, "vhost": vhost, "configure": configure, "write": write, "read": read}
        for user, configure, write, read in rights
    ]


def _policies(vhost: str, max_length: int, delivery_limit: int) -> list[dict[str, object]]:
    """Return the policies; each queue matches exactly one, so that priorities do not matter.

    A full queue rejects the message (reject-publish) and the publisher learns of it; nothing is
    dropped.
    """
    full: dict[str, object] = {"max-length": max_length, "overflow": "reject-publish"}
    counted = full | {
        "delivery-limit": delivery_limit,
        "dead-letter-exchange": DEAD,
        "dead-letter-strategy": "at-least-once",
    }
    # Replies hold keys and are never dead-lettered: the adapter requests them again.
    replies = full | {"delivery-limit": delivery_limit}
    last = full | {"delivery-limit": NEVER}
    hub_fails = counted | {"dead-letter-routing-key": DEAD}
    alternate: dict[str, object] = {"alternate-exchange": UNROUTABLE}
    rows: list[tuple[str, str, str, dict[str, object]]] = [
        ("hub-inbound", r"^hub\.inbound$", "exchanges", alternate),
        ("hub-queues", r"^hub\.(decide\.[0-9]+|receipts|release)$", "queues", hub_fails),
        ("agency-deliveries", r"^agency\.[a-z0-9-]+$", "queues", counted),
        ("agency-keys", r"^agency\.[a-z0-9-]+\.release$", "queues", replies),
        ("last-resort", r"^(hub\.(dead|unroutable)|agency\.[a-z0-9-]+\.dead)$", "queues", last),
    ]
    return [
        {
            "vhost": vhost,
            "name": name,
            "pattern": pattern,
            "apply-to": applies_to,
            "definition": definition,
            "priority": 0,
        }
        for name, pattern, applies_to, definition in rows
    ]


def _exchange(vhost: str, name: str) -> dict[str, object]:
    return {
        "name": name,
        "vhost": vhost,
        "type": type_of[name],
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(vhost: str, name: str) -> dict[str, object]:
    arguments: dict[str, object] = {"x-queue-type": "quorum"}
    if name.startswith("hub.decide."):
        # A policy cannot set this. It preserves the order per child with several workers.
        arguments["x-single-active-consumer"] = True
    return {
        "name": name,
        "vhost": vhost,
        "durable": True,
        "auto_delete": False,
        "arguments": arguments,
    }


def _bindings(vhost: str, agencies: Sequence[str], partitions: int) -> list[dict[str, object]]:
    rows = [(INBOUND, decide_queue(n), f"#.{n}") for n in range(partitions)]
    if partitions == 1:
        rows = [(INBOUND, decide_queue(0), "#")]
    rows += [(name, name, name) for name in (RECEIPTS, RELEASE, DEAD)]
    rows.append((UNROUTABLE, UNROUTABLE, ""))
    for name in agencies:
        rows.append((OUTBOUND, agency_queue(name), name))
        rows.append((DEAD, dead_queue(name), name))
        rows.append((KEYS, keys_queue(name), name))
    return [
        {
            "source": source,
            "vhost": vhost,
            "destination": queue,
            "destination_type": "queue",
            "routing_key": key,
            "arguments": {},
        }
        for source, queue, key in rows
    ]
