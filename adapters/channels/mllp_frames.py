"""MLLP frames: where one message begins and ends in a stream of bytes.

A frame is 0x0B, the message, 0x1C 0x0D. Source: HL7 Transport Specification MLLP, release 1.
"""

from __future__ import annotations

from collections.abc import Iterator

START, END, CARRIAGE_RETURN = b"\x0b", b"\x1c", b"\r"
_HEAD = 4_096


def framed(message: bytes) -> bytes:
    """Put a message into its frame."""
    return START + message + END + CARRIAGE_RETURN


class Frames:
    """Takes bytes as they come and yields whole frames, buffering at most ``limit`` bytes.

    Bytes outside frames are dropped, and a new start byte drops the frame it breaks into. Of a
    frame over the limit only the beginning is stored, enough to answer it; it is marked ``cut``.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._inside = self._cut = self._ending = False

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bool]]:
        """Yield each frame that these bytes complete, and whether it was cut."""
        while data:
            if self._ending:
                yield from self._after_end(data[:1])
                data = data if data[:1] == START else data[1:]
                continue
            stop = min((n for n in (data.find(START), data.find(END)) if n >= 0), default=len(data))
            if self._inside:
                self._hold(data[:stop])
            mark, data = data[stop : stop + 1], data[stop + 1 :]
            if mark == START:
                self._restart()
            elif mark == END:
                self._ending = self._inside

    def _after_end(self, following: bytes) -> Iterator[tuple[bytes, bool]]:
        """Finish the frame, also where a sender leaves out the last byte; else go on with it."""
        self._ending = False
        if following == END:
            self._hold(END)
            self._ending = True
        elif following in (CARRIAGE_RETURN, START):
            whole = bytes(self._buffer), self._cut
            self._buffer.clear()
            self._inside = self._cut = False
            yield whole
        else:
            self._hold(END + following)

    def _restart(self) -> None:
        self._buffer.clear()
        self._inside, self._cut = True, False

    def _hold(self, data: bytes) -> None:
        if not self._cut and len(self._buffer) + len(data) > self._limit:
            self._cut = True
            data = data[: max(0, _HEAD - len(self._buffer))]
            del self._buffer[_HEAD:]
            self._buffer += data
        elif not self._cut:
            self._buffer += data
