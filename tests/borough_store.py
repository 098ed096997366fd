"""The demo borough in a real store, without a broker: decided, released, with receipts.

What travels on the bus in the demonstration is passed from function to function here, in the
same order, so that the console has all of it to show in a few seconds.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from adapters.contract import AgencySystem, Document, translate
from consent.agreement_file import load_agreement
from hub.casework.accounts import people
from hub.casework.agreements.publishing import publish
from hub.demo.borough import agreements, drops, hub_toml
from hub.foundation import clock
from hub.foundation.settings import Settings, load_settings
from hub.intake.hub import Hub
from hub.journey.pipeline import Letter
from hub.journey.receipts import Receipt, ReceiptOutcome
from hub.keys.sealing_keys import HubKey
from hub.runtime.bootstrap import open_hub, prepare
from hub.runtime.plugins import load_adapter
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import ReleaseRequest
from schemas.roles import Role

PASSWORD = "correct horse battery"
DOWN, SINCE_WAVE = "oakfield-primary", 4
"""A school whose system is down from a wave on: what is for it stays queued."""


def build(folder: Path, until: int = 9) -> tuple[Settings, Hub]:
    """Play the borough's waves into a store; one school's deliveries are still queued."""
    config = folder / "hub.toml"
    config.write_text(hub_toml(), encoding="utf-8")
    settings = load_settings(config)
    prepare(settings)
    hub = open_hub(settings)
    texts = [file.read_text(encoding="utf-8") for file in agreements()]
    publish(hub, [load_agreement(text) for text in texts], by="test")
    for role in Role:
        people.add(hub, role.value, [role], PASSWORD, by="test")
    for wave in range(1, until + 1):
        _play(settings, hub, wave)
        _release(settings, hub, without=DOWN if wave >= SINCE_WAVE else "")
    return settings, hub


def _play(settings: Settings, hub: Hub, wave: int) -> None:
    letters = []
    for drop in drops(clock.now().date()):
        if drop.wave != wave:
            continue
        chosen = settings.adapters[drop.adapter]
        document = Document(drop.body, clock.now())
        speaker = AgencySystem(chosen.agency, chosen.settings)
        adapter = load_adapter(chosen.adapter)
        found = translate(adapter.format, document, speaker, settings.max_event_bytes)
        letters += [Letter(e.to_json(), chosen.agency, clock.now()) for e in found.events]
    for letter in letters:
        hub.take([letter])


def _release(settings: Settings, hub: Hub, without: str) -> None:
    """Let every recipient ask for its keys, and say that it has its delivery."""
    waiting = hub.pending(10_000)
    hub.published([one.id for one in waiting])
    for one in waiting:
        if one.recipient == without:
            continue
        request = ReleaseRequest(request=uuid.uuid4(), deliveries=(uuid.UUID(one.id),))
        sealed = seal_inbound(HubKey(settings)(), one.recipient, request.to_json())
        hub.release([(one.recipient, sealed)])
        receipt = Receipt(delivery=one.id, outcome=ReceiptOutcome.DELIVERED)
        hub.take_receipts([(one.recipient, json.dumps(receipt.model_dump(mode="json")).encode())])
