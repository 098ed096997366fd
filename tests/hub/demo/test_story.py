"""The demonstration's text: repeats are folded, and one of something is not many."""

from __future__ import annotations

from collections import Counter

import pytest

from hub.demo.borough import Drop
from hub.demo.story import Story, followed
from hub.demo.summary import DemoSummary, LoggedDecision, LoggedSection

ADVICE = "ehc.ehc-advice-provided.v1"
NO_RULE, NO_AGREEMENT, LAWFUL = "no-rule", "no-agreement", "basis-without-consent"


def section(category: str, reason: str, *fields: str) -> LoggedSection:
    """One section: shared where it has fields."""
    return LoggedSection(category, "content" if fields else "withheld", fields, (reason,))


def decision(event: str, recipient: str, *sections: LoggedSection) -> LoggedDecision:
    """One decision about advice."""
    permitted = any(one.fields for one in sections)
    return LoggedDecision(event, ADVICE, "trust", recipient, permitted, sections)


REFUSED = (section("health", NO_AGREEMENT), section("sen", NO_AGREEMENT))
IN_PART = (section("contact", NO_RULE), section("sen", LAWFUL, "kind"))


def printed(capsys: pytest.CaptureFixture[str], *decisions: LoggedDecision) -> str:
    """What the story prints of these decisions."""
    story = Story(quiet=False)
    story.one_event(DemoSummary(decisions, Counter(), 0), [])
    return capsys.readouterr().out


def test_the_same_refusal_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Recipients with the same outcome share a line, and so do sections with the same reasons."""
    out = printed(
        capsys,
        decision("e1", "school", *REFUSED),
        decision("e1", "care", *REFUSED),
        decision("e1", "council", *IN_PART),
    )
    assert "school, care: not shared" in out
    assert "health, sen: nothing" in out
    assert "council: shared" in out
    assert out.count("Withheld: no agreement") == 1


def test_the_event_that_is_followed_does_not_depend_on_the_order() -> None:
    """The one shared with most agencies, and of these one that was shared in part."""
    whole = [decision("e1", "council", section("sen", LAWFUL, "kind"))]
    part = [decision("e2", "council", *IN_PART), decision("e2", "care", *REFUSED)]
    assert followed([*whole, *part]) == part
    assert followed([*part, *whole]) == part
    assert followed([]) == []


def test_one_document_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Not "1 documents"."""
    story = Story(quiet=False)
    story.wave(1, [Drop("oakfield-ctf", "a.xml", b"", 1)])
    story.after_wave({"decided": 1, "delivery:delivered": 1})
    out = capsys.readouterr().out
    assert "1 document:" in out
    assert "1 event decided" in out
    assert "1 document delivered" in " ".join(out.split())
