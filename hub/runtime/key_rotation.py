"""Replacing the hub's own keys while it runs: the master key, and the one events are sealed to.

The master key, in an order that leaves the store readable at every instant:

1. The new key is put before the old in the file. Every process opens with both from then on.
2. In one transaction every data key is wrapped anew. Writers take turns, and each looks at the file
   when its turn comes: after this transaction nobody wraps with the old key again.
3. Once nothing is under an old key, ``finish_master`` takes the old ones out of the file.

What breaks off before 2 is done is taken up again by the next call, with the same new key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from hub.journey import entries
from hub.keys.master_keys import KEY_BYTES, read_master_keys, write_master_keys
from hub.keys.sealing_keys import new_inbound_key
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError

Body = dict[str, JsonValue]
MASTER, INBOUND = "master", "inbound"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: data keys wrapped anew, old master keys that are still in the file or gone.

    ``inbound`` is the id of the new key that events are sealed to.
    """

    rewrapped: int = 0
    old: int = 0
    dropped: int = 0
    inbound: str = ""


def rotate_master(hub: Hub, file: Path, *, by: str) -> Rotated:
    """Replace the master key (steps 1 and 2); the old one stays in the file, to open with.

    All of it inside one writing transaction, so that two rotations cannot lose each other's key.
    """
    with hub.writing() as (work, lines):
        keys = read_master_keys(file)
        if not _rewrapped(work):
            # (1) The new key stands before the old.
            keys = (os.urandom(KEY_BYTES), *keys)
            write_master_keys(file, keys)
        # (2) Every data key is wrapped anew.
        anew = _rewrapped(work)
        work.shelf.replace(anew)
        body: Body = {"act": "rotated", "rewrapped": len(anew)}
        lines.append(entries.key_changed(MASTER, body, by, work.now))
    return Rotated(rewrapped=len(anew), old=len(keys) - 1)


def finish_master(hub: Hub, file: Path, *, by: str) -> Rotated:
    """Take old master keys out of the file (step 3); raises ConfigurationError while one is used.

    What is only in an old back-up of the store then opens no more, unless the old key is kept.
    """
    with hub.writing() as (work, lines):
        if _rewrapped(work):
            raise ConfigurationError("Some data keys are under an old key: rotate --master first.")
        newest, *old = read_master_keys(file)
        if old:
            body: Body = {"act": "finished", "dropped": len(old)}
            lines.append(entries.key_changed(MASTER, body, by, work.now))
            write_master_keys(file, [newest])
    return Rotated(dropped=len(old))


def rotate_inbound(hub: Hub, settings: Settings, *, by: str) -> Rotated:
    """Make a new key for events to be sealed to; the old ones stay, to open what is queued."""
    made = new_inbound_key(settings)
    with hub.writing() as (work, lines):
        body: Body = {"act": "rotated", "id": made}
        lines.append(entries.key_changed(INBOUND, body, by, work.now))
    return Rotated(inbound=made)


def _rewrapped(work: UnitOfWork) -> dict[str, bytes]:
    """Wrap under the newest key what is not under it."""
    found = ((name, work.vault.rewrapped(name, wrapped)) for name, wrapped in work.shelf.all())
    return {name: wrapped for name, wrapped in found if wrapped is not None}
