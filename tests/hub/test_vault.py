"""The vault: what is sealed opens with its own key and name alone, or not at all."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.vault import Vault, make_master_key, read_master_key, seal, unseal
from schemas.errors import ConfigurationError, Unavailable

KEY = bytes(range(32))


class Shelf(dict[str, bytes]):
    """A key shelf in memory."""

    def wrapped(self, name: str) -> bytes | None:
        """Give a wrapped key."""
        return self.get(name)

    def keep(self, name: str, wrapped: bytes) -> None:
        """Keep a wrapped key."""
        self[name] = wrapped


@given(plain=st.binary(max_size=200), about=st.text(max_size=20))
def test_what_was_sealed_opens_to_what_it_was(plain: bytes, about: str) -> None:
    """Any bytes, about anything."""
    assert unseal(KEY, seal(KEY, plain, about), about) == plain


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_changed_bit_keeps_it_shut(place: int, bit: int) -> None:
    """Nonce, content or tag: none can be altered unnoticed."""
    sealed = bytearray(seal(KEY, b"a secret", "about"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(Unavailable):
        unseal(KEY, bytes(sealed), "about")


def test_a_sealed_value_cannot_stand_in_the_place_of_another() -> None:
    """Its name is part of the seal."""
    with pytest.raises(Unavailable):
        unseal(KEY, seal(KEY, b"a secret", "event 1"), "event 2")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(27)])
def test_bytes_that_were_never_sealed_do_not_open(sealed: bytes) -> None:
    """Too short, or nothing at all."""
    with pytest.raises(Unavailable):
        unseal(KEY, sealed, "about")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    """Equal contents cannot be told by their seals."""
    assert seal(KEY, b"a secret", "about") != seal(KEY, b"a secret", "about")


def test_without_its_data_key_a_sealed_value_is_gone() -> None:
    """Destroying the key is erasing what it sealed, from another vault's memory too."""
    shelf = Shelf()
    sealed = Vault(KEY, shelf).seal("child:1", b"a secret", "about")
    assert Vault(KEY, shelf).unseal("child:1", sealed, "about") == b"a secret"
    del shelf["child:1"]
    with pytest.raises(Unavailable, match="destroyed"):
        Vault(KEY, shelf).unseal("child:1", sealed, "about")


def test_with_another_master_key_nothing_opens() -> None:
    """A stolen store is of no use without the master key."""
    shelf = Shelf()
    sealed = Vault(KEY, shelf).seal("child:1", b"a secret", "about")
    with pytest.raises(Unavailable):
        Vault(bytes(32), shelf).unseal("child:1", sealed, "about")


def test_no_data_key_stands_on_the_shelf_in_clear() -> None:
    """Each is wrapped, and wrapped for its own name."""
    shelf = Shelf()
    vault = Vault(KEY, shelf)
    vault.seal("child:1", b"a", "a")
    assert vault._open["child:1"] not in shelf["child:1"]
    shelf["child:2"] = shelf["child:1"]
    with pytest.raises(Unavailable):
        Vault(KEY, shelf).unseal("child:2", bytes(40), "a")


def test_a_blind_index_is_the_same_for_the_same_parts_and_the_same_hub_only() -> None:
    """Another hub's index of the same number is another."""
    shelf = Shelf()
    one = Vault(KEY, shelf).blind("identifier", "nhs-number", "", "9990000026")
    assert one == Vault(KEY, shelf).blind("identifier", "nhs-number", "", "9990000026")
    assert one != Vault(KEY, shelf).blind("identifier", "nhs-number", "9990000026", "")
    assert one != Vault(KEY, Shelf()).blind("identifier", "nhs-number", "", "9990000026")


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Making it again changes nothing."""
    file = tmp_path / "keys" / "master.key"
    make_master_key(file)
    key = read_master_key(file)
    make_master_key(file)
    assert read_master_key(file) == key
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
        read_master_key(file)


def test_a_missing_master_key_says_how_to_make_one(tmp_path: Path) -> None:
    """The text names the command."""
    with pytest.raises(ConfigurationError, match="hub init"):
        read_master_key(tmp_path / "none")
