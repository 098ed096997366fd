"""How large the source of a checkout is: modules by level, lines by package, files, functions."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.house_imports import TOP_PACKAGES, package_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_ENTRY_FILES = {"__init__.py", "__main__.py"}


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, 90th percentile and largest of some lengths, and the name of the largest."""

    count: int
    median: int
    p90: int
    longest: int
    longest_name: str


def spread(lengths: Iterable[tuple[int, str]]) -> Spread:
    """Return how lengths are spread; the percentile is the value nine in ten do not exceed."""
    ordered = sorted(lengths)
    if not ordered:
        return Spread(0, 0, 0, 0, "")
    last = len(ordered) - 1
    largest, name = ordered[-1]
    return Spread(len(ordered), ordered[last // 2][0], ordered[last * 9 // 10][0], largest, name)


def sources(root: Path, packages: Sequence[str] = TOP_PACKAGES) -> list[Path]:
    """List the Python files of the named packages."""
    return sorted(path for package in packages for path in (root / package).rglob("*.py"))


def modules_by_level(root: Path) -> dict[int, int]:
    """Count hub's modules by the number of packages between them and ``hub``."""
    hub = root / "hub"
    files = [path for path in sources(root, ("hub",)) if path.name not in _ENTRY_FILES]
    return dict(sorted(Counter(len(path.relative_to(hub).parts) - 1 for path in files).items()))


def lines_by_package(root: Path) -> dict[str, int]:
    """Count lines by package: one of hub's, or another top-level package."""
    found: Counter[str] = Counter()
    for path in sources(root):
        inside = path.relative_to(root)
        loose = inside.parts[0] == "hub" and len(inside.parts) == len(("hub", "module.py"))
        module = ".".join(inside.with_suffix("").parts)
        found["hub (loose modules)" if loose else package_of(module)] += _lines(path)
    return dict(sorted(found.items()))


def file_lengths(root: Path) -> Spread:
    """Return how long the files are, in lines."""
    return spread((_lines(path), str(path.relative_to(root))) for path in sources(root))


def function_lengths(root: Path, *, whole: bool = False) -> Spread:
    """Return how long functions are in lines: their statements, or with signature and docstring."""
    return spread(
        (
            (node.end_lineno or 0) - node.lineno + 1 if whole else function_length(node),
            f"{path.relative_to(root)}:{node.name}",
        )
        for path in sources(root)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def function_length(node: FunctionNode) -> int:
    """Count a function's lines from its first statement: parameters and docstring do not count."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def classes_named_twice(root: Path) -> dict[str, list[str]]:
    """Return the names of classes that more than one file defines, with those files."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sources(root):
        for name in dict.fromkeys(_classes(path)):
            found[name].append(str(path.relative_to(root)))
    return {name: files for name, files in sorted(found.items()) if len(files) > 1}


def _classes(path: Path) -> Iterator[str]:
    return (node.name for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef))


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
