"""The house rules that a machine can check: style, types, the floors, sizes, secrets."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "consent", "adapters", "hub")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
_SECRETS = re.compile(r"PRIVATE\+KEY\+|BEGIN [A-Z ]*PRIVATE KEY")
_REGISTRIES = re.compile(
    "|".join(map("".join, (("py", "pi[.]org"), ("python", "hosted"), ("npm", "js[.]"))))
)


def _run(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("not in a git checkout")
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def _sources() -> list[Path]:
    return sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from its first statement: options and docstrings are no steps."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def test_ruff_finds_nothing() -> None:
    """Rules and format hold everywhere."""
    _run("ruff", "check", ".")
    _run("ruff", "format", "--check", ".")


def test_mypy_strict_finds_nothing() -> None:
    """Every type holds."""
    _run("mypy")


def test_the_floors_are_kept() -> None:
    """No floor imports from above; the deciding code is pure."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_files_and_functions_stay_small() -> None:
    """No source file outgrows its noun, no function its sentence."""
    long_files = [p.name for p in _sources() if p.read_text().count("\n") > LONGEST_FILE]
    assert not long_files
    long_functions = [
        f"{path.name}:{node.name}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) >= LONGEST_FUNCTION
    ]
    assert not long_functions


def test_no_secret_and_no_registry_address_is_committed() -> None:
    """Neither private keys nor addresses of package registries stand in a tracked file."""
    found = []
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", "ignore")
        if _REGISTRIES.search(text):
            found.append(str(path))
        if _SECRETS.search(text) and path.suffix not in {".py", ".md"}:
            found.append(str(path))
    assert not found


def test_requirements_are_pinned_and_hashed() -> None:
    """Every requirement has an exact version and hashes."""
    text = (ROOT / "requirements.txt").read_text()
    names = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert len(names) > 20
    assert text.count("--hash=sha256:") >= len(names)
    assert "http" not in text.replace("httpx", "").replace("httpcore", "").replace("httptools", "")
