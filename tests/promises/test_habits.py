"""The habits agree with each other: make targets, pre-commit hooks and the public workflow."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def _recipe(target: str) -> list[str]:
    """Return the commands of a make target as a shell would run them in this checkout."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found, f"no target {target}"
    lines = found[1].replace("\\\n", " ").splitlines()
    return [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in lines]


def test_pre_commit_runs_what_make_lint_runs() -> None:
    """The same commands in the same order, from this checkout and from no remote host."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == _recipe("lint")
    assert all(hook["language"] == "system" and hook["always_run"] for hook in hooks)
    assert not any(hook["pass_filenames"] for hook in hooks)


def test_the_public_workflow_runs_lint_and_test() -> None:
    """Every step is a make target or an action pinned to a commit; rights are read-only."""
    text = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert {step["run"] for step in steps if "run" in step} == {"make lint", "make test"}
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["test"]["env"]["CI"] == "true"


def test_coverage_measures_the_whole_suite() -> None:
    """`make coverage` runs what `make test` runs, measured, and then reports by package."""
    (tested,) = [line for line in _recipe("test") if "pytest" in line]
    measured = next(line for line in _recipe("coverage") if "pytest" in line)
    options = "-n 2 --dist loadfile --no-loadscope-reorder"
    assert options in tested
    assert options in measured
    assert "--cov" in measured.split()
    assert _recipe("coverage")[-1].endswith("tools.coverage_report")
