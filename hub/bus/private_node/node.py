"""A private RabbitMQ node, for tests, the demonstration and small pilots.

It is the real broker, run from the installed binaries as an ordinary user (or as root), with its
data, secrets and log in one folder. It listens on the loopback address only, loads the topology
from a definitions file when it starts, and has no ``guest`` account. With ``HUB_AMQP_URL`` set,
nothing here runs.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import quote

from hub.bus.errors import BrokerUnreachable
from hub.bus.inspection import inspect
from hub.bus.private_node import guard
from hub.bus.private_node.install import (
    HOW_TO_GET_ONE,
    BrokerInstall,
    BrokerMissing,
    find_installed,
)
from hub.bus.private_node.leftover import state_of, stop_left_over
from hub.bus.topology import BrokerAccount, Definitions, merge
from schemas.errors import Unavailable

if TYPE_CHECKING:
    from types import TracebackType

LOOPBACK = "127.0.0.1"
NODE = "hub@localhost"
READY_SECONDS = 120
# Below the ports for outgoing connections, so that a killed node finds its port free again.
_PORTS = range(20_000, 32_000)
_WATCHER = "localbroker"
_ACTOR = '"hub"'
_CONFIGURATION = """\
load_definitions = {definitions}
log.console = true
log.console.level = warning
raft.wal_max_size_bytes = 33554432
"""


class LocalBrokerError(Unavailable):
    """The private broker did not start, or its folder is in use; see its log."""

    code = "local-broker"


class LocalBroker:
    """A private node in a folder: ``with LocalBroker(folder, definitions) as broker``."""

    def __init__(
        self, folder: Path, definitions: Definitions, install: BrokerInstall | None = None
    ) -> None:
        """Choose ports and secrets; ``start`` runs the node. Raises BrokerMissing."""
        found = install or find_installed()
        if found is None:
            raise BrokerMissing(HOW_TO_GET_ONE)
        self.folder = folder.absolute()
        self._install = found
        self._watcher_password = secrets.token_urlsafe(24)
        self._definitions = merge(definitions, self._watchers_vhost())
        self._guard: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self.port, *self.other_ports = _free_ports(3)
        self.version = ""

    def __enter__(self) -> Self:
        """Start the node."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the node."""
        self.stop()

    def amqp_url(self, user: str, password: str, vhost: str) -> str:
        """Return the URL of one account on one virtual host of this node."""
        account = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"amqp://{account}@{LOOPBACK}:{self.port}/{quote(vhost, safe='')}"

    @property
    def log_file(self) -> Path:
        """The node's log."""
        return self.folder / guard.LOG_FILE

    def start(self) -> None:
        """Run the node and wait until an account can log in; a left-over node is stopped first."""
        if self._guard is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_folder()
        try:
            stop_left_over(self.folder)
            self._write_files()
            self._guard = subprocess.Popen(  # noqa: S603  # our own guard
                [sys.executable, "-I", "-S", str(guard.__file__), str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment(),
                start_new_session=True,
            )
            self._wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down the node and release the folder; its data stays."""
        if self._guard is not None:
            self._end_guard()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """Kill every process of the node (SIGKILL), as a failing machine would; for fault tests."""
        if self._guard is not None:
            state = state_of(self.folder)
            with suppress(ProcessLookupError, KeyError):
                os.killpg(state["group"], signal.SIGKILL)
            self._end_guard()

    def restart(self) -> None:
        """Stop the node if it runs, and start it again on the same ports and data."""
        self.stop()
        self.start()

    def add_definitions(self, definitions: Definitions) -> None:
        """Import more virtual hosts, accounts or queues into the running node."""
        file = self.folder / f"more-{secrets.token_hex(4)}.json"
        _write_private(file, json.dumps(definitions))
        try:
            if self._install.erl_call is None:
                self._order([str(self._install.ctl), "-q", "import_definitions", str(file)])
            else:
                # Takes a tenth of a second; rabbitmqctl takes one or two.
                read = f"{{ok, Json}} = file:read_file({json.dumps(str(file))})"
                self._evaluate(f"{read}, ok = rabbit_definitions:import_raw(Json)")
        finally:
            file.unlink(missing_ok=True)

    def drop_vhost(self, name: str) -> None:
        """Delete a virtual host and everything in it."""
        if self._install.erl_call is None:
            self._order([str(self._install.ctl), "-q", "delete_vhost", name])
        else:
            self._evaluate(f"ok = rabbit_vhost:delete(<<{json.dumps(name)}>>, <<{_ACTOR}>>)")

    def drop_queue(self, vhost: str, queue: str) -> None:
        """Delete one queue, as an operator might by mistake."""
        if self._install.erl_call is None:
            self._order([str(self._install.ctl), "-q", "delete_queue", "-p", vhost, queue])
        else:
            name = f"rabbit_misc:r(<<{json.dumps(vhost)}>>, queue, <<{json.dumps(queue)}>>)"
            delete = f"rabbit_amqqueue:delete(Queue, false, false, <<{_ACTOR}>>)"
            self._evaluate(
                f"{{ok, Queue}} = rabbit_amqqueue:lookup({name}), {{ok, _}} = {delete}, ok"
            )

    def _evaluate(self, expression: str) -> None:
        reply = self._order([str(self._install.erl_call), "-sname", NODE, "-e"], f"{expression}.\n")
        if "{ok, ok}" not in reply:
            message = f"the private broker did not carry out a command: {reply[:200]}"
            raise LocalBrokerError(message)

    def _order(self, command: list[str], text: str = "") -> str:
        done = subprocess.run(  # noqa: S603  # the installation's own programs
            command,
            env=self._environment(),
            input=text,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            message = f"the private broker refused a command: {(done.stdout + done.stderr)[:500]}"
            raise LocalBrokerError(message)
        return done.stdout

    def _watchers_vhost(self) -> Definitions:
        """Return an account without permissions, which logs in to detect readiness."""
        watcher = BrokerAccount.with_password(
            _WATCHER, self._watcher_password, secrets.token_bytes(4)
        )
        rights = {"user": _WATCHER, "vhost": _WATCHER, "configure": "^$", "write": "^$"}
        return Definitions(
            users=[
                {
                    "name": watcher.name,
                    "password_hash": watcher.password_hash,
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    "tags": [],
                }
            ],
            vhosts=[{"name": _WATCHER}],
            permissions=[{**rights, "read": "^$"}],
            policies=[],
            exchanges=[],
            queues=[],
            bindings=[],
        )

    def _take_folder(self) -> None:
        """Take the folder's lock, which the system releases even if this process is killed."""
        if self._lock is not None:
            return
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            message = f"another process runs a private broker in {self.folder}"
            raise LocalBrokerError(message) from error
        self._lock = lock

    def _write_files(self) -> None:
        folder = self.folder
        _write_private(folder / "definitions.json", json.dumps(self._definitions))
        configuration = _CONFIGURATION.format(definitions=folder / "definitions.json")
        (folder / "rabbitmq.conf").write_text(configuration)
        (folder / "enabled_plugins").write_text("[].\n")
        cookie = folder / ".erlang.cookie"
        if not cookie.exists():
            _write_private(cookie, secrets.token_hex(20))
        epmd = [str(self._install.epmd), "-port", str(self.other_ports[0]), "-address", LOOPBACK]
        spec = {"epmd": epmd, "server": [str(self._install.server)]}
        (folder / guard.SPEC_FILE).write_text(json.dumps(spec))

    def _environment(self) -> dict[str, str]:
        """Return the node's environment, without that of the user's own RabbitMQ."""
        folder = self.folder
        kept = {k: os.environ[k] for k in ("LANG", "LC_ALL", "TMPDIR") if k in os.environ}
        return {
            **kept,
            "PATH": self._install.search_path,
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self.other_ports[0]),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_DIST_PORT": str(self.other_ports[1]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none"
            ),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_LOG_BASE": str(folder),
            "ERL_CRASH_DUMP": str(folder / "erl_crash.dump"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-such-file"),
        }

    def _wait_ready(self) -> None:
        """Log in until it works, because an open port does not mean that the broker is ready."""
        url = self.amqp_url(_WATCHER, self._watcher_password, _WATCHER)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._guard is None or self._guard.poll() is not None:
                break
            if _listens(self.port):
                with suppress(BrokerUnreachable):
                    self.version = inspect(url, timeout=5.0).version
                    return
            time.sleep(0.05)
        message = f"the private broker did not start; see {self.log_file}"
        raise LocalBrokerError(message)

    def _end_guard(self) -> None:
        assert self._guard is not None  # noqa: S101  # both callers checked
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._guard.wait(guard.POLITE_SECONDS + 10)
        self._guard = None


def _free_ports(count: int) -> list[int]:
    ports: list[int] = []
    candidates = random.SystemRandom().sample(_PORTS, 200)
    for port in candidates:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            ports.append(port)
        if len(ports) == count:
            return ports
    message = "no free ports on the loopback address"
    raise LocalBrokerError(message)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
