"""More than one queue of arriving events: one child's events keep to one queue, and all arrive."""

from __future__ import annotations

from pathlib import Path

from hub.bus import BusMessage, Publisher
from hub.bus.topology import INBOUND
from hub.keys.sealing_keys import HubKey, agency_key
from hub.runtime.adapter_runner import Post, _routing_key
from hub.sealing.inbound import seal_inbound
from tests.conftest import MakeBus
from tests.events import Child, registered
from tests.live_hub import ON_THE_BUS, build

PARTITIONS = 3


def test_events_spread_over_partitions_all_arrive(tmp_path: Path, make_bus: MakeBus) -> None:
    """Twenty children over three queues: every event is decided, each child's queue is one."""
    bus = make_bus(ON_THE_BUS, partitions=PARTITIONS)
    live = build(tmp_path / "hub", bus, partitions=PARTITIONS)
    post = Post(
        name="school",
        adapter=None,  # type: ignore[arg-type]  not used for routing
        speaker=None,  # type: ignore[arg-type]  not used for routing
        url="",
        hub_key=HubKey(live.settings)(),
        own_key=agency_key(live.settings, "school"),
        partitions=PARTITIONS,
    )
    events = [registered(Child(n)) for n in range(20)]
    keys = [_routing_key(event, post) for event in events]
    assert keys == [_routing_key(event, post) for event in events]
    assert len(set(keys)) == PARTITIONS
    messages = [
        BusMessage(
            INBOUND, key, seal_inbound(post.hub_key, "school", event.to_json()), message_id="m"
        )
        for key, event in zip(keys, events, strict=True)
    ]
    with live.working():
        with Publisher(bus.url("school"), "school under test") as publisher:
            assert all(o.confirmed for o in publisher.publish(messages, 30))
        live.until(lambda: all(live.state(event) == "decided" for event in events))
