"""Assembly: builds the hub, workers and adapters from the settings; names the concrete classes."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable
from pathlib import Path

from adapters.channels.folder import FolderInlet
from adapters.channels.folder_outlet import FolderOutlet
from adapters.channels.mllp import MllpInlet, MllpOutlet
from adapters.contract import Inlet, Outlet
from hub.bus.address import HUB_ACCOUNT, account_url, make_passwords, secrets_folder
from hub.evidence.pinned_checkpoint import FILE as KEPT_FILE
from hub.evidence.pinned_checkpoint import check_kept
from hub.foundation.extras import require_extra
from hub.foundation.settings import AdapterSettings, Settings
from hub.foundation.version_control import ignore_folder, require_ignored
from hub.intake.hub import Hub
from hub.journey.pipeline import Limits
from hub.keys.master_keys import MasterKeys, make_master_key
from hub.keys.sealing_keys import HubKey, InboundKeys, agency_key, agency_public_key, make_seal_keys
from hub.keys.witness_keys import witness_keys
from hub.ledger.errors import LedgerError
from hub.ledger.keys import SignerKey
from hub.runtime.adapter_runner import InboundRunner, OutboundRunner, Post
from hub.runtime.housekeeping import Terms
from hub.runtime.plugins import agency_system, load_adapter
from hub.runtime.worker import Worker, WorkerPlan
from hub.store.engine import Engine, migrate, open_store, require_current, store_url
from schemas.errors import ConfigurationError


def master_key_file(settings: Settings) -> Path:
    """Return the file of the master key."""
    return settings.master_key_file or settings.state / "master.key"


def signing_key_file(settings: Settings) -> Path:
    """Return the file of the ledger's signing key; the verifier key is beside it as ``.pub``."""
    return settings.signing_key_file or settings.state / "ledger.key"


def prepare(settings: Settings) -> None:
    """Make the folders, keys, passwords and store that are missing.

    Raises ConfigurationError if Git would record a key; only folders are made then.
    """
    _make_folders(settings)
    make_master_key(master_key_file(settings))
    _make_signing_key(settings)
    make_passwords(settings)
    make_seal_keys(settings)
    engine = open_engine(settings)
    migrate(engine)
    engine.dispose()
    hub = open_hub(settings)
    with hub.writing() as (work, _):
        work.blind("makes the key of blind indexes now, not in a read transaction")
    hub.engine.dispose()


def _make_folders(settings: Settings) -> None:
    for folder in (settings.state, secrets_folder(settings)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore_folder(folder)
    secrets = [
        master_key_file(settings),
        signing_key_file(settings),
        settings.amqp_password_file or secrets_folder(settings) / "hub.password",
        settings.state / "inbound" / "hub.key",
    ]
    for file in secrets:
        if not file.exists():
            require_ignored(file)


def _make_signing_key(settings: Settings) -> None:
    file = signing_key_file(settings)
    if not file.exists():
        signer = SignerKey(settings.name, os.urandom(32))
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(signer.reveal() + "\n")
    verifier = read_signer(settings).verifier()
    file.with_suffix(".pub").write_text(f"{verifier}\n", encoding="utf-8")


def read_signer(settings: Settings) -> SignerKey:
    """Read the ledger's signing key; raises ConfigurationError with what to do."""
    file = signing_key_file(settings)
    if not file.is_file():
        raise ConfigurationError(f"No ledger signing key at {file}. Run 'hub init' to make one.")
    try:
        return SignerKey.parse(file.read_text(encoding="utf-8").strip())
    except LedgerError as error:
        raise ConfigurationError(f"The signing key at {file} cannot be read: {error}") from None


def open_engine(settings: Settings) -> Engine:
    """Open the configured store; raises ExtraMissing where its library is not installed."""
    if settings.store_url.startswith("postgres"):
        require_extra("postgres", "A PostgreSQL store ('store_url')")
    return open_store(store_url(settings.store_url, settings.state))


def open_hub(settings: Settings) -> Hub:
    """Open the hub; raises ConfigurationError if 'hub init' must run first."""
    engine = open_engine(settings)
    require_current(engine)
    return Hub(
        engine=engine,
        master=MasterKeys.of_file(master_key_file(settings)),
        signer=read_signer(settings),
        directory=settings.directory(),
        limits=Limits(
            settings.max_event_bytes,
            dt.timedelta(seconds=settings.clock_skew_seconds),
        ),
        inbound=InboundKeys(settings),
        agency_keys=lambda agency: agency_public_key(settings, agency),
        kept=settings.state / KEPT_FILE,
        witnesses=witness_keys(settings.witnesses),
    )


def check_store(settings: Settings) -> None:
    """Compare the store with the pinned checkpoint; raises LedgerBroken."""
    hub = open_hub(settings)
    try:
        check_kept(hub)
    finally:
        hub.engine.dispose()


def make_worker(settings: Settings) -> Worker:
    """Return a worker for every partition.

    Raises LedgerBroken if the store is older than the pinned checkpoint: new entries would then
    contradict the ones already published.
    """
    hub = open_hub(settings)
    check_kept(hub)
    plan = WorkerPlan(
        url=account_url(settings, HUB_ACCOUNT),
        partitions=range(settings.partitions),
        batch=settings.batch,
        terms=Terms(
            retention=dt.timedelta(days=settings.retention_days),
            receipt=dt.timedelta(hours=settings.receipt_hours),
        ),
    )
    return Worker(hub, plan)


def adapter_runs(
    settings: Settings, name: str, stop: threading.Event
) -> list[tuple[str, Callable[[], None]]]:
    """Return one run for each direction of an adapter, each for a thread of its own.

    Raises ConfigurationError if the adapter, its agency or its channel is misconfigured.
    """
    chosen = settings.adapters.get(name)
    if chosen is None:
        known = ", ".join(sorted(settings.adapters)) or "none"
        raise ConfigurationError(f"No [adapters.{name}] in the settings. There are: {known}.")
    if chosen.agency not in settings.agencies:
        raise ConfigurationError(f"adapters.{name}: there is no [agencies.{chosen.agency}].")
    adapter = load_adapter(chosen.adapter)
    post = Post(
        name=name,
        adapter=adapter,
        speaker=agency_system(name, chosen, adapter),
        url=account_url(settings, chosen.agency),
        limit=settings.max_event_bytes,
        attempts=settings.delivery_attempts,
        partitions=settings.partitions,
        hub_key=HubKey(settings),
        own_key=agency_key(settings, chosen.agency),
    )
    runs: list[tuple[str, Callable[[], None]]] = []
    if chosen.direction in {"both", "in"}:
        inlet = _inlet(name, chosen, settings)
        runs.append((f"{name}: in", InboundRunner(post, inlet, stop).run))
    if chosen.direction in {"both", "out"}:
        runs.append(
            (f"{name}: out", OutboundRunner(post, _outlet(name, chosen, settings), stop).run)
        )
    return runs


def _inlet(name: str, chosen: AdapterSettings, settings: Settings) -> Inlet:
    limit = settings.max_event_bytes
    if chosen.channel == "folder":
        work = _working_folder(name, chosen, settings)
        return FolderInlet(_folder(name, chosen), work=work, settle=chosen.settle, limit=limit)
    host, port = _place(name, "listen", chosen.listen)
    return MllpInlet(host, port, limit=limit)


def _outlet(name: str, chosen: AdapterSettings, settings: Settings) -> Outlet:
    if chosen.channel == "folder":
        work = _working_folder(name, chosen, settings)
        return FolderOutlet(_folder(name, chosen), work=work)
    host, port = _place(name, "connect", chosen.connect)
    return MllpOutlet(host, port)


def _working_folder(name: str, chosen: AdapterSettings, settings: Settings) -> Path:
    """Name the folder for claims and drafts, which no agency may write to."""
    return chosen.work or settings.state / "channels" / name


def _folder(name: str, chosen: AdapterSettings) -> Path:
    if chosen.folder is None:
        raise ConfigurationError(f"adapters.{name}: the folder channel needs 'folder'.")
    return chosen.folder


def _place(name: str, key: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigurationError(f"adapters.{name}: '{key}' must be host:port.")
    return host, int(port)
