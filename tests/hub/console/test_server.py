"""The address that the console listens on, and those that it refuses."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from hub.console.server import listen_address
from hub.foundation.settings import ConsoleSettings, Settings
from hub.runtime.bootstrap import prepare
from schemas.errors import ConfigurationError

URL = "https://hub.example.gov.uk"


@pytest.mark.parametrize("listen", ["127.0.0.1:8420", "localhost:0", "[::1]:8420", "127.0.0.9:1"])
def test_a_local_address_is_always_allowed(listen: str) -> None:
    """Nobody else can reach it."""
    host, port = listen_address(Settings(console=ConsoleSettings(listen=listen)))
    assert f"{host}:{port}" == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:8420", "10.0.0.1:8420", "hub.example:8420"])
def test_a_public_address_needs_a_proxy_with_tls(listen: str) -> None:
    """Passwords would be sent unencrypted."""
    with pytest.raises(ConfigurationError, match="proxy"):
        listen_address(Settings(console=ConsoleSettings(listen=listen)))
    assert listen_address(Settings(console=ConsoleSettings(listen=listen, url=URL)))


def start(folder: Path, listen: str) -> subprocess.Popen[str]:
    """Start 'hub console' as a process."""
    config = folder / "hub.toml"
    config.write_text(f'state = "state"\n[console]\nlisten = "{listen}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "hub", "--config", str(config), "console"]
    root = Path(__file__).parents[3]
    return subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True)


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def test_the_command_serves_until_it_is_stopped(tmp_path: Path) -> None:
    """It answers, and ends cleanly on a signal."""
    prepare(Settings(state=tmp_path / "state"))
    port = free_port()
    running = start(tmp_path, f"127.0.0.1:{port}")
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = httpx2.get(f"http://127.0.0.1:{port}/sign-in")
            break
        except httpx2.HTTPError:
            assert time.monotonic() < deadline, "it did not come up"
            time.sleep(0.2)
    running.send_signal(signal.SIGTERM)
    _, logs = running.communicate(timeout=30)
    assert answer.status_code == 200
    assert "console.started" in logs
    assert "console.stopped" in logs


def test_an_occupied_address_is_reported(tmp_path: Path) -> None:
    """With what to do, and exit code 2."""
    prepare(Settings(state=tmp_path / "state"))
    with socket.create_server(("127.0.0.1", 0)) as door:
        running = start(tmp_path, f"127.0.0.1:{door.getsockname()[1]}")
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "console.listen" in errors
