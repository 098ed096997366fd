"""Apply the topology to an external broker: by its management API, or by rabbitmqctl.

If neither works, the error has the commands for the broker's administrator. A private broker needs
none of this: it loads the topology when it starts.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from hub.bus import check
from hub.bus.address import HUB_ACCOUNT, account_url, bus_definitions
from hub.bus.private_node import find_installed
from hub.bus.topology import Definitions, TopologyNames, names
from hub.foundation.settings import Settings
from schemas.errors import ConfigurationError, Unavailable

HTTP_SECONDS = 20.0
CTL_SECONDS = 120.0
MANAGEMENT_PORT = 15672
_UNAUTHORISED = (401, 403)


class CannotApply(Unavailable):
    """Neither the management API nor rabbitmqctl accepted the topology; an administrator must."""

    code = "topology-not-applied"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The management API's address, and an account there that is tagged administrator."""

    management: str
    user: str
    password: str


def administrator(
    settings: Settings, management: str | None, user: str | None, password: str | None
) -> Administrator:
    """Return the administrator; defaults are the broker's host and the account of ``amqp_url``."""
    parts = urlsplit(settings.amqp_url)
    base = management or settings.management_url or f"http://{_host(settings)}:{MANAGEMENT_PORT}"
    if urlsplit(base).scheme not in {"http", "https"}:
        raise ConfigurationError(
            "The management API's address must begin with http:// or https://."
        )
    return Administrator(
        base.rstrip("/"),
        user or unquote(parts.username or ""),
        password if password is not None else unquote(parts.password or ""),
    )


def apply(settings: Settings, admin: Administrator) -> str:
    """Import the topology into the external broker; returns how it was done.

    Raises CannotApply with the commands for the administrator.
    """
    wanted = bus_definitions(settings)
    refusals = []
    for way in (_by_management, _by_ctl):
        refusal = way(settings, admin, wanted)
        if refusal is None:
            return _WAYS[way.__name__]
        refusals.append(refusal)
    raise CannotApply(_instructions(settings, admin, refusals))


_WAYS = {
    "_by_management": "through the management API",
    "_by_ctl": "with rabbitmqctl on this machine",
}


def how_to_apply(settings: Settings) -> str:
    """Return the instruction that brings the configured broker up to date with the settings."""
    if settings.amqp_url:
        return "Run 'hub topology apply'."
    return "Stop 'hub up' and start it again: it brings its private broker up to date."


def missing(settings: Settings) -> TopologyNames:
    """Return the exchanges and queues that the broker lacks."""
    wanted = names(sorted(settings.agencies), settings.partitions)
    return check(account_url(settings, HUB_ACCOUNT), wanted)


def _by_management(_settings: Settings, admin: Administrator, wanted: Definitions) -> str | None:
    """Post the definitions to the management API; returns why it failed, or None."""
    if not admin.user:
        return f"management API at {admin.management}: no administrator account was given"
    login = base64.b64encode(f"{admin.user}:{admin.password}".encode()).decode("ascii")
    request = Request(  # noqa: S310  the scheme was checked
        f"{admin.management}/api/definitions",
        data=json.dumps(wanted).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        method="POST",
    )
    # Never through a proxy: the request carries an administrator's password.
    opener = build_opener(ProxyHandler({}), HTTPHandler(), HTTPSHandler())
    try:
        with opener.open(request, timeout=HTTP_SECONDS):
            return None
    except HTTPError as error:
        answer = f"it answered {error.code}"
        if error.code in _UNAUTHORISED:
            answer = f"it refused the account '{admin.user}' (is it tagged administrator?)"
        return f"management API at {admin.management}: {answer}"
    except (URLError, OSError, HTTPException):
        return f"management API at {admin.management}: cannot be reached"


def _by_ctl(settings: Settings, _admin: Administrator, wanted: Definitions) -> str | None:
    """Import with rabbitmqctl if it controls this broker; returns why it failed, or None."""
    if _host(settings) not in {"localhost", "127.0.0.1", "::1", socket.gethostname()}:
        return "rabbitmqctl: the broker is on another machine"
    found = find_installed()
    program = shutil.which("rabbitmqctl") or (str(found.ctl) if found else None)
    if program is None:
        return "rabbitmqctl: it is not installed here"
    port = urlsplit(settings.amqp_url).port or 5672
    if not _listens_on(program, port):
        return f"rabbitmqctl: no broker that it can reach listens on port {port}"
    done = _run([program, "-q", "import_definitions", "--format", "json"], json.dumps(wanted))
    return None if done is not None else "rabbitmqctl: import_definitions failed"


def _listens_on(program: str, port: int) -> bool:
    """Return whether the broker that rabbitmqctl controls listens on the URL's port."""
    shown = _run([program, "-q", "status", "--formatter", "json"])
    try:
        listeners = json.loads(shown or "")["listeners"]
        return any(listener["port"] == port for listener in listeners)
    except (ValueError, KeyError, TypeError):
        return False


def _run(command: list[str], text: str = "") -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  rabbitmqctl with our own arguments
            command, input=text, capture_output=True, text=True, timeout=CTL_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _host(settings: Settings) -> str:
    return urlsplit(settings.amqp_url).hostname or "127.0.0.1"


def _instructions(settings: Settings, admin: Administrator, refusals: list[str]) -> str:
    tried = "".join(f"\n  tried  {refusal}" for refusal in refusals)
    return (
        f"The topology was not applied.{tried}\n"
        "Do this as an administrator of the broker:\n"
        "  hub topology export --file definitions.json\n"
        "and then either, where the management plugin runs,\n"
        "  curl -f -u ADMINISTRATOR -H 'Content-Type: application/json' -X POST "
        f"--data-binary @definitions.json {admin.management}/api/definitions\n"
        f"or, on the broker's own machine ({_host(settings)}),\n"
        "  rabbitmqctl import_definitions definitions.json\n"
        "Or run 'hub topology apply' with --user and --password-file of an administrator, and with "
        "--management where its API is elsewhere.\n"
        "Then run 'hub topology check'."
    )
