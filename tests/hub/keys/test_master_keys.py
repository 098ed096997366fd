"""The master key's file: made once, read with care, replaced at once, followed as it changes."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from hub.keys.master_keys import (
    MasterKeyMissing,
    MasterKeys,
    make_master_key,
    read_master_keys,
    write_master_keys,
)
from hub.keys.vault import Vault
from schemas.errors import ConfigurationError, Unavailable
from tests.hub.keys.test_vault import Shelf

OLD, NEW = bytes(32), bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that holds the old key."""
    write_master_keys(tmp_path / "master.key", [OLD])
    return tmp_path / "master.key"


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Making it again changes nothing."""
    file = tmp_path / "keys" / "master.key"
    make_master_key(file)
    (key,) = read_master_keys(file)
    make_master_key(file)
    assert read_master_keys(file) == (key,)
    assert len(key) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [b"", b"not base64!", base64.b64encode(bytes(31)), b"\xff\xfe"])
def test_a_master_key_that_is_none_is_refused_with_its_file_named(
    tmp_path: Path, text: bytes
) -> None:
    """The operator reads which file and what is expected in it."""
    file = tmp_path / "master.key"
    file.write_bytes(text)
    with pytest.raises(ConfigurationError, match=r"master\.key must be 32 bytes in base64"):
        read_master_keys(file)


def test_a_missing_master_key_says_how_to_make_one(tmp_path: Path) -> None:
    """The text names the command."""
    with pytest.raises(ConfigurationError, match="hub init"):
        read_master_keys(tmp_path / "none")


def test_a_replaced_file_is_its_owners_alone_and_keeps_the_order(file: Path) -> None:
    """Newest first, readable by its owner only."""
    write_master_keys(file, [NEW, OLD])
    assert read_master_keys(file) == (NEW, OLD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["master.key"]


def test_a_link_to_the_file_stays_a_link(file: Path) -> None:
    """What it points to is replaced."""
    link = file.with_name("link.key")
    link.symlink_to(file)
    write_master_keys(link, [NEW])
    assert link.is_symlink()
    assert read_master_keys(file) == (NEW,)


def test_a_process_that_holds_the_old_key_opens_what_is_under_the_new(file: Path) -> None:
    """It sees that the file has changed."""
    shelf, following = Shelf(), MasterKeys.of_file(file)
    write_master_keys(file, [NEW, OLD])
    sealed = Vault(MasterKeys([NEW]), shelf).seal("hub", b"a", "a")
    assert Vault(following, shelf).unseal("hub", sealed, "a") == b"a"


def test_what_is_under_the_old_key_opens_while_the_file_has_both(file: Path) -> None:
    """Before it is wrapped again."""
    shelf = Shelf()
    sealed = Vault(MasterKeys.of_file(file), shelf).seal("hub", b"a", "a")
    write_master_keys(file, [NEW, OLD])
    assert Vault(MasterKeys.of_file(file), shelf).unseal("hub", sealed, "a") == b"a"


def test_the_newest_key_wraps(file: Path) -> None:
    """A process that began with the old one too, once the file has changed."""
    shelf, following = Shelf(), MasterKeys.of_file(file)
    write_master_keys(file, [NEW, OLD])
    Vault(following, shelf).seal("hub", b"a", "a")
    assert Vault(MasterKeys([NEW]), shelf).rewrapped("hub", shelf["hub"]) is None


def test_a_data_key_under_no_master_key_of_ours_is_missing_its_master_not_destroyed() -> None:
    """The two must not be confused: nothing is erased where a file is not up to date."""
    shelf = Shelf()
    sealed = Vault(MasterKeys([NEW]), shelf).seal("hub", b"a", "a")
    with pytest.raises(MasterKeyMissing):
        Vault(MasterKeys([OLD]), shelf).unseal("hub", sealed, "a")


def test_a_file_that_is_gone_stops_wrapping_instead_of_wrapping_with_an_old_key(
    file: Path,
) -> None:
    """It may have been replaced meanwhile; the work waits."""
    following = MasterKeys.of_file(file)
    file.unlink()
    with pytest.raises(Unavailable):
        Vault(following, Shelf()).seal("hub", b"a", "a")
