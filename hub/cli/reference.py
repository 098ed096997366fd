"""``python -m hub.cli.reference``: write the reference pages; see hub/reference.py."""

from __future__ import annotations

from hub.reference import main

if __name__ == "__main__":
    main()
