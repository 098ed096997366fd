"""The audit API: the same answers as the pages, for programs with a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from consent.reasons import Reason
from hub.casework.accounts import people
from hub.casework.accounts.sign_in import make_token
from hub.console.api.document import document
from hub.console.api.routes import router
from hub.evidence.event_timeline import life_of
from schemas.roles import Role
from tests.hub.console.busy import REASON, Busy, looks, make_busy, say_why
from tests.hub.console.conftest import PASSWORD, Console

API = "/api/v1"
WHY = {"Hub-Reason": REASON}


@dataclass
class Program:
    """An auditor's program with a token in somebody's name."""

    client: TestClient
    token: str

    def get(self, path: str, **headers: str) -> Response:
        """Read something."""
        given = {"Authorization": f"Bearer {self.token}", **headers}
        return self.client.get(f"{API}{path}", headers=given, follow_redirects=False)

    def read(self, path: str, **headers: str) -> Any:  # noqa: ANN401  whatever is answered
        """Read something that is there."""
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def busy(console: Console) -> Busy:
    """A console over a hub where things happened."""
    return make_busy(console.hub)


@pytest.fixture
def program(console: Console) -> Callable[[Role], Program]:
    """Programs with a token in the name of somebody of a role."""

    def made(role: Role) -> Program:
        people.add(console.hub, f"p-{role}", [role], PASSWORD, by="test")
        return Program(console.visit(), make_token(console.hub, f"p-{role}", 30, by="test"))

    return made


Made = Callable[[Role], Program]


def decision_of(console: Console, event: str, recipient: str) -> int:
    """The entry of an event's decision about a recipient."""
    decisions = life_of(console.hub, event).explained.decisions
    return next(one.position for one in decisions if one.decision.recipient == recipient)


def test_nobody_reads_it_without_a_token(console: Console) -> None:
    """Every path answers with a problem, and says how to come in."""
    client = console.visit()
    for path in (*document(router.routes)["paths"], f"{API}/openapi.json"):
        answer = client.get(path.format(ref="e-1", position=0), follow_redirects=False)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not-signed-in"


def test_a_wrong_token_opens_nothing(console: Console) -> None:
    """Nor does one of a browser's session."""
    client = console.visit()
    answer = client.get(f"{API}/flows", headers={"Authorization": "Bearer guessed"})
    assert answer.status_code == 401


def test_a_session_opens_it_too(console: Console) -> None:
    """Whoever is signed in at the console may read the same here."""
    guest = console.sign_in(Role.OPERATOR)
    assert guest.get(f"{API}/flows").status_code == 200
    assert guest.get(f"{API}/decisions").status_code == 403


def test_decisions_come_newest_first_and_page_by_page(program: Made, busy: Busy) -> None:
    """With the reason as code and sentence; the next page begins at ``before``."""
    assert busy
    auditor = program(Role.AUDITOR)
    first = auditor.read("/decisions?limit=2")
    positions = [row["position"] for row in first["rows"]]
    assert positions == sorted(positions, reverse=True)
    assert len(set(positions)) == 2
    second = auditor.read(f"/decisions?limit=2&before={first['before']}")
    assert max(row["position"] for row in second["rows"]) < min(positions)
    everything = auditor.read("/decisions?limit=500")
    assert everything["before"] is None
    row = next(one for one in everything["rows"] if one["reason"] == "no-consent")
    assert row["sentence"] == Reason.NO_CONSENT.sentence


def test_every_facet_may_be_asked_for(program: Made, busy: Busy) -> None:
    """All that is named must be so."""
    asked = (
        "kind=decision&agency=school&type=health.appointment-changed.v1&category=health"
        "&outcome=shared&reason=consent-given&purpose=education-provision"
        "&basis=6(1)(e)%209(2)(h)&rule=test-sharing@1/appointments"
        f"&directive={busy.directive}&from=2020-01-01&until=9999-12-31"
    )
    (row,) = program(Role.AUDITOR).read(f"/decisions?{asked}")["rows"]
    assert row["event"] == busy.appointment


def test_a_misspelt_facet_is_refused(program: Made) -> None:
    """It must not widen the answer unseen."""
    answer = program(Role.AUDITOR).get("/decisions?recipent=school")
    assert (answer.status_code, answer.json()["code"]) == (422, "not-valid")


@pytest.mark.parametrize(
    ("parameter", "typed", "meant"),
    [
        ("agency", "scool", "school"),
        ("type", "health.apointment-changed.v1", "health.appointment-changed.v1"),
        ("category", "helth", "health"),
        ("reason", "consent-givn", "consent-given"),
        ("purpose", "education-provison", "education-provision"),
        ("rule", "test-sharing@1/apointments", "test-sharing@1/appointments"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    console: Console, program: Made, parameter: str, typed: str, meant: str
) -> None:
    """It is neither repeated nor recorded: anything may have been typed there."""
    answer = program(Role.AUDITOR).get(f"/decisions?{parameter}={typed}")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-name")
    assert f"Did you mean '{meant}'?" in answer.json()["detail"]
    assert typed not in answer.text
    assert looks(console.hub) == []


def test_who_asks_by_child_says_why(console: Console, program: Made, busy: Busy) -> None:
    """The reason stands in the ledger with the look; without one nothing is told."""
    auditor = program(Role.AUDITOR)
    refused = auditor.get(f"/decisions?child={busy.ben}")
    assert (refused.status_code, refused.json()["code"]) == (403, "reason-needed")
    rows = auditor.read(f"/decisions?child={busy.ben}&reason=no-consent", **WHY)["rows"]
    assert {row["child"] for row in rows} == {busy.ben}
    what = "the audit API: decisions (reason no-consent)"
    assert looks(console.hub)[-1] == ("p-auditor", what, busy.ben, REASON)


def test_a_reason_that_was_said_in_the_console_holds_in_its_session(
    console: Console, busy: Busy
) -> None:
    """It is not asked for twice."""
    guest = console.sign_in(Role.AUDITOR)
    say_why(guest, busy.ben)
    assert guest.get(f"{API}/decisions?child={busy.ben}").status_code == 200


def test_a_reviewer_does_not_search_by_child(program: Made, busy: Busy) -> None:
    """With a reason neither."""
    answer = program(Role.REVIEWER).get(f"/decisions?child={busy.ben}", **WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


def test_an_event_is_explained(console: Console, program: Made, busy: Busy) -> None:
    """As on its page: what was shared under which rule, and every entry in order."""
    auditor = program(Role.AUDITOR)
    assert auditor.get(f"/events/{busy.appointment}").status_code == 403
    told = auditor.read(f"/events/{busy.appointment}", **WHY)
    assert told["child"] == busy.anna
    decision = next(one for one in told["decisions"] if one["recipient"] == "school")
    health = next(one for one in decision["sections"] if one["category"] == "health")
    assert health["fields"]["start"] == ["test-sharing@1/appointments"]
    kinds = [entry["kind"] for entry in told["timeline"]]
    assert kinds[0] == "event-received"
    assert kinds[-1] == "receipt"
    what = "the audit API: an event's life"
    assert looks(console.hub)[-1] == ("p-auditor", what, busy.anna, REASON)


def test_a_held_event_needs_no_reason(program: Made, busy: Busy) -> None:
    """It is about nobody yet."""
    told = program(Role.AUDITOR).read(f"/events/{busy.held}")
    assert (told["child"], told["decisions"]) == ("", [])


def test_a_decision_is_made_again(console: Console, program: Made, busy: Busy) -> None:
    """It comes out the same, and shows of what it was made."""
    position = decision_of(console, busy.appointment, "school")
    auditor = program(Role.AUDITOR)
    path = f"/decisions/{position}/replay"
    assert auditor.get(path).json()["code"] == "reason-needed"
    again = auditor.read(path, **WHY)
    assert again["verified"]
    assert again["differences"] == []
    assert again["logged"] == again["replayed"]
    assert again["agreements"] == ["test-sharing@1"]
    assert again["directives"] == [busy.directive]


def test_what_is_no_decision_is_not_made_again(program: Made, busy: Busy) -> None:
    """Nor is an entry that there is not."""
    assert busy
    auditor = program(Role.AUDITOR)
    for position in (0, 9_007_199_254_740_991):
        assert auditor.get(f"/decisions/{position}/replay", **WHY).status_code == 404


def test_the_head_and_a_proof_agree(program: Made, busy: Busy) -> None:
    """The proof is of the newest signed head."""
    assert busy
    auditor = program(Role.AUDITOR)
    head = auditor.read("/checkpoint")
    proof = auditor.read("/entries/0/proof")
    assert proof["verified"]
    assert json.loads(proof["entry"])["kind"] == "agreement-published"
    assert proof["size"] >= head["size"]
    assert auditor.get("/entries/999999/proof").status_code == 404


def test_an_entry_about_a_child_is_proved_for_a_reason(
    console: Console, program: Made, busy: Busy
) -> None:
    """To whoever may read decisions; to others without the entry, by its hash alone."""
    position = decision_of(console, busy.appointment, "school")
    auditor, operator = program(Role.AUDITOR), program(Role.OPERATOR)
    assert auditor.get(f"/entries/{position}/proof").json()["code"] == "reason-needed"
    told = auditor.read(f"/entries/{position}/proof", **WHY)
    bare = operator.read(f"/entries/{position}/proof")
    assert json.loads(told["entry"])["body"]["child"] == busy.anna
    assert bare["entry"] is None
    assert (bare["leaf"], bare["verified"]) == (told["leaf"], True)


def test_flows_are_counted_by_day_and_agency(program: Made, busy: Busy) -> None:
    """Of so many days back."""
    assert busy
    told = program(Role.OPERATOR).read("/flows?days=7")
    assert {"agency": "school", "what": "told", "count": 1} in [
        {name: one[name] for name in ("agency", "what", "count")} for one in told["flows"]
    ]


def test_agreements_are_given_whole(program: Made) -> None:
    """With the digest by which decisions cite them."""
    (one,) = program(Role.OPERATOR).read("/agreements")["agreements"]
    assert one["in_force"]
    assert one["agreement"]["id"] == "test-sharing"
    assert len(one["digest"]) == 64


def test_an_operator_reads_nothing_about_children(program: Made, busy: Busy) -> None:
    """With a reason neither."""
    operator = program(Role.OPERATOR)
    for path in ("/decisions", f"/events/{busy.held}", "/decisions/1/replay"):
        assert operator.get(path, **WHY).status_code == 403


def test_every_answer_is_a_look(console: Console, program: Made) -> None:
    """Of a program in somebody's name."""
    operator = program(Role.OPERATOR)
    for path in ("/flows", "/agreements", "/checkpoint", "/entries/0/proof", "/openapi.json"):
        operator.read(path)
    assert [what for _, what, _, _ in looks(console.hub)] == [
        "the audit API: flows",
        "the audit API: agreements",
        "the audit API: the newest signed head",
        "the audit API: the proof of entry 0",
        "the audit API: its own description",
    ]


def test_the_description_is_served_as_it_is_published(program: Made) -> None:
    """And every operation says what it is for, and what its errors look like."""
    served = program(Role.OPERATOR).read("/openapi.json")
    published = Path("docs/reference/audit-api.json").read_text(encoding="utf-8")
    assert served == json.loads(published)
    for operations in served["paths"].values():
        assert set(operations) == {"get"}
        assert operations["get"]["summary"]
        assert operations["get"]["description"]
        assert "application/problem+json" in operations["get"]["responses"]["403"]["content"]


def test_nothing_may_be_changed_through_it(program: Made, console: Console) -> None:
    """Every other method is refused, and says which there is."""
    token = program(Role.IG_OFFICER).token
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = console.visit().request(
            method, f"{API}/flows", headers={"Authorization": f"Bearer {token}"}
        )
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
