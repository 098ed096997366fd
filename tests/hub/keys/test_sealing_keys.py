"""Keys for sealing in a running process: what is made later is taken up by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.foundation.settings import Settings
from hub.keys.sealing_keys import HubKey, InboundKeys, new_inbound_key
from hub.sealing.inbound import open_inbound, seal_inbound
from schemas.errors import InputRefused


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A hub with one key for events."""
    (tmp_path / "inbound").mkdir()
    made = Settings(state=tmp_path)
    new_inbound_key(made)
    return made


def test_an_adapter_seals_to_the_new_key_once_there_is_one(settings: Settings) -> None:
    """It checks the file before it seals."""
    key = HubKey(settings)
    old = key()
    new_inbound_key(settings)
    assert key() == HubKey(settings)() != old


def test_an_adapter_goes_on_with_the_key_it_knows_while_the_file_is_away(
    settings: Settings,
) -> None:
    """The hub opens what is sealed to old keys too."""
    key = HubKey(settings)
    known = key()
    (settings.state / "inbound.pub").unlink()
    assert key() == known


def test_a_worker_reads_a_key_when_a_message_names_it(settings: Settings) -> None:
    """What is sealed to the old key opens as before."""
    keys = InboundKeys(settings)
    old = seal_inbound(HubKey(settings)(), "school", b"old")
    new_inbound_key(settings)
    new = seal_inbound(HubKey(settings)(), "school", b"new")
    assert len(keys([old])) == 1
    assert open_inbound(keys([old, new]), "school", new) == b"new"
    assert open_inbound(keys([]), "school", old) == b"old"


def test_a_name_that_no_key_has_gives_none(settings: Settings) -> None:
    """A forged message is refused as before."""
    keys = InboundKeys(settings)
    forged = b"IHI1" + bytes(2000)
    with pytest.raises(InputRefused):
        open_inbound(keys([forged, b"", b"IHI1"]), "school", forged)
