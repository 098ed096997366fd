"""MLLP: HL7 v2 messages over a TCP connection, framed and acknowledged, in threads.

The inlet listens and answers each message in HL7's original mode: AA once the hub has it, AE where
the hub refuses something in it or cannot take it now, AR where it cannot be taken at all. MSA-2
repeats the sender's MSH-10, ERR names the fault and its place. A connection that drops before its
answer makes the sender repeat the message; that is harmless, for the same message makes the same
events. A message counts as received at its own time (adapters/channels/mllp_answer.py).

MLLP has no encryption: both ends default to the loopback address, and a tunnel or a private network
is the operator's to provide.

Source: HL7 v2.5.1 section 2.9.2; HL7 Transport Specification MLLP, release 1.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adapters.channels.mllp_answer import (
    ACCEPTED,
    REFUSED,
    acceptance,
    postponement,
    read_answer,
    read_header,
    received_at,
    refusal,
)
from adapters.channels.mllp_frames import END, START, Frames, framed
from adapters.contract import Document, Refusal
from schemas.errors import ChannelBusy, ChannelRefused, Fault

LOOPBACK = "127.0.0.1"
PORT = 2575  # registered for HL7
LIMIT = 1_048_576
SUFFIX = ".hl7"
_PIECE, _ACK_LIMIT, _WAITING = 65_536, 65_536, 100
_TICK, _SEND_TIMEOUT, _JOIN = 0.1, 10.0, 5.0


class _Connection:
    """One sender: read by its own thread, answered by the thread that takes the pickups."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._reading, self._writing = sock, sock.dup()
        self._reading.settimeout(_TICK)
        self._writing.settimeout(_SEND_TIMEOUT)
        self._lock = threading.Lock()
        self._open_pickups = 0

    def receive(self) -> bytes | None:
        """Return the next bytes, empty at the end of the stream, None where none came in time."""
        try:
            return self._reading.recv(_PIECE)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def answer(self, message: bytes) -> None:
        """Send an answer; where that fails the sender will repeat its message."""
        with self._lock:
            try:
                self._writing.sendall(framed(message))
            except OSError:
                self.close()

    def taken(self, change: int) -> None:
        """Count the messages that wait for their answer."""
        with self._lock:
            self._open_pickups += change

    @property
    def waited_for(self) -> bool:
        """Whether the sender waits for an answer."""
        return self._open_pickups > 0

    def close(self) -> None:
        """Close both ends."""
        with contextlib.suppress(OSError):
            self._reading.shutdown(socket.SHUT_RDWR)
        self._reading.close()
        self._writing.close()


def _number() -> str:
    return uuid.uuid4().hex[:20]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True)
class MllpPickup:
    """One message and the connection it came by; the first end that is called counts."""

    document: Document
    _connection: _Connection
    _ended: bool = field(default=False)

    def accept(self) -> None:
        """Answer AA."""
        self._end(acceptance(self.document.body, _number(), _now()))

    def refuse(self, refusals: tuple[Refusal, ...]) -> None:
        """Answer AR for a message that cannot be taken at all, else AE, with the reasons."""
        self._end(refusal(self.document.body, refusals, _number(), _now()))

    def postpone(self) -> None:
        """Answer AE and ask for the message again."""
        self._end(postponement(self.document.body, _number(), _now()))

    def _end(self, message: bytes) -> None:
        if self._ended:
            return
        self._ended = True
        self._connection.answer(message)
        self._connection.taken(-1)


class MllpInlet:
    """Listens for senders of HL7 v2 and yields their messages one after the other.

    ``limit`` is the largest message in bytes: a larger one is answered AR and its bytes are not
    kept. ``idle_timeout`` is in seconds: a frame must be complete within it, and a sender that is
    silent for longer, without waiting for an answer, is disconnected. No more than ``connections``
    senders are served at a time; others wait to be accepted.
    """

    def __init__(
        self,
        host: str = LOOPBACK,
        port: int = PORT,
        *,
        limit: int = LIMIT,
        idle_timeout: float = 300.0,
        connections: int = 32,
    ) -> None:
        """Begin to listen; raises OSError where the address cannot be had. Port 0 takes any."""
        self._limit, self._idle_timeout = limit, idle_timeout
        self._places = threading.BoundedSemaphore(connections)
        self._waiting: queue.Queue[MllpPickup] = queue.Queue(_WAITING)
        self._closing = threading.Event()
        self._live: dict[_Connection, threading.Thread] = {}
        self._live_lock = threading.Lock()
        self._listener = socket.create_server((host, port))
        self._address = self._listener.getsockname()[:2]
        self._listener.settimeout(_TICK)
        self._listening = threading.Thread(target=self._listen, name="mllp-listen", daemon=True)
        self._listening.start()

    @property
    def address(self) -> tuple[str, int]:
        """The host and port it listens on."""
        host, port = self._address
        return str(host), int(port)

    def pickups(self, stop: Callable[[], bool]) -> Iterator[MllpPickup]:
        """Yield messages as they come, until ``stop`` says so or the inlet is closed."""
        while not stop() and not self._closing.is_set():
            with contextlib.suppress(queue.Empty):
                yield self._waiting.get(timeout=_TICK)

    def close(self) -> None:
        """Stop listening, ask for what was not taken to be sent again, and disconnect."""
        self._closing.set()
        self._listening.join(_JOIN)
        self._listener.close()
        with self._live_lock:
            live = dict(self._live)
        for thread in live.values():
            thread.join(_JOIN)
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait().postpone()
        for connection in live:
            connection.close()

    def _listen(self) -> None:
        while not self._closing.is_set():
            if not self._places.acquire(timeout=_TICK):
                continue
            sock = self._accept()
            if sock is None:
                self._places.release()
                continue
            connection = _Connection(sock)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="mllp-sender", daemon=True
            )
            with self._live_lock:
                self._live[connection] = thread
            thread.start()

    def _accept(self) -> socket.socket | None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return None
        return sock

    def _serve(self, connection: _Connection) -> None:
        try:
            self._read_all(connection)
        finally:
            if not self._closing.is_set():
                connection.close()
                with self._live_lock:
                    self._live.pop(connection, None)
            self._places.release()

    def _read_all(self, connection: _Connection) -> None:
        """Read frames until the sender goes, is too slow, or the inlet closes."""
        frames = Frames(self._limit)
        deadline = time.monotonic() + self._idle_timeout
        while not self._closing.is_set():
            data = connection.receive()
            if data == b"":
                self._let_answers_go(connection)
                return
            begun, ended = frames.unfinished, False
            for message, cut in frames.feed(data or b""):
                self._take(connection, message, cut=cut)
                ended = True
            if ended or (frames.unfinished and not begun):
                deadline = time.monotonic() + self._idle_timeout
            waits = connection.waited_for and not frames.unfinished
            if time.monotonic() > deadline and not waits:
                return

    def _let_answers_go(self, connection: _Connection) -> None:
        """Keep a connection the sender has half closed until its messages are answered."""
        deadline = time.monotonic() + self._idle_timeout
        while connection.waited_for and time.monotonic() < deadline:
            if self._closing.wait(_TICK):
                return

    def _take(self, connection: _Connection, message: bytes, *, cut: bool) -> None:
        if cut:
            too_large = (Refusal(Fault.TOO_LARGE),)
            connection.answer(refusal(message, too_large, _number(), _now()))
            return
        connection.taken(1)
        document = Document(message, received_at(message), SUFFIX)
        pickup = MllpPickup(document, connection)
        while not self._closing.is_set():
            with contextlib.suppress(queue.Full):
                self._waiting.put(pickup, timeout=_TICK)
                return
        pickup.postpone()


class MllpOutlet:
    """Sends HL7 v2 messages over one lasting connection and waits for the answer to each.

    ``timeout`` is in seconds, for connecting and for an answer. A receiver that gets a message
    again knows it by MSH-10, which the format makes of the delivery id.
    """

    def __init__(self, host: str = LOOPBACK, port: int = PORT, *, timeout: float = 30.0) -> None:
        """Remember where to send; the connection is made with the first message."""
        self._address, self._timeout = (host, port), timeout
        self._sock: socket.socket | None = None
        self._frames = Frames(_ACK_LIMIT)
        self._lock = threading.Lock()

    def hand_over(self, document: Document, delivery_id: str) -> None:  # noqa: ARG002
        """Send a message and wait for its answer; an answer to an earlier one is passed over.

        Raises ChannelBusy where there is no connection or no answer in time, and ChannelRefused
        where the receiver refuses the message or it cannot be framed.
        """
        number = read_header(document.body).control_id
        if not number or START in document.body or END in document.body:
            raise ChannelRefused("The document is not an HL7 v2 message that MLLP can carry.")
        with self._lock:
            try:
                sock = self._connected()
                sock.settimeout(self._timeout)
                sock.sendall(framed(document.body))
                code = self._answer_to(sock, number)
            except OSError:
                self._drop()
                raise ChannelBusy("The agency system did not take or answer a message.") from None
        if code in REFUSED:
            raise ChannelRefused(f"The agency system answered {code}.")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _connected(self) -> socket.socket:
        if self._sock is not None and _is_stale(self._sock):
            self._drop()
        if self._sock is None:
            self._sock = socket.create_connection(self._address, self._timeout)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._frames = Frames(_ACK_LIMIT)
        return self._sock

    def _answer_to(self, sock: socket.socket, number: str) -> str:
        """Wait for the answer to a message; raises OSError where none comes."""
        deadline = time.monotonic() + self._timeout
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            data = sock.recv(_PIECE)
            if not data:
                raise ConnectionResetError
            for message, _ in self._frames.feed(data):
                code, answered = read_answer(message)
                if answered == number and code in ACCEPTED | REFUSED:
                    return code
        raise TimeoutError

    def _drop(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def _is_stale(sock: socket.socket) -> bool:
    """Whether the other side has closed the connection since it was last used."""
    sock.settimeout(0.0)
    try:
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
