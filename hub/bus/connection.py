"""One connection to the broker, served by one thread.

Only that thread uses the connection, because pika is not thread-safe; other threads pass it work
through ``call``. When the connection or its channel is lost, both are closed and opened again after
a pause that doubles, with jitter, up to a limit; pika does not reconnect by itself. Two replies end
the attempts, because only an operator can correct them: a wrong account (403) and a wrong virtual
host (530).
"""

from __future__ import annotations

import builtins
import errno
import logging
import random
import re
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pika
import structlog
from pika.adapters.select_connection import IOLoop
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker

from hub.bus import untrusted_properties
from hub.bus.errors import BrokerRefused, BrokerUnreachable, QueueMissing
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pika.channel import Channel
    from pika.connection import Connection

log = structlog.get_logger()
# pika logs every attempt with addresses; the events below report the same once, without them.
logging.getLogger("pika").setLevel(logging.CRITICAL)
untrusted_properties.install()

HEARTBEAT_SECONDS = 30
BLOCKED_SECONDS = 60
SOCKET_SECONDS = 10
HANDSHAKE_SECONDS = 20
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
GOING_AWAY = 320
ACCESS_REFUSED = 403
NOT_FOUND = 404
NOT_ALLOWED = 530
LOST = 0
"""Loss without a reason from the broker: a broken connection, timeout, missed heartbeat."""
BROKEN = 1
"""Loss because something that arrived could not be decoded."""

# pika reports errors as texts. These distinguish a refusal while opening from a lost connection,
# and undecodable bytes from a network failure.
_FAILED_READING = re.compile(r"Stream connection lost: (\w+)\((\d*)")
_REFUSED_WHILE_OPENING = re.compile(r"ConnectionClosedByBroker: \((\d+)\)")
_NO_VHOST = "the virtual host does not exist or is not open to this account"
_WRONG_URL = (
    "The address in 'amqp_url' (or HUB_AMQP_URL) cannot be used: check its port, its virtual "
    "host and the options after '?'. It must be like amqp://hub@broker.example:5672/hub."
)
_jitter = random.SystemRandom()


class Owner(Protocol):
    """The publisher or consumer that a link serves; called on the link's thread."""

    def opened(self, channel: Channel) -> None:
        """Set up a new channel, then call ``Link.ready``."""

    def lost(self, code: int) -> str | None:
        """Handle a lost channel; return a reason to stop for good, or None to reconnect."""


def parameters(url: str, name: str) -> pika.URLParameters:
    """Return connection parameters with the hub's timeouts and a name that operators see.

    Raises ConfigurationError for a URL that cannot be used.
    """
    try:
        given = pika.URLParameters(url)
    except (ValueError, TypeError, AttributeError):
        raise ConfigurationError(_WRONG_URL) from None
    given.heartbeat = HEARTBEAT_SECONDS
    given.blocked_connection_timeout = BLOCKED_SECONDS
    given.socket_timeout = SOCKET_SECONDS
    given.stack_timeout = HANDSHAKE_SECONDS
    given.connection_attempts = 1
    given.client_properties = {"connection_name": name}
    return given


def place(url: str) -> str:
    """Return the host and port of a URL, for error texts."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"


class Link:
    """A connection with one channel, which reconnects by itself."""

    def __init__(self, url: str, name: str, owner: Owner, *, quiet: bool = False) -> None:
        """Prepare the link; ``start`` opens it. With ``quiet`` it logs no connection."""
        self._parameters = parameters(url, name)
        self._place = place(url)
        self._name = name
        self._owner = owner
        self._quiet = quiet
        self._loop = IOLoop()
        self._connection: pika.SelectConnection | None = None
        self._channel: Channel | None = None
        self._failures = 0
        self._ever_ready = False
        self._closing = False
        self._code = LOST
        self._ready = threading.Event()
        self._over = threading.Event()
        self._changed = threading.Condition()
        self._refusal: tuple[int, str] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def account(self) -> str:
        """The broker account that this link uses."""
        return str(self._parameters.credentials.username)

    @property
    def is_over(self) -> bool:
        """Whether the link was closed or refused for good."""
        return self._over.is_set()

    @property
    def is_ready(self) -> bool:
        """Whether the channel is open and in use now."""
        return self._ready.is_set()

    def start(self) -> None:
        """Start the thread and the first attempt; return at once."""
        self._thread.start()
        self.call(self._connect)

    def call(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the link's thread; do nothing once the link is over."""
        if not self._over.is_set():
            self._loop.add_callback_threadsafe(work)

    def wait_ready(self, timeout: float) -> None:
        """Wait until the channel is in use; raises BrokerUnreachable or BrokerRefused."""
        with self._changed:
            self._changed.wait_for(self._settled, timeout)
        self.raise_refusal()
        if not self.is_ready:
            raise self.unreachable()

    def unreachable(self) -> BrokerUnreachable:
        """Return the error for a broker that did not reply in time."""
        return BrokerUnreachable(f"no reply in time from the broker at {self._place}")

    def raise_refusal(self) -> None:
        """Raise BrokerRefused if the broker refused this link for good."""
        if self._refusal is not None:
            code, text = self._refusal
            message = f"the broker at {self._place} refused {self._name}: {text} ({code})"
            raise QueueMissing(message) if code == NOT_FOUND else BrokerRefused(message)

    def ready(self) -> None:
        """Report that the new channel works, and reset the pause between attempts."""
        self._failures = 0
        if not self._quiet:
            log.info("bus.reconnected" if self._ever_ready else "bus.connected", link=self._name)
        self._ever_ready = True
        self._ready.set()
        self._announce()

    def cycle(self) -> None:
        """Close the connection so that it reconnects; on the link's thread only."""
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Run ``work`` after a delay; on the link's thread only."""
        self._loop.call_later(seconds, work)

    def close(self, timeout: float) -> None:
        """Close the connection once pending calls are done, and end the thread."""
        if self._thread.ident is None:
            return
        self.call(self._close)
        self._thread.join(timeout)
        if self._thread.is_alive():
            self.call(self._loop.stop)
            self._thread.join(timeout)

    def _settled(self) -> bool:
        return self.is_ready or self._over.is_set()

    def _announce(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        """Run the loop; undecodable bytes end the connection and not the thread."""
        while True:
            try:
                self._loop.start()
                break
            except Exception as error:  # noqa: BLE001  # a hostile message must not end the hub
                log.error("bus.broken", link=self._name, error=type(error).__name__)  # noqa: TRY400
                self._code = BROKEN
                self._tear_down(error)
        self._over.set()
        self._ready.clear()
        self._announce()
        self._loop.close()

    def _tear_down(self, error: Exception) -> None:
        if self._connection is None or self._connection.is_closed:
            self._pause_then_connect()
            return
        # An orderly close would need the bytes that cannot be decoded.
        self._connection._terminate_stream(error)  # noqa: SLF001

    def _connect(self) -> None:
        if self._connection is not None:
            return
        if self._closing:
            self._loop.stop()
            return
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_open_error,
            on_close_callback=self._on_close,
            custom_ioloop=self._loop,
        )

    def _on_open(self, connection: Connection) -> None:
        if self._closing:
            connection.close()
            return
        connection.channel(on_open_callback=self._on_channel_open)

    def _on_channel_open(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_close)
        self._owner.opened(channel)

    def _on_channel_close(self, _channel: Channel, reason: Exception) -> None:
        if isinstance(reason, ChannelClosedByBroker):
            self._code = reason.reply_code
            log.warning("bus.channel_closed", link=self._name, code=reason.reply_code)
            self.cycle()

    def _on_open_error(self, _connection: Connection, error: BaseException) -> None:
        found = _REFUSED_WHILE_OPENING.search(repr(error))
        self._end_of(int(found.group(1)) if found else self._code, opened=False)

    def _on_close(self, _connection: Connection, reason: BaseException) -> None:
        code = reason.reply_code if isinstance(reason, ConnectionClosedByBroker) else self._code
        failed = _FAILED_READING.search(str(reason))
        if failed and not _is_of_the_network(*failed.groups()):
            log.error("bus.broken", link=self._name, error=failed.group(1))
            code = BROKEN
        self._end_of(code, opened=True)

    def _end_of(self, code: int, *, opened: bool) -> None:
        """Handle the end of a connection: finish closing, stop for good, or reconnect."""
        was_ready = self._ready.is_set()
        self._connection, self._channel, self._code = None, None, LOST
        self._ready.clear()
        verdict = self._owner.lost(code) if opened else None
        if self._closing:
            self._loop.stop()
            return
        if not opened and code in (ACCESS_REFUSED, NOT_ALLOWED):
            verdict = "wrong account or password" if code == ACCESS_REFUSED else _NO_VHOST
        if verdict is not None:
            self._refusal = (code, verdict)
            log.error("bus.refused", link=self._name, code=code)
            self._loop.stop()
            return
        if was_ready:
            log.warning("bus.lost", link=self._name, code=code)
        self._pause_then_connect()

    def _pause_then_connect(self) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 16))
        self._failures += 1
        if self._failures % 10 == 2:  # noqa: PLR2004  # not for every single attempt
            broker = f"{self._parameters.host}:{self._parameters.port}"
            log.warning("bus.unreachable", link=self._name, broker=broker, attempts=self._failures)
        self._loop.call_later(pause * _jitter.uniform(0.5, 1.0), self._connect)

    def _close(self) -> None:
        self._closing = True
        if self._connection is None:
            self._loop.stop()
            return
        with suppress(AMQPError):  # if it is closing already, its callback ends the loop
            self._connection.close()


def _is_of_the_network(name: str, number: str) -> bool:
    """Return whether an exception is one that sockets raise, and not an out-of-range date."""
    kind = getattr(builtins, name, None) or getattr(ssl, name, None)
    by_kind = isinstance(kind, type) and issubclass(kind, OSError)
    return by_kind and number not in (str(errno.EOVERFLOW), str(errno.EINVAL))
