"""Events that an agency publishes, sealed to the hub's key, so that the broker cannot read them.

A message is bound to the account that publishes it, so that no agency can replay another's message
as its own. During a key rotation the hub has several keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.sealing.hpke import HpkeSeal, OpeningKey

__all__ = ["SEAL", "InboundKey", "open_inbound", "seal_inbound"]

SEAL = HpkeSeal(b"IHI1", b"interagency-hub/inbound/v1\x00")
InboundKey = OpeningKey


def seal_inbound(public: bytes, account: str, plain: bytes) -> bytes:
    """Seal bytes of an agency's account to the hub's public key.

    Raises ConfigurationError for an invalid public key, InputRefused (TOO_LARGE).
    """
    return SEAL.seal(public, account, plain)


def open_inbound(keys: Sequence[InboundKey], account: str, body: bytes) -> bytes:
    """Open a message with the hub's key that it was sealed to.

    ``account`` is the sender that the broker authenticated. Raises InputRefused with NOT_SEALED,
    TOO_LARGE or SEAL_BROKEN.
    """
    return SEAL.open(keys, account, body)
