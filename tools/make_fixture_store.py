"""Make the small store that every later version must upgrade, verify and replay.

    python -m tools.make_fixture_store NAME      such as store-0001

The story is in tests/fixture_story.py: invented children, and every kind of ledger entry. The
folder tests/fixtures/NAME gets the settings, the store as compressed SQL, the keys it needs (test
keys, worthless) and the figures that are expected of it. A fixture is never made again once it is
released: a change of formats adds another one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

from hub.evidence.replay import ReplaySelection, replay
from hub.evidence.verification import verify_ledger
from hub.foundation.settings import Settings, load_settings
from hub.runtime.bootstrap import master_key_file, open_hub, read_signer

FOLDER = Path("tests/fixtures")
_NOTE = "TEST KEYS of invented agencies and children. Worthless: never use them for anything else."


def make(folder: Path) -> dict[str, Any]:
    """Make the fixture in a folder; returns the figures that are expected of it."""
    folder.mkdir(parents=True)
    papers, story = import_module("tests.configuration"), import_module("tests.fixture_story")
    text = papers.SETTINGS.format(url="", vhost="hub", general="", adapters="")
    (folder / "hub.toml").write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as made:
        config = Path(made) / "hub.toml"
        config.write_text(text, encoding="utf-8")
        settings = load_settings(config)
        story.tell(settings)
        expected = _expected(settings)
        (folder / "store.sql.gz").write_bytes(_dump(settings))
        (folder / "keys.json").write_text(_json(_keys(settings)), encoding="utf-8")
    (folder / "expected.json").write_text(_json(expected), encoding="utf-8")
    return expected


def _expected(settings: Settings) -> dict[str, Any]:
    """Return what the commands say of the store today."""
    hub = open_hub(settings)
    audit, replayed = verify_ledger(hub), replay(hub, ReplaySelection())
    with hub.reading() as work:
        rows = list(work.ledger.rows())
        kinds = Counter(row.kind for row in rows)
        events = {row.subject.event for row in rows if row.subject.event}
        stored = [kept for ref in sorted(events) if (kept := work.inbox.find(ref)) and kept.body]
        counts = {"inbox": work.inbox.counts(), "deliveries": work.deliveries.counts()}
    hub.engine.dispose()
    return {
        "entries": audit.entries,
        "verified": audit.verified,
        "checkpoints": audit.checkpoints,
        "root": audit.root,
        "replayed": replayed.replayed,
        "agrees": replayed.verified,
        "kinds": dict(sorted(kinds.items())),
        "stored_events": len(stored),
        **counts,
    }


def _keys(settings: Settings) -> dict[str, str]:
    """Return the keys as numbers, so that no file looks like the key of a real hub."""
    return {
        "note": _NOTE,
        "master": master_key_file(settings).read_bytes().hex(),
        "ledger": read_signer(settings).reveal().encode().hex(),
        "checkpoint": (settings.state / "newest.checkpoint").read_bytes().hex(),
    }


def _dump(settings: Settings) -> bytes:
    with closing(sqlite3.connect(settings.state / "hub.sqlite")) as store:
        text = "\n".join(store.iterdump())
    return gzip.compress(text.encode(), mtime=0)


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Make one fixture; refuse a name that is there."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_fixture_store")
    parser.add_argument("name", help="such as store-0001")
    folder = FOLDER / parser.parse_args(arguments).name
    if folder.exists():
        print(f"{folder} is there already. A fixture is never made again.", file=sys.stderr)
        return 1
    print(_json(make(folder)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
