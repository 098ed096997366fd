"""What the packages import is what pyproject.toml declares: base, or the extra it belongs to."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("hub", "adapters", "schemas", "consent")
EXTRA_OF = {"hub/console/": "console", "adapters/testing": "testing"}
NOT_IMPORTED = {
    "fhir-resources": "loaded by name, one module a resource type",
    "tzdata": "read by zoneinfo where the system has no time zones",
    "psycopg": "loaded by SQLAlchemy",
    "python-multipart": "used by FastAPI to read forms",
    "itsdangerous": "used by Starlette's sessions",
    "govuk-frontend-jinja": "its templates are loaded",
}


def declared(lines: list[str]) -> set[str]:
    """The names of the distributions that requirements name."""
    names = (re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for line in lines)
    return {canonical(name) for name in names}


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> Iterator[tuple[str, str]]:
    """Every file with each module outside the project and the standard library it imports."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                for module in _modules(node):
                    top = module.partition(".")[0]
                    if top not in {*PACKAGES, *sys.stdlib_module_names}:
                        yield file.relative_to(ROOT).as_posix(), top


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def test_every_import_is_declared() -> None:
    """In the dependencies or, for a part that has an extra, in that extra."""
    base = declared(PROJECT["dependencies"])
    extras = {name: declared(lines) for name, lines in PROJECT["optional-dependencies"].items()}
    owners = packages_distributions()
    wrong = []
    for file, top in set(imported()):
        extra = next((extras[e] for part, e in EXTRA_OF.items() if file.startswith(part)), set())
        if not {canonical(name) for name in owners.get(top, ())} & (base | extra):
            wrong.append(f"{file} imports {top}")
    assert sorted(wrong) == []


def test_every_requirement_is_used() -> None:
    """It is imported, or named here with the reason why it is not."""
    owners = packages_distributions()
    used = {canonical(name) for _, top in imported() for name in owners.get(top, ())}
    lines = [*PROJECT["dependencies"]]
    for extra in ("console", "postgres"):
        lines += PROJECT["optional-dependencies"][extra]
    assert declared(lines) - used - set(NOT_IMPORTED) == set()


def test_the_extra_all_is_every_other_extra() -> None:
    """So that nothing is forgotten when one is added."""
    extras = PROJECT["optional-dependencies"]
    (whole,) = extras["all"]
    assert set(whole.partition("[")[2].rstrip("]").split(",")) == set(extras) - {"all"}
