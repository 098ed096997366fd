"""The settings: one file, ``hub.toml``, and ``HUB_*`` environment variables, which override it.

Relative paths in the file start at the file's folder. Secrets are not in the file: it names the
files that hold them. Every setting is documented in docs/reference/settings.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from schemas.agencies import Agency, Directory
from schemas.bounded_toml import read_toml
from schemas.errors import ConfigurationError
from schemas.roles import Role
from schemas.sharing import AgencyName
from schemas.suggestion import nearest

AdapterName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,60}$")]
MEBIBYTE = 1_048_576
ENVIRONMENT = "HUB_"
"""The prefix of environment variables."""


class AdapterSettings(BaseModel):
    """One running adapter: which format, for which agency, through which channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: Annotated[str, Field(description="Entry point, such as education-ctf")]
    agency: Annotated[AgencyName, Field(description="The agency whose system it serves")]
    channel: Annotated[
        Literal["folder", "mllp"], Field(description="How bytes reach the agency's system")
    ] = "folder"
    direction: Annotated[
        Literal["both", "in", "out"],
        Field(description="in: reads from the system; out: writes to it"),
    ] = "both"
    folder: Annotated[
        Path | None, Field(description="folder channel: holds in/, out/, processed/, rejected/")
    ] = None
    work: Annotated[
        Path | None,
        Field(
            description="folder channel: the hub's own folder for claims and drafts, on the same "
            "file system as 'folder' and writable by the hub alone; empty: in the state folder"
        ),
    ] = None
    settle: Annotated[
        float,
        Field(
            ge=0, le=600, description="folder channel: seconds without change before a file is read"
        ),
    ] = 1.0
    listen: Annotated[
        str, Field(description="mllp channel: host:port to listen on for the agency's system")
    ] = "127.0.0.1:0"
    connect: Annotated[str, Field(description="mllp channel: host:port of the agency's system")] = (
        ""
    )
    settings: Annotated[
        dict[str, str | int | float | bool], Field(description="The format's own settings")
    ] = {}


class OpenIdSettings(BaseModel):
    """Sign-in to the console through an OpenID Connect provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[
        str, Field(description="The provider's address; empty: accounts of the hub's own only")
    ] = ""
    client: Annotated[str, Field(description="The console's client id at the provider")] = ""
    secret_file: Annotated[
        Path | None, Field(description="File with the client's secret there")
    ] = None
    person_claim: Annotated[str, Field(description="Claim that holds the staff reference")] = (
        "preferred_username"
    )
    roles_claim: Annotated[str, Field(description="Claim that lists groups or roles")] = "roles"
    roles: Annotated[
        dict[str, Role], Field(description="The provider's names for the console's roles")
    ] = {}


class ConsoleSettings(BaseModel):
    """The audit console."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: Annotated[bool, Field(description="Whether 'hub up' runs the console")] = True
    listen: Annotated[
        str, Field(pattern=r"^[^\s/]+:\d{1,5}$", description="host:port it listens on")
    ] = "127.0.0.1:8420"
    url: Annotated[
        str,
        Field(
            pattern=r"^(https://[^\s/]+)?$",
            description="Its https address, where a proxy serves it; empty: this machine only",
        ),
    ] = ""
    idle_minutes: Annotated[
        int, Field(ge=1, le=720, description="Minutes without use after which a session ends")
    ] = 30
    silent_days: Annotated[
        int,
        Field(
            ge=1, le=365, description="Days without an event after which an agency counts as silent"
        ),
    ] = 7
    openid: Annotated[OpenIdSettings, Field(description="Sign-in through OpenID Connect")] = (
        OpenIdSettings()
    )


_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _is_amqp_url(text: str) -> str:
    """Check a broker's address; the error does not repeat it, because it may hold a password."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"amqp", "amqps"} and parts.hostname and parts.port != 0
        # An @ or a stray % in a password must be percent-encoded (RFC 3986, section 3.2.1).
        good = good and parts.netloc.count("@") <= 1 and not _STRAY_PERCENT.search(text)
    except ValueError:
        good = False
    if not good:
        message = (
            "must be like amqp://hub@broker.example:5672/hub (or amqps://), or empty; "
            "write @ as %40 and % as %25 in a user name or password"
        )
        raise ValueError(message)
    return text


class Settings(BaseSettings):
    """All settings of the hub."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    name: Annotated[str, Field(description="Origin of the ledger, such as hub.example.gov.uk")] = (
        "interagency-hub.local"
    )
    state: Annotated[Path, Field(description="Folder for the store, keys and the broker")] = Path(
        "state"
    )
    store_url: Annotated[
        str, Field(description="SQLAlchemy URL; empty: SQLite in the state folder")
    ] = ""
    amqp_url: Annotated[
        str,
        AfterValidator(_is_amqp_url),
        Field(description="The hub's account on the broker; empty: a private local node"),
    ] = ""
    amqp_password_file: Annotated[
        Path | None, Field(description="File with the password for amqp_url")
    ] = None
    management_url: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^\s/]+.*)?$",
            description="The broker's management API; empty: port 15672 of its host",
        ),
    ] = ""
    vhost: Annotated[str, Field(description="Virtual host of the hub on the broker")] = "hub"
    partitions: Annotated[int, Field(ge=1, le=64, description="Number of hub.decide queues")] = 1
    secrets: Annotated[
        Path | None, Field(description="Folder with agencies' broker passwords and keys")
    ] = None
    master_key_file: Annotated[
        Path | None, Field(description="File with the master key; empty: state/master.key")
    ] = None
    signing_key_file: Annotated[
        Path | None, Field(description="File with the ledger's signing key")
    ] = None
    witnesses: Annotated[
        list[str],
        Field(description="Witnesses of the ledger: their verifier keys, or files that hold them"),
    ] = []
    agreements: Annotated[Path | None, Field(description="Folder of agreement files")] = None
    max_event_bytes: Annotated[
        int, Field(ge=1024, le=64 * MEBIBYTE, description="Largest event or document accepted")
    ] = MEBIBYTE
    clock_skew_seconds: Annotated[
        int,
        Field(
            ge=0, le=86_400, description="Seconds an event's time may be ahead of the hub's clock"
        ),
    ] = 300
    retention_days: Annotated[
        int, Field(ge=0, le=3650, description="Days for which decided events are stored, encrypted")
    ] = 28
    receipt_hours: Annotated[
        float, Field(gt=0, le=8760, description="Hours after which a missing receipt is an alarm")
    ] = 24.0
    batch: Annotated[int, Field(ge=1, le=1000, description="Events processed per transaction")] = (
        200
    )
    delivery_attempts: Annotated[
        int, Field(ge=1, le=100, description="Attempts before a failed delivery waits for a person")
    ] = 5
    log_format: Annotated[
        Literal["auto", "json", "console"], Field(description="auto: console on a terminal")
    ] = "auto"
    console: Annotated[ConsoleSettings, Field(description="The audit console")] = ConsoleSettings()
    agencies: Annotated[
        dict[AgencyName, dict[str, Any]], Field(description="The agencies on the bus, by name")
    ] = {}
    adapters: Annotated[
        dict[AdapterName, AdapterSettings], Field(description="The running adapters, by name")
    ] = {}

    @classmethod
    def settings_customise_sources(  # noqa: D102
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, dotenv_settings, file_secret_settings
        return (env_settings, init_settings)

    def directory(self) -> Directory:
        """Return the register of agencies; raises ConfigurationError that names what is wrong."""
        problems = _agency_problems(self.agencies)
        if problems:
            raise _not_valid("hub.toml", problems)
        return Directory(Agency(name=n, **fields) for n, fields in self.agencies.items())


def load_settings(file: Path | None) -> Settings:
    """Read the settings file (None: environment only), with its paths made absolute.

    Raises ConfigurationError that lists every wrong setting, where it is and what is expected.
    """
    written = _read_toml(file) if file else {}
    problems: list[str] = []
    try:
        settings = Settings(**written)
    except ValidationError as error:
        problems = [_problem(one["loc"], _text(one)) for one in _errors(error)]
        agencies = written.get("agencies")
        problems += _agency_problems(agencies if isinstance(agencies, dict) else {})
    else:
        problems = _agency_problems(settings.agencies)
        if not problems:
            return _anchored(settings, file.resolve().parent if file else Path.cwd())
    raise _not_valid(str(file or "The environment"), problems)


def _read_toml(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise ConfigurationError(f"No settings file at {file}. Run 'hub init' to make one.")
    try:
        return read_toml(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None


def _agency_problems(agencies: dict[str, Any]) -> list[str]:
    """List what is wrong with each agency's table."""
    problems = []
    for name, fields in agencies.items():
        try:
            Agency(**{**fields, "name": name} if isinstance(fields, dict) else {"name": name})
        except ValidationError as error:
            places = [(("agencies", name, *one["loc"]), _text(one)) for one in _errors(error)]
            problems += [_problem(place, text) for place, text in places]
    return problems


def _errors(error: ValidationError) -> Sequence[ErrorDetails]:
    """List the errors of a model, without the values, which may be passwords."""
    return error.errors(include_input=False, include_url=False, include_context=False)


def _problem(place: Sequence[int | str], text: str) -> str:
    """Write one wrong setting: its name, the environment variable if that set it, and why."""
    names = [str(part) for part in place]
    variable = f"{ENVIRONMENT}{'__'.join(names)}".upper()
    source = f" (from {variable})" if variable in os.environ else ""
    return f"  {'.'.join(names) or '(whole)'}{source}: {text.removeprefix('Value error, ')}"


def _text(error: ErrorDetails) -> str:
    """Say what is wrong with one setting; of an unknown one, which known one is nearest."""
    if error["type"] != "extra_forbidden":
        return error["msg"]
    models = (Settings, AdapterSettings, ConsoleSettings, OpenIdSettings, Agency)
    known = {name for model in models for name in model.model_fields}
    near = nearest(str(error["loc"][-1]), known)
    return "unknown setting." + (f" Did you mean '{near}'?" if near else "")


def _not_valid(where: str, problems: Sequence[str]) -> ConfigurationError:
    lines = "\n".join(problems)
    return ConfigurationError(
        f"{where} is not valid:\n{lines}\n'hub docs settings' explains every setting."
    )


def _anchored(settings: Settings, base: Path) -> Settings:
    """Make every path absolute; relative ones start at the folder of the settings file."""
    paths = {
        name: base / value
        for name in ("state", "amqp_password_file", "secrets", "master_key_file")
        if (value := getattr(settings, name)) is not None
    }
    more = {
        name: base / value
        for name in ("signing_key_file", "agreements")
        if (value := getattr(settings, name)) is not None
    }
    adapters = {
        name: a.model_copy(
            update={
                "folder": base / a.folder if a.folder else None,
                "work": base / a.work if a.work else None,
            }
        )
        for name, a in settings.adapters.items()
    }
    openid = settings.console.openid
    secret = base / openid.secret_file if openid.secret_file else None
    console = settings.console.model_copy(
        update={"openid": openid.model_copy(update={"secret_file": secret})}
    )
    # A value with a plus is a verifier key; any other is a file.
    witnesses = [one if "+" in one else str(base / one) for one in settings.witnesses]
    changed = {**paths, **more, "adapters": adapters, "witnesses": witnesses, "console": console}
    return settings.model_copy(update=changed)
