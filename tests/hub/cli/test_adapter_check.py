"""``hub adapter check``: the suite on installed adapters, for people and for programs."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.testing import BEHAVIOURS
from hub.runtime import plugins
from schemas.event import View

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli


class RecklessFormat:
    """Reads every document as nothing and writes every view."""

    reads = frozenset({"care.case-opened.v1"})
    writes = frozenset({"care.case-opened.v1"})

    def read(self, document: Document, system: AgencySystem) -> Translation:
        """Make nothing of it."""
        del document, system
        return Translation()

    def write(self, view: View, system: AgencySystem) -> Document:
        """Write the name of the class."""
        del system
        return Document(b"reckless", view.time, ".txt")


RECKLESS = Adapter(
    "reckless", "Reckless", RecklessFormat(), ("folder",), samples="adapters/samples/health_hl7v2"
)
SAMPLELESS = Adapter("sampleless", "No samples", RecklessFormat(), ("folder",))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install two adapters of this file beside the built-in ones."""
    real = plugins.installed()
    here = {
        name: EntryPoint(name, f"{__name__}:{name.upper()}", plugins.GROUP)
        for name in ("reckless", "sampleless")
    }
    monkeypatch.setattr(plugins, "installed", lambda: real | here)


def test_an_adapter_is_checked_and_counted(bare_cli: Cli) -> None:
    """The last line is the summary; each line before is one behaviour with its sentence."""
    ran = bare_cli.bare("adapter", "check", "care-extract", "--fast", "--json")
    *lines, last = map(json.loads, ran.out.splitlines())
    assert ran.code == 0
    fast = [behaviour.name for behaviour in BEHAVIOURS if not behaviour.slow]
    assert [line["behaviour"] for line in lines] == fast
    assert all(line["sentence"].startswith("It ") for line in lines)
    counted = sum(line["verdict"] != "not applicable" for line in lines)
    assert last == {"adapters": 1, "behaviours": counted, "failed": 0}


@pytest.mark.usefixtures("installed")
def test_a_failed_behaviour_ends_with_1_and_says_why(bare_cli: Cli) -> None:
    """As a sentence and a reason, for people too."""
    ran = bare_cli.bare("adapter", "check", "reckless", "--fast")
    assert ran.code == 1
    at = ran.out.splitlines().index(
        "  FAIL  It makes events of every accepted sample, and refuses no part of it."
    )
    assert "unsupported" in ran.out.splitlines()[at + 1]
    assert ran.out.splitlines()[-1].endswith("failed.")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name an adapter, or use --all"),
        (("care-cim",), "Did you mean care-cin?"),
        (("sampleless",), "declares no samples"),
    ],
)
def test_without_an_adapter_or_its_samples_nothing_is_done(
    bare_cli: Cli, arguments: tuple[str, ...], words: str
) -> None:
    """It ends with 2 and says what to do."""
    ran = bare_cli.bare("adapter", "check", *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.out == ""
