"""The figures of the house: levels, imports, circles, names, sizes, words, cost of a change.

    python -m tools.house_figures [--repo DIR] [--json] [--against DIR]

Measures any checkout from its files alone, so that two states of the project can be compared:
``--against`` puts the figures of a second checkout before those of the first. What a figure means
is in its name; decision 0015 has the figures of the tree move.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import house_sizes as sizes
from tools.house_imports import ImportGraph, import_graph, package_of
from tools.house_words import lines_with_dialect

Figure = int | float | str | None
Figures = dict[str, Figure]

TEST_SECONDS = Path("var") / "test-seconds"
_STORE = "hub.store"
_MAY_IMPORT_THE_STORE = {"hub.wiring", "hub.runtime.bootstrap"}


def figures(root: Path) -> Figures:
    """Measure one checkout."""
    words = lines_with_dialect(root)
    return {
        **_levels(root),
        **_imports(root),
        "class names used twice": len(sizes.classes_named_twice(root)),
        **_spread("file lines", sizes.file_lengths(root)),
        **_spread("function lines, statements only", sizes.function_lengths(root)),
        **_spread("function lines, whole", sizes.function_lengths(root, whole=True)),
        "lines of dialect": sum(words.values()),
        **_changes(root / "tools" / "changes"),
        "seconds of make test": _seconds(root / TEST_SECONDS),
        **{f"lines of {name}": n for name, n in sizes.lines_by_package(root).items()},
    }


def _levels(root: Path) -> Figures:
    levels = sizes.modules_by_level(root)
    deepest = max(levels, default=0)
    return {f"modules of hub at level {n}": levels.get(n, 0) for n in range(deepest + 1)}


def _imports(root: Path) -> Figures:
    modules = import_graph(root)
    packages = modules.grouped(package_of)
    return {
        **_graph("modules", modules),
        **_graph("packages", packages),
        "modules importing the store outside store and bootstrap": len(store_importers(modules)),
    }


def _graph(name: str, graph: ImportGraph) -> Figures:
    return {
        f"{name}: number": len(graph.imports),
        f"{name}: import edges": graph.edges,
        f"{name}: import floors": len(graph.longest_chain),
        f"{name}: circles": len(graph.circles),
    }


def store_importers(graph: ImportGraph) -> list[str]:
    """List the modules that import the store and are neither in it nor the one that wires it."""
    return sorted(
        module
        for module, targets in graph.imports.items()
        if any(_in_store(target) for target in targets)
        and not _in_store(module)
        and module not in _MAY_IMPORT_THE_STORE
    )


def _in_store(module: str) -> bool:
    return module == _STORE or module.startswith(_STORE + ".")


def _spread(name: str, found: sizes.Spread) -> Figures:
    return {
        f"{name}: median": found.median,
        f"{name}: 90th percentile": found.p90,
        f"{name}: longest": found.longest,
    }


def _changes(folder: Path) -> Figures:
    """Count the files that each kind of change touches by hand, from the recipes of a checkout."""
    found: Figures = {}
    for path in sorted(folder.glob("*.toml")):
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        files = {edit["file"] for edit in recipe.get("edits", ())}
        found[f"files by hand for {path.stem}"] = len(files)
    return found


def _seconds(record: Path) -> float | None:
    """Read what ``make test`` recorded; None where it has not run in this checkout."""
    return float(record.read_text(encoding="ascii")) if record.is_file() else None


def table(columns: Mapping[str, Figures]) -> str:
    """Lay figures of several checkouts side by side, as a Markdown table."""
    names = dict.fromkeys(name for found in columns.values() for name in found)
    rows = [["figure", *columns], ["---"] * (len(columns) + 1)]
    rows += [[name, *(_cell(found.get(name)) for found in columns.values())] for name in names]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(figure: Figure) -> str:
    if figure is None:
        return "-"
    return f"{figure:,}" if isinstance(figure, int) else str(figure)


def main(arguments: Sequence[str]) -> int:
    """Print the figures of a checkout, as a table or as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tools.house_figures", description=__doc__)
    parser.add_argument("--repo", type=Path, default=Path(), help="checkout to measure")
    parser.add_argument("--against", type=Path, help="a second checkout, shown first")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    columns = {"before": figures(chosen.against)} if chosen.against else {}
    columns["now"] = figures(chosen.repo)
    if chosen.json:
        print(json.dumps(columns if chosen.against else columns["now"], indent=2))
    else:
        print(table(columns))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
