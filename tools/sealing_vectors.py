"""Test vectors for implementations of these formats in other languages.

    python -m tools.sealing_vectors            write the file; sealed replies and events are kept
                                                while they still open, HPKE being random
    python -m tools.sealing_vectors --check    exit 1 unless the committed file is as it would be

Every key in them is published and protects nothing. A delivery is made with fixed "random" bytes
and comes out the same every time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from pydantic import JsonValue

from hub.sealing import inbound, reply
from hub.sealing.block import ENVELOPE, block_key, key_info, section_data
from hub.sealing.delivery import open_delivery, seal_delivery
from hub.sealing.header import DeliveryHeader
from hub.sealing.hpke import HpkeSeal, OpeningKey
from schemas.errors import HubError
from schemas.event import View, view_envelope
from schemas.events.education import SenNeed, SenNeedType, SenProvision, SenSupport
from schemas.identifiers import Assurance, Identifier
from schemas.people import Identity
from schemas.registry import event_type
from schemas.sections import Category

FILE = Path(__file__).parents[1] / "tests" / "hub" / "sealing" / "vectors.json"
Vector: TypeAlias = dict[str, JsonValue]

EVENT = "0f3b9f52-7d0e-5c7a-8a52-3c1f5be0a001"
DELIVERY = "6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e"
RECIPIENT = "trust-paeds"
RELEASED = (ENVELOPE, Category.SEN.value)


def main(arguments: Sequence[str], file: Path = FILE) -> int:
    """Write or check the file; give the exit status."""
    before = file.read_text("utf-8") if file.exists() else "{}"
    after = json.dumps(vectors(json.loads(before)), indent=2, ensure_ascii=False) + "\n"
    if "--check" in arguments:
        sys.stdout.write("" if before == after else f"{file.name} is not what this makes\n")
        return int(before != after)
    file.write_text(after, "utf-8")
    return 0


def vectors(kept: dict[str, Vector]) -> dict[str, Vector]:
    """Make every vector; what HPKE sealed is taken over from ``kept`` while it still opens."""
    return {
        "about": {"made_by": "python -m tools.sealing_vectors", "bytes": "hexadecimal"},
        "delivery": _delivery(),
        "inbound": _sealed(inbound.SEAL, "oak-school", '{"specversion":"1.0"}', kept, "inbound"),
        "reply": _sealed(reply.SEAL, RECIPIENT, _reply().to_json().decode(), kept, "reply"),
    }


def sample_view() -> View:
    """Make the view that is sealed: a made-up child's special educational needs."""
    upn = Identifier(value="A123456789012", assurance=Assurance.ASSERTED)
    needs = SenSupport(
        provision=SenProvision.SEN_SUPPORT,
        needs=(SenNeed(rank=1, type=SenNeedType.SLCN),),
    )
    named = Identity(upn=upn, given_name="Zoë", family_name="Example")
    return View(
        delivery_id=DELIVERY,
        kind=event_type("education.sen-support-recorded.v1"),
        source="oak-school",
        child="c-7Qm2",
        time=dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC),
        sections=MappingProxyType({Category.IDENTITY: named, Category.SEN: needs}),
        existence=(Category.CARE,),
        record="r-19",
        purposes=MappingProxyType(
            {
                Category.IDENTITY: ("direct-care",),
                Category.SEN: ("direct-care", "sen-support"),
                Category.CARE: ("safeguarding",),
            }
        ),
    )


def _fixed(label: str, size: int) -> bytes:
    return hashlib.sha256(f"interagency-hub test vector: {label}".encode()).digest()[:size]


class _Counted:
    """Gives bytes that look random and are the same every time."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, size: int) -> bytes:
        self._asked += 1
        return _fixed(f"nonce {self._asked}", size)


def _delivery() -> Vector:
    view, key, header = (
        sample_view(),
        _fixed("delivery key", 32),
        DeliveryHeader(DELIVERY, RECIPIENT),
    )
    body = seal_delivery(view, EVENT, RECIPIENT, key, _Counted())
    names = [ENVELOPE, *(name.value for name in view.sections)]
    keys = {name: block_key(key, DELIVERY, RECIPIENT, name) for name in names}
    released = {name: keys[name] for name in RELEASED}
    narrowed = open_delivery(body, released)
    return {
        "event": EVENT,
        "delivery": DELIVERY,
        "recipient": RECIPIENT,
        "schema": view.kind.key,
        "header": header.to_bytes().hex(),
        "delivery_key": key.hex(),
        "key_info": {name: key_info(header, name).hex() for name in names},
        "block_keys": {name: own.hex() for name, own in keys.items()},
        "section_data": {
            name: section_data(header, name, view.kind.key, EVENT).hex() for name in names[1:]
        },
        "body": body.hex(),
        "view": json.loads(view_envelope(view).to_json()),
        "released": list(released),
        "released_view": json.loads(view_envelope(narrowed).to_json()),
        "released_withheld": [name.value for name in narrowed.withheld],
    }


def _reply() -> reply.ReleaseReply:
    key = _fixed("delivery key", 32)
    keys = {name: block_key(key, DELIVERY, RECIPIENT, name) for name in RELEASED}
    refused = uuid.uuid5(uuid.UUID(DELIVERY), "another")
    return reply.ReleaseReply(
        request=uuid.uuid5(uuid.UUID(DELIVERY), "request"),
        answers=(
            reply.DeliveryAnswer(
                delivery=uuid.UUID(DELIVERY), keys=keys, withheld={"identity": "no-consent"}
            ),
            reply.DeliveryAnswer(delivery=refused, code="no-consent"),
        ),
    )


def _sealed(seal: HpkeSeal, name: str, plain: str, kept: dict[str, Vector], where: str) -> Vector:
    key = OpeningKey(_fixed(f"private key {where}", 32))
    body = bytes.fromhex(str(kept.get(where, {}).get("body", "")))
    try:
        usable = seal.open((key,), name, body) == plain.encode()
    except HubError:
        usable = False
    return {
        "name": name,
        "private": key.private.hex(),
        "public": key.public.hex(),
        "key_id": key.id.hex(),
        "info": seal.info(key.public, name).hex(),
        "plain": plain,
        "body": (body if usable else seal.seal(key.public, name, plain.encode())).hex(),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
