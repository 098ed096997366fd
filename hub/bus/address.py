"""The broker's address and accounts: URLs from the settings and the password files.

With ``amqp_url`` set, the hub uses that broker. Without it, it runs a private node in the state
folder, whose host and port (never a password) are in ``state/broker.json`` while it runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from hub.bus.topology import AgencyAccount, BrokerAccount, Definitions, definitions
from hub.foundation.settings import Settings
from schemas.errors import ConfigurationError, Unavailable

HUB_ACCOUNT = "hub"
PLACE_FILE = "broker.json"


def secrets_folder(settings: Settings) -> Path:
    """Return the folder with one password file for each broker account."""
    return settings.secrets or settings.state / "secrets"


def _password_file(settings: Settings, account: str) -> Path:
    if account == HUB_ACCOUNT and settings.amqp_password_file:
        return settings.amqp_password_file
    return secrets_folder(settings) / f"{account}.password"


def make_passwords(settings: Settings) -> None:
    """Make a password for every account that has none, in files that only their owner can read."""
    secrets_folder(settings).mkdir(parents=True, exist_ok=True, mode=0o700)
    for account in (HUB_ACCOUNT, *settings.agencies):
        file = _password_file(settings, account)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(24) + "\n")


def password(settings: Settings, account: str) -> str:
    """Return an account's password; raises ConfigurationError that names the file.

    If ``amqp_url`` (from the environment) holds the hub's own password, that one is used.
    """
    given = urlsplit(settings.amqp_url)
    if account == HUB_ACCOUNT and given.username == HUB_ACCOUNT and given.password:
        return unquote(given.password)
    file = _password_file(settings, account)
    if not file.is_file():
        raise ConfigurationError(
            f"No broker password at {file}. Run 'hub init' to make one, or copy it there."
        )
    return file.read_text(encoding="utf-8").strip()


def account_url(settings: Settings, account: str) -> str:
    """Return the AMQP URL of the hub's or an agency's account on the configured broker.

    Raises ConfigurationError, or Unavailable if the private broker is not running.
    """
    if not settings.amqp_url:
        place = _private_address(settings)
        return _url(f"amqp://{place}/{quote(settings.vhost, safe='')}", account, settings)
    parts = urlsplit(settings.amqp_url)
    if account == HUB_ACCOUNT and parts.username == HUB_ACCOUNT and parts.password:
        return settings.amqp_url
    host = parts.hostname or "127.0.0.1"
    port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
    path = f"/{quote(settings.vhost, safe='')}"
    bare = urlunsplit((parts.scheme, f"{host}:{port}", path, parts.query, ""))
    return _url(bare, account, settings)


def _url(bare: str, account: str, settings: Settings) -> str:
    scheme, _, rest = bare.partition("://")
    return f"{scheme}://{account}:{quote(password(settings, account), safe='')}@{rest}"


def _private_address(settings: Settings) -> str:
    file = settings.state / PLACE_FILE
    if not file.is_file():
        raise Unavailable(
            "The private broker is not running. Start the hub with 'hub up', or set HUB_AMQP_URL."
        )
    return str(json.loads(file.read_text(encoding="utf-8"))["place"])


def write_place(settings: Settings, place: str) -> None:
    """Record the address that the private broker listens on."""
    (settings.state / PLACE_FILE).write_text(json.dumps({"place": place}), encoding="utf-8")


def bus_definitions(settings: Settings) -> Definitions:
    """Return the broker definitions: exchanges, queues, policies, accounts with password hashes.

    A hash's salt is derived from its password, so that the same settings give the same definitions.
    """
    agencies = [
        AgencyAccount.with_password(name, secret, _salt(name, secret))
        for name in sorted(settings.agencies)
        for secret in [password(settings, name)]
    ]
    own = password(settings, HUB_ACCOUNT)
    hub = BrokerAccount.with_password(HUB_ACCOUNT, own, _salt(HUB_ACCOUNT, own))
    return definitions(settings.vhost, agencies, hub, partitions=settings.partitions)


def _salt(account: str, secret: str) -> bytes:
    return hashlib.sha256(f"salt\n{account}\n{secret}".encode()).digest()[:4]
