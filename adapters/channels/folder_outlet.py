"""The folder channel's outlet: deliveries become files in ``out/``, whole or not at all, and once.

The agency may write to ``out/``, so it is used through a ``GuardedFolder`` only. Drafts, and the
record of what was handed over, are in a working folder of the hub's own. The names of files are
made of the delivery id alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path

from adapters.channels.folder import working_folder
from adapters.channels.folder_files import write_new
from adapters.channels.guarded_folder import GuardedFolder, busy, sync_path
from adapters.contract import Document
from schemas.errors import ChannelRefused

_DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,10}){0,2}")


class FolderOutlet:
    """Puts files into ``out/``, named for their delivery, whole or not at all.

    An empty file of the same name under ``handed/`` in the working folder records each delivery, so
    that one the agency system has already taken away is not put there again; these files may be
    removed once the hub no longer repeats those deliveries.
    """

    def __init__(self, root: Path | str, *, work: Path | None = None) -> None:
        """Make the folders; raises ChannelBusy, or ConfigurationError for an unusable ``work``."""
        with busy("The outgoing folder cannot be used now"):
            top = Path(root)
            top.mkdir(parents=True, exist_ok=True)
            self._drafts = working_folder(top, work, "drafts")
            self._handed = working_folder(top, work, "handed")
            self._out = GuardedFolder(top, "out")

    def hand_over(self, document: Document, delivery_id: str) -> None:
        """Write the document once as ``<delivery_id><suffix>``.

        Raises ChannelBusy where the disk is full, read only or away, and ChannelRefused where the
        delivery id cannot name a file or the name is taken by something else.
        """
        if not (_DELIVERY_ID.fullmatch(delivery_id) and _SUFFIX.fullmatch(document.suffix)):
            raise ChannelRefused("The delivery id or the suffix cannot be part of a file name.")
        name = f"{delivery_id}{document.suffix}"
        with busy("The outgoing folder cannot take a file now"), self._alone():
            self._write_once(name, document.body)

    def _write_once(self, name: str, body: bytes) -> None:
        draft, mark = self._drafts / name, self._handed / name
        if not mark.exists():
            draft.unlink(missing_ok=True)
            write_new(draft, body, self._out.group)
            sync_path(self._drafts)
            mark.touch(exist_ok=False)
            sync_path(self._handed)
        # Where the mark exists, a draft that is still there is whole: only its move was cut off.
        if draft.exists():
            self._publish(draft, name)

    def _publish(self, draft: Path, name: str) -> None:
        """Rename a whole draft into ``out/``, or finish a move that was interrupted."""
        try:
            self._out.put(draft, name)
        except FileExistsError:
            if not self._out.is_same(name, draft):
                raise ChannelRefused("The name in the outgoing folder is taken.") from None
            draft.unlink()
        self._out.sync()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes from writing the same delivery at the same time."""
        handle = os.open(self._drafts, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def close(self) -> None:
        """Close the folder."""
        self._out.close()
