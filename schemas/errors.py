"""Everything that can go wrong, named once, with a code that never changes its meaning.

    HubError
    ├── InputRefused        bytes or events the hub does not accept: stored unchanged, for review
    ├── CannotExpress       a view that the recipient's format cannot express
    ├── ChannelBusy         the agency system cannot accept a document now: tried again
    ├── ChannelRefused      the agency system rejects a document: left for a person
    ├── ConfigurationError  settings, agreements or files that an operator must correct
    ├── KeyDestroyed        a sealed value whose key is destroyed; it cannot be read again
    └── Unavailable         a part of the hub (store, broker, keys) is not available: tried again

Every class has a ``fate``, so that the code that catches it knows what to do without a chain of
``isinstance``. Texts never quote the input: they say where it is wrong and what to do.
"""

from __future__ import annotations

from enum import StrEnum

from schemas.coded import Coded


class Fate(StrEnum):
    """What happens to the work that failed."""

    RETRY = "retry"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"


class Fault(Coded):
    """Why an input was refused or quarantined. The sentence is what an operator reads."""

    EMPTY_INPUT = "empty-input", "The input has no content."
    BINARY_INPUT = "binary-input", "The input is binary, not text in a format this adapter reads."
    TOO_LARGE = "too-large", "The input is larger than the configured limit."
    STILL_GROWING = "still-growing", "The file kept changing while it was being read."
    WRONG_ENCODING = "wrong-encoding", "The bytes are not valid in the character set they claim."
    NOT_JSON = "not-json", "The input is not well-formed JSON."
    NOT_XML = "not-xml", "The input is not well-formed XML."
    NOT_HL7 = "not-hl7", "The input does not begin with a readable HL7 v2 MSH segment."
    NOT_CSV = "not-csv", "The input is not a CSV file with the documented header row."
    DOCTYPE_FORBIDDEN = (
        "doctype-forbidden",
        "The XML has a document type declaration; these can hide entity attacks and are refused.",
    )
    UNSUPPORTED = (
        "unsupported",
        "The input is well formed, but it is not a kind of message this adapter translates.",
    )
    MISSING_FIELD = "missing-field", "A field that the event type needs is missing."
    BAD_VALUE = (
        "bad-value",
        "A field holds a value that is not of its type or not on its code list.",
    )
    NO_CHILD = "no-child", "The input names no child: no identifier, and no name with a birth date."
    SCHEMA_INVALID = "schema-invalid", "The event does not fit the published schema of its type."
    UNKNOWN_TYPE = "unknown-type", "The event type is not registered with the hub."
    UNKNOWN_VERSION = "unknown-version", "The event type is known, but not in this version."
    SENDER_UNVERIFIED = (
        "sender-unverified",
        "The message carries no sender name that the broker has checked.",
    )
    SENDER_UNKNOWN = "sender-unknown", "The broker account is not a registered agency."
    SENDER_MISMATCH = (
        "sender-mismatch",
        "The event says it comes from another agency than the account that sent it.",
    )
    TYPE_NOT_ALLOWED = "type-not-allowed", "This agency is not entitled to send this event type."
    CHILD_UNKNOWN = (
        "child-unknown",
        "The event is about a child who is not registered, and its type does not introduce one.",
    )
    DUPLICATE_CONFLICT = (
        "duplicate-conflict",
        "An earlier event had the same source and id but other content.",
    )
    FROM_THE_FUTURE = (
        "from-the-future",
        "The event's time is further in the future than clocks may differ.",
    )
    DIRECTIVE_NOT_ALLOWED = (
        "directive-not-allowed",
        "This agency is not entitled to record directives about sharing.",
    )
    OVERRIDE_NOT_ALLOWED = (
        "override-not-allowed",
        "This agency is not entitled to assert a safeguarding override.",
    )
    DIRECTIVE_UNKNOWN = "directive-unknown", "The directive to be withdrawn is not in the store."
    NOT_SEALED = (
        "not-sealed",
        "The bytes do not begin as a sealed message of a kind and version known here.",
    )
    SEAL_BROKEN = (
        "seal-broken",
        "The sealed message does not open: altered, cut, meant for another, or the wrong key.",
    )
    UNREADABLE = (
        "unreadable",
        "The hub failed while reading this input; the fault is the hub's, and the input is stored.",
    )


class HubError(Exception):
    """The root of the tree; ``code`` is stable and documented, ``fate`` says what happens next."""

    code: str = "hub-error"
    fate: Fate = Fate.REFUSE


class InputRefused(HubError):
    """An input that the hub does not accept, with its fault and the place in the input.

    ``where`` is a path such as ``CTFpupilData/Pupil[3]/UPN``: a place, never a value.
    """

    fate = Fate.QUARANTINE

    def __init__(self, fault: Fault, where: str = "") -> None:
        """Name the fault and the place (``where``)."""
        self.fault = fault
        self.code = fault.value
        self.where = where
        super().__init__(f"{fault.value}: {fault.sentence}" + (f" At: {where}." if where else ""))


class CannotExpress(HubError):
    """The recipient's format cannot express this event; choose another adapter."""

    code = "cannot-express"
    fate = Fate.REFUSE


class ChannelBusy(HubError):
    """The agency system could not accept the document now."""

    code = "channel-busy"
    fate = Fate.RETRY


class ChannelRefused(HubError):
    """The agency system rejected the document."""

    code = "channel-refused"
    fate = Fate.REFUSE


class ConfigurationError(HubError):
    """A setting, agreement or key file that an operator must correct before work can continue."""

    code = "configuration"
    fate = Fate.REFUSE


class KeyDestroyed(HubError):
    """The key of a sealed value was destroyed, as by an erasure: it cannot be read again."""

    code = "key-destroyed"
    fate = Fate.REFUSE


class Unavailable(HubError):
    """A part of the hub is not available; the work is kept and tried again."""

    code = "unavailable"
    fate = Fate.RETRY


class NotFound(HubError):
    """The store has no such entry."""

    code = "not-found"


class BadIdentifier(HubError):
    """An identifier with a wrong check digit or form; it is never looked up."""

    code = "bad-identifier"
