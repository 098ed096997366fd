"""The demo borough of Northmoor: five agencies, forty invented children, and what happens to them.

It shows the hub at work without real personal data. The data are reviewed files in ``files/``; this
package turns them into the files and messages that the agencies' systems would produce, in their
real formats. It does so without the adapters' own writing, so that a misunderstanding of a format
shows. Nothing is random: the same day produces the same bytes.

Imports ``schemas`` and ``adapters.contract`` only. Read ``drops.py`` first; ``hub docs
demo-borough`` describes the families and what to look at.
"""

from __future__ import annotations

from hub.demo.borough.drops import Drop, drops
from hub.demo.borough.setup import WAVES, agreements, hub_toml

__all__ = ["WAVES", "Drop", "agreements", "drops", "hub_toml"]
