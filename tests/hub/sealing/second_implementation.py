"""A second implementation of docs/sealed-delivery.md, written from that page alone.

It imports nothing of ours and does not use the library's HPKE: only HMAC, X25519 and AES-GCM.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEM = b"KEM" + struct.pack(">H", 0x0020)


def hkdf_extract(salt: bytes, key: bytes) -> bytes:
    """HKDF-Extract with SHA-256 (RFC 5869, 2.2)."""
    return hmac.digest(salt or bytes(32), key, "sha256")


def hkdf_expand(pseudorandom: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-256 (RFC 5869, 2.3)."""
    out = block = b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([number]), "sha256")
        out += block
    return out[:length]


def _extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + key)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    return hkdf_expand(key, labelled, length)


def _shared_secret(dh: bytes, enc: bytes, public: bytes) -> bytes:
    secret = _extract(_KEM, b"", b"eae_prk", dh)
    return _expand(_KEM, secret, b"shared_secret", enc + public, 32)


def _schedule(secret: bytes, info: bytes, aead: int) -> tuple[bytes, bytes]:
    """Key and base nonce of mode base (RFC 9180, 5.1), for AES-GCM 128 (1) or 256 (2)."""
    suite = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, aead)
    context = b"\x00" + _extract(suite, b"", b"psk_id_hash", b"")
    context += _extract(suite, b"", b"info_hash", info)
    prk = _extract(suite, secret, b"secret", b"")
    key = _expand(suite, prk, b"key", context, 16 * aead)
    return key, _expand(suite, prk, b"base_nonce", context, 12)


def hpke_open(  # noqa: PLR0917
    private: bytes,
    enc: bytes,
    info: bytes,
    aad: bytes,
    sealed: bytes,
    aead: int = 2,
    number: int = 0,
) -> bytes:
    """Open one message of a sender's context (RFC 9180, 5.2)."""
    own = X25519PrivateKey.from_private_bytes(private)
    dh = own.exchange(X25519PublicKey.from_public_bytes(enc))
    secret = _shared_secret(dh, enc, own.public_key().public_bytes_raw())
    key, base = _schedule(secret, info, aead)
    nonce = bytes(a ^ b for a, b in zip(base, number.to_bytes(12, "big"), strict=True))
    return AESGCM(key).decrypt(nonce, sealed, aad)


def hpke_seal(ephemeral: bytes, public: bytes, info: bytes, aad: bytes, plain: bytes) -> bytes:
    """Seal with a given ephemeral key: enc, then the ciphertext."""
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = own.public_key().public_bytes_raw()
    secret = _shared_secret(own.exchange(X25519PublicKey.from_public_bytes(public)), enc, public)
    key, nonce = _schedule(secret, info, 2)
    return enc + AESGCM(key).encrypt(nonce, plain, aad)


def pad(content: bytes, step: int) -> bytes:
    """Length, content, zeros."""
    framed = struct.pack(">I", len(content)) + content
    return framed.ljust(-(-len(framed) // step) * step, b"\0")


def unpad(padded: bytes, step: int) -> bytes:
    """The content of a padding that is as it must be."""
    (size,) = struct.unpack_from(">I", padded)
    content = padded[4 : 4 + size]
    assert padded == pad(content, step)
    return content


def text(value: str) -> bytes:
    """Length and UTF-8."""
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


@dataclass(frozen=True)
class Opened:
    """What came out of a delivery."""

    delivery: str
    recipient: str
    envelope: dict[str, Any]
    sections: dict[str, Any]
    contents: dict[str, bytes]


def address(delivery: str, recipient: str) -> bytes:
    """Version, delivery, recipient."""
    return b"\x01" + uuid.UUID(delivery).bytes + text(recipient)


def block_key(delivery_key: bytes, where: bytes, name: str) -> bytes:
    """The key of one block."""
    info = b"interagency-hub/block-key/v1\0" + where + text(name)
    return hkdf_expand(hkdf_extract(b"", delivery_key), info, 32)


def open_delivery(body: bytes, keys: dict[str, bytes]) -> Opened:
    """Open a delivery by the five steps of the page."""
    magic, version, number, size = struct.unpack_from(">4sB16sH", body)
    assert (magic, version) == (b"IHD1", 1)
    recipient = body[23 : 23 + size].decode("ascii")
    delivery, at = str(uuid.UUID(bytes=number)), 23 + size
    where, blocks, ends = address(delivery, recipient), [], []
    while at < len(body):
        (size,) = struct.unpack_from(">I", body, at)
        assert size >= 284
        assert (size - 28) % 256 == 0
        blocks.append(body[at + 4 : at + 4 + size])
        at += 4 + size
        ends.append(at)
    assert at == len(body)
    rest = hashlib.sha256(body[ends[0] :]).digest()
    data = b"interagency-hub/envelope-block/v1\0" + where + rest
    contents = {"envelope": _open_block(keys["envelope"], data, blocks[0])}
    envelope = json.loads(contents["envelope"])
    assert len(envelope["sections"]) == len(blocks) - 1
    bound = text(envelope["type"]) + text(envelope["event"])
    for name, block in zip(envelope["sections"], blocks[1:], strict=True):
        if name in keys:
            data = b"interagency-hub/section-block/v1\0" + where + text(name) + bound
            contents[name] = _open_block(keys[name], data, block)
    sections = {name: json.loads(raw) for name, raw in contents.items() if name != "envelope"}
    return Opened(delivery, recipient, envelope, sections, contents)


def seal_delivery(  # noqa: PLR0917
    delivery: str,
    recipient: str,
    key: bytes,
    envelope: dict[str, Any],
    sections: dict[str, Any],
    nonce: bytes,
) -> bytes:
    """Seal a delivery, every block with the same nonce (each has its own key)."""
    where, rest = address(delivery, recipient), b""
    for name in envelope["sections"]:
        data = b"interagency-hub/section-block/v1\0" + where + text(name)
        data += text(envelope["type"]) + text(envelope["event"])
        rest += _seal_block(block_key(key, where, name), data, sections[name], nonce)
    data = b"interagency-hub/envelope-block/v1\0" + where + hashlib.sha256(rest).digest()
    first = _seal_block(block_key(key, where, "envelope"), data, envelope, nonce)
    return b"IHD1" + where + first + rest


def open_message(magic: bytes, domain: bytes, private: bytes, name: str, body: bytes) -> bytes:
    """Open an inbound message or a release reply."""
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    identifier = hashlib.sha256(public).digest()[:8]
    assert body[:12] == magic + identifier
    info = domain + b"\0" + identifier + name.encode()
    return unpad(hpke_open(private, body[12:44], info, b"", body[44:]), 1024)


def seal_message(  # noqa: PLR0917
    magic: bytes, domain: bytes, public: bytes, name: str, plain: bytes, ephemeral: bytes
) -> bytes:
    """Seal an inbound message or a release reply."""
    identifier = hashlib.sha256(public).digest()[:8]
    info = domain + b"\0" + identifier + name.encode()
    return magic + identifier + hpke_seal(ephemeral, public, info, b"", pad(plain, 1024))


def _open_block(key: bytes, data: bytes, block: bytes) -> bytes:
    return unpad(AESGCM(key).decrypt(block[:12], block[12:], data), 256)


def _seal_block(key: bytes, data: bytes, content: dict[str, Any], nonce: bytes) -> bytes:
    plain = json.dumps(content, ensure_ascii=False).encode()
    block = nonce + AESGCM(key).encrypt(nonce, pad(plain, 256), data)
    return struct.pack(">I", len(block)) + block
