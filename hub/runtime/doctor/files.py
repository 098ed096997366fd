"""Checks of settings and files: agencies, adapters, key files, permissions, disk space."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.bus.address import HUB_ACCOUNT, secrets_folder
from hub.foundation.settings import Settings
from hub.runtime.bootstrap import master_key_file, read_signer, signing_key_file
from hub.runtime.doctor.finding import DoctorFinding, Level
from hub.runtime.plugins import configuration_problems
from schemas.counted import counted

_OTHERS = 0o077
_OTHERS_WRITE = 0o022
_GIB = 1024**3
_ADVICE = "Correct the settings file. 'hub adapter list NAME' describes an adapter's settings."
_LITTLE = _GIB
_TOO_LITTLE = _GIB // 10


def check_files(settings: Settings) -> Iterator[DoctorFinding]:
    """Check agencies and adapters, the state folder, secret files, the signing key, the disk."""
    yield from _registers(settings)
    if not settings.state.is_dir():
        yield DoctorFinding(Level.WRONG, "state", f"no folder {settings.state}", "Run 'hub init'.")
        return
    yield _folder(settings.state)
    for file in _secret_files(settings):
        yield _secret(file)
    yield from _seal_keys(settings)
    yield from _signing_key(settings)
    yield _disk(settings.state)


def _registers(settings: Settings) -> Iterator[DoctorFinding]:
    count = len(settings.directory().agencies)
    if not count:
        yield DoctorFinding(
            Level.WARN, "settings", "there are no agencies", "Add [agencies.NAME] tables."
        )
    bad = 0
    for name in sorted(settings.adapters):
        for problem in configuration_problems(name, settings):
            bad += 1
            yield DoctorFinding(Level.WRONG, "settings", problem, _ADVICE)
    if not bad:
        adapters = counted(len(settings.adapters), "adapter")
        text = f"{counted(count, 'agency', 'agencies')}, {adapters}"
        yield DoctorFinding(Level.OK, "settings", text)


def _folder(folder: Path) -> DoctorFinding:
    if folder.stat().st_mode & _OTHERS_WRITE:
        text = f"{folder} can be written by others"
        return DoctorFinding(Level.WRONG, "state", text, f"Run: chmod go-w {folder}")
    return DoctorFinding(Level.OK, "state", str(folder))


def _secret_files(settings: Settings) -> list[Path]:
    own = settings.amqp_password_file
    passwords = [
        own if account == HUB_ACCOUNT and own else secrets_folder(settings) / f"{account}.password"
        for account in (HUB_ACCOUNT, *sorted(settings.agencies))
    ]
    return [master_key_file(settings), signing_key_file(settings), *passwords]


def _secret(file: Path) -> DoctorFinding:
    if not file.is_file():
        return DoctorFinding(
            Level.WRONG, "secrets", f"no file {file}", "Run 'hub init', or put it there."
        )
    if file.stat().st_mode & _OTHERS:
        text = f"{file} can be read by others than its owner"
        return DoctorFinding(Level.WRONG, "secrets", text, f"Run: chmod 600 {file}")
    return DoctorFinding(Level.OK, "secrets", str(file))


def _seal_keys(settings: Settings) -> Iterator[DoctorFinding]:
    """Check the keys for sealing: the hub's own, and those that agencies registered."""
    own = sorted((settings.state / "inbound").glob("*.key"))
    if not own:
        text = "the hub has no key to decrypt events with"
        yield DoctorFinding(Level.WRONG, "secrets", text, "Run 'hub init'.")
    # An agency's private key is here only where its adapter runs on this machine.
    there = sorted(secrets_folder(settings).glob("*.seal.key"))
    yield from (_secret(file) for file in (*own, *there))
    for agency in sorted(settings.agencies):
        file = secrets_folder(settings) / f"{agency}.seal.pub"
        if not file.is_file():
            text = f"{agency} has no registered key: nothing can be released to it"
            do = f"Run 'hub init' to make one, or put the agency's own public key at {file}."
            yield DoctorFinding(Level.WRONG, "secrets", text, do)


def _signing_key(settings: Settings) -> Iterator[DoctorFinding]:
    signer = read_signer(settings)
    if signer.name != settings.name:
        text = f"the signing key is named {signer.name}, the settings say {settings.name}"
        yield DoctorFinding(
            Level.WRONG, "keys", text, f'Set name = "{signer.name}" in the settings.'
        )
    public = signing_key_file(settings).with_suffix(".pub")
    shown = public.read_text(encoding="utf-8").strip() if public.is_file() else ""
    if shown != str(signer.verifier()):
        text = f"{public} is not the public part of the signing key"
        yield DoctorFinding(
            Level.WRONG, "keys", text, "Run 'hub init', and send it to everyone who has a copy."
        )
    elif signer.name == settings.name:
        yield DoctorFinding(Level.OK, "keys", f"the ledger is signed as {signer.name}")


def _disk(folder: Path) -> DoctorFinding:
    free = shutil.disk_usage(folder).free
    text = f"{free / _GIB:.1f} GiB free"
    if free < _TOO_LITTLE:
        return DoctorFinding(
            Level.WRONG, "disk", text, "Free some space: a full disk stops the hub."
        )
    if free < _LITTLE:
        return DoctorFinding(Level.WARN, "disk", text, "Free some space soon.")
    return DoctorFinding(Level.OK, "disk", text)
