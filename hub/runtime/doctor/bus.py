"""Checks of the broker: version, missing queues, accounts that cannot log in, dead letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from hub.bus import BrokerFacts, BrokerRefused, inspect, queue_depth
from hub.bus.address import HUB_ACCOUNT, account_url
from hub.bus.private_node import find_installed
from hub.bus.topology import DEAD, UNROUTABLE, dead_queue
from hub.bus.topology_apply import how_to_apply, missing
from hub.foundation.settings import Settings
from hub.runtime.doctor.finding import DoctorFinding, Level
from schemas.counted import counted
from schemas.errors import ConfigurationError, Unavailable

OLDEST = (3, 10)
SECONDS = 5.0


def check_bus(settings: Settings) -> Iterator[DoctorFinding]:
    """Log in with every account, and check the topology and the queues that should be empty."""
    try:
        facts = inspect(account_url(settings, HUB_ACCOUNT), SECONDS)
    except Unavailable as error:
        yield _unavailable(settings, error)
        return
    except BrokerRefused as error:
        do = f"{how_to_apply(settings)} If that does not help, correct the account's password."
        yield DoctorFinding(Level.WRONG, "broker", str(error), do)
        return
    yield _version(facts)
    yield from _vhost(settings)
    yield from _topology(settings)
    yield from _accounts(settings)
    yield from _stuck(settings)


def _unavailable(settings: Settings, error: Unavailable) -> DoctorFinding:
    if settings.amqp_url:
        do = "Start the broker, or correct amqp_url."
        return DoctorFinding(Level.WRONG, "broker", str(error), do)
    if find_installed() is None:
        do = "Run: python -m hub.bus.private_node --ensure"
        return DoctorFinding(Level.WRONG, "broker", "RabbitMQ is not installed", do)
    return DoctorFinding(Level.WARN, "broker", str(error), "Start it with 'hub up'.")


def _version(facts: BrokerFacts) -> DoctorFinding:
    text = f"{facts.product} {facts.version}"
    numbers = tuple(int(n) for n in re.findall(r"\d+", facts.version)[:2])
    if facts.product != "RabbitMQ":
        return DoctorFinding(Level.WARN, "broker", text, "The hub is tested with RabbitMQ only.")
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return DoctorFinding(Level.WRONG, "broker", text, f"Update it to {oldest} or newer.")
    return DoctorFinding(Level.OK, "broker", text)


def _vhost(settings: Settings) -> Iterator[DoctorFinding]:
    named = unquote(urlsplit(settings.amqp_url).path[1:])
    if settings.amqp_url and named != settings.vhost:
        text = f"amqp_url names the virtual host '{named}', the settings '{settings.vhost}'"
        yield DoctorFinding(Level.WRONG, "broker", text, "Make them the same.")


def _topology(settings: Settings) -> Iterator[DoctorFinding]:
    lacking = missing(settings)
    absent = [*lacking.exchanges, *lacking.queues]
    if absent:
        more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""  # noqa: PLR2004
        text = f"missing: {', '.join(absent[:5])}{more}"
        yield DoctorFinding(Level.WRONG, "topology", text, how_to_apply(settings))
    else:
        yield DoctorFinding(Level.OK, "topology", "complete")


def _accounts(settings: Settings) -> Iterator[DoctorFinding]:
    """Log in as each agency; name those that cannot, count the rest."""
    good, total = 0, len(settings.agencies)
    for agency in sorted(settings.agencies):
        try:
            inspect(account_url(settings, agency), SECONDS)
        except BrokerRefused as error:
            do = how_to_apply(settings)
            yield DoctorFinding(Level.WRONG, "accounts", f"{agency}: {error}", do)
        except ConfigurationError as error:
            yield DoctorFinding(Level.WRONG, "accounts", f"{agency}: {error}")
        else:
            good += 1
    yield DoctorFinding(
        Level.OK, "accounts", f"{good} of {counted(total, 'agency', 'agencies')} can log in"
    )


def _stuck(settings: Settings) -> Iterator[DoctorFinding]:
    """Check the queues that should be empty."""
    queues = [UNROUTABLE, DEAD, *(dead_queue(name) for name in sorted(settings.agencies))]
    depths = queue_depth(account_url(settings, HUB_ACCOUNT), queues, SECONDS)
    stuck = {name: depth for name, depth in depths.items() if depth}
    for name, depth in stuck.items():
        level = Level.WRONG if name == UNROUTABLE else Level.WARN
        do = "Find out why ('hub delivery list'); then retry or discard them."
        yield DoctorFinding(level, "queues", f"{counted(depth, 'message')} in {name}", do)
    if not stuck:
        yield DoctorFinding(Level.OK, "queues", "nothing unroutable, nothing dead-lettered")
