"""Ledger entries about users of the hub: data viewed, sign-ins, accounts, the hub's own keys.

People are named by their staff references. A name typed at sign-in that belongs to no account is
never recorded: it may be a password in the wrong box.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from hub.journey.entries.base import ActReason, EntryBody, FoundBy, StaffRef
from schemas.counted import counted
from schemas.roles import Role

Person = Annotated[str, Field(description="the staff reference of the account")]


class DataAccessedEntry(EntryBody):
    """A person viewed stored data, for a stated reason."""

    kind: ClassVar[str] = "data-accessed"
    found_by: ClassVar[FoundBy] = FoundBy(child="child")

    by: StaffRef
    what: Annotated[str, Field(description="what was viewed")]
    child: Annotated[str | None, Field(description="the child it is about, if there is one")]
    reason: ActReason

    def sentence(self) -> str:
        """Describe who viewed what, and why."""
        about = f" of child {self.child}" if self.child else ""
        return f"{self.by} viewed {self.what}{about}. Reason: {self.reason}."


class AccountChange(StrEnum):
    """What was done to an account."""

    ADDED = "added"
    ROLES = "roles"
    PASSWORD = "password"  # noqa: S105  a code
    UNLOCKED = "unlocked"
    DISABLED = "disabled"
    TOKEN = "token"  # noqa: S105  a code


_PHRASES = {
    AccountChange.ADDED: "created an account for {person} as {roles}",
    AccountChange.ROLES: "changed the roles of {person} to {roles}",
    AccountChange.PASSWORD: "set another password for {person}",
    AccountChange.UNLOCKED: "unlocked the account of {person}",
    AccountChange.DISABLED: "disabled the account of {person}",
    AccountChange.TOKEN: "created a token in the name of {person} as {roles}",
}


class AccountChangedEntry(EntryBody):
    """An account was added, changed, unlocked, disabled or given a token for a program."""

    kind: ClassVar[str] = "account-changed"

    act: Annotated[AccountChange, Field(description="what was done")]
    person: Person
    roles: Annotated[tuple[Role, ...], Field(description="the roles it has now")]
    by: StaffRef

    def sentence(self) -> str:
        """Describe what was done to whose account, and by whom."""
        roles = ", ".join(role.value for role in self.roles)
        return f"{self.by} {_PHRASES[self.act].format(person=self.person, roles=roles)}."


class SignedInEntry(EntryBody):
    """A person signed in at the console."""

    kind: ClassVar[str] = "signed-in"

    person: Person
    roles: Annotated[tuple[Role, ...], Field(description="the roles of the session")]
    how: Annotated[str, Field(description="password or openid-connect")]

    def sentence(self) -> str:
        """Describe who signed in and how."""
        roles = ", ".join(role.value for role in self.roles)
        return f"{self.person} signed in by {self.how} as {roles}."


class SignedOutEntry(EntryBody):
    """A person signed out."""

    kind: ClassVar[str] = "signed-out"

    person: Person

    def sentence(self) -> str:
        """Describe who signed out."""
        return f"{self.person} signed out."


class SignInRefusedEntry(EntryBody):
    """A sign-in was refused."""

    kind: ClassVar[str] = "sign-in-refused"

    person: Annotated[str, Field(description="the account; empty if there is none of that name")]
    code: Annotated[str, Field(description="why")]

    def sentence(self) -> str:
        """Describe whose sign-in was refused and why."""
        person = self.person or "a person without an account"
        return f"A sign-in by {person} was refused: {self.code}."


class RotatedKey(StrEnum):
    """Which of the hub's own keys."""

    MASTER = "master"
    INBOUND = "inbound"


class KeyReplacedEntry(EntryBody):
    """One of the hub's own keys was replaced; the entry holds nothing of a secret key."""

    kind: ClassVar[str] = "key-replaced"

    key: Annotated[RotatedKey, Field(description="which key")]
    by: StaffRef
    rewrapped: Annotated[
        int | None, Field(description="of a master key: how many data keys it wraps now")
    ] = None
    id: Annotated[str | None, Field(description="of a public key: its id")] = None

    def sentence(self) -> str:
        """Describe which key was replaced."""
        more = "" if self.rewrapped is None else f"; {self.rewrapped} data keys were rewrapped"
        return f"{self.by} replaced the {self.key.value} key{more}."


class KeysRetiredEntry(EntryBody):
    """Old keys of the hub were taken out of use."""

    kind: ClassVar[str] = "keys-retired"

    key: Annotated[RotatedKey, Field(description="which key")]
    by: StaffRef
    dropped: Annotated[int, Field(description="how many")]

    def sentence(self) -> str:
        """Describe how many keys were retired."""
        keys = counted(self.dropped, f"old {self.key.value} key")
        return f"{self.by} took {keys} out of use."
