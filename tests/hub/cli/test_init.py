"""``hub init``: makes what is missing, leaves the rest alone."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from hub.foundation.settings import (
    AdapterSettings,
    ConsoleSettings,
    OpenIdSettings,
    Settings,
    load_settings,
)
from hub.foundation.settings_reference import TABLES, settings_file, words_of
from schemas.agencies import Agency

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli


def test_it_makes_everything(bare_cli: Cli) -> None:
    """Settings, keys, password and store, and says what is next."""
    ran = bare_cli.bare("init")
    assert ran.code == 0
    made = {p.name for p in bare_cli.folder.rglob("*") if p.is_file()}
    assert {"hub.toml", "master.key", "ledger.key", "ledger.pub", "hub.password"} <= made
    assert "hub.sqlite" in made
    assert "Next: " in ran.out


def test_secrets_are_for_their_owner_only(bare_cli: Cli) -> None:
    """Key and password files have the mode 0600."""
    bare_cli.bare("init")
    state = bare_cli.folder / "state"
    secret = [*state.rglob("*.key"), *state.rglob("*.password")]
    assert len(secret) >= 3
    assert {file.stat().st_mode & 0o777 for file in secret} == {0o600}


def test_running_it_again_changes_nothing(bare_cli: Cli) -> None:
    """The second run keeps every file as it is."""
    bare_cli.bare("init")
    state = bare_cli.folder / "state"
    before = (state / "master.key").read_bytes(), bare_cli.config.read_bytes()
    ran = bare_cli.bare("init", "--json")
    assert ran.json["made"] == []
    assert len(ran.json["kept"]) >= 6
    assert ((state / "master.key").read_bytes(), bare_cli.config.read_bytes()) == before


def test_an_agency_added_later_gets_its_password(bare_cli: Cli) -> None:
    """That is why it is run again."""
    bare_cli.bare("init")
    with bare_cli.config.open("a") as config:
        config.write('[agencies.school]\ntitle = "School"\nsector = "education"\n')
    made = bare_cli.bare("init", "--json").json["made"]
    assert "school.password" in {name.rpartition("/")[2] for name in made}
    assert all("/school." in name for name in made)


def test_a_folder_may_be_named(bare_cli: Cli) -> None:
    """It is made where it is missing."""
    assert bare_cli.bare("init", "--folder", "a/b").code == 0
    assert (bare_cli.folder / "a/b/hub.toml").is_file()
    assert (bare_cli.folder / "a/b/state/master.key").is_file()


def test_the_written_settings_are_the_defaults(bare_cli: Cli) -> None:
    """Every setting stands in the file with its default, commented out, and what it says."""
    bare_cli.bare("init")
    text = bare_cli.config.read_text()
    assert load_settings(bare_cli.config).name == Settings().name
    for setting in words_of(Settings):
        if setting.name not in TABLES:
            assert f"\n# {setting.name} = " in text
            assert setting.about
            assert setting.about in text


def test_the_settings_file_is_good_with_every_default_taken_out_of_its_comment() -> None:
    """What is shown as a default is one: uncommented, the file means the same."""
    named = {s.name for s in words_of(Settings) if s.default is not None}
    lines = [
        line.removeprefix("# ")
        for line in settings_file().splitlines()
        if line.removeprefix("# ").partition(" = ")[0] in named
    ]
    found = Settings(**tomllib.loads("\n".join(lines)))
    assert found == Settings()


def test_a_wrong_setting_is_named(bare_cli: Cli) -> None:
    """The setting, and what is expected there; exit code 2."""
    bare_cli.config.write_text("partitions = 0\n")
    ran = bare_cli.bare("init")
    assert ran.code == 2
    assert "partitions" in ran.err


def test_the_settings_file_shows_every_table_in_full() -> None:
    """With '# ' removed, the examples are valid settings that name every key there is."""
    lines = settings_file().splitlines()
    begin = next(n for n, line in enumerate(lines) if line == "# [console]")
    shown = [line.removeprefix("# ") for line in lines[begin:]]
    text = "\n".join(line for line in shown if re.match(r"\[|[a-z_]+ = ", line))
    found = tomllib.loads(text)
    tables = {
        AdapterSettings: found["adapters"]["oakfield-ctf"],
        Agency: {"name": "", **found["agencies"]["oakfield-primary"]},
        ConsoleSettings: found["console"],
        OpenIdSettings: found["console"]["openid"],
    }
    for model, table in tables.items():
        assert set(table) == set(model.model_fields)
    assert Settings(**found).directory().agencies


def test_it_brings_an_agreement_to_copy(bare_cli: Cli) -> None:
    """Once, beside the settings; it is a good agreement as it is."""
    bare_cli.bare("init")
    template = bare_cli.folder / "agreement-template.toml"
    assert bare_cli.bare("agreement", "check", str(template)).code == 0
    template.unlink()
    bare_cli.bare("init")
    assert not template.exists()
