"""Rotation of the hub's own keys while it runs: the master key, and the key for inbound events.

The master key, in an order that keeps the store readable at every instant:

1. The new key is put before the old one in the file. From then on every process unwraps with both.
2. In one transaction every data key is wrapped under the new key. Writers take turns, and each
   checks the file at its turn, so no later transaction wraps with the old key.
3. Once no data key is under an old key, ``finish_master`` removes the old keys from the file.

If step 2 is interrupted, the next call completes it with the same new key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from hub.journey.entries.access import KeyReplacedEntry, KeysRetiredEntry, RotatedKey
from hub.keys.master_keys import KEY_BYTES, read_master_keys, write_master_keys
from hub.keys.sealing_keys import new_inbound_key
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Rotated:
    """The result: data keys wrapped again, old master keys left in the file or dropped from it.

    ``inbound`` is the id of the new key for inbound events.
    """

    rewrapped: int = 0
    old: int = 0
    dropped: int = 0
    inbound: str = ""


def rotate_master(hub: Hub, file: Path, *, by: str) -> Rotated:
    """Replace the master key (steps 1 and 2); the old one stays in the file, for unwrapping.

    It runs in one write transaction, so that two rotations cannot lose each other's key.
    """
    with hub.writing() as (work, lines):
        keys = read_master_keys(file)
        if not _rewrapped(work):
            # (1) The new key goes before the old.
            keys = (os.urandom(KEY_BYTES), *keys)
            write_master_keys(file, keys)
        # (2) Every data key is wrapped under the new key.
        wrapped = _rewrapped(work)
        work.data_keys.replace(wrapped)
        lines.append(KeyReplacedEntry(key=RotatedKey.MASTER, by=by, rewrapped=len(wrapped)))
    return Rotated(rewrapped=len(wrapped), old=len(keys) - 1)


def finish_master(hub: Hub, file: Path, *, by: str) -> Rotated:
    """Remove old master keys from the file (step 3); raises ConfigurationError if one is in use.

    Old back-ups of the store can then be decrypted only with a copy of the old key.
    """
    with hub.writing() as (work, lines):
        if _rewrapped(work):
            raise ConfigurationError(
                "Some data keys are under an old key. Run 'hub keys rotate --master' first."
            )
        newest, *old = read_master_keys(file)
        if old:
            lines.append(KeysRetiredEntry(key=RotatedKey.MASTER, by=by, dropped=len(old)))
            write_master_keys(file, [newest])
    return Rotated(dropped=len(old))


def rotate_inbound(hub: Hub, settings: Settings, *, by: str) -> Rotated:
    """Make a new key for inbound events; old ones stay, to open queued events."""
    made = new_inbound_key(settings)
    with hub.writing() as (_, lines):
        lines.append(KeyReplacedEntry(key=RotatedKey.INBOUND, by=by, id=made))
    return Rotated(inbound=made)


def _rewrapped(work: UnitOfWork) -> dict[str, bytes]:
    """Return the data keys that are not under the newest key, wrapped under it."""
    found = ((name, work.vault.rewrapped(name, wrapped)) for name, wrapped in work.data_keys.all())
    return {name: wrapped for name, wrapped in found if wrapped is not None}
