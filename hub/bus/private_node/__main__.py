"""``python -m hub.bus.private_node --ensure``: make sure that a broker can be run.

Ends with 0 when ``HUB_AMQP_URL`` names one, or RabbitMQ is installed or could be installed here;
otherwise with 1 and the commands that would install it.
"""

from __future__ import annotations

import os
import sys

from hub.bus.private_node.install import BrokerMissing, ensure_installed


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit code."""
    if arguments != ["--ensure"]:
        sys.stderr.write("usage: python -m hub.bus.private_node --ensure\n")
        return 2
    if os.environ.get("HUB_AMQP_URL"):
        _say("HUB_AMQP_URL is set: that broker is used")
        return 0
    try:
        found = ensure_installed(_say)
    except BrokerMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    _say(f"RabbitMQ is installed in {found.programs}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
