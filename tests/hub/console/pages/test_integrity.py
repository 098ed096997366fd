"""The pages on the integrity of the ledger, and downloads of proofs."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re

import pytest

from hub.console.verification_run import VerificationRunner
from hub.intake.hub import Hub
from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from schemas.roles import Role
from tests.events import Child, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, own_id, take

ANNA = Child(1)


def entry_about(hub: Hub, child: str) -> int:
    """Return the position of an entry about a child."""
    with hub.reading() as work:
        return next(row.position for row in work.ledger.rows() if row.subject.child == child)


def tamper(hub: Hub, position: int) -> None:
    """Change an entry in the store, as the owner of the database can."""
    with hub.engine.begin() as connection:
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"
        ).scalars()
        for name in triggers.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            "UPDATE ledger SET entry = CAST(REPLACE(entry, '2', '3') AS BLOB) WHERE position = ?",
            (position,),
        )


def verified(guest: Guest) -> str:
    """Verify the ledger and return the page with the result."""
    assert guest.post("/integrity/verify", page="/integrity").status_code == 303
    found: VerificationRunner = guest.client.app.state.verification  # type: ignore[attr-defined]
    assert found.wait(30)
    return guest.get("/integrity/verify").text


def numbers(text: str) -> list[bytes]:
    """Hashes of a download."""
    return [base64.b64decode(one) for one in text]


def test_the_page_shows_whether_the_head_matches(console: Console) -> None:
    """And how an outsider checks it, with the key to compare."""
    page = console.sign_in(Role.OPERATOR).get("/integrity").text
    assert ConsolePage(page).classes("hub-card--") == {"hub-card--good"}
    assert "hub audit verify-export" in page
    assert str(console.hub.signer.verifier()).split("+", maxsplit=1)[0] in page


def test_a_verification_is_shown_stored_and_recorded(console: Console) -> None:
    """A short ledger is verified before the page is returned."""
    guest = console.sign_in(Role.OPERATOR)
    assert ConsolePage(verified(guest)).is_done
    assert ConsolePage(guest.get("/integrity")).classes("hub-card--") == {"hub-card--good"}
    with console.hub.reading() as work:
        newest = work.verifications.newest()
    assert newest is not None
    assert (newest.verified, newest.by) == (True, "operator")
    whats = [body["what"] for body in ledger(console.hub, "data-accessed")]
    assert any(re.fullmatch(r"the whole ledger of \d+ entries: it verifies", w) for w in whats)


def test_a_tampered_ledger_is_an_alert_that_names_the_first_bad_entry(console: Console) -> None:
    """On the page of the verification and on the page of the ledger."""
    take(console.hub, registered(ANNA))
    tamper(console.hub, 1)
    guest = console.sign_in(Role.IG_OFFICER)
    page = ConsolePage(verified(guest))
    assert page.has_alert
    assert "/integrity/entries/1" in page.links
    assert not page.is_done
    assert "hub-card--alert" in ConsolePage(guest.get("/integrity")).classes("hub-card--")


def test_a_tampered_entry_has_no_proof(console: Console) -> None:
    """Its page has an alert."""
    tamper(console.hub, 0)
    page = ConsolePage(console.sign_in(Role.OPERATOR).get("/integrity/entries/0"))
    assert page.has_alert


def test_two_verifications_do_not_run_at_once(console: Console) -> None:
    """A second start joins the first run."""
    take(console.hub, registered(ANNA))
    verifying = VerificationRunner()
    began = [verifying.start(console.hub, "jmalik") for _ in range(2)]
    assert verifying.wait(30)
    assert began[0]
    assert verifying.run is not None
    assert verifying.run.by == "jmalik"
    assert verifying.run.found is not None


def test_a_run_that_cannot_continue_says_nothing_about_the_ledger(console: Console) -> None:
    """It has failed, and can be started again."""
    verifying = VerificationRunner()
    with console.hub.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE checkpoints RENAME TO gone")
    verifying.start(console.hub, "jmalik")
    assert verifying.wait(30)
    assert verifying.run is not None
    assert verifying.run.failed
    assert not verifying.running


def test_a_witness_is_named_with_when_it_last_signed(console: Console) -> None:
    """The page shows when an outsider last signed."""
    guest = console.sign_in(Role.OPERATOR)
    assert ConsolePage(guest.get("/integrity")).rows("witnesses") == []
    key = SignerKey("trust.example/witness", bytes(range(32)), Algorithm.COSIGNATURE_V1)
    signed = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
    with console.hub.writing() as (work, _):
        work.cosignatures.add(1, str(key.verifier()), "a line\n", signed, work.now)
    (row,) = ConsolePage(guest.get("/integrity")).rows("witnesses")
    assert row[:2] == ["trust.example/witness", "2 March 2026 at 9:30am"]


def test_before_the_first_verification_there_is_nothing_to_show(console: Console) -> None:
    """The page redirects."""
    answer = console.sign_in(Role.OPERATOR).get("/integrity/verify")
    assert (answer.status_code, answer.headers["location"]) == (303, "/integrity")


def test_the_checkpoint_and_the_key_can_be_downloaded(console: Console) -> None:
    """They match, and each is a file."""
    guest = console.sign_in(Role.OPERATOR)
    note, key = guest.get("/integrity/checkpoint.txt"), guest.get("/integrity/verifier.pub")
    verifier = VerifierKey.parse(key.text.strip())
    assert verify_checkpoint(note.content, verifier.name, [verifier]).checkpoint.size > 0
    assert note.headers["content-disposition"].startswith("attachment")


def test_an_operator_sees_the_proof_and_no_entry(console: Console) -> None:
    """Hashes only, without the child or the content."""
    event = registered(ANNA)
    take(console.hub, event)
    child = own_id(console.hub, event)
    guest = console.sign_in(Role.OPERATOR)
    page = guest.get(f"/integrity/entries/{entry_about(console.hub, child)}").text
    assert "Hash of the entry" in ConsolePage(page).facts
    assert not ConsolePage(page).has_alert
    assert child not in page
    assert "school" not in page


def test_an_entry_about_a_child_asks_for_a_reason_first(console: Console) -> None:
    """Then it is shown, and the access has the child and the reason."""
    event = registered(ANNA)
    take(console.hub, event)
    child = own_id(console.hub, event)
    path = f"/integrity/entries/{entry_about(console.hub, child)}"
    guest = console.sign_in(Role.AUDITOR)
    asked = guest.get(path)
    assert asked.headers["location"].startswith(f"/children/{child}/why?next=")
    why = f"/children/{child}/why"
    guest.post(why, page=why, reason="CASE-104", next=path)
    page = guest.get(path).text
    assert "Oak School sent “Child registered”" in page
    look = ledger(console.hub, "data-accessed")[-1]
    assert (look["child"], look["reason"]) == (child, "CASE-104")


def test_an_entry_about_no_child_is_shown_at_once(console: Console) -> None:
    """As a sentence and as exact bytes."""
    page = console.sign_in(Role.AUDITOR).get("/integrity/entries/0").text
    assert "test-sharing@1" in page
    assert "&#34;kind&#34;:&#34;agreement-published&#34;" in page


def test_a_downloaded_proof_verifies_without_the_hub(console: Console) -> None:
    """With only the verifier key."""
    guest = console.sign_in(Role.AUDITOR)
    found = guest.get("/integrity/entries/0/proof.json").json()
    key = console.hub.signer.verifier()
    head = verify_checkpoint(found["checkpoint"].encode(), key.name, [key]).checkpoint
    leaf, path = leaf_hash(found["entry"].encode()), numbers(found["path"])
    assert verify_inclusion(leaf, found["position"], head.size, path, head.root)


def test_downloading_a_childs_entry_asks_for_a_reason_too(console: Console) -> None:
    """A download is an access."""
    event = registered(ANNA)
    take(console.hub, event)
    child = own_id(console.hub, event)
    path = f"/integrity/entries/{entry_about(console.hub, child)}/proof.json"
    assert "/why?next=" in console.sign_in(Role.AUDITOR).get(path).headers["location"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
def test_downloading_an_entry_needs_its_permission(console: Console, role: Role) -> None:
    """The download holds the entry itself."""
    guest = console.sign_in(role)
    assert guest.get("/integrity/entries/0/proof.json").status_code == 403


def test_the_proof_between_two_ledgers_holds(console: Console) -> None:
    """The current ledger extends the earlier one."""
    take(console.hub, registered(ANNA))
    found = console.sign_in(Role.OPERATOR).get("/integrity/consistency?old=2").json()
    roots = [base64.b64decode(found[name]) for name in ("old_root", "new_root")]
    path = numbers(found["path"])
    assert verify_consistency(2, roots[0], found["new_size"], roots[1], path)
    assert json.dumps(found).count("verified") == 1


@pytest.mark.parametrize("old", ["", "x", "-1", "999999", "9" * 30])
def test_an_impossible_size_is_refused(console: Console, old: str) -> None:
    """With the problem at its field."""
    answer = console.sign_in(Role.OPERATOR).get(f"/integrity/consistency?old={old}")
    assert answer.status_code == 400
    assert ConsolePage(answer).problems == ["old"]


def test_an_entry_is_found_by_its_number(console: Console) -> None:
    """The form redirects to its page; other input is refused."""
    guest = console.sign_in(Role.OPERATOR)
    assert guest.get("/integrity/entries?position=0").headers["location"] == "/integrity/entries/0"
    assert ConsolePage(guest.get("/integrity/entries?position=a")).problems == ["position"]


def test_an_entry_that_is_not_there_is_not_found(console: Console) -> None:
    """For every role."""
    for role in (Role.OPERATOR, Role.AUDITOR):
        assert console.sign_in(role).get("/integrity/entries/999999").status_code == 404


def test_an_impossible_number_is_refused(console: Console) -> None:
    """A number that the store could not hold."""
    for place in ("9" * 30, "-1", "x"):
        answer = console.sign_in(Role.OPERATOR).get(f"/integrity/entries/{place}")
        assert answer.status_code == 422
