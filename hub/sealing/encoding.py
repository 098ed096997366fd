"""How texts and contents are laid out in bytes before they are bound or encrypted.

Each text carries its length, so that no two lists of texts are the same bytes; each content is
padded, so that a size tells only in which step the content lies.
"""

from __future__ import annotations

from schemas.errors import Fault, InputRefused

LENGTH_BYTES = 4
MAX_TEXT_BYTES = 0xFFFF
MAX_SEALED_BYTES = 16 * 1024 * 1024
"""The largest sealed message; larger ones are refused unread."""


def text(value: str) -> bytes:
    """Encode a text: its length in UTF-8 as two bytes, big-endian, then the UTF-8."""
    raw = value.encode()
    if len(raw) > MAX_TEXT_BYTES:
        raise ValueError(f"a bound text has at most {MAX_TEXT_BYTES} bytes")
    return len(raw).to_bytes(2, "big") + raw


def pad(content: bytes, step: int) -> bytes:
    """Return length (four bytes), content, and zeros up to a multiple of ``step``."""
    framed = len(content).to_bytes(LENGTH_BYTES, "big") + content
    return framed + bytes(-len(framed) % step)


def unpad(padded: bytes, step: int, where: str) -> bytes:
    """Remove padding; raises InputRefused (SEAL_BROKEN) for bytes that ``pad`` did not make.

    The bytes are authenticated already, so malformed padding is a fault of the sender and gives an
    attacker no oracle.
    """
    size = int.from_bytes(padded[:LENGTH_BYTES], "big")
    content = padded[LENGTH_BYTES : LENGTH_BYTES + size]
    if pad(content, step) != padded:
        raise InputRefused(Fault.SEAL_BROKEN, where)
    return content
