"""The demo's settings and agreements: files that can be copied as a start for an installation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from hub.demo.borough.tables import FILES, data_file

_LISTEN = 'listen = "127.0.0.1:2575"'
_CONSOLE = 'listen = "127.0.0.1:8420"'

WAVES: Mapping[int, str] = MappingProxyType(
    {
        1: "The council's register: every child, with every number the council holds",
        2: "Consents, refusals and court orders of families and young people",
        3: "The schools' pupils: on roll, special needs, attendance",
        4: "The NHS trust: referrals, appointments, a diagnosis, a waiting list",
        5: "Children's social care: the census, plans, workers",
        6: "EHC assessments requested, suspensions, and a consent withdrawn",
        7: "Advice and reports arrive, and a safeguarding override",
        8: "A plan is issued, reviews, and a mother withdraws her consent",
        9: "Afterwards: what the withdrawal stops, and what goes wrong in real life",
    }
)


def hub_toml(*, mllp_port: int = 2575, console_port: int = 8420) -> str:
    """Return the demo's hub.toml, with ports for the trust's HL7 messages (MLLP) and the console.

    Its paths are relative to the folder that the text is saved in.
    """
    changes = {
        _LISTEN: f'listen = "127.0.0.1:{mllp_port}"',
        _CONSOLE: f'listen = "127.0.0.1:{console_port}"',
    }
    text = data_file("hub.toml")
    for published, chosen in changes.items():
        text = text.replace(published, chosen)
    return text


def agreements() -> list[Path]:
    """List the demo's agreement files."""
    return sorted((FILES / "agreements").glob("*.toml"))
