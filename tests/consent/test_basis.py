"""The lawful basis: each part apart, and whether consent is needed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from consent.basis import Article6, Article9, ConfidentialityBasis, LawfulBasis


@pytest.mark.parametrize("article", Article6)
def test_article_6_needs_consent_only_where_it_is_consent(article: Article6) -> None:
    """6(1)(a) alone rests on consent."""
    basis = LawfulBasis(
        article_6=article,
        confidentiality=ConfidentialityBasis.LEGAL_DUTY,
        gate="Children Act 2004 s.11",
    )
    assert basis.needs_consent is (article is Article6.CONSENT)


@pytest.mark.parametrize("article", Article9)
def test_article_9_needs_consent_only_where_it_is_explicit_consent(article: Article9) -> None:
    """9(2)(a) alone rests on consent."""
    basis = LawfulBasis(
        article_6=Article6.PUBLIC_TASK,
        article_9=article,
        schedule_1="para 18",
        confidentiality=ConfidentialityBasis.LEGAL_DUTY,
    )
    assert basis.needs_consent is (article is Article9.EXPLICIT_CONSENT)


@pytest.mark.parametrize("how", ConfidentialityBasis)
def test_confidentiality_needs_consent_only_where_met_by_it(how: ConfidentialityBasis) -> None:
    """Implied consent is not consent that somebody gave."""
    basis = LawfulBasis(article_6=Article6.PUBLIC_TASK, confidentiality=how)
    assert basis.needs_consent is (how is ConfidentialityBasis.CONSENT)


def test_a_legal_obligation_names_its_statute() -> None:
    """There is no legal obligation without a law."""
    with pytest.raises(ValidationError, match="statute"):
        LawfulBasis(
            article_6=Article6.LEGAL_OBLIGATION, confidentiality=ConfidentialityBasis.LEGAL_DUTY
        )


def test_substantial_public_interest_names_its_schedule_1_condition() -> None:
    """9(2)(g) stands only with a condition of DPA 2018 Schedule 1."""
    with pytest.raises(ValidationError, match="Schedule 1"):
        LawfulBasis(
            article_6=Article6.PUBLIC_TASK,
            article_9=Article9.SUBSTANTIAL_PUBLIC_INTEREST,
            confidentiality=ConfidentialityBasis.LEGAL_DUTY,
        )


FULL = LawfulBasis(
    article_6=Article6.PUBLIC_TASK,
    article_9=Article9.SUBSTANTIAL_PUBLIC_INTEREST,
    schedule_1="para 18(1)(c)(iii)",
    confidentiality=ConfidentialityBasis.PUBLIC_INTEREST,
    gate="Children Act 1989 s.47",
)


def test_the_articles_are_short_enough_for_the_ledger() -> None:
    """Article 6, then Article 9 where there is one."""
    assert FULL.articles == "6(1)(e) 9(2)(g)"
    assert FULL.model_copy(update={"article_9": None}).articles == "6(1)(e)"


def test_the_sentence_names_every_part() -> None:
    """An audit page shows the whole basis in one line."""
    assert FULL.sentence() == (
        "UK GDPR Article 6(1)(e); Article 9(2)(g); DPA 2018 Schedule 1 para 18(1)(c)(iii); "
        "confidentiality met by public interest; Children Act 1989 s.47"
    )
