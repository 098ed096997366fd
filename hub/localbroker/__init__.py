"""A real RabbitMQ of one's own on this machine, for tests and the demonstration."""

from __future__ import annotations

from hub.localbroker.install import BrokerInstall, BrokerMissing, ensure_installed, find_installed
from hub.localbroker.node import LocalBroker, LocalBrokerError

__all__ = [
    "BrokerInstall",
    "BrokerMissing",
    "LocalBroker",
    "LocalBrokerError",
    "ensure_installed",
    "find_installed",
]
