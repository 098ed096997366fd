"""Read the samples in a fresh interpreter, to compare: ``python -m adapters.testing.fresh``.

The parent writes one JSON object to standard input: where the adapter is, and the documents. The
answer is one JSON object: what each document became, as text.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import importlib.util
import json
import locale
import os
import subprocess
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from adapters.contract import Adapter
from adapters.testing.samples import Samples
from adapters.testing.subject import Subject


def readings(subject: Subject) -> dict[str, list[str]]:
    """Read each accepted sample and write its events: everything an agency could notice."""
    found: dict[str, list[str]] = {}
    for label, translation in subject.accepted.items():
        lines = [event.to_json().decode() for event in translation.events]
        lines += [f"{refusal.fault} {refusal.where}" for refusal in translation.refused]
        found[label] = lines
    for number, view in enumerate(subject.sample_views):
        written = subject.write(view)
        body = written.document.body if written.document else b""
        found[f"written {number}"] = [base64.b64encode(body).decode(), str(written.declined)]
    return found


def start(subject: Subject, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a fresh interpreter on the samples; raises LookupError where it cannot load them."""
    module, attribute = _place_of(subject.adapter)
    samples = subject.samples
    question = {
        "module": module.__name__,
        "file": module.__file__,
        "attribute": attribute,
        "agency": samples.agency,
        "settings": dict(samples.settings),
        "accepted": {k: base64.b64encode(v).decode() for k, v in samples.accepted.items()},
    }
    path = os.pathsep.join(entry for entry in sys.path if entry)
    child = subprocess.Popen(
        [sys.executable, "-m", "adapters.testing.fresh"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **environment},
    )
    if child.stdin is not None:
        child.stdin.write(json.dumps(question))
        child.stdin.close()
        child.stdin = None
    return child


def _place_of(adapter: Adapter) -> tuple[ModuleType, str]:
    """Find the module and the name under which the adapter can be loaded again."""
    home = sys.modules.get(type(adapter.format).__module__)
    for module in [home, *sys.modules.values()]:
        if module is None or not getattr(module, "__file__", None):
            continue
        for name, value in list(vars(module).items()):
            if value is adapter:
                return module, name
    raise LookupError


def _loaded(question: Mapping[str, Any]) -> Adapter:
    try:
        module = importlib.import_module(question["module"])
    except ImportError:
        spec = importlib.util.spec_from_file_location(question["module"], question["file"])
        if spec is None or spec.loader is None:
            raise
        module = importlib.util.module_from_spec(spec)
        sys.modules[question["module"]] = module
        spec.loader.exec_module(module)
    adapter = getattr(module, question["attribute"])
    if not isinstance(adapter, Adapter):
        raise TypeError
    return adapter


def _main() -> None:
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, "")
    question = json.loads(sys.stdin.read())
    accepted = {k: base64.b64decode(v) for k, v in question["accepted"].items()}
    samples = Samples(accepted, agency=question["agency"], settings=question["settings"])
    sys.stdout.write(json.dumps(readings(Subject(_loaded(question), samples))))


if __name__ == "__main__":
    _main()
