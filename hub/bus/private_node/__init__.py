"""A real RabbitMQ of one's own on this machine, for tests and the demonstration."""

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
