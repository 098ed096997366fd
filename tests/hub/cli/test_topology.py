"""``hub topology``: exported, applied to a broker that is not ours, checked on a real one."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from hub.bus.address import bus_definitions, password
from hub.bus.topology import BrokerAccount
from hub.foundation.settings import load_settings
from tests import live_hub
from tests.brokers import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MakeBus
    from tests.hub.cli.conftest import Cli


@dataclass
class Management:
    """What a management API was asked, over real HTTP."""

    answer: int
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)


@contextmanager
def management(answer: int) -> Iterator[tuple[str, Management]]:
    """Listen where a management API would, and answer everything with one status."""
    seen = Management(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(seen.answer)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def external(cli: Cli, url: str = "amqp://hub:secret@broker.example:5672/hub") -> None:
    """Let the settings name a broker that somebody else runs."""
    text = cli.config.read_text().replace('amqp_url = ""', f'amqp_url = "{url}"')
    cli.config.write_text(text)


def test_the_export_holds_everything_and_no_password(cli: Cli) -> None:
    """Accounts with hashes, queues, policies; the same text every time."""
    ran = cli.run("topology", "export")
    assert {user["name"] for user in ran.json["users"]} >= {"hub", "school", "clinic", "porter"}
    settings = load_settings(cli.config)
    for account in ("hub", "school"):
        assert password(settings, account) not in ran.out
    assert cli.run("topology", "export").out == ran.out


def test_the_exported_file_is_for_its_owner_only(cli: Cli) -> None:
    """Hashes of passwords are nobody else's business."""
    file = cli.folder / "definitions.json"
    ran = cli.run("topology", "export", "--file", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text()).keys() >= {"users", "queues", "policies"}


def test_the_password_in_the_url_is_the_accounts(cli: Cli) -> None:
    """What the hub logs in with is what the export gives the account."""
    external(cli)
    (own,) = [u for u in bus_definitions(load_settings(cli.config))["users"] if u["name"] == "hub"]
    hashed = str(own["password_hash"])
    salt = base64.b64decode(hashed)[:4]
    assert hashed == BrokerAccount.with_password("hub", "secret", salt).password_hash


def test_a_private_broker_needs_nothing(cli: Cli) -> None:
    """It says why."""
    ran = cli.run("topology", "apply", "--json")
    assert ran.code == 0
    assert ran.json["applied"] is False
    assert "start it again" in ran.json["how"]


def test_it_is_applied_through_the_management_api(cli: Cli) -> None:
    """With the administrator's account; what is sent is what the export shows."""
    external(cli)
    secret = cli.folder / "admin.password"
    secret.write_text("s3cret\n")
    with management(204) as (url, seen):
        ran = cli.run(
            "topology",
            "apply",
            "--management",
            url,
            "--user",
            "admin",
            "--password-file",
            str(secret),
        )
    assert (ran.code, ran.out) == (0, "Applied through the management API.\n")
    ((path, login, body),) = seen.asked
    assert path == "/api/definitions"
    assert base64.b64decode(login.removeprefix("Basic ")) == b"admin:s3cret"
    assert json.loads(body) == json.loads(cli.run("topology", "export").out)


def test_the_management_api_may_be_named_in_the_settings(cli: Cli) -> None:
    """Or in the environment, which is how the demonstration learns of it."""
    external(cli, "amqp://admin:s3cret@broker.example:5672/hub")
    with management(204) as (url, seen):
        cli.patch.setenv("HUB_MANAGEMENT_URL", url)
        assert cli.run("topology", "apply").code == 0
    ((_, login, _),) = seen.asked
    assert base64.b64decode(login.removeprefix("Basic ")) == b"admin:s3cret"


def test_a_malformed_address_of_a_broker_is_a_configuration_error(cli: Cli) -> None:
    """In every command that reads the settings, the demonstration included; never a fault."""
    cli.patch.setenv("HUB_AMQP_URL", "amqp://hub:hunter2@broker:port/hub")
    for command in (("topology", "check"), ("demo", "--once"), ("worker",), ("up",)):
        ran = cli.run(*command)
        assert ran.code == 2
        assert "HUB_AMQP_URL" in ran.err
        assert "hunter2" not in ran.err
    cli.patch.setenv("HUB_AMQP_URL", "amqp://hub:hunter2@broker:5672/hub?heartbeat=soon")
    ran = cli.run("topology", "check")
    assert ran.code == 2
    assert "amqp_url" in ran.err
    assert "hunter2" not in ran.err


@pytest.mark.parametrize(
    ("answer", "words"), [(401, "tagged administrator"), (500, "answered 500")]
)
def test_where_nothing_works_it_says_what_to_do(cli: Cli, answer: int, words: str) -> None:
    """Every try with its reason, the commands for the operator, and exit code 3."""
    external(cli)
    with management(answer) as (url, _):
        ran = cli.run("topology", "apply", "--management", url)
    assert ran.code == 3
    assert ran.err.startswith("hub: topology-not-applied: ")
    assert words in ran.err
    assert "rabbitmqctl: the broker is on another machine" in ran.err
    assert f"definitions.json {url}/api/definitions" in ran.err
    assert "rabbitmqctl import_definitions definitions.json" in ran.err
    assert "secret" not in ran.err


def test_a_broker_that_rabbitmqctl_does_not_reach_is_left_alone(cli: Cli) -> None:
    """Whatever else runs on this machine is not given our topology."""
    external(cli, "amqp://hub:secret@127.0.0.1:9/hub")
    ran = cli.run("topology", "apply", "--management", "http://127.0.0.1:9")
    assert ran.code == 3
    assert "management API at http://127.0.0.1:9: cannot be reached" in ran.err


def test_the_address_of_the_api_is_checked(cli: Cli) -> None:
    """Nothing but HTTP is spoken."""
    external(cli)
    assert cli.run("topology", "apply", "--management", "file:///etc/passwd").code == 2


def test_a_complete_topology_is_complete(tmp_path: Path, make_bus: MakeBus, bare_cli: Cli) -> None:
    """On a real broker; and what is missing is named."""
    built = live_hub.build(tmp_path / "live", make_bus(live_hub.ON_THE_BUS))
    config = ("--config", str(built.config))
    assert bare_cli.bare(*config, "topology", "check", "--json").json == {
        "complete": True,
        "exchanges": [],
        "queues": [],
    }
    with built.config.open("a") as more:
        more.write('[agencies.newcomer]\ntitle = "N"\nsector = "care"\n')
    ran = bare_cli.bare(*config, "topology", "check")
    assert ran.code == 1
    assert "missing queue agency.newcomer\n" in ran.out
    assert PASSWORD not in ran.out
    built.hub.engine.dispose()
