"""The private broker: only here, only ours, and gone when its owner is."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.bus import BrokerRefused, inspect
from hub.bus.private_node import LocalBroker, LocalBrokerError
from hub.bus.private_node.install import HOW_TO_GET_ONE
from tests.brokers import topology

if TYPE_CHECKING:
    from tests.brokers import Bus

_OWNER = """
import sys, time
from pathlib import Path
from hub.bus.private_node import LocalBroker
from tests.brokers import topology
node = LocalBroker(Path(sys.argv[1]), topology("hub"))
node.start()
print(node.port, flush=True)
time.sleep(600)
"""


def test_no_account_exists_but_the_defined_ones(bus: Bus, broker: LocalBroker | None) -> None:
    """RabbitMQ's own guest account would be an open door."""
    if broker is None:
        pytest.skip("another operator's broker")
    with pytest.raises(BrokerRefused, match="403"):
        inspect(broker.amqp_url("guest", "guest", "/"))
    assert inspect(bus.url()).version == broker.version


def test_the_node_listens_on_the_loopback_address_only(broker: LocalBroker | None) -> None:
    """A test must not open a port to the network, not even for Erlang's own traffic."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    if broker is None or not tables[0].exists():
        pytest.skip("needs a private node on Linux")
    listening = [
        line.split()[1].split(":")
        for table in tables
        if table.exists()
        for line in table.read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    here = {"0100007F", "00000000000000000000000001000000"}
    ours = {broker.port, *broker.other_ports}
    found = [address for address, port in listening if int(port, 16) in ours]
    assert len(found) >= len(ours)
    assert set(found) <= here


def test_a_folder_in_use_is_refused(broker: LocalBroker | None) -> None:
    """Two nodes over one folder would destroy its data."""
    if broker is None:
        pytest.skip("needs a private node")
    second = LocalBroker(broker.folder, topology("hub"))
    with pytest.raises(LocalBrokerError, match="another process"):
        second.start()


def test_a_killed_owner_leaves_no_node_and_its_folder_can_be_used_again(
    tmp_path: Path, broker: LocalBroker | None
) -> None:
    """After ``kill -9`` of the parent the guard cleans up."""
    if broker is None:
        pytest.skip("needs a private node")
    folder = tmp_path / "node"
    command = [sys.executable, "-c", _OWNER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        os.kill(owner.pid, signal.SIGKILL)
    with LocalBroker(folder, topology("hub")) as again:
        assert inspect(again.amqp_url("hub", "test-only", "hub")).product == "RabbitMQ"
        with socket.socket() as probe:
            assert port == again.port or probe.connect_ex(("127.0.0.1", port)) != 0
    assert not _processes_naming(folder)


def test_ensure_is_content_with_a_broker_named_by_the_environment() -> None:
    """Nothing is installed when another broker is to be used."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.bus.private_node", "--ensure"],
        env={"HUB_AMQP_URL": "amqp://x", "PATH": "", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "HUB_AMQP_URL" in done.stdout) == (0, True)


def test_the_advice_names_every_platform() -> None:
    """The user can copy a command."""
    for words in ("apt-get install", "brew install", "conda create", "docker run", "HUB_AMQP_URL"):
        assert re.search(re.escape(words), HOW_TO_GET_ONE)


def _processes_naming(folder: Path) -> list[str]:
    deadline = time.monotonic() + 10
    while True:
        shown = subprocess.run(
            ["ps", "-A", "-o", "command="], capture_output=True, text=True, check=True
        )
        found = [line for line in shown.stdout.splitlines() if str(folder) in line]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)
