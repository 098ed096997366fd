"""What can be wrong with ledger data, each with a code that never changes its meaning.

Functions that answer a yes-or-no question (a proof holds, a commitment opens) return ``bool`` and
raise nothing. Functions that read or build something raise ``LedgerError``. Its text says what is
wrong and where; it never quotes an entry's content.
"""

from __future__ import annotations

from enum import StrEnum


class LedgerCode(StrEnum):
    """Why ledger data was refused; the values are listed in ``docs/ledger.md``."""

    NOT_CANONICAL = "ledger-not-canonical"
    ENTRY_MALFORMED = "ledger-entry-malformed"
    ENTRY_TOO_LONG = "ledger-entry-too-long"
    BAD_HASH = "ledger-bad-hash"
    BAD_RANGE = "ledger-bad-range"
    NODE_MISSING = "ledger-node-missing"
    KEY_MALFORMED = "ledger-key-malformed"
    KEY_AMBIGUOUS = "ledger-key-ambiguous"
    NOTE_MALFORMED = "ledger-note-malformed"
    NOTE_UNVERIFIED = "ledger-note-unverified"
    SIGNATURE_INVALID = "ledger-signature-invalid"
    CHECKPOINT_MALFORMED = "ledger-checkpoint-malformed"
    ORIGIN_MISMATCH = "ledger-origin-mismatch"
    TILE_MALFORMED = "ledger-tile-malformed"
    SALT_LENGTH = "ledger-salt-length"
    REQUEST_MALFORMED = "ledger-request-malformed"


class LedgerError(ValueError):
    """Ledger data that cannot be used; ``code`` is stable, the text is for a person."""

    code: str

    def __init__(self, code: LedgerCode, detail: str) -> None:
        """Say which kind of fault it is (``code``) and what is wrong (``detail``)."""
        self.code = code.value
        super().__init__(f"{code.value}: {detail}")
