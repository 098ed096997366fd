"""The audit API keeps to its own description, whatever is asked (Schemathesis, in process).

The description is extended by stand-ins for references, which become real ones before they are
sent, so that what is made up also meets what there is. All of Schemathesis' checks are on: no fault
of the server, only statuses, media types and bodies that are described, nothing invalid accepted or
valid refused, and nothing without a token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import Case
from starlette.types import Receive, Scope, Send

from hub.casework.accounts import people
from hub.casework.accounts.sign_in import make_token
from hub.console.api.document import document
from hub.console.api.routes import router
from hub.console.app import create_app
from hub.console.security.rate_limits import RateLimits
from hub.foundation.settings import Settings
from schemas.roles import Role
from tests.hub.console.busy import make_busy
from tests.hub.console.conftest import PASSWORD
from tests.hub.hubs import make_hub

BOUNDED = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
FOR_OPERATORS = ("/checkpoint", "/proof", "/flows", "/agreements")
# By parameter: what stands in for real references, and positions that a busy ledger has.
STAND_INS: Mapping[str, list[Any]] = {
    "ref": ["appointment", "refused", "held"],
    "child": ["anna", "ben"],
    "position": list(range(60)),
    "Hub-Reason": ["CASE-104"],
}
# Names that the hub must know: any other is refused, though it has the form.
KNOWN: Mapping[str, list[str]] = {
    "agency": ["school", "clinic"],
    "type": ["health.appointment-changed.v1", "education.attendance-concern.v1"],
    "basis": ["6(1)(e) 9(2)(h)"],
    "rule": ["test-sharing@1/appointments"],
    "directive": ["d-00000000"],
}


def described() -> dict[str, Any]:
    """The API's description; every reference may be a stand-in, every name is a known one."""
    made = document(router.routes)
    for operations in made["paths"].values():
        for parameter in operations["get"].get("parameters", ()):
            if parameter["name"] in STAND_INS:
                known = {"enum": STAND_INS[parameter["name"]]}
                parameter["schema"] = {"anyOf": [known, parameter["schema"]]}
            if parameter["name"] in KNOWN:
                parameter["schema"] = {"enum": KNOWN[parameter["name"]]}
    return made


class Door:
    """The app as Schemathesis knows it before there is one: the tests are collected first."""

    app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class Api:
    """The API over a busy store, with a token for each role."""

    tokens: Mapping[Role, str]
    real: Mapping[str, str]

    def call(self, case: Case, role: Role) -> int:
        """Send a case in the name of somebody of a role, check the answer, give its status."""
        for given in (case.path_parameters, case.query):
            for name, value in dict(given or {}).items():
                if isinstance(value, str) and value in self.real:
                    given[name] = self.real[value]
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return case.call_and_validate(headers=headers).status_code


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API over one busy store for all tests."""
    folder = tmp_path_factory.mktemp("api")
    hub = make_hub(folder)
    busy = make_busy(hub)
    tokens = {}
    for role in (Role.IG_OFFICER, Role.OPERATOR):
        people.add(hub, role.value, [role], PASSWORD, by="test")
        tokens[role] = make_token(hub, role.value, 1, by="test")
    settled = Settings(name="hub.test.example", state=folder)
    real = {name: getattr(busy, name) for name in (*STAND_INS["ref"], *STAND_INS["child"])}
    real["d-00000000"] = busy.directive
    pace = RateLimits(sign_ins="1000/minute", pages="1000000/minute")
    door.app = create_app(hub, settled, pace)
    yield Api(tokens, real)
    hub.engine.dispose()


door = Door()
schema = schemathesis.openapi.from_dict(described())
schema.app = door


@schema.parametrize()
@BOUNDED
def test_the_api_keeps_to_its_description(case: Case, api: Api) -> None:
    """For somebody who may read all of it."""
    assert api.call(case, Role.IG_OFFICER) < 500


@schema.parametrize()
@BOUNDED
def test_an_operator_is_refused_what_is_about_children(case: Case, api: Api) -> None:
    """Whatever is asked, and with whatever reason."""
    status = api.call(case, Role.OPERATOR)
    # Some cases leave the token out, or take another method.
    assert case.path.endswith(FOR_OPERATORS) or status in {401, 403, 405}
