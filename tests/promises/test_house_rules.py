"""The house rules that a machine can check: style, types, the floors, sizes, secrets."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.house_imports import import_graph
from tools.house_sizes import classes_named_twice, function_length

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "consent", "adapters", "hub")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
COVERED_BY = tomllib.loads((ROOT / "tests" / "covered_by.toml").read_text(encoding="utf-8"))
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
        and function_length(node) >= LONGEST_FUNCTION
    ]
    assert not long_functions


def test_a_class_name_is_used_once() -> None:
    """Two classes of one name make a reader look twice."""
    assert classes_named_twice(ROOT) == {}


def test_hub_has_no_loose_modules_and_no_package_outside_the_layers() -> None:
    """Every module of hub is in a package, and every package in the layers contract."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        one for one in project["tool"]["importlinter"]["contracts"] if "containers" in one
    )
    layers = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    assert contract["exhaustive"] is True
    assert contract["exhaustive_ignores"] == ["__main__"]
    packages = {path.parent.name for path in (ROOT / "hub").glob("*/__init__.py")}
    assert packages == set(layers)
    loose = {path.name for path in (ROOT / "hub").glob("*.py")}
    assert loose == {"__init__.py", "__main__.py"}


def test_modules_import_each_other_in_no_circle() -> None:
    """An import inside a function counts: it only hides the circle."""
    assert import_graph(ROOT).circles == []


def test_every_package_of_hub_says_what_to_read_first() -> None:
    """The docstring names a file of the package; a package is entered there."""
    silent = []
    for init in sorted((ROOT / "hub").glob("*/__init__.py")):
        words = " ".join((ast.get_docstring(ast.parse(init.read_text())) or "").split())
        first = re.search(r"Read ``([\w/]+\.py)`` first", words)
        if not first or not (init.parent / first[1]).is_file():
            silent.append(init.parent.name)
    assert silent == []


def test_every_module_has_its_test_or_a_line_that_names_one() -> None:
    """Tests mirror modules; tests/covered_by.toml names the test of each module that has none."""
    modules = [path.relative_to(ROOT) for path in _modules()]
    forgotten = [
        str(module)
        for module in modules
        if not (ROOT / _own_test(module)).is_file()
        and str(module) not in COVERED_BY
        and f"{module.parent}/" not in COVERED_BY
    ]
    assert forgotten == []


def test_no_line_about_a_covering_test_is_stale() -> None:
    """Each names a module or folder without a test of its own, and a test that is there."""
    stale = [name for name, test in COVERED_BY.items() if not (ROOT / test).is_file()]
    stale += [name for name in COVERED_BY if not (ROOT / name).exists()]
    stale += [name for name in COVERED_BY if (ROOT / _own_test(Path(name))).is_file()]
    assert stale == []


def _modules() -> list[Path]:
    files = [*_sources(), *(ROOT / "tools").glob("*.py")]
    return [p for p in files if p.name != "__init__.py" and "migrations" not in p.parts]


def _own_test(module: Path) -> Path:
    return Path("tests") / module.parent / f"test_{module.name}"


def test_no_secret_and_no_registry_address_is_committed() -> None:
    """Neither private keys nor addresses of package registries are in a tracked file."""
    found = []
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", "ignore")
        if _REGISTRIES.search(text):
            found.append(str(path))
        if _SECRETS.search(text) and path.suffix not in {".py", ".md"}:
            found.append(str(path))
    assert not found


_PIN = re.compile(r"([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^ ;]+)(?: ; [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def _pins(name: str) -> dict[str, str]:
    """The versions that one file pins; each pin has hashes, and no line is anything else."""
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    assert [one for one in lines if not (_PIN.fullmatch(one) or _HASH.fullmatch(one))] == []
    pins = {}
    for pin, after in zip(lines, [*lines[1:], ""], strict=True):
        if found := _PIN.fullmatch(pin):
            assert _HASH.fullmatch(after), pin
            pins[found[1]] = found[2]
    return pins


def test_requirements_are_pinned_and_hashed() -> None:
    """Every requirement has an exact version and hashes; no file holds an address."""
    for name in ("production.txt", "production-extras.txt", "development.txt"):
        assert len(_pins(name)) > 20


def test_production_has_the_versions_that_were_tested_and_no_tools() -> None:
    """Each file of pins contains the one before; the developers' tools are in the last only."""
    base, extras, everything = map(
        _pins, ("production.txt", "production-extras.txt", "development.txt")
    )
    assert base.items() <= extras.items() <= everything.items()
    assert "fastapi" in extras.keys() - base.keys()
    assert {"pytest", "ruff", "mypy", "hypothesis"} <= everything.keys() - extras.keys()
