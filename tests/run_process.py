"""One part of a hub as a process: ``python -m tests.run_process CONFIG PART``.

PART is ``worker`` or the name of an adapter in the settings; logs are JSON on standard error.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from hub.foundation.logs import set_up_logs
from hub.foundation.settings import load_settings
from hub.runtime.bootstrap import adapter_runs, make_worker


def main(config: str, part: str) -> None:
    """Run the part until SIGTERM."""
    set_up_logs("json")
    settings = load_settings(Path(config))
    stop = threading.Event()
    if part == "worker":
        with make_worker(settings) as worker:
            signal.signal(signal.SIGTERM, lambda *_: worker.stop())
            worker.run()
        return
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threads = [threading.Thread(target=run) for _, run in adapter_runs(settings, part, stop)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
