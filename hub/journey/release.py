"""Step 7, release: what of a delivery may still be read now. It can only narrow, never widen. Pure.

A delivery is sealed section by section. Before a recipient gets the keys, the hub decides again
with what is in force at that moment. A section is released only if every field that was sealed in
it is still permitted; a delivery of which nothing but particulars would be left is not released at
all, and then its recipient learns not even what it was about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from consent.decide import PARTICULARS
from consent.decision import Decision, SectionDecision, Sharing
from consent.reasons import Reason
from schemas.event import View
from schemas.sections import Category


class Contents(BaseModel):
    """What was sealed into a delivery: fields per section, and sections of existence only.

    Names of fields alone; it is stored with the delivery so that a release can be decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sections: dict[Category, tuple[str, ...]]
    existence: tuple[Category, ...] = ()
    notice: bool = False


def contents_of(view: View, *, notice: bool = False) -> Contents:
    """Return what a view holds; a ``notice`` states only that a record is wrong."""
    return Contents(
        sections={c: tuple(sorted(s.present())) for c, s in view.sections.items()},
        existence=view.existence,
        notice=notice,
    )


def contents_decided(decision: Decision, *, notice: bool = False) -> Contents:
    """Return what the view that a decision permits holds: as ``contents_of`` that view."""
    shared = () if notice else decision.shared()
    return Contents(
        sections={s.category: tuple(sorted(s.fields)) for s in shared if s.fields},
        existence=tuple(s.category for s in shared if not s.fields),
        notice=notice,
    )


@dataclass(frozen=True, slots=True)
class Released:
    """The sections whose keys are given now, and for the others the reasons why not.

    Of the categories in ``existence`` only the existence of a record is disclosed.
    """

    sections: tuple[Category, ...] = ()
    withheld: Mapping[Category, tuple[Reason, ...]] = field(default_factory=dict)
    existence: tuple[Category, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether the recipient gets any key at all."""
        return bool(self.sections) or not self.withheld


def reconsider(contents: Contents, decision: Decision) -> Released:
    """Compare what was sealed with what is decided now."""
    now = {s.category: s for s in decision.sections}
    withheld: dict[Category, tuple[Reason, ...]] = {}
    kept: list[Category] = []
    for category, fields in contents.sections.items():
        section = now.get(category)
        if section is not None and frozenset(fields) <= frozenset(section.fields):
            kept.append(category)
        else:
            withheld[category] = _why(section, fields)
    gone = [c for c in contents.existence if not _exists(now.get(c))]
    substance = [c for c in kept if c not in PARTICULARS] or [
        c for c in contents.existence if c not in PARTICULARS
    ]
    if gone or not substance:
        # The envelope names the type and what exists: it goes only with something of substance.
        withheld |= {c: _why(now.get(c), ()) for c in gone}
        withheld |= dict.fromkeys(kept, (Reason.PARTICULARS_ONLY,))
        return Released((), withheld)
    return Released(tuple(kept), withheld, contents.existence)


def notice_given(*, informed: bool) -> Released:
    """Release a notice to a recipient that was informed of the record before, and to no other.

    A recipient that holds a wrong record must be notified, whatever is in force now (UK GDPR,
    Article 19); one that never received it must not learn from the notice that it exists.
    """
    return Released() if informed else Released((), {Category.IDENTITY: (Reason.PARTICULARS_ONLY,)})


def _exists(section: SectionDecision | None) -> bool:
    return section is not None and section.sharing is not Sharing.WITHHELD


def _why(section: SectionDecision | None, fields: tuple[str, ...]) -> tuple[Reason, ...]:
    """Return the reasons against a section as it was sealed, each once."""
    if section is None:
        return (Reason.NO_RULE,)
    if section.sharing is Sharing.WITHHELD:
        found = [f.reason for f in section.findings if not f.reason.permits]
        return tuple(dict.fromkeys(found)) or (Reason.NO_RULE,)
    lost = [section.refused.get(name, Reason.FIELD_NOT_ALLOWED) for name in fields]
    missing = [r for name, r in zip(fields, lost, strict=True) if name not in section.fields]
    return tuple(dict.fromkeys(missing)) or (Reason.FIELD_NOT_ALLOWED,)
