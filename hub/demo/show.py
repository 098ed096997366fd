"""Running the demonstration from beginning to end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from hub.demo import stage as stages
from hub.demo import withdrawal
from hub.demo.borough import drops
from hub.demo.stage import Stage
from hub.demo.story import Story
from hub.demo.summary import DemoSummary, read_account, summarise
from hub.evidence.verification import verify_ledger
from hub.runtime.supervisor import CHECK_SECONDS, Supervisor
from schemas.errors import ConfigurationError


class Scenario(Protocol):
    """A story that plays in a folder and returns the exit code."""

    def __call__(self, folder: Path, *, once: bool, as_json: bool) -> int:
        """Play it."""


SCENARIOS: Mapping[str, Scenario] = {"withdrawal": withdrawal.play}


def run(folder: Path, *, once: bool, as_json: bool, scenario: str = "") -> int:
    """Play the demonstration in a folder; returns 0 if the ledger verifies.

    With ``once`` it ends after the last wave; otherwise, on a terminal, the hub runs until Ctrl-C.
    ``scenario`` names another story; raises ConfigurationError for an unknown one.
    """
    if scenario:
        return _scenario(scenario)(folder, once=once, as_json=as_json)
    story = Story(quiet=as_json)
    began = time.monotonic()
    stage = stages.build(folder)
    stays = not once and sys.stdin.isatty()
    with Supervisor(stage.settings, stage.config, log_file=stage.log, console=stays) as supervisor:
        facts = supervisor.facts()
        broker = f"{facts.product} {facts.version}"
        story.opening(stage, broker)
        for number, wave in enumerate(stages.by_wave(drops(stages.today())), start=1):
            story.wave(number, wave)
            for drop in wave:
                stages.hand_in(stage, drop)
            stages.wait_for_quiet(stage, supervisor, story.progress)
            story.after_wave(stages.tally(stage.hub))
        account = read_account(stage.hub)
        documents = stages.outputs(stage)
        verified = verify_ledger(stage.hub).verified
        summary = summarise(
            stage.hub,
            account,
            broker=broker,
            verified=verified,
            seconds=time.monotonic() - began,
            outputs=documents,
        )
        _conclude(story, stage, account, documents, verified=verified)
        if as_json:
            sys.stdout.write(json.dumps(summary) + "\n")
        if stays:
            _stay(story, supervisor)
    stage.hub.engine.dispose()
    return 0 if verified else 1


def _scenario(name: str) -> Scenario:
    play = SCENARIOS.get(name)
    if play is None:
        known = ", ".join(sorted(SCENARIOS))
        raise ConfigurationError(f"There is no scenario '{name}'. There are: {known}.")
    return play


def _conclude(
    story: Story, stage: Stage, account: DemoSummary, documents: list[Path], *, verified: bool
) -> None:
    story.one_event(account, documents)
    story.tables(account)
    story.closing(stage, documents, verified=verified)


def _stay(story: Story, supervisor: Supervisor) -> None:
    """Keep the hub running until Ctrl-C."""
    story.say("The hub keeps running, with its console: put files into an agency's in/ folder.")
    story.say("Ctrl-C ends it.")
    try:
        while True:
            supervisor.check()
            time.sleep(CHECK_SECONDS)
    except KeyboardInterrupt:
        story.say("Stopping.")
