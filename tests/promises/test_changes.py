"""What the page of changes promises is true: one of each is made in a scratch copy and checked.

The recipes of tools/changes are applied to a copy of the checkout, one after the other. By hand
only the files they list change; the make targets they name write the rest; then types, rules,
import contracts and the tests that look for drift hold there, with one more of everything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.change_recipes import Recipe, RecipeError, recipes

ROOT = Path(__file__).parents[2]
RECIPES = recipes()
# The aims of the direction, by kind of change: the files a change may touch by hand.
AIMS = {
    "event-type": 3,
    "shared-field": 3,
    "ledger-entry-kind": 3,
    "console-page": 4,
    "reason-code": 4,
    "setting": 4,
    "fault-code": 4,
    "adapter": 0,
}
EDITING = {name: recipe for name, recipe in RECIPES.items() if recipe.edits}
GENERATED = ("schemas/published/", "docs/reference/", "docs/formats/", "docs/how-it-decides.md")
SECONDS = 600

pytestmark = pytest.mark.timeout(SECONDS)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A copy of the checkout with every recipe applied, and which files that changed."""

    root: Path
    by_hand: frozenset[str]
    generated: frozenset[str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a Python module in the copy, which imports the copy's own packages."""
        return _python(self.root, "-m", *arguments)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Copy the checkout, apply every recipe, and run the commands that generate the rest."""
    root = tmp_path_factory.mktemp("scratch") / "copy"
    _copy(root)
    assert _misfits(root) == []
    _python(root, "-m", "ruff", "format", "--quiet", ".")
    _python(root, "-m", "ruff", "check", "--quiet", "--fix", ".")
    by_hand = _changed(root)
    _git(root, "add", "--all")
    for target in dict.fromkeys(t for recipe in RECIPES.values() for t in recipe.generated):
        for command in _make_lines(target):
            done = _python(root, *command)
            assert done.returncode == 0, f"{target}: {done.stdout}{done.stderr}"
    unstaged = _git(root, "diff", "--name-only").splitlines()
    new = _git(root, "ls-files", "--others", "--exclude-standard").splitlines()
    return Scratch(root, by_hand, frozenset([*unstaged, *new]))


def _misfits(root: Path) -> list[str]:
    """Apply every recipe, and list those that do not fit the tree."""
    found = []
    for name, recipe in RECIPES.items():
        try:
            recipe.apply(root)
        except RecipeError as error:
            found.append(f"{name}: {error}")
    return found


def _copy(root: Path) -> None:
    """Copy what git would commit, and the caches that make the checks quick."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not in a git checkout")
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", root / ".mypy_cache")
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    _git(root, "-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qm", "copy")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def _changed(root: Path) -> frozenset[str]:
    new = _git(root, "ls-files", "--others", "--exclude-standard").splitlines()
    return frozenset([*_git(root, "diff", "--name-only", "HEAD").splitlines(), *new])


def _python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _make_lines(target: str) -> list[list[str]]:
    """Return what a make target runs with Python, as arguments."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    name = target.removeprefix("make ")
    found = re.search(rf"^{name}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found, f"no target {name}"
    return [
        line.split()[1:] for line in found[1].splitlines() if line.startswith("\t@$(BIN)/python")
    ]


@pytest.mark.parametrize("name", AIMS)
def test_a_change_touches_no_more_files_than_its_aim(name: str) -> None:
    """Each kind of change has a recipe, and edits by hand at most the files it may."""
    assert RECIPES[name].aim == AIMS[name]
    assert len(RECIPES[name].files) <= AIMS[name], RECIPES[name].files


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_page_says_what_to_do_in_each_file(recipe: Recipe) -> None:
    """Every file of a recipe has its sentence."""
    for name in recipe.files:
        assert any(edit.what for edit in recipe.edits if edit.file == name), name


def test_by_hand_only_the_listed_files_change(scratch: Scratch) -> None:
    """The count on the page is the count of files that a person edits."""
    assert scratch.by_hand == {name for recipe in RECIPES.values() for name in recipe.files}


def test_commands_write_the_rest(scratch: Scratch) -> None:
    """What else changes is generated, and lies where generated files lie."""
    assert scratch.generated
    assert [name for name in scratch.generated if not name.startswith(GENERATED)] == []


@pytest.mark.parametrize("recipe", EDITING.values(), ids=EDITING)
def test_the_change_is_there(scratch: Scratch, recipe: Recipe) -> None:
    """A line of Python that fails without the change succeeds in the copy, and only there."""
    done = _python(scratch.root, "-c", recipe.proof)
    assert done.returncode == 0, done.stderr
    assert _python(ROOT, "-c", recipe.proof).returncode != 0


def test_an_adapter_touches_no_file_of_the_repository(scratch: Scratch, tmp_path: Path) -> None:
    """Its package is made elsewhere, and passes its own tests there at once."""
    before = _changed(scratch.root)
    made = _python(scratch.root, "-m", "hub", "adapter", "new", "leisure", "--into", str(tmp_path))
    assert made.returncode == 0, made.stderr
    package = tmp_path / "leisure"
    environment = {**os.environ, "PYTHONPATH": f"{scratch.root}{os.pathsep}{package}"}
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=package,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
    assert _changed(scratch.root) == before


def test_types_and_rules_hold_in_the_copy(scratch: Scratch) -> None:
    """Mypy and ruff find nothing, and the import contracts are kept."""
    for arguments in (("mypy",), ("ruff", "check", ".")):
        done = scratch.run(*arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    contracts = _python(scratch.root, str(Path(sys.executable).parent / "lint-imports"))
    assert contracts.returncode == 0, contracts.stdout[-3000:]


def test_the_tests_that_look_for_drift_pass_in_the_copy(scratch: Scratch) -> None:
    """Generated pages, schemas, classifications and the oracle know what was added."""
    tests = sorted({test for recipe in RECIPES.values() for test in recipe.tests})
    done = scratch.run("pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout[-5000:]


def test_a_recipe_that_no_longer_fits_names_the_file(tmp_path: Path) -> None:
    """An anchor that is gone is an error with its place, not a change in the wrong one."""
    recipe = RECIPES["fault-code"]
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "errors.py").write_text("# another file\n")
    with pytest.raises(RecipeError, match=r"schemas/errors\.py"):
        recipe.apply(tmp_path)
