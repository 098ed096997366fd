"""View models of children."""

from __future__ import annotations

from hub.evidence.child_lookup import ChildFound
from hub.foundation.view_model import ViewModel


class ChildrenFound(ViewModel):
    """The children who have an identifier."""

    children: tuple[ChildFound, ...]
