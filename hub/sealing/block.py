"""One encrypted block of a delivery: its key, its additional data, encryption and decryption.

Keys: HKDF-SHA256 (RFC 5869) without salt, because the input key is random. Encryption: AES-256-GCM
(NIST SP 800-38D) with a nonce of 12 bytes and a tag of 16. A key encrypts one block, once; the
nonce is random as well, so that a delivery key used twice by mistake reveals nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.sealing.encoding import pad, text, unpad
from hub.sealing.header import DeliveryHeader
from schemas.errors import Fault, InputRefused

Random: TypeAlias = Callable[[int], bytes]
"""Returns the requested number of unpredictable bytes: ``os.urandom`` in production."""

ENVELOPE = "envelope"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
STEP = 256
KEY_DOMAIN = b"interagency-hub/block-key/v1\x00"
ENVELOPE_DOMAIN = b"interagency-hub/envelope-block/v1\x00"
SECTION_DOMAIN = b"interagency-hub/section-block/v1\x00"


def block_key(delivery_key: bytes, delivery: str, recipient: str, name: str) -> bytes:
    """Derive the key of one block: ``envelope``, or the category of a section.

    The key of one block reveals neither the delivery key nor the key of any other block. Raises
    ValueError for a delivery key that is not 32 bytes, and for an invalid id or recipient.
    """
    if len(delivery_key) != KEY_BYTES:
        raise ValueError(f"a delivery key has {KEY_BYTES} bytes")
    info = key_info(DeliveryHeader(delivery, recipient), name)
    return HKDF(SHA256(), KEY_BYTES, None, info).derive(delivery_key)


def key_info(header: DeliveryHeader, name: str) -> bytes:
    """Return the HKDF ``info`` of a block's key."""
    return KEY_DOMAIN + header.address() + text(name)


def envelope_data(header: DeliveryHeader, digest: bytes) -> bytes:
    """Return the additional data of an envelope block.

    ``digest`` is the SHA-256 of everything after the block. Opening the envelope therefore proves
    that no section was altered, removed or replaced, the withheld ones included.
    """
    return ENVELOPE_DOMAIN + header.address() + digest


def section_data(header: DeliveryHeader, name: str, schema: str, event: str) -> bytes:
    """Return the additional data of a section's block; ``schema`` is type and version."""
    return SECTION_DOMAIN + header.address() + text(name) + text(schema) + text(event)


def seal_block(key: bytes, data: bytes, content: bytes, random: Random) -> bytes:
    """Pad and encrypt one block: nonce, ciphertext, tag."""
    nonce = random(NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"the source of randomness did not return {NONCE_BYTES} bytes")
    return nonce + AESGCM(key).encrypt(nonce, pad(content, STEP), data)


def open_block(key: bytes, data: bytes, sealed: bytes, where: str) -> bytes:
    """Decrypt one block; raises InputRefused (SEAL_BROKEN) if key, data or bytes do not match."""
    if len(key) != KEY_BYTES:
        raise InputRefused(Fault.SEAL_BROKEN, where)
    try:
        padded = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], data)
    except (InvalidTag, ValueError):
        raise InputRefused(Fault.SEAL_BROKEN, where) from None
    return unpad(padded, STEP, where)
