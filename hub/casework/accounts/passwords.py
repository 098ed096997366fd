"""Passwords of the console's own accounts, hashed with Argon2id and never stored.

Parameters are those of RFC 9106's second recommendation, as argon2-cffi sets them. Lengths follow
NIST SP 800-63B: at least 12 characters, no rules of composition, spaces allowed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415  part of the console's libraries
    except ImportError:
        message = "The console's libraries are missing: install 'interagency-hub[console]'."
        raise ConfigurationError(message) from None
    return PasswordHasher()


@lru_cache(maxsize=1)
def _no_account() -> str:
    return _hasher().hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the hash of a password; raises ConfigurationError for a wrong length."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(f"A password has {SHORTEST} to {LONGEST} characters.")
    return _hasher().hash(password)


def holds(credential: str | None, password: str) -> bool:
    """Return whether a password matches a credential; equally slow without a credential."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  part of the console's libraries

    try:
        _hasher().verify(credential or _no_account(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return credential is not None
