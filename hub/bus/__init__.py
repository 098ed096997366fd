"""The bus: how events travel between the agencies and the hub. Only this package imports pika.

Publishing with confirmation, consuming in batches, the topology as data, and a private RabbitMQ
node for one machine. May import ``foundation``. Read ``topology.py`` first.
"""

from __future__ import annotations

from hub.bus.consumer import Consumer
from hub.bus.errors import BrokerRefused, BrokerUnreachable, QueueMissing
from hub.bus.inspection import BrokerFacts, check, inspect, queue_depth
from hub.bus.messages import Arrival, BusMessage, PublishOutcome, PublishResult, Token
from hub.bus.publisher import Publisher

__all__ = [
    "Arrival",
    "BrokerFacts",
    "BrokerRefused",
    "BrokerUnreachable",
    "BusMessage",
    "Consumer",
    "PublishOutcome",
    "PublishResult",
    "Publisher",
    "QueueMissing",
    "Token",
    "check",
    "inspect",
    "queue_depth",
]
