"""The example adapter keeps every promise of the contract."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from adapters.contract import Adapter, AgencySystem
from schemas.errors import Fault
from tests.adapters.contract import FormatContract

_FILE = Path(__file__).parents[2] / "examples" / "adapter" / "leisure.py"


def _load() -> Adapter:
    spec = importlib.util.spec_from_file_location("leisure", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["leisure"] = module
    spec.loader.exec_module(module)
    adapter = module.ADAPTER
    assert isinstance(adapter, Adapter)
    return adapter


class TestLeisure(FormatContract):
    """The contract, on lines of the leisure service."""

    adapter = _load()
    speaker = AgencySystem("leisure-service")
    good = {
        "one line": b"B801200005001;Ashgrove;SWIM-1;2026-09-01\n",
        "two lines": b"B801200005001;Ash;A1;2026-09-01\r\nP207000016049;Oakes;A2;2026-09-02\r\n",
    }
    bad = {
        "no date": (b"B801200005001;CANARY;SWIM-1;\n", Fault.MISSING_FIELD),
        "a wrong date": (b"B801200005001;CANARY;SWIM-1;1.9.2026\n", Fault.BAD_VALUE),
        "too few columns": (b"B801200005001;CANARY\n", Fault.UNSUPPORTED),
        "no child": (b";CANARY;SWIM-1;2026-09-01\n", Fault.NO_CHILD),
    }
    lossless = frozenset({"care.case-opened.v1"})
