"""``hub up``: broker, worker, adapters and console in one command.

This process owns the private broker; the others are child processes, which it restarts with
growing pauses when they end. Ctrl-C or SIGTERM shuts all of them down in order.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import structlog

from hub.bus import BrokerFacts, BrokerRefused, inspect
from hub.bus.address import HUB_ACCOUNT, account_url, bus_definitions, write_place
from hub.bus.private_node import LocalBroker
from hub.bus.topology_apply import how_to_apply, missing
from hub.foundation.extras import has_extra
from hub.foundation.settings import Settings
from hub.intake.hub import backoff
from hub.runtime.bootstrap import check_store, prepare
from schemas.errors import ConfigurationError

log = structlog.get_logger()

STOP_SECONDS = 15.0
STEADY_SECONDS = 10.0
CHECK_SECONDS = 0.5
BROKER_LOST_AFTER = 6


@dataclass(slots=True)
class ChildProcess:
    """One supervised process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """The broker and the processes of one hub; a context manager."""

    settings: Settings
    config: Path
    log_file: Path | None = None
    console: bool = True
    broker: LocalBroker | None = None
    children: list[ChildProcess] = field(default_factory=list)
    _silent: int = 0

    def __enter__(self) -> Self:
        """Make missing files, start the broker, check the bus, start the processes."""
        prepare(self.settings)
        check_store(self.settings)
        self._start_broker()
        self._check_bus()
        self._add("worker", "worker")
        if self.settings.adapters:
            self._add("adapters", "adapter", "run", "--all")
        if self.console and self.settings.console.on:
            self._add_console()
        self.check()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the processes, then the broker."""
        self.stop()

    def facts(self) -> BrokerFacts:
        """Return the facts that the broker reports about itself."""
        return inspect(account_url(self.settings, HUB_ACCOUNT))

    def _start_broker(self) -> None:
        if self.settings.amqp_url:
            return
        self.broker = LocalBroker(self.settings.state / "broker", bus_definitions(self.settings))
        self.broker.start()
        write_place(self.settings, f"127.0.0.1:{self.broker.port}")

    def _check_bus(self) -> None:
        """Raise an error that says what to do where the broker refuses the hub or lacks a queue."""
        try:
            found = missing(self.settings)
        except BrokerRefused as error:
            raise BrokerRefused(f"{error}. {how_to_apply(self.settings)}") from None
        absent = [*found.exchanges, *found.queues]
        if absent:
            raise ConfigurationError(
                f"The broker has no {', '.join(absent[:5])}. {how_to_apply(self.settings)}"
            )

    def _add(self, name: str, *arguments: str) -> None:
        command = (sys.executable, "-m", "hub", "--config", str(self.config), *arguments)
        self.children.append(ChildProcess(name, command))

    def _add_console(self) -> None:
        """Add the console, if its libraries are installed."""
        if not has_extra("console"):
            log.warning("console.absent")
            return
        self._add("console", "console")

    def check(self) -> None:
        """Restart ended processes that are due, and a lost broker."""
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_end(child, child.process.returncode)
            if child.process is None and time.monotonic() >= child.due:
                self._start(child)
        self._check_broker()

    def _start(self, child: ChildProcess) -> None:
        out = self.log_file.open("ab") if self.log_file else None
        child.process = subprocess.Popen(child.command, stdout=out, stderr=out)  # noqa: S603
        child.started = time.monotonic()
        log.info("process.started", process=child.name, pid=child.process.pid)
        if out:
            out.close()

    def _note_end(self, child: ChildProcess, code: int) -> None:
        steady = time.monotonic() - child.started > STEADY_SECONDS
        child.failures = 1 if steady else child.failures + 1
        child.due = time.monotonic() + backoff(child.failures)
        child.process = None
        log.warning("process.ended", process=child.name, exit_code=code, attempt=child.failures)

    def _check_broker(self) -> None:
        if self.broker is None:
            return
        try:
            socket.create_connection(("127.0.0.1", self.broker.port), timeout=1).close()
        except OSError:
            self._silent += 1
            if self._silent >= BROKER_LOST_AFTER:
                log.warning("broker.lost", port=self.broker.port)
                self.broker.restart()
                self._silent = 0
        else:
            self._silent = 0

    def stop(self) -> None:
        """Shut down the processes, then the broker."""
        running = [c.process for c in self.children if c.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.broker is not None:
            self.broker.stop()


def up(settings: Settings, config: Path) -> int:
    """Run the whole hub until SIGINT or SIGTERM."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with Supervisor(settings, config) as supervisor:
        facts = supervisor.facts()
        log.info("hub.up", broker=facts.product, version=facts.version, state=str(settings.state))
        while not stopping.wait(CHECK_SECONDS):
            supervisor.check()
    log.info("hub.down")
    return 0
