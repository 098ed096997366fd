"""Marked values go through the console's forms, and are then looked for where none may be.

Names, numbers, what somebody said and where the evidence is: not in the ledger, not in an address,
not in a log, not in clear in the store.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import structlog
from httpx2 import Response

from hub.console import error_pages
from hub.foundation.logs import set_up_logs
from hub.intake import hub
from schemas.roles import Role
from tests.events import Child, appointed, referred, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.hubs import take

ANNA = Child(77)
EVIDENCE, DECIDER, CALLED = "Kanarienvogel-Akte", "canary-decider-1", "Mrs Canary Kanari"
MARKED = (
    *(ANNA.nhs, ANNA.upn, ANNA.family_name, ANNA.given_name, ANNA.birth_date.isoformat()),
    *(EVIDENCE, DECIDER, CALLED),
)


NAMED = {"family_name": ANNA.family_name, "given_name": ANNA.given_name}
SEARCHES = (
    ("/search/child", {"why": "CASE-1", "nhs_number": ANNA.nhs}),
    ("/search/child", {"why": "CASE-1", "upn": ANNA.upn}),
    ("/search/child", {"why": "CASE-1", **NAMED}),
    ("/children/find", {"reason": "CASE-1", "system": "nhs-number", "number": ANNA.nhs}),
    ("/children/find", {"reason": "CASE-1", **NAMED}),
)
DIRECTIVE_RECORDED = {
    "kind": "refusal",
    "authority": "parental-responsibility",
    "speaker": "new",
    "decider_ref": DECIDER,
    "decider_name": CALLED,
    "evidence": EVIDENCE,
}
_DIGEST = re.compile(r'name="digest" value="([^"]+)"')


def find_in_every_way(guest: Guest) -> list[Response]:
    """Find the child by each number and by name; a name may be asked which child is meant."""
    answers = [guest.post(path, page="/search/child", **given) for path, given in SEARCHES]
    assert {answer.status_code for answer in answers} <= {200, 303}
    return answers


def record(guest: Guest, child: str) -> list[Response]:
    """Record what somebody said, after its effect was shown."""
    form = f"/children/{child}/directives"
    seen = guest.post(f"{form}/preview", page=f"{form}/new", **DIRECTIVE_RECORDED)
    digest = _DIGEST.search(seen.text)
    assert digest is not None
    done = guest.post(f"{form}/record", page=f"{form}/new", digest=digest[1], **DIRECTIVE_RECORDED)
    assert done.status_code in {200, 303}
    return [seen, done]


def test_what_is_personal_stays_on_the_page(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a single mark is found in ledger, addresses, logs or the store's files."""
    logs = io.StringIO()
    set_up_logs("json", logs)
    for module in (hub, error_pages):
        # A logger keeps for good what it was first bound to, perhaps by a test before.
        monkeypatch.setattr(module, "log", structlog.get_logger())
    take(console.hub, registered(ANNA), referred(ANNA), appointed(ANNA))
    child = _child(console)
    guest = console.sign_in(Role.IG_OFFICER)
    answers = [*find_in_every_way(guest), *record(guest, child), guest.get(f"/children/{child}")]
    assert CALLED in answers[-1].text
    addresses = [str(answer.request.url) for answer in answers]
    addresses += [answer.headers.get("location", "") for answer in answers]
    structlog.reset_defaults()
    with console.hub.reading() as work:
        ledger = b"".join(row.entry for row in work.ledger.rows())
    store = b"".join(file.read_bytes() for file in tmp_path.glob("hub.sqlite*"))
    places = {
        "ledger": ledger,
        "addresses": "\n".join(addresses).encode(),
        "logs": logs.getvalue().encode(),
        "store": store,
    }
    found = [
        (mark, name) for name, data in places.items() for mark in MARKED if mark.encode() in data
    ]
    assert found == []
    assert b'"event": "event.decided"' in places["logs"]


def _child(console: Console) -> str:
    """The hub's id of the one child there is."""
    with console.hub.reading() as work:
        (child,) = {row.subject.child for row in work.ledger.rows() if row.subject.child}
    return child
