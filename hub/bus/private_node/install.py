"""Find RabbitMQ on this machine, install it if that is allowed, or explain how to.

The hub has no substitute for its broker: tests and the demonstration use RabbitMQ itself. No Python
package contains RabbitMQ and Erlang, so the binaries come from the operating system. Nothing here
starts a system service, and an installed RabbitMQ is left unchanged.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HOW_TO_GET_ONE = """\
RabbitMQ is not installed, and this account may not install it. Choose one:

  Debian, Ubuntu   sudo apt-get update && \
sudo apt-get install -y --no-install-recommends rabbitmq-server
  macOS            brew install rabbitmq
  without root     conda create -y -n rabbitmq -c conda-forge rabbitmq-server && \
conda activate rabbitmq
  Docker           hub topology export > definitions.json
                   docker run -d -p 127.0.0.1:5672:5672 \\
                     -v "$PWD/definitions.json:/etc/rabbitmq/definitions.json:ro" \\
                     -e RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-rabbit load_definitions \
"/etc/rabbitmq/definitions.json"' \\
                     rabbitmq:4
                   export HUB_AMQP_URL=amqp://hub:PASSWORD@127.0.0.1:5672/hub
"""

# /usr/sbin/rabbitmq-server of Debian refuses ordinary users; the one below it does not.
_DEBIAN = Path("/usr/lib/rabbitmq/bin")
_HOMEBREW = tuple(
    Path(prefix, "opt/rabbitmq/sbin")
    for prefix in ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew")
)
_POLICY = Path("/usr/sbin/policy-rc.d")
_INSTALL_SECONDS = 600


class BrokerMissing(ConfigurationError):
    """There is no RabbitMQ on this machine, and it could not be installed."""

    code = "broker-missing"


@dataclass(frozen=True, slots=True)
class BrokerInstall:
    """The programs of an installed RabbitMQ."""

    programs: Path
    epmd: Path
    erl_call: Path | None = None

    @property
    def server(self) -> Path:
        """The program that runs a node."""
        return self.programs / "rabbitmq-server"

    @property
    def ctl(self) -> Path:
        """The program that controls a running node."""
        return self.programs / "rabbitmqctl"

    @property
    def search_path(self) -> str:
        """A PATH with the server's own Erlang first."""
        own = [str(self.programs), str(self.epmd.parent)]
        return os.pathsep.join([*own, os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def find_installed() -> BrokerInstall | None:
    """Return the RabbitMQ of this machine: Debian's, Homebrew's, conda's or one on PATH."""
    for folder in _candidates():
        if (folder / "rabbitmq-server").is_file() and (folder / "rabbitmqctl").is_file():
            epmd = _find_erlang_program(folder, "epmd")
            if epmd is not None:
                return BrokerInstall(folder, epmd, _find_erlang_program(folder, "erl_call"))
    return None


def ensure_installed(say: Callable[[str], None]) -> BrokerInstall:
    """Return the installed RabbitMQ, after installing the system's package if that is allowed.

    ``say`` receives a line for each action. Raises BrokerMissing with exact commands.
    """
    found = find_installed()
    if found is not None:
        return found
    privilege = _privilege()
    if privilege is None or shutil.which("apt-get") is None:
        raise BrokerMissing(HOW_TO_GET_ONE)
    say("RabbitMQ is not installed: installing the system's package (no service is started)")
    with _no_service_starts(privilege):
        _run(privilege, ["apt-get", "update"])
        install = ["apt-get", "install", "-y", "--no-install-recommends", "rabbitmq-server"]
        _run(privilege, ["env", "DEBIAN_FRONTEND=noninteractive", *install])
    _keep_service_off(privilege, say)
    found = find_installed()
    if found is None:
        raise BrokerMissing(HOW_TO_GET_ONE)
    return found


def _candidates() -> Iterator[Path]:
    yield _DEBIAN
    yield from _HOMEBREW
    conda = os.environ.get("CONDA_PREFIX")
    if conda:
        yield Path(conda, "sbin")
        yield Path(conda, "bin")
    on_path = shutil.which("rabbitmq-server")
    if on_path:
        yield Path(on_path).resolve().parent


def _find_erlang_program(programs: Path, name: str) -> Path | None:
    prefix = programs.parent
    for folder in (prefix / "bin", prefix / "lib/erlang", prefix.parent / "erlang/lib/erlang"):
        for found in (folder / name, *sorted(folder.glob(f"erts-*/bin/{name}"), reverse=True)):
            if found.is_file():
                return found
    on_path = shutil.which(name)
    return Path(on_path) if on_path else None


def _privilege() -> list[str] | None:
    """Return the prefix that runs a command as root; None if there is none."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)  # noqa: S603
    return [sudo, "-n"] if asked.returncode == 0 else None


@contextmanager
def _no_service_starts(privilege: Sequence[str]) -> Iterator[None]:
    """Install Debian packages without starting services, with a temporary policy-rc.d."""
    if _POLICY.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w", suffix="-policy-rc.d") as policy:
        policy.write("#!/bin/sh\nexit 101\n")
        policy.flush()
        _run(privilege, ["install", "-m", "755", policy.name, str(_POLICY)])
    try:
        yield
    finally:
        _run(privilege, ["rm", "-f", str(_POLICY)])


def _keep_service_off(privilege: Sequence[str], say: Callable[[str], None]) -> None:
    """Disable the service of the new package, which would listen on every address."""
    if Path("/run/systemd/system").is_dir():
        _run(privilege, ["systemctl", "disable", "--now", "rabbitmq-server"])
        say("the system service rabbitmq-server is installed but left off")


def _run(privilege: Sequence[str], command: Sequence[str]) -> None:
    try:
        subprocess.run(  # noqa: S603  # our own commands
            [*privilege, *command],
            check=True,
            timeout=_INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        output = getattr(error, "stdout", None) or ""
        tail = "\n".join(output.splitlines()[-5:])
        message = f"could not run {' '.join(command)}: {tail or error}\n\n{HOW_TO_GET_ONE}"
        raise BrokerMissing(message) from error
