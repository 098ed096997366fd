"""The vault: what is sealed opens with its own key and name alone, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.keys.master_keys import MasterKeys
from hub.keys.vault import Vault, seal, unseal
from schemas.errors import KeyDestroyed, Unavailable

KEY = bytes(range(32))
MASTERS = MasterKeys([KEY])


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


def test_a_sealed_value_cannot_replace_another() -> None:
    """Its name is part of the seal."""
    with pytest.raises(Unavailable):
        unseal(KEY, seal(KEY, b"a secret", "event 1"), "event 2")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(27)])
def test_bytes_that_were_never_sealed_do_not_open(sealed: bytes) -> None:
    """Too short, or nothing at all."""
    with pytest.raises(Unavailable):
        unseal(KEY, sealed, "about")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    """Equal contents give different ciphertexts."""
    assert seal(KEY, b"a secret", "about") != seal(KEY, b"a secret", "about")


def test_without_its_data_key_a_sealed_value_is_gone() -> None:
    """Destroying the key is erasing what it sealed, from another vault's memory too."""
    shelf = Shelf()
    sealed = Vault(MASTERS, shelf).seal("child:1", b"a secret", "about")
    assert Vault(MASTERS, shelf).unseal("child:1", sealed, "about") == b"a secret"
    del shelf["child:1"]
    with pytest.raises(KeyDestroyed, match="destroyed"):
        Vault(MASTERS, shelf).unseal("child:1", sealed, "about")


def test_with_another_master_key_nothing_opens() -> None:
    """A stolen store is of no use without the master key."""
    shelf = Shelf()
    sealed = Vault(MASTERS, shelf).seal("child:1", b"a secret", "about")
    with pytest.raises(Unavailable):
        Vault(MasterKeys([bytes(32)]), shelf).unseal("child:1", sealed, "about")


def test_no_data_key_is_stored_in_clear() -> None:
    """Each is wrapped, and wrapped for its own name."""
    shelf = Shelf()
    vault = Vault(MASTERS, shelf)
    vault.seal("child:1", b"a", "a")
    assert vault._open["child:1"] not in shelf["child:1"]
    shelf["child:2"] = shelf["child:1"]
    with pytest.raises(Unavailable):
        Vault(MASTERS, shelf).unseal("child:2", bytes(40), "a")


def test_a_blind_index_is_the_same_for_the_same_parts_and_the_same_hub_only() -> None:
    """Another hub's index of the same number is another."""
    shelf = Shelf()
    one = Vault(MASTERS, shelf).blind("identifier", "nhs-number", "", "9990000026")
    assert one == Vault(MASTERS, shelf).blind("identifier", "nhs-number", "", "9990000026")
    assert one != Vault(MASTERS, shelf).blind("identifier", "nhs-number", "9990000026", "")
    assert one != Vault(MASTERS, Shelf()).blind("identifier", "nhs-number", "", "9990000026")
