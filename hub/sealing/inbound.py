"""What an agency publishes, sealed to the hub: whoever reads the broker reads no event.

A message is bound to the account that publishes it, so that one agency cannot pass on as its own
what another sealed. The hub holds several keys at once while one is being replaced.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.sealing.hpke import HpkeSeal, OpeningKey

__all__ = ["SEAL", "InboundKey", "open_inbound", "seal_inbound"]

SEAL = HpkeSeal(b"IHI1", b"interagency-hub/inbound/v1\x00")
InboundKey = OpeningKey


def seal_inbound(public: bytes, account: str, plain: bytes) -> bytes:
    """Seal bytes of an agency's account to the hub's public key.

    Raises ConfigurationError for a public key that is none, InputRefused (TOO_LARGE).
    """
    return SEAL.seal(public, account, plain)


def open_inbound(keys: Sequence[InboundKey], account: str, body: bytes) -> bytes:
    """Open what an account published, with whichever of the hub's keys it was sealed to.

    ``account`` is the sender the broker vouches for. Raises InputRefused with NOT_SEALED,
    TOO_LARGE or SEAL_BROKEN.
    """
    return SEAL.open(keys, account, body)
