"""A TCP forwarder that can cut every connection through it, as a bad network does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Proxy:
    """Forward a loopback port to another, and break what is open on demand."""

    def __init__(self, target: int) -> None:
        """Listen on a free port."""
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: set[socket.socket] = set()
        self._mutex = threading.Lock()
        self.accepting = True
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        """Use the proxy in a ``with`` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening and cut what is open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> int:
        """Break every open connection; the number says how many sockets there were."""
        with self._mutex:
            sockets, self._sockets = self._sockets, set()
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        return len(sockets)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    if not self.accepting:
                        raise ConnectionRefusedError
                    server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                with self._mutex:
                    self._sockets |= {client, server}
                pair = _Pair(client, server)
                threading.Thread(target=pair.pump, args=(client, server), daemon=True).start()
                threading.Thread(target=pair.pump, args=(server, client), daemon=True).start()


class _Pair:
    """Two sockets that end together; the last pump closes both."""

    def __init__(self, *sockets: socket.socket) -> None:
        self._sockets = sockets
        self._pumps = 2
        self._mutex = threading.Lock()

    def pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._mutex:
            self._pumps -= 1
            last = self._pumps == 0
        if last:
            for one in self._sockets:
                one.close()
