"""The settings file: every wrong setting is named before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.foundation.settings import load_settings
from schemas.errors import ConfigurationError


def written(folder: Path, text: str) -> Path:
    """A settings file with this text."""
    file = folder / "hub.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_empty_file_is_good_settings(tmp_path: Path) -> None:
    """Every setting has a default; paths are taken from the file's folder."""
    settings = load_settings(written(tmp_path, ""))
    assert settings.state == tmp_path / "state"
    assert settings.partitions == 1


def test_paths_are_anchored_where_the_file_is(tmp_path: Path) -> None:
    """Not where the command happens to run."""
    text = 'agreements = "a"\n[adapters.xy]\nadapter = "y"\nagency = "school"\nfolder = "f"\n'
    settings = load_settings(written(tmp_path, text))
    assert settings.agreements == tmp_path / "a"
    assert settings.adapters["xy"].folder == tmp_path / "f"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that one image serves several containers."""
    monkeypatch.setenv("HUB_BATCH", "17")
    assert load_settings(written(tmp_path, "batch = 3")).batch == 17


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("batch = 0", "batch"),
        ("bach = 3", "bach"),
        ("partitions = 65", "partitions"),
        ('[adapters.xy]\nadapter = "y"\nagency = "NoName"', "adapters.xy.agency"),
        (
            '[adapters.xy]\nadapter = "y"\nagency = "school"\nchannel = "pigeon"',
            "adapters.xy.channel",
        ),
        ("[agencies.Bad_Name]", "agencies"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, named: str) -> None:
    """The operator reads which one, and the file."""
    with pytest.raises(ConfigurationError, match=r"hub\.toml") as caught:
        load_settings(written(tmp_path, text))
    assert named in str(caught.value)


def test_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    """It may be a password put into the wrong place."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(tmp_path, 'batch = "hunter2-secret"'))
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(ConfigurationError, match="not TOML"):
        load_settings(written(tmp_path, "= 1"))
    with pytest.raises(ConfigurationError, match="hub init"):
        load_settings(tmp_path / "none.toml")


def test_an_agency_that_is_not_valid_is_named(tmp_path: Path) -> None:
    """With the field that is wrong."""
    text = '[agencies.school]\ntitle = "x"\nsector = "education"\nsends = ["nonsense"]\n'
    with pytest.raises(ConfigurationError, match="nonsense"):
        load_settings(written(tmp_path, text))


def test_everything_that_is_wrong_is_listed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, agencies and the environment, each with its place."""
    monkeypatch.setenv("HUB_BATCH", "0")
    text = 'partitions = 0\n[agencies.school]\nsector = "x"\n[agencies.trust]\ntitle = "T"\n'
    with pytest.raises(ConfigurationError) as caught:
        load_settings(written(tmp_path, text))
    named = (
        "partitions",
        "batch (from HUB_BATCH)",
        "agencies.school.title",
        "agencies.school.sector",
        "agencies.trust.sector",
    )
    assert [name for name in named if f"  {name}: " not in str(caught.value)] == []


@pytest.mark.parametrize(
    "url",
    [
        "broker.example",
        "localhost:5672",
        "http://broker.example/",
        "amqp://",
        "amqp://u:hunter2@broker.example:99999/hub",
        "amqp://u:hunter2@broker.example:port/hub",
        "amqp://u:hunter2@[::1/hub",
    ],
)
def test_an_address_that_is_none_of_a_broker_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """In the file and in the environment; what it must be like is shown, and no password."""
    with pytest.raises(ConfigurationError, match=r"hub\.toml[^$]*amqp_url: must be like amqp://"):
        load_settings(written(tmp_path, f'amqp_url = "{url}"'))
    monkeypatch.setenv("HUB_AMQP_URL", url)
    with pytest.raises(ConfigurationError, match="HUB_AMQP_URL") as caught:
        load_settings(written(tmp_path, ""))
    assert "hunter2" not in str(caught.value)
