"""Raw input made safe to read: as text, or in hexadecimal. Pure.

An agency may send any bytes. They are shown as text only if they are text. Characters that would
change the display of the page are shown by their code points.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MOST_TEXT = 100_000
MOST_HEX = 4096
_PER_LINE = 16
_BREAKS = str.maketrans({"\r": "\n", "\x1c": "\n", "\x0b": ""})
"""HL7 v2 ends its segments with a carriage return, and MLLP puts 0x0B before and 0x1C after."""


@dataclass(frozen=True, slots=True)
class Readable:
    """Bytes in readable form; ``shown`` of ``size`` bytes are included."""

    text: str
    is_text: bool
    shown: int
    size: int

    @property
    def cut(self) -> bool:
        """Whether some bytes are not shown."""
        return self.shown < self.size


def readable(body: bytes) -> Readable:
    """Return the first 100,000 bytes as text, or the first 4,096 in hexadecimal."""
    text = _as_text(body)
    if text is not None:
        return Readable(text, is_text=True, shown=min(len(body), MOST_TEXT), size=len(body))
    part = body[:MOST_HEX]
    return Readable(_as_hex(part), is_text=False, shown=len(part), size=len(body))


def _as_text(body: bytes) -> str | None:
    try:
        # A character split by the cut is left out; invalid bytes anywhere make it no text.
        body.decode("utf-8")
        text = body[:MOST_TEXT].decode("utf-8", errors="ignore")
    except UnicodeDecodeError:
        return None
    text = text.replace("\r\n", "\n").translate(_BREAKS)
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text):
        return None
    return "".join(_named(c) if unicodedata.category(c) == "Cf" else c for c in text)


def _named(character: str) -> str:
    """Return the code point of an invisible character (Unicode Technical Report 36)."""
    return f"[U+{ord(character):04X}]"


def _as_hex(part: bytes) -> str:
    lines = (part[start : start + _PER_LINE] for start in range(0, len(part), _PER_LINE))
    return "\n".join(
        f"{number * _PER_LINE:06x}  {line.hex(' '):<47}  {_letters(line)}"
        for number, line in enumerate(lines)
    )


def _letters(line: bytes) -> str:
    return "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in line)  # noqa: PLR2004  ASCII
