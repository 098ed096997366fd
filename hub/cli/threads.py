"""Several runs on a thread each; when one fails, all stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

GRACE_SECONDS = 12.0
_POLL_SECONDS = 0.2


def run_together(runs: Sequence[tuple[str, Callable[[], None]]], stop: threading.Event) -> None:
    """Run all until each has ended; the first failure stops the others and is raised.

    After ``stop`` they have some seconds to finish their current work.
    """
    failures: list[Exception] = []

    def guarded(run: Callable[[], None]) -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001  raised again below, on the main thread
            failures.append(error)
            stop.set()

    threads = [
        threading.Thread(target=guarded, args=(run,), name=name, daemon=True) for name, run in runs
    ]
    for thread in threads:
        thread.start()
    while not stop.is_set() and any(thread.is_alive() for thread in threads):
        stop.wait(_POLL_SECONDS)
    deadline = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if failures:
        raise failures[0]
