"""What a change touches: recipes of small, real changes, for the contributor's page and its test.

    python -m tools.change_recipes [NAME]      list the recipes, or show one
    python -m tools.change_recipes NAME --apply DIR

A recipe (``tools/changes/NAME.toml``) makes one whole change by script: every edit by hand, then
the commands that generate the rest. docs/reference/changing.md is written from the recipes, and a
test applies all of them to a scratch copy and runs the checks there, so that the page is true.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).parent / "changes"
ORDER = (
    "event-type",
    "shared-field",
    "ledger-entry-kind",
    "console-page",
    "reason-code",
    "setting",
    "fault-code",
    "adapter",
)


class RecipeError(Exception):
    """A recipe does not fit the tree it is applied to; the message names file and text."""


class Edit(BaseModel):
    """One edit of one file: text put before or after an anchor, at its end, or a new file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(description="Path from the root of the checkout")]
    what: Annotated[str, Field(description="What to do there, for the contributor's page")] = ""
    before: Annotated[str, Field(description="Anchor: insert before it")] = ""
    after: Annotated[str, Field(description="Anchor: insert after it")] = ""
    replace: Annotated[str, Field(description="Text to replace")] = ""
    new: Annotated[bool, Field(description="Create the file")] = False
    text: Annotated[str, Field(description="What to insert")]

    @model_validator(mode="after")
    def _one_place(self) -> Edit:
        if sum(map(bool, (self.before, self.after, self.replace, self.new))) > 1:
            raise ValueError("an edit has one place: before, after, replace, new, or the end")
        return self

    def apply(self, root: Path) -> None:
        """Make the edit; raises RecipeError where the anchor does not occur exactly once."""
        path = root / self.file
        if self.new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text.lstrip("\n"), encoding="utf-8")
            return
        content = path.read_text(encoding="utf-8")
        anchor = self.before or self.after or self.replace
        if anchor and content.count(anchor) != 1:
            count = content.count(anchor)
            raise RecipeError(f"{self.file} has this text {count} times, not once: {anchor!r}")
        path.write_text(self._edited(content), encoding="utf-8")

    def _edited(self, content: str) -> str:
        if self.before:
            return content.replace(self.before, self.text + self.before)
        if self.after:
            return content.replace(self.after, self.after + self.text)
        if self.replace:
            return content.replace(self.replace, self.text)
        return content + self.text


class Recipe(BaseModel):
    """One whole change: its edits by hand, the commands that generate the rest, its checks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    aim: Annotated[int, Field(ge=0, description="Files by hand at most")]
    example: Annotated[str, Field(description="The change that the recipe makes")]
    note: str = ""
    generated: Annotated[tuple[str, ...], Field(description="make targets to run")] = ()
    edits: tuple[Edit, ...] = ()
    tests: Annotated[tuple[str, ...], Field(description="Tests to run in the scratch copy")] = ()
    proof: Annotated[str, Field(description="Python that fails without the change")] = ""
    steps: Annotated[tuple[str, ...], Field(description="What to do outside the checkout")] = ()

    @property
    def files(self) -> list[str]:
        """The files edited by hand, in the order of the edits."""
        return list(dict.fromkeys(edit.file for edit in self.edits))

    def apply(self, root: Path) -> None:
        """Make every edit by hand in a checkout; raises RecipeError where one does not fit."""
        for edit in self.edits:
            edit.apply(root)


def recipes(folder: Path = FOLDER) -> dict[str, Recipe]:
    """Read the recipes of a folder, in the order of the page."""
    return {
        name: Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        for name in ORDER
        if (path := folder / f"{name}.toml").is_file()
    }


def page(found: dict[str, Recipe]) -> list[str]:
    """Return the parts of the contributor's page: a table, then a section per change."""
    rows = [f"| [{r.title}](#{_anchor(r.title)}) | {len(r.files)} |" for r in found.values()]
    table = ["| to add | files by hand |", "|---|---|", *rows]
    return ["\n".join(table), *(part for one in found.values() for part in _section(one))]


def _section(recipe: Recipe) -> list[str]:
    steps = [f"{n}. {_step(recipe, name)}" for n, name in enumerate(recipe.files, 1)]
    steps += [f"{n}. {step}" for n, step in enumerate(recipe.steps, len(steps) + 1)]
    if recipe.generated:
        steps.append(f"{len(steps) + 1}. Run {' and '.join(f'`{c}`' for c in recipe.generated)}.")
    parts = [f"## {recipe.title}", recipe.note, "\n".join(steps), f"Example: {recipe.example}"]
    return [part for part in parts if part]


def _step(recipe: Recipe, name: str) -> str:
    """Return what to do in one file; a new file is named by its folder."""
    edits = [edit for edit in recipe.edits if edit.file == name]
    place = f"a new file in `{Path(name).parent}/`" if edits[0].new else f"`{name}`"
    return f"{place}: {' '.join(edit.what for edit in edits).strip()}"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def main(arguments: Sequence[str]) -> int:
    """List recipes, show one, or apply one to a checkout."""
    parser = argparse.ArgumentParser(prog="python -m tools.change_recipes", description=__doc__)
    parser.add_argument("name", nargs="?", choices=ORDER)
    parser.add_argument("--apply", type=Path, metavar="DIR", help="make the edits in a checkout")
    chosen = parser.parse_args(arguments)
    found = recipes()
    if chosen.name is None:
        for name, recipe in found.items():
            print(f"{name:<20}{len(recipe.files):>3} (aim {recipe.aim})  {recipe.title}")
    elif chosen.apply:
        found[chosen.name].apply(chosen.apply)
    else:
        print("\n\n".join(_section(found[chosen.name])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
