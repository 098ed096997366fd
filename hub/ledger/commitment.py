"""A promise about what was sent, that says nothing of it: SHA-256 over a secret salt and the data.

An entry holds the commitment and the store holds the salt. Whoever has the salt and the payload can
show that exactly this was sent; whoever has only the ledger learns nothing, not even by guessing,
because the salt has 256 bits. Destroying the salt therefore erases the evidence of content and
leaves the ledger whole.
"""

from __future__ import annotations

import hashlib
import hmac

from hub.ledger.errors import LedgerCode, LedgerError

DOMAIN = b"interagency-hub/commitment/v1\x00"
"""What every committed message begins with, so that no other hash of ours can pass for one."""

SALT_BYTES = 32
"""The length of a salt. Fixed, so that salt and payload cannot be cut at another place."""


def commit(salt: bytes, payload_canonical: bytes) -> bytes:
    """Commit to a payload: ``SHA-256(DOMAIN || salt || payload)``, 32 bytes.

    ``salt`` is 32 random bytes used for one commitment only; ``payload_canonical`` is canonical
    JSON (``canonical``), of any length. Raises ``LedgerError`` (``ledger-salt-length``) for a salt
    of another length.
    """
    if len(salt) != SALT_BYTES:
        raise LedgerError(LedgerCode.SALT_LENGTH, f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(DOMAIN + salt + payload_canonical).digest()


def opens(commitment: bytes, salt: bytes, payload_canonical: bytes) -> bool:
    """Say whether ``salt`` and ``payload_canonical`` are what ``commitment`` was made from.

    Compares in constant time. False, never an error, for a salt or commitment of a wrong length.
    """
    if len(salt) != SALT_BYTES:
        return False
    return hmac.compare_digest(commitment, commit(salt, payload_canonical))
