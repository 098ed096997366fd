"""Our own vectors: committed, reproducible, and opened by an implementation that is not ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hub.sealing import inbound, reply
from hub.sealing.delivery import open_delivery
from hub.sealing.hpke import OpeningKey
from schemas.errors import Fault
from schemas.event import view_envelope
from tests.hub.sealing import second_implementation as second
from tools import sealing_vectors

PAGE = Path(__file__).parents[3] / "docs" / "sealed-delivery.md"
DOMAINS = {
    "inbound": (b"IHI1", b"interagency-hub/inbound/v1"),
    "reply": (b"IHR1", b"interagency-hub/release-reply/v1"),
}


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    """The file as it is committed."""
    given: dict[str, Any] = json.loads(sealing_vectors.FILE.read_text("utf-8"))
    return given


def keys_of(committed: dict[str, Any]) -> dict[str, bytes]:
    """The block keys of the committed delivery."""
    return {name: bytes.fromhex(key) for name, key in committed["delivery"]["block_keys"].items()}


def test_the_committed_file_is_what_the_command_makes(capsys: pytest.CaptureFixture[str]) -> None:
    """``--check`` finds no difference."""
    assert sealing_vectors.main(["--check"]) == 0
    assert not capsys.readouterr().out


def test_the_command_reports_a_difference_and_corrects_it(tmp_path: Path) -> None:
    """A missing or altered file fails the check until it is written again."""
    file = tmp_path / "vectors.json"
    assert sealing_vectors.main(["--check"], file) == 1
    assert sealing_vectors.main([], file) == 0
    assert sealing_vectors.main(["--check"], file) == 0
    given = json.loads(file.read_text("utf-8"))
    given["inbound"]["body"] = given["inbound"]["body"][:-2]
    file.write_text(json.dumps(given, indent=2, ensure_ascii=False) + "\n", "utf-8")
    assert sealing_vectors.main(["--check"], file) == 1


def test_the_committed_delivery_opens_to_the_committed_view(committed: dict[str, Any]) -> None:
    """With every key."""
    body = bytes.fromhex(committed["delivery"]["body"])
    view = open_delivery(body, keys_of(committed))
    assert json.loads(view_envelope(view).to_json()) == committed["delivery"]["view"]
    assert view == sealing_vectors.sample_view()


def test_the_second_implementation_opens_the_delivery(committed: dict[str, Any]) -> None:
    """Header, keys and contents are those the page describes."""
    given = committed["delivery"]
    where = second.address(given["delivery"], given["recipient"])
    assert (b"IHD1" + where).hex() == given["header"]
    delivery_key = bytes.fromhex(given["delivery_key"])
    keys = {name: second.block_key(delivery_key, where, name) for name in given["block_keys"]}
    assert keys == keys_of(committed)
    opened = second.open_delivery(bytes.fromhex(given["body"]), keys)
    assert (opened.delivery, opened.recipient) == (given["delivery"], given["recipient"])
    assert opened.sections == given["view"]["data"]["sections"]
    always = {"event", "type", "source", "child", "time", "record", "status", "existence"}
    assert opened.envelope.keys() == {*always, "purposes", "sections"}
    assert opened.envelope["child"] == given["view"]["subject"]
    assert opened.envelope["time"] == given["view"]["time"]
    assert opened.envelope["purposes"] == given["view"]["data"]["purposes"]


def test_contents_are_canonical_json(committed: dict[str, Any]) -> None:
    """Keys sorted, no spaces, UTF-8 unescaped."""
    opened = second.open_delivery(bytes.fromhex(committed["delivery"]["body"]), keys_of(committed))
    for raw in opened.contents.values():
        plain = json.dumps(
            json.loads(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert raw == plain.encode()


def test_the_second_implementation_opens_what_was_released(committed: dict[str, Any]) -> None:
    """With fewer keys there are fewer sections, in both implementations the same."""
    given = committed["delivery"]
    keys = {name: keys_of(committed)[name] for name in given["released"]}
    opened = second.open_delivery(bytes.fromhex(given["body"]), keys)
    assert opened.sections == given["released_view"]["data"]["sections"]
    view = open_delivery(bytes.fromhex(given["body"]), keys)
    assert [name.value for name in view.withheld] == given["released_withheld"]
    assert json.loads(view_envelope(view).to_json()) == given["released_view"]


def test_we_open_what_the_second_implementation_sealed(committed: dict[str, Any]) -> None:
    """From the page alone one can also write a delivery."""
    given = committed["delivery"]
    key = bytes.fromhex(given["delivery_key"])
    first = second.open_delivery(bytes.fromhex(given["body"]), keys_of(committed))
    body = second.seal_delivery(
        given["delivery"], given["recipient"], key, first.envelope, first.sections, bytes(12)
    )
    assert open_delivery(body, keys_of(committed)) == sealing_vectors.sample_view()


@pytest.mark.parametrize("kind", DOMAINS)
def test_the_second_implementation_opens_the_hpke_messages(
    committed: dict[str, Any], kind: str
) -> None:
    """An inbound event and a release reply."""
    given = committed[kind]
    private = bytes.fromhex(given["private"])
    plain = second.open_message(
        *DOMAINS[kind], private, given["name"], bytes.fromhex(given["body"])
    )
    assert plain.decode() == given["plain"]


@pytest.mark.parametrize("kind", DOMAINS)
def test_we_open_the_hpke_messages_the_second_implementation_seals(
    committed: dict[str, Any], kind: str
) -> None:
    """Both directions agree."""
    given = committed[kind]
    magic, domain = DOMAINS[kind]
    key = OpeningKey(bytes.fromhex(given["private"]))
    body = second.seal_message(
        magic, domain, key.public, given["name"], given["plain"].encode(), bytes(range(32))
    )
    seal = {"inbound": inbound.SEAL, "reply": reply.SEAL}[kind]
    assert seal.open((key,), given["name"], body).decode() == given["plain"]
    assert seal.info(key.public, given["name"]).hex() == given["info"]
    assert key.id.hex() == given["key_id"]


def test_the_page_prints_values_of_the_committed_file(committed: dict[str, Any]) -> None:
    """Every long hexadecimal value on the page is in the vectors."""
    printed = re.findall(r"`([0-9a-f]{64,})`", PAGE.read_text("utf-8"))
    everything = json.dumps(committed)
    assert len(printed) >= 5
    assert all(value in everything for value in printed)


def test_the_page_names_codes_domains_and_a_request_as_they_are() -> None:
    """What the page prints is what the program takes."""
    page = PAGE.read_text("utf-8")
    for word in (Fault.NOT_SEALED, Fault.SEAL_BROKEN, Fault.TOO_LARGE):
        assert f"`{word.value}`" in page
    for magic, domain in DOMAINS.values():
        assert f"`{magic.decode()}`" in page
        assert f"`{domain.decode()}`" in page
    (request,) = re.findall(r"^\{.*\}$", page, re.MULTILINE)
    assert reply.read_request(request.encode()).to_json().decode() == request
