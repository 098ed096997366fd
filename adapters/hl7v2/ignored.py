"""Fields of HL7 v2 messages that become no event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SET_ID = "A set id numbers segments within the message."
_READ = "It tells how the message is read."

IGNORED: Mapping[str, str] = MappingProxyType(
    {
        "*MSH-[3456]*": "The adapter's settings name the agency.",
        "*MSH-10*": "The control id is returned in the acknowledgement.",
        "*MSH-1[12]*": _READ,
        "*MSH-18*": _READ,
        "*MSH-*": "It is about the message, not about the child.",
        "*EVN-*": "The time of the event is MSH-7 where that is present.",
        "*PID-1": _SET_ID,
        "*PV1-1": _SET_ID,
        "*NK1-1": _SET_ID,
        "*DG1-1": _SET_ID,
        "*RGS-1": _SET_ID,
        "*AI[GLPS]-1": _SET_ID,
        "*OB[RX]-1": _SET_ID,
        "*TXA-1": _SET_ID,
        "*PID-3*": "The number itself tells its kind.",
        "*OBX-*": "A report is referred to; its content is not read.",
        "*NTE-*": "Notes are not read.",
        "*Z??-*": "Z segments are not interpreted.",
    }
)
