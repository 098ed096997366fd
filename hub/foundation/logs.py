"""Structured logs with an allow-list: a field that is not on the list is dropped.

They are lines of text on a terminal and JSON elsewhere. Personal data cannot enter by accident:
event names are fixed, and the list has only codes, counts, opaque references and agency names.
The catalogue of events and fields is docs/reference/logs.md.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

# fmt: off
FIELDS = frozenset(
    {
        "account", "adapter", "agency", "agreement", "attempt", "attempts", "broker", "cause",
        "channel", "code", "connection", "count", "delivery", "detail", "direction", "error",
        "event", "event_ref", "event_type", "exit_code", "folder", "level", "link", "name",
        "permitted", "pid", "place", "port", "process", "queue", "recipient", "refused",
        "result", "review", "seconds", "size", "source", "state", "timestamp", "version",
        "withheld",
    }
)
# fmt: on


def only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every field that is not on the list or has no value."""
    return {k: v for k, v in event.items() if k in FIELDS and v is not None}


def set_up_logs(form: Literal["auto", "json", "console"], to: TextIO | None = None) -> None:
    """Send logs to standard error or another stream, as lines on a terminal and JSON elsewhere."""
    stream = to or sys.stderr
    console = form == "console" or (form == "auto" and stream.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("pika").setLevel(logging.CRITICAL)
