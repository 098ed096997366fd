"""``hub audit search``, ``reindex`` and ``explain``: decisions found, and in plain sentences."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from tests.events import Child, absent, appointed, case_opened, recorded, registered, withdrawn

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

CHILD, OTHER = Child(1), Child(2)
LOOK = ("--by", "jmalik", "--reason", "CASE-9")


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """A hub with decisions about two children, permitted and withheld."""
    cli.take("school", registered(CHILD), recorded(CHILD, "D1"))
    cli.take("clinic", appointed(CHILD, "A1"))
    cli.take("school", withdrawn(CHILD, "D1"), registered(OTHER))
    cli.take("clinic", appointed(CHILD, "A2"))
    cli.take("care", case_opened(OTHER))
    cli.take("school", absent(OTHER))
    return cli


def rows(cli: Cli, *wanted: str) -> list[dict[str, str]]:
    """The rows of one search."""
    ran = cli.run("audit", "search", "--json", *wanted)
    assert ran.code == 0, ran.err
    found: list[dict[str, str]] = ran.json["rows"]
    return found


def test_each_filter_gives_only_what_fits(busy: Cli) -> None:
    """A search names what must be so, and every row is so."""
    filters = {
        "category": ("--category", "health"),
        "type": ("--type", "health.appointment-changed.v1"),
        "reason": ("--reason-code", "consent-withdrawn"),
        "purpose": ("--purpose", "education-provision"),
        "rule": ("--rule", "test-sharing@1/appointments"),
    }
    for column, (option, value) in filters.items():
        found = rows(busy, option, value)
        assert {row[column] for row in found} == {value}


def test_outcomes_are_told_apart(busy: Cli) -> None:
    """Permitted and withheld together are everything."""
    permitted = rows(busy, "--outcome", "shared")
    withheld = rows(busy, "--outcome", "withheld")
    assert {row["sharing"] for row in withheld} == {"withheld"}
    assert "withheld" not in {row["sharing"] for row in permitted}
    assert len(permitted) + len(withheld) == len(rows(busy))


def test_what_was_decided_and_what_was_disclosed_are_told_apart(busy: Cli) -> None:
    """Nothing was asked for yet: all are decisions."""
    assert rows(busy, "--kind", "decision") == rows(busy)
    assert rows(busy, "--kind", "disclosure") == []


def test_a_basis_is_named_as_it_stands(busy: Cli) -> None:
    """Articles 6 and 9 together."""
    found = rows(busy, "--basis", "6(1)(e) 9(2)(h)")
    assert {row["basis"] for row in found} == {"6(1)(e) 9(2)(h)"}


def test_the_code_of_a_notice_is_known(busy: Cli) -> None:
    """It stands in the index alone."""
    assert rows(busy, "--reason-code", "correction-notice") == []


def test_the_newest_come_first_page_by_page(busy: Cli) -> None:
    """Page after page gives every row once, entry by entry from the end."""
    paged, before = [], ["--newest"]
    while before:
        page = busy.run("audit", "search", "--json", "--limit", "2", *before).json
        paged += page["rows"]
        assert page["after"] is None
        before = ["--before", str(page["before"])] if page["before"] is not None else []
    oldest = rows(busy)
    assert paged == sorted(oldest, key=lambda row: (-int(row["position"]), row["n"]))


@pytest.mark.parametrize("other", [("--newest",), ("--before", "9")])
def test_both_orders_at_once_are_refused(busy: Cli, other: tuple[str, ...]) -> None:
    """A page goes on in one direction."""
    assert busy.run("audit", "search", "--after", "1", *other).code == 2


def test_an_agency_is_sender_or_recipient(busy: Cli) -> None:
    """What it sent, and what it might have been told."""
    found = rows(busy, "--agency", "care")
    assert {"source", "recipient"} <= {
        side for row in found for side in ("source", "recipient") if row[side] == "care"
    }
    assert all("care" in {row["source"], row["recipient"]} for row in found)


def test_what_rests_on_a_directive_is_found(busy: Cli) -> None:
    """Both the sharing it allowed, and the withholding after its withdrawal."""
    said_in_ledger = next(d["directive"] for d in busy.ledger("directive-recorded"))
    found = rows(busy, "--directive", said_in_ledger["id"])
    assert {row["reason"] for row in found} == {"consent-given", "consent-withdrawn"}


def test_a_search_by_number_finds_the_child_and_is_recorded(busy: Cli) -> None:
    """Whoever searches by child looks at what is kept about it."""
    child = busy.ledger("decision")[0]["child"]
    found = rows(busy, "--nhs-number", CHILD.nhs, *LOOK)
    assert {row["child"] for row in found} == {child}
    assert busy.ledger("data-accessed")[-1] == {
        "by": "jmalik",
        "what": "decisions",
        "child": child,
        "reason": "CASE-9",
    }


def test_a_code_filters_and_a_text_says_why(busy: Cli) -> None:
    """Both go together in a search by child."""
    child = busy.ledger("decision")[0]["child"]
    found = rows(busy, "--child", child, *LOOK, "--reason-code", "consent-given")
    assert {row["reason"] for row in found} == {"consent-given"}


@pytest.mark.parametrize("given", [(), ("--by", "jmalik"), ("--by", "", "--reason", "CASE-9")])
def test_a_search_by_child_needs_a_reason(busy: Cli, given: tuple[str, ...]) -> None:
    """Without one, or with an empty user, it is refused and nothing is recorded."""
    ran = busy.run("audit", "search", "--child", "x", *given)
    assert ran.code == 2
    assert busy.ledger("data-accessed") == []


def test_the_user_is_the_login_name_by_default(busy: Cli) -> None:
    """On this command as on every other with --by."""
    busy.patch.setenv("LOGNAME", "pcole")
    child = busy.ledger("decision")[0]["child"]
    assert busy.run("audit", "search", "--child", child, "--reason", "CASE-9").code == 0
    assert busy.ledger("data-accessed")[0]["by"] == "pcole"


def test_a_login_name_that_the_ledger_cannot_take_is_refused(busy: Cli) -> None:
    """The error says to give --by."""
    busy.patch.setenv("LOGNAME", "x" * 41)
    ran = busy.run("audit", "search", "--child", "x", "--reason", "CASE-9")
    assert (ran.code, "--by" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("option", "typed", "meant"),
    [
        ("--agency", "scool", "school"),
        ("--type", "health.apointment-changed.v1", "health.appointment-changed.v1"),
        ("--category", "helth", "health"),
        ("--reason-code", "consent-witdrawn", "consent-withdrawn"),
        ("--rule", "test-sharing@1/apointments", "test-sharing@1/appointments"),
        ("--purpose", "education-provison", "education-provision"),
        ("--outcome", "sharred", "shared"),
        ("--kind", "decison", "decision"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    busy: Cli, option: str, typed: str, meant: str
) -> None:
    """It would find nothing and mislead."""
    ran = busy.run("audit", "search", option, typed)
    assert (ran.code, ran.out) == (2, "")
    assert f"Did you mean '{meant}'?" in ran.err


@pytest.mark.parametrize(("option", "typed"), [("--agency", "zzz"), ("--basis", "9(9)(z)")])
def test_where_nothing_is_near_the_known_names_are_listed(
    busy: Cli, option: str, typed: str
) -> None:
    """Some of them."""
    ran = busy.run("audit", "search", option, typed)
    assert ran.code == 2
    assert ran.err.startswith("hub: unknown-name: ")
    assert "Known: " in ran.err


def test_an_unknown_directive_is_refused(busy: Cli) -> None:
    """One that the hub never recorded."""
    assert busy.run("audit", "search", "--directive", "d-0123456789abcdef").code == 2


def test_an_agency_that_has_left_is_still_known(busy: Cli) -> None:
    """By the rows of the index that name it."""
    before = rows(busy, "--agency", "care")
    text = busy.config.read_text(encoding="utf-8")
    busy.config.write_text(text.replace("[agencies.care]", "[agencies.other]"), encoding="utf-8")
    assert rows(busy, "--agency", "care") == before


def test_a_reason_without_a_child_is_refused(busy: Cli) -> None:
    """A code meant as a filter must not be taken for a reason."""
    ran = busy.run("audit", "search", "--reason", "no-consent")
    assert ran.code == 2
    assert "--reason-code" in ran.err


def test_pages_give_every_row_once(busy: Cli) -> None:
    """Page after page is the same as all at once."""
    paged, after = [], -1
    while after is not None:
        page = busy.run("audit", "search", "--json", "--limit", "2", "--after", str(after)).json
        paged += page["rows"]
        after = page["after"]
    assert paged == rows(busy, "--limit", "1000")


def test_days_are_days_in_england(busy: Cli) -> None:
    """Up to yesterday there was nothing; from yesterday on there is all."""
    assert rows(busy, "--until", "2020-01-01") == []
    assert rows(busy, "--from", "2020-01-01") == rows(busy)


def test_a_csv_file_has_every_row(busy: Cli) -> None:
    """Under a row of names, whatever the limit of the screen is."""
    file = busy.folder / "found.csv"
    assert busy.run("audit", "search", "--csv", str(file), "--limit", "1").code == 0
    with file.open(encoding="utf-8", newline="") as written:
        assert len(list(csv.DictReader(written))) == len(rows(busy))


def test_the_index_can_be_made_anew(busy: Cli) -> None:
    """What was lost or forged in it comes back out of the ledger, just as it was."""
    before = rows(busy)
    busy.sql(
        "DELETE FROM disclosure_rows WHERE position % 2 = 0",
        "UPDATE facet_patterns SET reason = 'x'",
    )
    assert rows(busy) != before
    made = busy.run("audit", "reindex", "--json").json
    assert rows(busy) == before
    assert made["decisions"] == len(busy.ledger("decision"))
    assert made["rows"] == len(before)


def explained(cli: Cli, *named: str) -> str:
    """What is said in words."""
    ran = cli.run("audit", "explain", *named)
    assert ran.code == 0, ran.err
    return ran.out


def shared(cli: Cli) -> dict[str, str]:
    """The decision that let the school know of an appointment."""
    (one,) = [d for d in cli.ledger("decision") if d["recipient"] == "school" and d["permitted"]]
    found: dict[str, str] = one
    return found


def test_an_event_is_explained_with_basis_agreement_and_directive(busy: Cli) -> None:
    """Who was told what, by which rule of whose agreement, on which basis, on whose word."""
    out = explained(busy, "--event", shared(busy)["event"])
    assert "Of health it was told: start, status." in out
    assert "By rule appointments of agreement test-sharing, version 1" in out
    assert "approved by A data protection officer who does not exist on 2020-01-01" in out
    assert "UK GDPR Article 6(1)(e); Article 9(2)(h); confidentiality met by consent" in out
    assert ": consent by p-" in out
    assert "Not told: appointment_id, location, reason." in out


def test_what_was_withheld_is_explained(busy: Cli) -> None:
    """The reason stands in words, and that nothing was told."""
    place = rows(busy, "--reason-code", "consent-withdrawn")[0]["position"]
    out = explained(busy, "--position", str(place))
    assert "health was withheld." in out
    assert "Withheld: the consent it rested on was withdrawn." in out
    assert "It was told nothing, not even that there is such an event." in out


def test_a_delivery_is_explained_with_its_own_decision_only(busy: Cli) -> None:
    """What became of it, and nothing of other recipients."""
    made = busy.ledger("delivery-made")[0]
    out = explained(busy, "--delivery", made["delivery"])
    assert f"Delivery {made['delivery']} was made for {made['recipient']}." in out
    assert out.count("decided 20") == 1


def test_an_explanation_is_written_as_json(busy: Cli) -> None:
    """A program gets codes, rules and the approver."""
    found = busy.run("audit", "explain", "--event", shared(busy)["event"], "--json").json
    (one,) = [d for d in found["decisions"] if d["recipient"] == "school"]
    health = next(s for s in one["sections"] if s["category"] == "health")
    assert health["findings"][0]["agreement"] == "test-sharing@1"
    assert health["findings"][0]["approved_by"].startswith("A data protection officer")


def test_an_explanation_holds_no_content(busy: Cli) -> None:
    """Names of fields, never what they hold."""
    out = explained(busy, "--event", shared(busy)["event"])
    assert not any(text in out for text in (CHILD.nhs, CHILD.family_name, "Hearing", "2026-03-02"))


def test_an_unknown_event_is_not_found(busy: Cli) -> None:
    """The ledger says nothing of it, and that is said."""
    assert busy.run("audit", "explain", "--event", "nothing").code == 2
