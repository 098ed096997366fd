"""The clear part of a sealed delivery: its id, whom it is for, the version of the format.

Whoever reads a queue or the broker's disk reads this much, and so nothing more may stand in it.
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
    """What of a delivery is not encrypted; ``delivery`` is a UUID in its usual spelling."""

    delivery: str
    recipient: str
    version: int = VERSION

    def address(self) -> bytes:
        """Write version, delivery and recipient: what every block is bound to.

        Raises ValueError for a delivery that is no UUID in its usual spelling, or a recipient that
        is no agency's name: a delivery sealed for it could not be read again.
        """
        number = uuid.UUID(self.delivery)
        if str(number) != self.delivery or not _RECIPIENT.fullmatch(self.recipient):
            raise ValueError("a delivery needs a UUID and the name of an agency")
        return bytes([self.version]) + number.bytes + text(self.recipient)

    def to_bytes(self) -> bytes:
        """Write the header as a sealed delivery begins with it."""
        return MAGIC + self.address()


def read_header(body: bytes) -> DeliveryHeader:
    """Read the clear header of a sealed delivery.

    Raises InputRefused with TOO_LARGE, or with NOT_SEALED where the bytes begin with no header of
    this version. Nothing vouches for a header until a block of its delivery has been opened.
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
