"""Stop a private broker when the process that started it ends.

Runs as a process of its own: ``python guard.py FOLDER``. It starts the node and its port mapper in
one process group and then watches its standard input, whose other end its parent holds. When that
end closes, because the parent finished or was killed, the node is stopped. Only the standard
library is imported, so that it starts quickly.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

STATE_FILE = "node.json"
SPEC_FILE = "guard.json"
LOG_FILE = "broker.log"
POLITE_SECONDS = 20
_TICK = 0.1


def main(folder: Path) -> int:
    """Run the node of this folder until it ends or the parent does."""
    spec = json.loads((folder / SPEC_FILE).read_text())
    with (folder / LOG_FILE).open("ab") as output:
        mapper = _start(spec["epmd"], output, group=0)
        server = _start(spec["server"], output, group=mapper.pid)
        state = {"guard": os.getpid(), "group": mapper.pid}
        (folder / STATE_FILE).write_text(json.dumps(state))
        try:
            _watch(server)
            _ask_to_stop(server)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(mapper.pid, signal.SIGKILL)
            mapper.wait()
            server.wait()
            (folder / STATE_FILE).unlink(missing_ok=True)
    return 0


def _start(command: list[str], output: IO[bytes], group: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=group,
    )


def _watch(server: subprocess.Popen[bytes]) -> None:
    """Wait until the node ends or the parent closes standard input."""
    while server.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], _TICK)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return


def _ask_to_stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        deadline = time.monotonic() + POLITE_SECONDS
        while server.poll() is None and time.monotonic() < deadline:
            time.sleep(_TICK)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main(Path(sys.argv[1])))
