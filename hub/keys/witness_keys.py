"""Keys of logs and witnesses in files, for checking and cosigning without settings or store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hub.ledger.errors import LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from schemas.errors import ConfigurationError


def verifier_key(file: Path) -> VerifierKey:
    """Read the verifier key of a log or a witness; raises ConfigurationError."""
    try:
        return VerifierKey.parse(file.read_text(encoding="utf-8").strip())
    except (LedgerError, UnicodeDecodeError):
        raise ConfigurationError(f"{file} does not hold a verifier key.") from None


def witness_signer(file: Path) -> SignerKey:
    """Read a witness's signing key; raises ConfigurationError."""
    try:
        key = SignerKey.parse(file.read_text(encoding="utf-8").strip())
    except (LedgerError, UnicodeDecodeError):
        key = None
    if key is None or key.algorithm is not Algorithm.COSIGNATURE_V1:
        raise ConfigurationError(f"{file} does not hold a witness's key. See 'hub witness init'.")
    return key


def witness_keys(given: Iterable[str | Path]) -> tuple[VerifierKey, ...]:
    """Read witnesses' verifier keys, each a line or a file; raises ConfigurationError."""
    found = []
    for one in given:
        try:
            key = VerifierKey.parse(str(one))
        except LedgerError:
            if not Path(one).is_file():
                raise ConfigurationError(f"witnesses: {one} is neither a key nor a file.") from None
            key = verifier_key(Path(one))
        if key.algorithm is not Algorithm.COSIGNATURE_V1:
            raise ConfigurationError(
                f"witnesses: {key.name} is the key of a log, not of a witness."
            )
        found.append(key)
    return tuple(found)
