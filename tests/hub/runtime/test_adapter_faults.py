"""A fault inside an adapter is reported with its class and place in the code, never its data."""

from __future__ import annotations

import datetime as dt
import inspect
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.contract import Adapter, AgencySystem, Document, Translation, translate
from adapters.faults import AdapterFault
from hub.runtime.adapter_runner import log_adapter_fault
from hub.runtime.translation import Complaint, read_file
from schemas.errors import Fault
from schemas.event import View

PLACE = "tests/hub/runtime/test_adapter_faults.py"
SURNAME = "Zebedee-Canary"
DOCUMENT = Document(SURNAME.encode(), dt.datetime(2026, 9, 7, tzinfo=dt.UTC))


class FaultyFormat:
    """Fails on every document, with the document in the exception's text."""

    reads = frozenset({"care.case-opened.v1"})
    writes = frozenset({"care.case-opened.v1"})

    def read(self, document: Document, system: AgencySystem) -> Translation:
        """Raise an error that quotes the document."""
        raise KeyError(document.body.decode() + system.agency)

    def write(self, view: View, system: AgencySystem) -> Document:
        """Raise an error that quotes the view."""
        raise ValueError(view.identity.family_name, system)


def fault() -> AdapterFault:
    """Read a document with the faulty format."""
    found = translate(FaultyFormat(), DOCUMENT, AgencySystem("oak"))
    assert [refusal.fault for refusal in found.refused] == [Fault.UNREADABLE]
    assert found.fault is not None
    return found.fault


def test_it_names_the_class_and_the_line_of_the_adapter() -> None:
    """The line that raised, in the adapter's own file."""
    lines, first = inspect.getsourcelines(FaultyFormat.read)
    number = first + next(n for n, line in enumerate(lines) if "raise" in line)
    assert (fault().error, fault().place) == ("KeyError", f"{PLACE}:{number}")
    assert SURNAME not in repr(fault())


def test_it_is_an_error_in_the_log_without_data() -> None:
    """One line with the class and the place."""
    with capture_logs() as logs:
        log_adapter_fault("oak-leisure", fault())
    (line,) = logs
    assert (line["event"], line["log_level"], line["error"]) == (
        "adapter.failed", "error", "KeyError",
    )  # fmt: skip
    assert line["place"].startswith(PLACE)
    assert SURNAME not in repr(logs)


def test_the_traceback_is_written_only_for_debugging_and_without_the_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """HUB_DEBUG=1 writes the frames, without the exception's text, which may quote a document."""
    with capture_logs():
        monkeypatch.delenv("HUB_DEBUG", raising=False)
        log_adapter_fault("oak-leisure", fault())
        assert capsys.readouterr().err == ""
        monkeypatch.setenv("HUB_DEBUG", "1")
        log_adapter_fault("oak-leisure", fault())
    written = capsys.readouterr().err
    assert "in read" in written
    assert written.endswith("KeyError\n")
    assert SURNAME not in written


def test_translate_reports_the_class_and_the_place(tmp_path: Path) -> None:
    """So that an adapter's author finds the line."""
    file = tmp_path / "one.txt"
    file.write_bytes(DOCUMENT.body)
    (found,) = read_file(
        str(file),
        Adapter("faulty", "Faulty", FaultyFormat(), ("folder",)),
        AgencySystem("oak"),
        1000,
    )
    assert isinstance(found, Complaint)
    assert found.crashed
    assert f"KeyError at {PLACE}:" in found.text
    assert SURNAME not in found.text
