"""What can go wrong between the hub and its broker.

Unavailable
└── BrokerUnreachable   out of reach for now: tried again
ConfigurationError
└── BrokerRefused       the broker knows us and says no: an operator must mend it
    └── QueueMissing    the queue does not exist: the topology was not applied
"""

from __future__ import annotations

from schemas.errors import ConfigurationError, Unavailable


class BrokerUnreachable(Unavailable):
    """The broker could not be reached, or did not confirm, within the time given."""

    code = "broker-unreachable"


class BrokerRefused(ConfigurationError):
    """The broker refused the account, its virtual host, or what the account asked for."""

    code = "broker-refused"


class QueueMissing(BrokerRefused):
    """A queue that should be read does not exist; apply the topology first."""

    code = "queue-missing"
