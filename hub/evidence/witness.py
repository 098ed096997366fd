"""The desk of a witness: another agency, on its own machine, with a key and a folder and no more.

It needs no settings, store or broker, and trusts nothing of the operator but what it can check. In
the folder it keeps, for each ledger, the newest checkpoint that it signed, and any proof that an
operator has shown two pasts. What it signs is kept before it is given out, and two processes cannot
sign at once: so it never signs two heads that disagree, whenever it is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.foundation.atomic_file import OPEN, SECRET, write_whole
from hub.foundation.view_model import ViewModel
from hub.ledger.checkpoint import Checkpoint, cosign_checkpoint, parse_checkpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.note import parse_note
from hub.ledger.witness import AddCheckpoint, Fork, WitnessVerdict, judge
from schemas.errors import ConfigurationError, Fate, HubError

SUFFIX = ".checkpoint"
_LOCK = ".lock"


class WitnessRefused(HubError):
    """A witness does not sign: the log did not, or the checkpoint does not go on from the last."""

    code = "witness-refused"
    fate = Fate.QUARANTINE


class Witnessed(ViewModel):
    """What a witness made of a request.

    ``note`` is the checkpoint with the witness's line under it, ``lines`` that line alone; both are
    empty where nothing was signed. ``kept`` is the size that the witness had signed before.
    ``evidence`` is the file with both heads where they do not go together, and ``convicts`` says
    whether it proves two pasts to everyone.
    """

    verdict: WitnessVerdict
    origin: str
    size: int
    kept: int
    note: str = ""
    lines: str = ""
    evidence: str | None = None
    convicts: bool = False


class KeptHead(ViewModel):
    """The newest head of one ledger that the witness signed, and the whole note."""

    origin: str
    size: int
    root: str
    note: str


class WitnessedLedgers(ViewModel):
    """The newest head of every ledger that the witness signed."""

    ledgers: tuple[KeptHead, ...]


class WitnessKey(ViewModel):
    """A new key pair: the file of the secret, and the verifier key."""

    file: str
    key: str


class ForkVerdict(ViewModel):
    """Whether evidence proves two pasts of one ledger."""

    convicts: bool


def make_key(file: Path, name: str) -> VerifierKey:
    """Make a witness's key pair: the secret in ``file``, the verifier key beside it as ``.pub``.

    Raises ConfigurationError where the file is there, or the name cannot be a key's.
    """
    public = file.with_name(f"{file.name.removesuffix('.key')}.pub")
    if file.exists() or public.exists():
        raise ConfigurationError(f"{file} or {public} is there already. Nothing was changed.")
    try:
        key = SignerKey(name, os.urandom(32), Algorithm.COSIGNATURE_V1)
    except LedgerError as error:
        raise ConfigurationError(f"--name: {error}.") from None
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, f"{key.reveal()}\n".encode(), SECRET)
    write_whole(public, f"{key.verifier()}\n".encode(), OPEN)
    return key.verifier()


def sign(
    request: bytes, key: SignerKey, log: Sequence[VerifierKey], kept: Path, at: int
) -> Witnessed:
    """Cosign what a request asks for, at ``at`` (POSIX seconds), if it goes on from what is kept.

    1. Read the request, and make sure that the log signed its checkpoint with a key of ``log``.
    2. Judge it against the newest head of that log that was signed here.
    3. Where both cannot be true, or are not shown to be, keep them as evidence, and sign nothing.
    4. Sign, keep, and only then give the signature out.

    Raises ConfigurationError for what is no request, WitnessRefused for one the log did not sign.
    """
    asked, new = _asked(request, log)
    kept.mkdir(parents=True, exist_ok=True)
    with _alone(kept):
        file = kept / f"{quote(new.origin, safe='')}{SUFFIX}"
        before = file.read_bytes() if file.is_file() else None
        old = _own(before, file) if before is not None else None
        verdict = judge(old, new, asked.old_size, asked.proof)
        seen = Witnessed(
            verdict=verdict, origin=new.origin, size=new.size, kept=old.size if old else 0
        )
        if verdict in {WitnessVerdict.FORK, WitnessVerdict.UNPROVED} and before is not None:
            return _accuse(seen, Fork(before, asked.checkpoint, asked.proof), log, kept)
        if verdict is not WitnessVerdict.GOES_ON:
            return seen
        note = _cosigned(asked.checkpoint, key, at)
        write_whole(file, note)
    line = parse_note(note).signatures[-1].line()
    return seen.model_copy(update={"note": note.decode(), "lines": line})


def _asked(request: bytes, log: Sequence[VerifierKey]) -> tuple[AddCheckpoint, Checkpoint]:
    try:
        asked = AddCheckpoint.parse(request)
        origin = parse_checkpoint(parse_note(asked.checkpoint).text).origin
    except LedgerError as error:
        raise ConfigurationError(f"This is no request to cosign: {error}.") from None
    try:
        return asked, verify_checkpoint(asked.checkpoint, origin, log).checkpoint
    except LedgerError as error:
        raise WitnessRefused(f"The log did not sign this checkpoint: {error}.") from None


def _cosigned(checkpoint: bytes, key: SignerKey, at: int) -> bytes:
    try:
        return cosign_checkpoint(checkpoint, key, at)
    except LedgerError as error:
        raise ConfigurationError(f"This checkpoint cannot be cosigned: {error}.") from None


def _own(note: bytes, file: Path) -> Checkpoint:
    """Read what was kept here; raises ConfigurationError where it is no checkpoint any more."""
    try:
        return parse_checkpoint(parse_note(note).text)
    except LedgerError as error:
        raise ConfigurationError(
            f"{file} is damaged: {error}. Sign nothing until it is as it was."
        ) from None


def _accuse(seen: Witnessed, fork: Fork, log: Sequence[VerifierKey], kept: Path) -> Witnessed:
    """Keep both heads as evidence, under a name that no later evidence takes."""
    convicts = any(fork.convicts(key) for key in log)
    name = f"{'fork' if convicts else 'unproved'}-{quote(seen.origin, safe='')}"
    file = kept / f"{name}-{seen.kept}-{seen.size}.json"
    paper = Evidence(
        origin=seen.origin,
        kept=fork.kept.decode(),
        offered=fork.offered.decode(),
        proof=tuple(one.hex() for one in fork.proof),
    )
    write_whole(file, paper.model_dump_json(indent=2).encode() + b"\n")
    return seen.model_copy(update={"evidence": str(file), "convicts": convicts})


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """Let one process at a time judge and sign."""
    handle = os.open(kept / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SECRET)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Evidence(BaseModel):
    """Two signed heads of one ledger that do not go together; ``proof`` in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str
    kept: str
    offered: str
    proof: tuple[str, ...] = ()


def convicts(evidence: bytes, key: VerifierKey) -> bool:
    """Say whether evidence proves two pasts of the log with this key; raises ConfigurationError."""
    try:
        paper = Evidence.model_validate(json.loads(evidence))
        proof = tuple(bytes.fromhex(one) for one in paper.proof)
    except (ValueError, ValidationError):
        raise ConfigurationError("This is no evidence as a witness keeps it.") from None
    return Fork(paper.kept.encode(), paper.offered.encode(), proof).convicts(key)


def kept_heads(kept: Path) -> list[KeptHead]:
    """Give the newest head of every ledger that was signed here."""
    found = []
    for file in sorted(kept.glob(f"*{SUFFIX}")):
        note = file.read_bytes()
        head = _own(note, file)
        root = head.text().splitlines()[2]
        found.append(KeptHead(origin=head.origin, size=head.size, root=root, note=note.decode()))
    return found
