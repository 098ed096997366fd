"""The installed package works for a user who has neither the checkout nor the developers' tools."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub.foundation.extras import EXTRAS
from tests.brokers import need_rabbitmq
from tests.installed import (
    InstalledHub,
    build_wheel,
    check_requirements,
    make_environment,
)

pytestmark = pytest.mark.xdist_group("installed")

_IMPORT_ALL = """
import importlib, pkgutil
for top in ("schemas", "consent", "adapters", "hub"):
    for found in pkgutil.walk_packages(importlib.import_module(top).__path__, top + "."):
        skipped = (".__main__", ".migrations", "hub.console.", "adapters.testing")
        if not any(part in found.name for part in skipped):
            importlib.import_module(found.name)
from hub.cli.root import build_all
import typer
print(len(typer.main.get_command(build_all()).commands))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> InstalledHub:
    """An environment with the base requirements only."""
    return make_environment(tmp_path_factory.mktemp("base") / "env", wheel)


def test_the_base_requirements_are_complete(installed: InstalledHub, tmp_path: Path) -> None:
    """All modules but the console import, and every command loads, without any extra."""
    check_requirements(installed)
    ran = installed.run("python", "-c", _IMPORT_ALL, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 20
    for extra, modules in EXTRAS.items():
        ran = installed.run("python", "-c", f"import {modules[0]}", cwd=tmp_path)
        assert ran.returncode, f"{extra} is not an extra: the base requirements bring {modules[0]}"


def test_the_command_answers(installed: InstalledHub, tmp_path: Path) -> None:
    """Version and help come from the package, not from the checkout."""
    assert installed.hub("--version", cwd=tmp_path).stdout.startswith("hub ")
    shown = installed.hub("--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert "hub docs" in shown.stdout
    where = installed.run("python", "-c", "import hub; print(hub.__file__)", cwd=tmp_path)
    assert Path(where.stdout).is_relative_to(installed.folder)


def test_the_documentation_comes_with_it(installed: InstalledHub, tmp_path: Path) -> None:
    """Every page of the checkout's docs is there, and prints as it is written."""
    listed = json.loads(installed.hub("docs", "--json", cwd=tmp_path).stdout)["pages"]
    docs = Path(__file__).parents[2] / "docs"
    pages = {f.relative_to(docs).as_posix().removesuffix(".md") for f in docs.rglob("*.md")}
    assert pages <= {one["page"] for one in listed}
    text = (docs / "quickstart.md").read_text(encoding="utf-8")
    assert installed.hub("docs", "quickstart", cwd=tmp_path).stdout == text


def test_its_types_are_for_others_to_check(installed: InstalledHub) -> None:
    """Each of the four packages says that it is typed (PEP 561)."""
    site = next((installed.folder / "lib").glob("python*")) / "site-packages"
    for package in ("hub", "adapters", "schemas", "consent"):
        assert (site / package / "py.typed").is_file()


def test_an_installation_begins_in_an_empty_folder(installed: InstalledHub, tmp_path: Path) -> None:
    """``hub init`` writes settings and an agreement to copy, which the package checks as good."""
    ran = installed.hub("init", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "hub.toml").is_file()
    checked = installed.hub("agreement", "check", "agreement-template.toml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("extra", "arguments", "environment"),
    [
        ("console", ["console"], {}),
        ("postgres", ["audit", "verify"], {"HUB_STORE_URL": "postgresql+psycopg://localhost/hub"}),
    ],
)
def test_a_missing_extra_is_named(
    installed: InstalledHub,
    tmp_path: Path,
    extra: str,
    arguments: list[str],
    environment: Mapping[str, str],
) -> None:
    """The error is one line with the pip command, and no traceback."""
    installed.hub("init", cwd=tmp_path)
    ran = installed.hub(*arguments, cwd=tmp_path, **environment)
    assert ran.returncode == 2
    assert ran.stderr.startswith("hub: extra-missing: ")
    assert f"pip install 'interagency-hub[{extra}]'" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_each_extra_brings_what_it_is_for(
    tmp_path_factory: pytest.TempPathFactory, wheel: Path, tmp_path: Path
) -> None:
    """With all extras every module imports, the console's too, and nothing is undeclared."""
    full = make_environment(tmp_path_factory.mktemp("all") / "env", wheel, extras=["all"])
    check_requirements(full)
    everything = _IMPORT_ALL.replace('"hub.console.", "adapters.testing"', "")
    ran = full.run("python", "-c", everything, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    for modules in EXTRAS.values():
        ran = full.run("python", "-c", f"import {', '.join(modules)}", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr


@pytest.mark.broker
def test_the_demonstration_plays(installed: InstalledHub, tmp_path: Path) -> None:
    """The borough plays from the wheel in an empty folder, and its ledger verifies."""
    need_rabbitmq()
    broker = os.environ.get("HUB_AMQP_URL")
    environment = {"HUB_AMQP_URL": broker} if broker else {}
    ran = installed.hub("demo", "--once", "--json", cwd=tmp_path, timeout=150, **environment)
    assert ran.returncode == 0, ran.stderr
    summary = json.loads(ran.stdout)
    assert summary["ledger_verified"] is True
    assert summary["delivered"] == summary["permitted"] > 100
    assert sorted(p.name for p in tmp_path.iterdir()) == ["var"]
    assert list((tmp_path / "var" / "demo" / "agreements").glob("*.toml"))
