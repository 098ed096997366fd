"""A private RabbitMQ node on this machine, for tests, the demonstration and small pilots.

Read ``node.py`` first. ``guard.py`` is a process of its own and imports the standard library only.
"""

from __future__ import annotations

from hub.bus.private_node.install import (
    BrokerInstall,
    BrokerMissing,
    ensure_installed,
    find_installed,
)
from hub.bus.private_node.node import LocalBroker, LocalBrokerError

__all__ = [
    "BrokerInstall",
    "BrokerMissing",
    "LocalBroker",
    "LocalBrokerError",
    "ensure_installed",
    "find_installed",
]
