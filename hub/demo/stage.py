"""The demonstration's stage: a hub in a folder, agencies that hand in files, waiting for the hub.

The worker may be killed at any moment: the supervisor restarts it, and the summary is read from the
store, so it is the same.
"""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.channels.mllp import MllpOutlet
from adapters.contract import Document, translate
from consent.agreement_file import load_agreement
from hub.bus.topology_apply import administrator, apply
from hub.casework.accounts import people
from hub.demo.borough import Drop, agreements, hub_toml
from hub.foundation import clock
from hub.foundation.logs import set_up_logs
from hub.foundation.settings import AdapterSettings, Settings, load_settings
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import reference
from hub.runtime.bootstrap import open_hub, prepare
from hub.runtime.plugins import agency_system, load_adapter
from hub.runtime.supervisor import Supervisor
from schemas.errors import ChannelBusy, ChannelRefused, Unavailable
from schemas.roles import Role

CONSOLE_PORT = 8420
PATIENCE = 180.0
LOOK = 0.2
DELIVERY_ENDS = frozenset({"delivered", "failed", "withheld"})


class DemoStuck(Unavailable):
    """The demonstration waited too long for the hub to finish; see its log."""

    code = "demo-stuck"


@dataclass(slots=True)
class Stage:
    """The demonstration's folder, settings, hub, and the documents handed in so far."""

    folder: Path
    settings: Settings
    hub: Hub
    password: str
    expected: set[str] = field(default_factory=set)
    handed_in: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """The demonstration's own hub.toml."""
        return self.folder / "hub.toml"

    @property
    def log(self) -> Path:
        """Where the hub's processes write their logs."""
        return self.folder / "hub.log"


def build(folder: Path) -> Stage:
    """Make a new hub in a folder, with the borough's agreements published.

    With HUB_AMQP_URL set, its account must be an administrator there: the borough's virtual host
    and accounts are made on that broker. Raises CannotApply with what to do.
    """
    folder = folder.absolute()
    _clear(folder)
    folder.mkdir(parents=True)
    config = folder / "hub.toml"
    config.write_text(
        hub_toml(mllp_port=_free_port(), console_port=_free_port(CONSOLE_PORT)), encoding="utf-8"
    )
    _copy_agreements(folder / "agreements")
    settings = load_settings(config)
    for adapter in settings.adapters.values():
        if adapter.folder is not None:
            for part in ("in", "out", "processed", "rejected"):
                (adapter.folder / part).mkdir(parents=True, exist_ok=True)
    prepare(settings)
    if settings.amqp_url:
        apply(settings, administrator(settings, None, None, None))
    hub = open_hub(settings)
    _publish(hub)
    stage = Stage(folder, settings, hub, _people(hub))
    set_up_logs(
        "json", stage.log.open("a", encoding="utf-8", buffering=1)
    )  # not between the lines of the story
    return stage


def _clear(folder: Path) -> None:
    """Remove an earlier demonstration, and nothing else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "hub.toml").exists():
        raise Unavailable(f"{folder} holds other files. Choose another folder with --folder.")
    shutil.rmtree(folder, ignore_errors=True)


def _free_port(wanted: int = 0) -> int:
    """Return a free port: the wanted one, or any other if that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _copy_agreements(into: Path) -> None:
    """Write the agreements where the demonstration's settings name them, to read and to copy."""
    into.mkdir()
    for file in agreements():
        (into / file.name).write_bytes(file.read_bytes())


def _publish(hub: Hub) -> None:
    with hub.writing() as (work, lines):
        for file in agreements():
            agreement = load_agreement(file.read_text(encoding="utf-8"), name=file.name)
            if work.agreements.publish(agreement, work.now):
                lines.append(AgreementPublishedEntry.of(agreement, by="demo"))


def _people(hub: Hub) -> str:
    """Make an account for each role of the console, all with one new password, and return that."""
    password = secrets.token_urlsafe(12)
    for role in Role:
        people.add(hub, role.value, [role], password, by="demo")
    return password


def hand_in(stage: Stage, drop: Drop) -> None:
    """Hand in one document as its agency's system would, and record which events to expect."""
    chosen = stage.settings.adapters[drop.adapter]
    _expect(stage, drop, chosen)
    if chosen.channel == "mllp":
        _send(stage, drop, chosen)
        return
    if chosen.folder is None:
        return
    into = chosen.folder / "in"
    hidden = into / f".{drop.name}.tmp"
    hidden.write_bytes(drop.body)
    hidden.rename(into / drop.name)


def _expect(stage: Stage, drop: Drop, chosen: AdapterSettings) -> None:
    document = Document(drop.body, clock.now())
    adapter = load_adapter(chosen.adapter)
    speaker = agency_system(drop.adapter, chosen, adapter)
    found = translate(adapter.format, document, speaker, stage.settings.max_event_bytes)
    stage.handed_in += 1
    with stage.hub.reading() as work:
        blind = work.blind
        stage.expected |= {reference(e.source, e.id, blind) for e in found.events}
    stage.refused += [(drop.name, refusal.fault.value) for refusal in found.refused]


def _send(stage: Stage, drop: Drop, chosen: AdapterSettings) -> None:
    """Send a message over MLLP as the trust's system would, until it is acknowledged."""
    host, _, port = chosen.listen.rpartition(":")
    outlet = MllpOutlet(host, int(port))
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            try:
                outlet.hand_over(Document(drop.body, clock.now()), drop.name)
            except ChannelBusy:
                time.sleep(LOOK)
            except ChannelRefused:
                return
            else:
                return
    finally:
        outlet.close()
    raise DemoStuck(f"The MLLP listener did not reply. See {stage.log}.")


def wait_for_quiet(
    stage: Stage, supervisor: Supervisor, step: Callable[[dict[str, int]], None]
) -> None:
    """Wait until every event that was handed in is decided and every delivery has its receipt."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        supervisor.check()
        counts = tally(stage.hub)
        step(counts)
        if files_taken(stage) and _is_quiet(stage, counts):
            return
        time.sleep(LOOK)
    raise DemoStuck(f"The hub did not finish within {PATIENCE:.0f} s. See {stage.log}.")


def tally(hub: Hub) -> dict[str, int]:
    """Count events by state and deliveries by state (as ``delivery:<state>``)."""
    with hub.reading() as work:
        counts = dict(work.inbox.counts())
        counts |= {f"delivery:{s}": n for s, n in work.deliveries.counts().items()}
    return counts


def _is_quiet(stage: Stage, counts: dict[str, int]) -> bool:
    decided = sum(counts.get(s, 0) for s in ("decided", "held", "quarantined"))
    open_deliveries = sum(
        n
        for state, n in counts.items()
        if state.startswith("delivery:") and state.removeprefix("delivery:") not in DELIVERY_ENDS
    )
    return decided >= len(stage.expected) and open_deliveries == 0


def files_taken(stage: Stage) -> bool:
    """Return whether every folder's ``in`` is empty, hidden files included."""
    return not any(
        path.is_file() and path.suffix != ".lock"
        for adapter in stage.settings.adapters.values()
        if adapter.folder is not None
        for path in (adapter.folder / "in").rglob("*")
    )


def outputs(stage: Stage) -> list[Path]:
    """List the documents that reached the agencies' systems."""
    found = {
        path
        for adapter in stage.settings.adapters.values()
        if adapter.folder is not None
        for path in (adapter.folder / "out").iterdir()
        if path.is_file() and not path.name.startswith(".")
    }
    return sorted(found)


def today() -> dt.date:
    """Return the day on which the demonstration plays."""
    return clock.now().date()


def by_wave(drops: Sequence[Drop]) -> list[list[Drop]]:
    """Group documents by wave."""
    waves = sorted({d.wave for d in drops})
    return [[d for d in drops if d.wave == wave] for wave in waves]
