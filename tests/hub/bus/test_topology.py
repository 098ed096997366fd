"""The bus as data: rights, rules and routes, checked without a broker."""

from __future__ import annotations

import re

import pytest

from hub.bus.topology import (
    AgencyAccount,
    BrokerAccount,
    definitions,
    hash_password,
    merge,
    names,
)
from schemas.errors import ConfigurationError
from tests.brokers import AGENCIES, topology


def test_a_password_is_hashed_the_way_rabbitmq_documents() -> None:
    """RabbitMQ's guide gives this very example: salt 908DC60A, password test12."""
    known = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    assert hash_password("test12", bytes.fromhex("908DC60A")) == known


def test_a_salt_of_another_length_is_refused() -> None:
    """RabbitMQ takes the first four bytes as the salt, whatever was meant."""
    with pytest.raises(ValueError, match="4 bytes"):
        hash_password("secret", b"too long")


def test_the_same_input_gives_the_same_definitions() -> None:
    """A committed file changes only when the bus does."""
    assert topology("hub") == topology("hub")


def test_every_queue_is_ruled_by_exactly_one_policy() -> None:
    """RabbitMQ applies one policy to a queue, so two that match would hide each other."""
    bus = topology("hub", AGENCIES, partitions=3)
    patterns = [str(p["pattern"]) for p in bus["policies"] if p["apply-to"] == "queues"]
    for queue in bus["queues"]:
        ruling = [p for p in patterns if re.search(p, str(queue["name"]))]
        assert len(ruling) == 1, queue["name"]


def test_every_queue_is_a_quorum_queue_with_a_route_to_it() -> None:
    """Nothing is declared that nothing reaches."""
    bus = topology("hub", AGENCIES, partitions=3)
    reached = {binding["destination"] for binding in bus["bindings"]}
    assert reached == {queue["name"] for queue in bus["queues"]}
    assert all("quorum" in str(queue["arguments"]) for queue in bus["queues"])


def test_a_full_queue_refuses_and_never_drops() -> None:
    """Losing the oldest message is RabbitMQ's default, and is never ours."""
    policies = [p for p in topology("hub")["policies"] if p["apply-to"] == "queues"]
    assert all("'overflow': 'reject-publish'" in str(p["definition"]) for p in policies)


@pytest.mark.parametrize(
    ("queue", "allowed"),
    [
        ("agency.school", True),
        ("agency.school.dead", True),
        ("agency.school.release", True),
        ("agency.school-2", False),
        ("agency.clinic", False),
        ("hub.decide.0", False),
        ("xagency.school", False),
        ("agency.schoolx", False),
    ],
)
def test_an_agency_reads_its_own_queues_only(queue: str, *, allowed: bool) -> None:
    """The broker enforces this expression, whatever the hub does."""
    rights = next(p for p in topology("hub")["permissions"] if p["user"] == "school")
    assert bool(re.search(str(rights["read"]), queue)) is allowed


@pytest.mark.parametrize("exchange", ["hub.outbound", "hub.keys", "hub.dead", "", "hubxinbound"])
def test_an_agency_cannot_write_where_the_hub_writes(exchange: str) -> None:
    """Otherwise an agency could pretend to be the hub."""
    rights = next(p for p in topology("hub")["permissions"] if p["user"] == "school")
    assert not re.search(str(rights["write"]), exchange)


@pytest.mark.parametrize(
    "name", ["hub", "guest", "localbroker", "a", "School", "a.dead", "a b", "1st", "x" * 42, "-a"]
)
def test_an_ambiguous_name_is_refused(name: str) -> None:
    """A dot would let one agency's queue be read as another's."""
    with pytest.raises(ConfigurationError, match="is not an agency's name"):
        AgencyAccount(name, "hash")


def test_two_accounts_of_one_name_are_refused() -> None:
    """The second would take over the first one's rights."""
    school = AgencyAccount("school", "hash")
    with pytest.raises(ConfigurationError, match="two broker accounts"):
        definitions("hub", [school, school], BrokerAccount("hub", "hash"))


def test_an_administrator_exists_only_when_asked_for() -> None:
    """Least privilege: the hub's file makes no administrator by default."""
    plain = topology("hub")
    assert all(user["tags"] == [] for user in plain["users"])
    asked = definitions(
        "hub", [], BrokerAccount("hub", "h"), administrator=BrokerAccount("admin", "h")
    )
    assert [user["tags"] for user in asked["users"]] == [[], ["administrator"]]


def test_partitions_divide_the_routing_keys_by_their_last_word() -> None:
    """With one partition it takes everything."""
    assert _inbound(1) == ["#"]
    assert _inbound(2) == ["#.0", "#.1"]


def test_a_bus_without_a_partition_is_refused() -> None:
    """Events would have nowhere to go."""
    with pytest.raises(ConfigurationError, match="at least one partition"):
        topology("hub", partitions=0)


def test_virtual_hosts_can_be_merged_into_one_file() -> None:
    """Accounts that both have are kept once."""
    both = merge(topology("one"), topology("two"))
    assert [vhost["name"] for vhost in both["vhosts"]] == ["one", "two"]
    assert [user["name"] for user in both["users"]] == ["hub", *AGENCIES]
    assert len(both["queues"]) == 2 * len(names(AGENCIES).queues)


def _inbound(partitions: int) -> list[object]:
    bus = topology("hub", partitions=partitions)
    return [b["routing_key"] for b in bus["bindings"] if b["source"] == "hub.inbound"]
