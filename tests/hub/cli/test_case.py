"""``hub case``: cases checked and explained without settings, store or broker."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hub.cli import main

CASES = Path(__file__).parents[3] / "examples" / "cases"
ONE = CASES / "2-withdrawal" / "her-own-consent-taken-back.toml"


def write(folder: Path, old: str = "", new: str = "") -> Path:
    """Write one case, with a piece of it replaced."""
    text = ONE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "case.toml"
    file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return file


def test_all_cases_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON object counts them and has no differences."""
    assert main(["case", "check", str(CASES), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["cases"] == found["passed"] >= 150
    assert (found["failed"], found["differences"]) == (0, [])


def test_what_was_expected_and_what_came_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case that differs ends with 1 and is named."""
    file = write(tmp_path, 'sharing = "withheld"', 'sharing = "content"')
    assert main(["case", "check", str(file)]) == 1
    out = capsys.readouterr().out
    assert f"FAIL  {file}" in out
    assert "expected content" in out
    assert "came     withheld; because consent-withdrawn" in out
    assert "1 cases: 0 passed, 1 failed." in out


def test_a_difference_says_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reason and sharing apart."""
    file = write(tmp_path, "consent-withdrawn", "no-consent")
    assert main(["case", "check", str(file), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (one,) = found["differences"]
    assert (one["recipient"], one["category"]) == ("oakfield-primary", "health")
    assert one["differs"] == ["reason"]
    assert one["expected"] == {"sharing": "withheld", "reason": "no-consent"}
    assert one["came"]["reasons"] == ["consent-withdrawn"]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("title =", "titel =", "titel"),
        ("[child]", "[child", "TOML"),
        ("health-by-consent.toml", "no-such.toml", "no-such.toml"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, named: str
) -> None:
    """The place is named, and the other cases run."""
    file = write(tmp_path, old, new)
    assert main(["case", "check", str(file), str(ONE), "--json"]) == 2
    told = capsys.readouterr()
    assert named in told.err
    assert json.loads(told.out)["passed"] == 1


def test_a_path_that_is_not_there_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As does a folder without cases."""
    assert main(["case", "check", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err
    assert main(["case", "check", str(tmp_path)]) == 2
    assert "No case found" in capsys.readouterr().err


def test_agreements_may_lie_beside_the_case(tmp_path: Path) -> None:
    """A folder of both is checked as cases."""
    write(tmp_path)
    shutil.copy(CASES / "agreements" / "bases.toml", tmp_path / "health-by-consent.toml")
    assert main(["case", "check", str(tmp_path)]) == 1, "the agreement beside the case is used"


def test_the_whole_decision_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Sections, rules, directives, and the version of the rules."""
    assert main(["case", "explain", str(ONE)]) == 0
    out = capsys.readouterr().out
    assert "oakfield-primary: nothing is delivered" in out
    assert "health-by-consent@4/appointments-to-school" in out
    assert "directives 002-consent-herself" in out
    assert "rules version 2" in out


def test_the_decision_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """As the ledger stores it."""
    assert main(["case", "explain", str(ONE), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["decisions"]["oakfield-primary"]["rules"] == "2"


def test_an_agreement_is_no_case(capsys: pytest.CaptureFixture[str]) -> None:
    """It says so."""
    assert main(["case", "explain", str(CASES / "agreements" / "bases.toml")]) == 2
    assert "not a case" in capsys.readouterr().err
