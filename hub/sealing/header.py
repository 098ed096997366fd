"""The unencrypted part of a sealed delivery: its id, its recipient, the version of the format.

Everyone with access to a queue or the broker's disk can read it, so it holds nothing else.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from hub.sealing.encoding import MAX_SEALED_BYTES, text
from schemas.errors import Fault, InputRefused

MAGIC = b"IHD1"
VERSION = 1
_RECIPIENT = re.compile(r"[a-z][a-z0-9-]{1,40}")  # as schemas.sharing.AgencyName
_FIXED = len(MAGIC) + 1 + 16 + 2


@dataclass(frozen=True, slots=True)
class DeliveryHeader:
    """The unencrypted header of a delivery; ``delivery`` is a UUID in canonical form."""

    delivery: str
    recipient: str
    version: int = VERSION

    def address(self) -> bytes:
        """Return version, delivery and recipient as bytes; every block is bound to them.

        Raises ValueError for a delivery that is not a canonical UUID or a recipient that is not an
        agency's name: such a delivery could not be read again.
        """
        number = uuid.UUID(self.delivery)
        if str(number) != self.delivery or not _RECIPIENT.fullmatch(self.recipient):
            raise ValueError("a delivery needs a UUID and the name of an agency")
        return bytes([self.version]) + number.bytes + text(self.recipient)

    def to_bytes(self) -> bytes:
        """Return the first bytes of a sealed delivery."""
        return MAGIC + self.address()


def read_header(body: bytes) -> DeliveryHeader:
    """Read the unencrypted header of a sealed delivery.

    Raises InputRefused with TOO_LARGE, or with NOT_SEALED for bytes without a header of this
    version. A header is authentic only once a block of its delivery has been decrypted.
    """
    if len(body) > MAX_SEALED_BYTES:
        raise InputRefused(Fault.TOO_LARGE)
    if body[: len(MAGIC)] != MAGIC:
        raise InputRefused(Fault.NOT_SEALED, "magic")
    if len(body) < _FIXED or body[len(MAGIC)] != VERSION:
        raise InputRefused(Fault.NOT_SEALED, "header")
    size = int.from_bytes(body[_FIXED - 2 : _FIXED], "big")
    name = body[_FIXED : _FIXED + size].decode("latin-1")
    if len(name) != size or not _RECIPIENT.fullmatch(name):
        raise InputRefused(Fault.NOT_SEALED, "header.recipient")
    return DeliveryHeader(str(uuid.UUID(bytes=body[len(MAGIC) + 1 : _FIXED - 2])), name)
