"""Logs by allow-list: what has no place in them is dropped before it is written."""

from __future__ import annotations

import json
import subprocess
import sys

from hub.foundation.logs import FIELDS, only_allowed

_PROGRAM = """
import structlog
from hub.foundation.logs import set_up_logs
set_up_logs("json")
log = structlog.get_logger()
log.info("event.decided", event_ref="r-1", name_of_child="Zzyx", patient={"a": 1}, code=None)
try:
    raise ValueError("Zzyx was here")
except ValueError:
    log.exception("event.unreadable", error="ValueError")
log.debug("Zzyx in prose")
"""


def written() -> list[dict[str, object]]:
    """What a program that logs carelessly writes."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_field_that_is_not_on_the_list_is_not_written() -> None:
    """Nor is one without a value; level, time and event name are."""
    first, _ = written()
    assert set(first) == {"event", "event_ref", "level", "timestamp"}


def test_the_text_of_an_exception_is_not_written() -> None:
    """It may quote what was read; the name of its class is enough."""
    assert "Zzyx" not in json.dumps(written())


def test_no_allowed_field_could_name_a_person_or_hold_content() -> None:
    """The list has no place for what must not be logged."""
    assert not FIELDS & {"child", "body", "data", "exception", "exc_info", "stack", "user", "text"}


def test_only_what_is_listed_is_let_through() -> None:
    """Whatever a caller adds."""
    kept = only_allowed(None, "info", {"event": "x", "nhs_number": "1", "count": 0, "code": None})
    assert kept == {"event": "x", "count": 0}
