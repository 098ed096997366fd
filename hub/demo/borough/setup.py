"""The demo's settings and agreements: files in examples/borough that can be copied as a start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from hub.demo.borough.tables import home

_LISTEN = 'listen = "127.0.0.1:2575"'
_CONSOLE = 'listen = "127.0.0.1:8420"'
_AGREEMENTS = 'agreements = "agreements"'

WAVES: Mapping[int, str] = MappingProxyType(
    {
        1: "The council's register: every child, with every number the council holds",
        2: "What families, young people and courts said about sharing",
        3: "The schools' pupils: on roll, special needs, attendance",
        4: "The NHS trust: referrals, appointments, a diagnosis, a waiting list",
        5: "Children's social care: the census, plans, workers",
        6: "EHC assessments asked for, suspensions, and a consent withdrawn",
        7: "Advice and reports come in, and a safeguarding override",
        8: "A plan is issued, reviews, and a mother changes her mind",
        9: "Afterwards: what the withdrawal stops, and what goes wrong in real life",
    }
)


def hub_toml(*, mllp_port: int = 2575, console_port: int = 8420) -> str:
    """Give the demo's hub.toml, with ports for the trust's HL7 messages (MLLP) and the console.

    Folders of agencies and of the hub's state are taken from where the text is saved; agreements
    are read where they lie, in the checkout.
    """
    text = (home() / "hub.toml").read_text(encoding="utf-8")
    folder = json.dumps(str(home() / "agreements"))
    changes = {
        _LISTEN: f'listen = "127.0.0.1:{mllp_port}"',
        _CONSOLE: f'listen = "127.0.0.1:{console_port}"',
        _AGREEMENTS: f"agreements = {folder}",
    }
    for there, here in changes.items():
        text = text.replace(there, here)
    return text


def agreements() -> list[Path]:
    """List the demo's agreement files."""
    return sorted((home() / "agreements").glob("*.toml"))
