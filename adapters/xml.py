"""Reading XML that may be hostile: no document types, no entities, no network, no huge trees."""

from __future__ import annotations

import re

from lxml import etree

from schemas.errors import Fault, InputRefused

_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def parse_xml(body: bytes) -> etree._Element:
    """Parse bytes into an element tree.

    Raises InputRefused with EMPTY_INPUT, BINARY_INPUT, DOCTYPE_FORBIDDEN, WRONG_ENCODING or NOT_XML
    (with the line where it broke off).
    """
    if not body.strip():
        raise InputRefused(Fault.EMPTY_INPUT)
    if b"\x00" in body and not body.startswith(_UTF16_BOMS):
        raise InputRefused(Fault.BINARY_INPUT)
    text = body.decode("utf-16", "replace").encode() if body.startswith(_UTF16_BOMS) else body
    if _DOCTYPE.search(text):
        raise InputRefused(Fault.DOCTYPE_FORBIDDEN)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        encoding = "encoding" in str(error).lower() or "utf-8" in str(error).lower()
        fault = Fault.WRONG_ENCODING if encoding else Fault.NOT_XML
        raise InputRefused(fault, f"line {error.lineno or 1}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputRefused(Fault.DOCTYPE_FORBIDDEN)
    return root
