"""Which module imports which: the import graph of a checkout, its circles and its longest chains.

Read from the source with ``ast``, so that any checkout can be measured without installing it. An
import inside a function or under ``TYPE_CHECKING`` counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TOP_PACKAGES = ("hub", "adapters", "consent", "schemas")

Graph = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class ImportGraph:
    """Nodes and what each imports; modules at first, packages after ``grouped``."""

    imports: Graph

    def grouped(self, name_of: Callable[[str], str]) -> ImportGraph:
        """Return the graph of groups of nodes; imports within a group disappear."""
        found: dict[str, set[str]] = {name_of(node): set() for node in self.imports}
        for node, targets in self.imports.items():
            found[name_of(node)] |= {name_of(target) for target in targets}
        return ImportGraph({name: frozenset(to - {name}) for name, to in found.items()})

    @property
    def edges(self) -> int:
        """Count pairs of an importer and what it imports."""
        return sum(len(targets) for targets in self.imports.values())

    @cached_property
    def reachable(self) -> Graph:
        """Everything each node imports, directly or through others; itself where in a circle."""
        return {node: _reachable(node, self.imports) for node in self.imports}

    @cached_property
    def circles(self) -> list[tuple[str, ...]]:
        """Each set of nodes that import one another, directly or through others, sorted."""
        return sorted({tuple(self._group(node)) for node in self.imports if self._in_circle(node)})

    @cached_property
    def longest_chain(self) -> list[str]:
        """One longest chain of imports, importer first; a circle counts as one link."""
        best: dict[str, list[str]] = {}
        for node in sorted(self.imports, key=lambda one: (len(self.reachable[one]), one)):
            below = {t for one in self._group(node) for t in self.imports[one]}
            below -= set(self._group(node))
            best[node] = [node, *max((best[one] for one in sorted(below)), key=len, default=[])]
        return max(best.values(), key=len, default=[])

    def _in_circle(self, node: str) -> bool:
        return node in self.reachable[node]

    def _group(self, node: str) -> list[str]:
        """Return a node and whatever is in a circle with it."""
        around = (one for one in self.reachable[node] if node in self.reachable[one])
        return sorted({node, *around})

    def arrows(self) -> list[tuple[str, str]]:
        """Return the fewest edges from which every other import follows along the arrows."""
        return sorted(
            (node, target)
            for node, targets in self.imports.items()
            for target in targets
            if not any(target in self.reachable[other] for other in targets - {target})
        )


def package_of(module: str) -> str:
    """Return the package a module belongs to: one of hub's, or another top-level package."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "hub" else parts[0]


def import_graph(root: Path, packages: tuple[str, ...] = TOP_PACKAGES) -> ImportGraph:
    """Read the import graph of the named packages below a folder."""
    files = {
        _module_name(path.relative_to(root)): path
        for package in packages
        for path in sorted((root / package).rglob("*.py"))
        if "migrations" not in path.parts
    }
    return ImportGraph(
        {
            name: frozenset(_imports(name, path, files)) - {name}
            for name, path in files.items()
            if not name.endswith("__main__")
        }
    )


def _module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(name: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (known for a in node.names if (known := _known(a.name, files)))
        elif isinstance(node, ast.ImportFrom):
            base = _base(name, path, node)
            for alias in node.names:
                if known := _known(f"{base}.{alias.name}", files):
                    yield known


def _base(name: str, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    keep = len(name.split(".")) - node.level + (path.name == "__init__.py")
    return ".".join([*name.split(".")[:keep], *([node.module] if node.module else [])])


def _known(name: str, files: Mapping[str, Path]) -> str | None:
    """Return the module a dotted name is, or is in; None for what is not ours."""
    if name in files:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in files else None


def _reachable(start: str, graph: Graph) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return frozenset(found)
