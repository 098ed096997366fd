"""The quarantine pages: the list, one input, its content, retry and discard."""

from __future__ import annotations

import pytest

from hub.casework.quarantine import listed
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.pipeline import Letter
from schemas.roles import Role
from tests.events import Child, absent, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, take

ANNA = Child(1)
WHY = "CASE-104"
HOSTILE = b'{"name": "<script>alert(1)</script>", "note": "\xe2\x80\xaeback"}'


def quarantined(hub: Hub, body: bytes = HOSTILE) -> str:
    """Quarantine one input and return its path."""
    hub.take([Letter(body, "school", clock.now())])
    return f"/quarantine/{listed(hub)[-1].id}"


def opened(guest: Guest, path: str) -> str:
    """Return the page with the content."""
    return guest.post(f"{path}/open", page=path, reason=WHY).text


def states(hub: Hub) -> list[str]:
    """Return the state of every input."""
    return [one.state for one in listed(hub, everything=True)]


def test_the_list_shows_the_sender_and_the_size(console: Console) -> None:
    """Without content."""
    quarantined(console.hub)
    page = ConsolePage(console.sign_in(Role.OPERATOR).get("/quarantine"))
    (row,) = page.rows("waiting")
    assert (row[2], row[4]) == ("Oak School", str(len(HOSTILE)))
    assert "alert(1)" not in page.html


def test_both_pages_without_content_are_recorded(console: Console) -> None:
    """The ledger has both accesses."""
    path = quarantined(console.hub)
    guest = console.sign_in(Role.OPERATOR)
    guest.get("/quarantine")
    guest.get(path)
    looks = [body["what"] for body in ledger(console.hub, "data-accessed")[-2:]]
    assert looks[0] == "the list of the quarantine"
    assert looks[1].endswith("without its content")


def test_an_operator_sees_codes_and_cannot_open(console: Console) -> None:
    """There is no form for it, and a forged one is refused."""
    path = quarantined(console.hub)
    guest = console.sign_in(Role.OPERATOR)
    assert "/open" not in guest.get(path).text
    for act in ("open", "retry", "discard"):
        assert guest.post(f"{path}/{act}", page=path, reason=WHY).status_code == 403
    assert states(console.hub) == ["waiting"]


def test_content_needs_a_reason(console: Console) -> None:
    """Without one nothing is shown, and nothing of it is in the ledger."""
    path = quarantined(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    answer = guest.post(f"{path}/open", page=path, reason="")
    assert answer.status_code == 400
    assert 'href="#reason-open"' in answer.text
    assert "alert(1)" not in answer.text


def test_content_is_shown_as_text_never_as_markup(console: Console) -> None:
    """Markup is escaped, and bidirectional characters are shown by code point."""
    path = quarantined(console.hub)
    page = opened(console.sign_in(Role.REVIEWER), path)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "[U+202E]back" in page


def test_opening_content_is_recorded_with_its_reason(console: Console) -> None:
    """It may be personal data."""
    path = quarantined(console.hub)
    opened(console.sign_in(Role.REVIEWER), path)
    look = ledger(console.hub, "data-accessed")[-1]
    assert (look["by"], look["reason"]) == ("reviewer", WHY)
    assert look["what"] == f"the quarantined input {path.rpartition('/')[2]}"


def test_what_is_not_text_is_shown_in_hexadecimal(console: Console) -> None:
    """Its first 4,096 bytes, with the size of all of it."""
    path = quarantined(console.hub, bytes(range(256)) * 40)
    page = opened(console.sign_in(Role.REVIEWER), path)
    assert "000000  00 01 02 03" in page
    assert "000ff0" in page
    assert "001000" not in page
    assert "4,096 bytes" in page
    assert "10,240" in page


def test_long_text_is_cut(console: Console) -> None:
    """The page stays small."""
    path = quarantined(console.hub, b"x" * 100_001)
    page = opened(console.sign_in(Role.REVIEWER), path)
    assert "100,000 bytes" in page
    assert "100,001" in page
    assert len(page) < 120_000


def test_a_retry_processes_a_valid_input(console: Console) -> None:
    """The child was registered in between."""
    take(console.hub, absent(ANNA))
    path = f"/quarantine/{listed(console.hub)[0].id}"
    take(console.hub, registered(ANNA))
    guest = console.sign_in(Role.REVIEWER)
    done = guest.post(f"{path}/retry", page=path, reason=WHY)
    assert ConsolePage(done).is_done
    assert states(console.hub) == ["retried"]


def test_a_retry_of_an_invalid_input_leaves_it_waiting(console: Console) -> None:
    """The page does not confirm anything."""
    path = quarantined(console.hub)
    done = console.sign_in(Role.REVIEWER).post(f"{path}/retry", page=path, reason=WHY)
    assert not ConsolePage(done).is_done
    assert states(console.hub) == ["waiting"]


def test_discarding_is_permanent_and_recorded(console: Console) -> None:
    """With the user and the reason."""
    path = quarantined(console.hub)
    console.sign_in(Role.IG_OFFICER).post(f"{path}/discard", page=path, reason=WHY)
    assert states(console.hub) == ["discarded"]
    closed = ledger(console.hub, "quarantine-closed")[-1]
    assert (closed["state"], closed["by"], closed["reason"]) == ("discarded", "ig-officer", WHY)


@pytest.mark.parametrize("act", ["retry", "discard"])
def test_nothing_is_done_without_a_reason(console: Console, act: str) -> None:
    """The problem is at the form that was sent."""
    path = quarantined(console.hub)
    answer = console.sign_in(Role.REVIEWER).post(f"{path}/{act}", page=path, reason=" ")
    assert (answer.status_code, states(console.hub)) == (400, ["waiting"])
    assert f'href="#reason-{act}"' in answer.text


def test_closed_inputs_are_listed_on_request(console: Console) -> None:
    """And have no forms."""
    path = quarantined(console.hub)
    guest = console.sign_in(Role.REVIEWER)
    guest.post(f"{path}/discard", page=path, reason=WHY)
    assert "Discarded" in guest.get("/quarantine?all=1").text
    assert f"{path}/retry" not in guest.get(path).text


def test_an_input_that_is_not_there_is_not_found(console: Console) -> None:
    """With status 404."""
    assert console.sign_in(Role.REVIEWER).get("/quarantine/nothing").status_code == 404
