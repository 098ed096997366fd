"""Why something was shared or withheld: every reason once, with the sentence that explains it."""

from __future__ import annotations

from schemas.coded import Coded


class Reason(Coded):
    """A reason code. The value never changes its meaning; the sentence explains it."""

    # shared
    BASIS_WITHOUT_CONSENT = (
        "basis-without-consent",
        "Shared: the rule's lawful basis does not depend on consent.",
    )
    CONSENT_GIVEN = (
        "consent-given",
        "Shared: a person with authority consented, and that holds.",
    )
    OVERRIDE = (
        "safeguarding-override",
        "Shared despite any refusal: a named person used a safeguarding override. Under review.",
    )

    # withheld: no permission
    NO_AGREEMENT = (
        "no-agreement",
        "Withheld: no agreement lets this sender tell this recipient about such events.",
    )
    AGREEMENT_EXPIRED = (
        "agreement-expired",
        "Withheld: the agreement that would permit this has expired.",
    )
    AGREEMENT_NOT_YET = (
        "agreement-not-yet",
        "Withheld: the agreement that would permit this is not yet in force.",
    )
    NO_RULE = (
        "no-rule",
        "Withheld: no rule of the agreements in force covers this category of data.",
    )
    NOT_INVOLVED = (
        "not-involved",
        "Withheld: the recipient takes no part in this child's care and was not addressed.",
    )

    RULE_EXPIRED = "rule-expired", "Withheld: the period of the rule has ended."
    RULE_NOT_YET = "rule-not-yet", "Withheld: the period of the rule begins later."
    RULE_FORBIDS = (
        "rule-forbids",
        "Withheld: an agreement forbids this sharing, and that outranks every permission.",
    )

    # withheld: what people or courts decided
    RESTRICTED_ADDRESS = (
        "restricted-address",
        "Withheld: a restriction keeps secret where the child or a relative can be found.",
    )
    RESTRICTED_COURT_ORDER = (
        "restricted-court-order",
        "Withheld: a court order restricts this sharing.",
    )
    RESTRICTED_SENSITIVE = (
        "restricted-sensitive",
        "Withheld: the record is marked sensitive and this purpose is not allowed through.",
    )
    NO_CONSENT = (
        "no-consent",
        "Withheld: the basis needs consent, and no person with authority has given it.",
    )
    CONSENT_REFUSED = (
        "consent-refused",
        "Withheld: the basis needs consent, and the person whose word counts refused.",
    )
    CONSENT_DISPUTED = (
        "consent-disputed",
        "Withheld: people of equal authority disagree; a refusal counts more. Under review.",
    )
    CONSENT_WITHDRAWN = "consent-withdrawn", "Withheld: the consent it rested on was withdrawn."
    CONSENT_EXPIRED = "consent-expired", "Withheld: the consent it rested on has expired."
    CONSENT_NOT_YET = "consent-not-yet", "Withheld: the consent it would rest on begins later."
    CONSENT_UNCONFIRMED = (
        "consent-unconfirmed",
        "Withheld: this rule accepts no consent from the agency that recorded it. Not confirmed.",
    )
    AUTHORITY_LAPSED = (
        "authority-lapsed",
        "Withheld: what a higher authority decided ran out, and passes to no one. Under review.",
    )
    OBJECTION_UPHELD = "objection-upheld", "Withheld: an objection to this sharing was upheld."

    # withheld: single fields
    FIELD_NOT_ALLOWED = (
        "field-not-allowed",
        "Withheld: no rule that permits this category names this field.",
    )
    WHEREABOUTS_GUARDED = (
        "whereabouts-guarded",
        "Withheld always: the person is flagged restricted; nothing that locates them is shared.",
    )
    NEVER_SHARED = (
        "never-shared",
        "Withheld always: a placement's address or postcode is never shared.",
    )
    DO_NOT_DISCLOSE = (
        "do-not-disclose",
        "Withheld always: the sender marked this field do-not-disclose.",
    )
    NOTHING_LEFT = (
        "nothing-left",
        "Withheld: every field that a rule would permit is withheld for a reason of its own.",
    )
    PARTICULARS_ONLY = (
        "particulars-only",
        "Withheld: only the child's particulars would be left; the type of event tells the rest.",
    )

    @property
    def permits(self) -> bool:
        """Whether this is a reason to share."""
        return self in _PERMITS


_PERMITS = frozenset({Reason.BASIS_WITHOUT_CONSENT, Reason.CONSENT_GIVEN, Reason.OVERRIDE})


class ReviewCause(Coded):
    """Why a review is opened; the review list shows the sentence."""

    OVERRIDE_USED = "override-used", "A safeguarding override was used: check it was justified."
    CONSENT_DISPUTED = "consent-disputed", "People of equal authority disagree about sharing."
    YOUNG_PERSON_TO_ASK = (
        "young-person-to-ask",
        "Sharing rests on a parent's consent, but the young person may now decide: ask them.",
    )
    POSSIBLE_MATCH = "possible-match", "A child may be one the hub knows already: decide who it is."
    IDENTITY_CONFLICT = (
        "identity-conflict",
        "Identifiers in one event point at different children: decide who it is about.",
    )
    OBJECTION_MADE = "objection-made", "An objection to sharing was made: uphold or reject it."
    AUTHORITY_LAPSED = (
        "authority-lapsed",
        "What a person with higher authority decided has run out: ask who decides now.",
    )
    COURT_ORDER_RECORDED = (
        "court-order-recorded",
        "A directive of a court was recorded: check it against the order.",
    )
    CONSENT_TO_CONFIRM = (
        "consent-to-confirm",
        "A rule accepts no consent from the agency that recorded one: confirm it with the person.",
    )
