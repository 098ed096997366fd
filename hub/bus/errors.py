"""Errors between the hub and its broker.

Unavailable
└── BrokerUnreachable   cannot be reached now: tried again
ConfigurationError
└── BrokerRefused       the broker refused the account: an operator must correct it
    └── QueueMissing    the queue does not exist: the topology was not applied
"""

from __future__ import annotations

from schemas.errors import ConfigurationError, Unavailable


class BrokerUnreachable(Unavailable):
    """The broker could not be reached, or did not confirm, in time."""

    code = "broker-unreachable"


class BrokerRefused(ConfigurationError):
    """The broker refused the account, its virtual host, or an operation of the account."""

    code = "broker-refused"


class QueueMissing(BrokerRefused):
    """The queue to read does not exist; apply the topology first."""

    code = "queue-missing"
