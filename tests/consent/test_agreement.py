"""Agreements as files: read whole or refused with every place that is wrong."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from consent.agreement import Agreement
from consent.agreement_file import load_agreement
from schemas.errors import ConfigurationError
from schemas.sections import Category

TEXT = """
id = "ehc-borough"
version = 3
title = "EHC plans in the borough"
parties = ["trust-paeds", "oak-school"]
approved_by = "Head of information governance"
approved_on = 2026-01-05
valid_from = 2026-01-12T00:00:00Z
valid_until = 2027-01-12T00:00:00Z
dpia = "DPIA-7"

[bases.public-task]
article_6 = "6(1)(e)"
article_9 = "9(2)(h)"
confidentiality = "legal-duty"
gate = "Children and Families Act 2014 s.26"

[[rules]]
id = "reports"
sources = ["trust-paeds"]
recipients = ["oak-school"]
event_types = ["health.report-available.v1"]
existence = ["health"]
purpose = "ehc-plan"
basis = "public-task"

[rules.fields]
identity = ["family_name", "birth_date"]
health = ["report_id"]
"""


def refusal(old: str, new: str) -> str:
    """Say how the file is refused once a piece of it is replaced."""
    assert old in TEXT
    with pytest.raises(ConfigurationError) as caught:
        load_agreement(TEXT.replace(old, new), name="ehc.toml")
    return str(caught.value)


def test_a_file_becomes_an_agreement() -> None:
    """Rules, fields, periods and named bases are read."""
    agreement = load_agreement(TEXT)
    rule = agreement.rules[0]
    assert agreement.valid_until == dt.datetime(2027, 1, 12, tzinfo=dt.UTC)
    assert rule.fields[Category.HEALTH] == ("report_id",)
    assert rule.basis.gate == "Children and Families Act 2014 s.26"
    assert rule.categories() == {Category.IDENTITY, Category.HEALTH}


def test_a_basis_may_stand_in_the_rule_itself() -> None:
    """A table in the rule means the same as a named one."""
    table = '{ article_6 = "6(1)(e)", article_9 = "9(2)(h)", confidentiality = "legal-duty", '
    table += 'gate = "Children and Families Act 2014 s.26" }'
    inline = TEXT.replace('basis = "public-task"', f"basis = {table}")
    assert load_agreement(inline) == load_agreement(TEXT)


def test_an_agreement_without_rules_is_read_and_permits_nothing() -> None:
    """No rules is allowed: it is how an agreement is begun."""
    assert load_agreement(TEXT.partition("[bases")[0]).rules == ()


def test_the_digest_does_not_depend_on_layout() -> None:
    """Comments, order of keys and quotes do not change an agreement's identity."""
    lines = TEXT.strip().splitlines()
    head, rest = lines[:9], lines[9:]
    other = "\n".join(["# reviewed twice", *reversed(head), "", *rest]).replace('"', "'")
    assert load_agreement(other).digest() == load_agreement(TEXT).digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 3", "version = 4"),
        ('health = ["report_id"]', 'health = ["report_id", "author"]'),
        ("2027-01-12", "2027-01-13"),
        ("s.26", "s.31"),
    ],
)
def test_the_digest_depends_on_what_is_agreed(old: str, new: str) -> None:
    """Another version, field, period or statute is another agreement."""
    assert load_agreement(TEXT.replace(old, new)).digest() != load_agreement(TEXT).digest()


def test_the_digest_is_that_of_the_canonical_json() -> None:
    """Anybody can compute it: keys in order, no spaces, SHA-256."""
    agreement = load_agreement(TEXT)
    assert agreement.canonical().startswith(b'{"approved_by":"Head of information governance",')
    assert len(agreement.digest()) == 64


def test_an_agreement_holds_from_its_first_moment_until_just_before_its_last() -> None:
    """The end is not part of the period."""
    agreement = load_agreement(TEXT)
    tick = dt.timedelta(microseconds=1)
    assert agreement.in_force(agreement.valid_from)
    assert not agreement.in_force(agreement.valid_from - tick)
    assert agreement.in_force(agreement.valid_until - tick)
    assert not agreement.in_force(agreement.valid_until)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "ehc-borough"', "id = ", ("not TOML", "line 2")),
        ('basis = "public-task"', 'basis = "public"', ("no [bases.public]", "public-task")),
        ("version = 3\n", "", ("version", "required")),
        ("version = 3", "version = 0", ("version", "greater than or equal to 1")),
        ('title = "EHC plans in the borough"', 'titel = "x"', ("titel", "not permitted")),
        ("2026-01-12T00:00:00Z", "2026-01-12T00:00:00", ("valid_from", "timezone")),
        ("2027-01-12T00", "2025-01-12T00", ("valid_until must lie after valid_from",)),
        ('"6(1)(e)"', '"6(1)(z)"', ("rules.0.basis.article_6", "6(1)(e)")),
        ('purpose = "ehc-plan"', 'purpose = "fun"', ("rules.0.purpose", "'ehc-plan'")),
        ('sources = ["trust-paeds"]', "sources = []", ("rules.0.sources", "at least 1")),
        ('sources = ["trust-paeds"]', 'sources = ["elm"]', ("rule reports", "elm", "party")),
        ("report-available.v1", "report-available.v9", ("rule reports", "unknown event type")),
        ('["report_id"]', '["repord_id"]', ("rule reports", "health", "repord_id")),
        ('["health"]', '["safeguarding"]', ("rule reports", "safeguarding")),
        ("[[rules]]", "[y]\n[[rules]]", ("y", "not permitted")),
    ],
)
def test_an_error_names_the_place_and_what_is_expected(
    old: str, new: str, told: tuple[str, ...]
) -> None:
    """Whoever wrote the file can mend it from the message alone."""
    message = refusal(old, new)
    assert message.startswith("ehc.toml:")
    assert all(word in message for word in told), message


def test_a_legal_obligation_without_its_statute_is_refused() -> None:
    """The message names the rule and the missing gate."""
    text = TEXT.replace('gate = "Children and Families Act 2014 s.26"\n', "")
    with pytest.raises(ConfigurationError, match=r"rules\.0\.basis: .*statute in 'gate'"):
        load_agreement(text.replace('"6(1)(e)"', '"6(1)(c)"'))


def test_every_problem_is_told_at_once() -> None:
    """Two mistakes are two lines."""
    message = refusal('title = "EHC plans in the borough"\nparties', 'titel = "x"\nparties')
    assert "title" in message
    assert "titel" in message


def test_bases_must_be_a_table_and_rules_a_list() -> None:
    """Other shapes are refused with what is expected."""
    with pytest.raises(ConfigurationError, match="'bases' must be a table"):
        load_agreement('bases = "public-task"', name="a.toml")


def test_two_rules_with_one_id_are_refused() -> None:
    """A rule is cited by its id, so ids are unique."""
    rules = TEXT[TEXT.index("[[rules]]") :]
    with pytest.raises(ConfigurationError, match="two rules have the same id"):
        load_agreement(TEXT + rules)


def test_a_rule_that_permits_nothing_is_refused() -> None:
    """A rule without fields and existence is a mistake."""
    text = TEXT.partition("[rules.fields]")[0].replace('existence = ["health"]\n', "")
    with pytest.raises(ConfigurationError, match="permits nothing"):
        load_agreement(text)


def test_an_agreement_cannot_be_changed() -> None:
    """A change is a new version."""
    agreement = load_agreement(TEXT)
    with pytest.raises(ValidationError):
        setattr(agreement, "version", 4)  # noqa: B010
    assert Agreement.model_validate_json(agreement.model_dump_json()) == agreement
