"""The decision written a second time, slowly and obviously, from docs/how-it-decides.md.

It shares no code with consent/decide.py or consent/authority.py and uses none of the methods of a
directive, an agreement, a rule or a basis: everything is worked out from the raw fields, by looking
at everything. Only the models are shared, so that answers can be compared.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Sequence

import rfc8785

from consent.agreement import Agreement, Rule
from consent.basis import LawfulBasis
from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.directive import Directive
from consent.question import Question, SectionShape
from consent.reasons import Reason, ReviewCause
from schemas.registry import EVENT_TYPES

SHARE = ("basis-without-consent", "consent-given", "safeguarding-override")
ORDER_OF_GRAVITY = (
    Reason.NEVER_SHARED,
    Reason.DO_NOT_DISCLOSE,
    Reason.WHEREABOUTS_GUARDED,
    Reason.RESTRICTED_ADDRESS,
    Reason.FIELD_NOT_ALLOWED,
)


def decide_slowly(
    question: Question,
    agreements: Sequence[Agreement],
    directives: Sequence[Directive],
    now: dt.datetime,
) -> Decision:
    """Answer a question by the numbered rules of the page, one after the other."""
    clauses: list[tuple[Agreement, Rule]] = []
    for agreement in sorted(agreements, key=lambda a: (a.id, a.version)):
        for rule in agreement.rules:
            if question.source not in rule.sources:
                continue
            if question.recipient not in rule.recipients:
                continue
            if question.event_type not in rule.event_types:
                continue
            clauses.append((agreement, rule))

    sections = [section(question, shape, clauses, directives, now) for shape in question.sections]

    anything_else = False
    for answer in sections:
        is_particulars = answer.category.value in ("identity", "contact", "family")
        if not is_particulars and answer.sharing.value in ("content", "existence"):
            anything_else = True
    if not anything_else:
        sections = [without(answer) for answer in sections]

    digests = {}
    for agreement, _ in clauses:
        raw = agreement.model_dump(mode="json", exclude_none=True)
        digests[f"{agreement.id}@{agreement.version}"] = hashlib.sha256(
            rfc8785.dumps(raw)
        ).hexdigest()
    return Decision(
        recipient=question.recipient,
        sections=tuple(sections),
        agreements=digests,
        decided_at=now,
    )


def without(answer: SectionDecision) -> SectionDecision:
    """Particulars alone are not delivered."""
    if answer.sharing.value == "withheld":
        return answer
    refused = dict(answer.refused)
    for name in answer.fields:
        refused[name] = Reason.PARTICULARS_ONLY
    return SectionDecision(
        category=answer.category,
        sharing=Sharing.WITHHELD,
        fields={},
        refused=refused,
        findings=(*answer.findings, RuleFinding(reason=Reason.PARTICULARS_ONLY)),
    )


def section(  # noqa: C901, PLR0912
    question: Question,
    shape: SectionShape,
    clauses: Sequence[tuple[Agreement, Rule]],
    directives: Sequence[Directive],
    now: dt.datetime,
) -> SectionDecision:
    """Answer for one section."""
    nothing = SectionDecision(category=shape.category, sharing=Sharing.WITHHELD)
    if not clauses:
        return nothing.model_copy(update={"findings": (RuleFinding(reason=Reason.NO_AGREEMENT),)})
    findings: list[RuleFinding] = []
    permitting: list[tuple[Agreement, Rule]] = []
    for agreement, rule in clauses:
        answer = finding(question, shape, agreement, rule, directives, now)
        if answer is not None:
            findings.append(answer)
            if answer.reason.value in SHARE:
                permitting.append((agreement, rule))
    if not findings:
        return nothing.model_copy(update={"findings": (RuleFinding(reason=Reason.NO_RULE),)})
    if not permitting:
        return nothing.model_copy(update={"findings": tuple(findings)})

    fields: dict[str, tuple[str, ...]] = {}
    refused: dict[str, Reason] = {}
    for name in shape.fields:
        permitted_by: list[str] = []
        answers: list[Reason] = []
        for agreement, rule in permitting:
            no = field(question, shape, name, rule, directives, now)
            if no is None:
                permitted_by.append(cite(agreement, rule))
            else:
                answers.append(no)
        if permitted_by:
            fields[name] = tuple(permitted_by)
        else:
            refused[name] = min(answers, key=ORDER_OF_GRAVITY.index)

    if Reason.RESTRICTED_ADDRESS in refused.values():
        guards = []
        for _, rule in permitting:
            guards += [
                directive.id
                for directive in restrictions(question, shape, rule, directives, now)
                if directive.restriction is not None and directive.restriction.value == "address"
            ]
        cited = tuple(sorted(set(guards)))
        findings.append(RuleFinding(reason=Reason.RESTRICTED_ADDRESS, directives=cited))
    existence_allowed = False
    for _, rule in permitting:
        if shape.category in rule.existence:
            existence_allowed = True
    if fields:
        sharing = Sharing.CONTENT
    elif existence_allowed:
        sharing = Sharing.EXISTENCE
    else:
        sharing = Sharing.WITHHELD
        findings.append(RuleFinding(reason=Reason.NOTHING_LEFT))
    return SectionDecision(
        category=shape.category,
        sharing=sharing,
        fields=fields,
        refused=refused,
        findings=tuple(findings),
    )


def cite(agreement: Agreement, rule: Rule) -> str:
    """Name a rule as decisions do."""
    return f"{agreement.id}@{agreement.version}/{rule.id}"


def finding(  # noqa: C901, PLR0917
    question: Question,
    shape: SectionShape,
    agreement: Agreement,
    rule: Rule,
    directives: Sequence[Directive],
    now: dt.datetime,
) -> RuleFinding | None:
    """Go through the six steps for one rule; None where it has no say."""

    def found(
        reason: Reason, ids: Sequence[str] = (), review: ReviewCause | None = None
    ) -> RuleFinding:
        articles = rule.basis.article_6.value
        if rule.basis.article_9 is not None:
            articles += " " + rule.basis.article_9.value
        return RuleFinding(
            reason=reason,
            rule=cite(agreement, rule),
            purpose=rule.purpose,
            basis=articles,
            directives=tuple(ids),
            review=review,
        )

    # 1. in force, and speaks about the category
    if shape.category not in rule.fields and shape.category not in rule.existence:
        return None
    if question.event_type not in EVENT_TYPES:
        return None
    if shape.category not in EVENT_TYPES[question.event_type].sections:
        return None
    if now < agreement.valid_from:
        return found(Reason.AGREEMENT_NOT_YET)
    if now >= agreement.valid_until:
        return found(Reason.AGREEMENT_EXPIRED)
    # 2. involved or addressed
    if rule.involvement.value == "required" and not question.involved and not question.addressed:
        return found(Reason.NOT_INVOLVED)
    # 3. restriction
    blocking = restrictions(question, shape, rule, directives, now)
    for restriction in blocking:
        kind = "sensitive" if restriction.restriction is None else restriction.restriction.value
        if kind == "court-order":
            return found(Reason.RESTRICTED_COURT_ORDER, [restriction.id])
        if kind == "sensitive":
            return found(Reason.RESTRICTED_SENSITIVE, [restriction.id])
    # 4. override
    if question.override and rule.purpose.value in ("safeguarding", "child-protection"):
        return found(Reason.OVERRIDE, review=ReviewCause.OVERRIDE_USED)
    about = [d for d in directives if covering(d, question, shape, rule)]
    # 5. consent
    if consent_needed(rule.basis):
        return found(*whose_word(question, about, now))
    # 6. no consent needed, unless an objection was upheld
    objections = [
        d.id for d in about if d.kind.value == "objection" and d.upheld and state(d, now) == "now"
    ]
    if objections:
        return found(Reason.OBJECTION_UPHELD, sorted(objections))
    return found(Reason.BASIS_WITHOUT_CONSENT)


def consent_needed(basis: LawfulBasis) -> bool:
    """Whether any part of a basis rests on consent."""
    parts = [basis.article_6.value, basis.confidentiality.value]
    if basis.article_9 is not None:
        parts.append(basis.article_9.value)
    return "6(1)(a)" in parts or "9(2)(a)" in parts or "consent" in parts


def covering(directive: Directive, question: Question, shape: SectionShape, rule: Rule) -> bool:
    """Whether a directive speaks about this category, recipient and purpose."""
    scope = directive.scope
    if len(scope.categories) > 0 and shape.category not in scope.categories:
        return False
    if len(scope.recipients) > 0 and question.recipient not in scope.recipients:
        return False
    return not (len(scope.purposes) > 0 and rule.purpose not in scope.purposes)


def state(directive: Directive, now: dt.datetime) -> str:
    """Tell whether a directive holds now."""
    if directive.withdrawn_at is not None and now >= directive.withdrawn_at:
        return "withdrawn"
    if directive.valid_from > now:
        return "not yet"
    if directive.valid_until is not None and now >= directive.valid_until:
        return "expired"
    return "now"


def restrictions(
    question: Question,
    shape: SectionShape,
    rule: Rule,
    directives: Sequence[Directive],
    now: dt.datetime,
) -> list[Directive]:
    """Find the restrictions that do not let this rule's purpose through, in order of id."""
    found = []
    for directive in directives:
        if directive.kind.value != "restriction" or state(directive, now) != "now":
            continue
        if not covering(directive, question, shape, rule):
            continue
        if rule.purpose in directive.allowed_purposes:
            continue
        found.append(directive)
    found.sort(key=lambda d: d.id)
    return found


def whose_word(  # noqa: C901
    question: Question, about: Sequence[Directive], now: dt.datetime
) -> tuple[Reason, list[str], ReviewCause | None]:
    """Decide among consents and refusals: authority by authority, person by person."""
    child = question.child
    spoken = []
    for directive in about:
        if directive.kind.value not in ("consent", "refusal"):
            continue
        own = directive.authority.value == "young-person"
        if own and not child.young_person and not child.competent:
            continue
        spoken.append(directive)

    for authority in ("court", "young-person", "parental-responsibility"):
        level = [d for d in spoken if d.authority.value == authority and state(d, now) == "now"]
        if not level:
            continue
        people = {d.decider for d in level}
        words = [last_word([d for d in level if d.decider == person]) for person in people]
        ids = sorted(d.id for d in words)
        said = {d.kind.value for d in words}
        if said == {"consent", "refusal"}:
            return Reason.CONSENT_DISPUTED, ids, ReviewCause.CONSENT_DISPUTED
        if said == {"refusal"}:
            return Reason.CONSENT_REFUSED, ids, None
        if authority == "parental-responsibility" and child.young_person:
            return Reason.CONSENT_GIVEN, ids, ReviewCause.YOUNG_PERSON_TO_ASK
        return Reason.CONSENT_GIVEN, ids, None

    consents = [d for d in spoken if d.kind.value == "consent"]
    if not consents:
        return Reason.NO_CONSENT, [], None
    last = consents[0]
    for directive in consents[1:]:
        if (directive.recorded_at, directive.id) > (last.recorded_at, last.id):
            last = directive
    became = {
        "withdrawn": Reason.CONSENT_WITHDRAWN,
        "expired": Reason.CONSENT_EXPIRED,
        "not yet": Reason.CONSENT_NOT_YET,
    }
    return became[state(last, now)], [last.id], None


def last_word(said: Sequence[Directive]) -> Directive:
    """Find what one person's directives come to.

    A refusal, unless there is a consent that is later than every refusal and no wider than any.
    Of several the narrowest, then the latest, then the one with the greater id.
    """
    refusals = [d for d in said if d.kind.value == "refusal"]
    consents = []
    for directive in said:
        if directive.kind.value != "consent":
            continue
        overruled = False
        for refusal in refusals:
            if directive.recorded_at <= refusal.recorded_at or wider(directive, refusal):
                overruled = True
        if not overruled:
            consents.append(directive)
    best, *others = consents or refusals
    for other in others:
        if outranks(other, best):
            best = other
    return best


def wider(one: Directive, other: Directive) -> bool:
    """Limited in fewer ways; if in as many, naming more."""
    if limited_ways(one) != limited_ways(other):
        return limited_ways(one) < limited_ways(other)
    return things_named(one) > things_named(other)


def outranks(one: Directive, other: Directive) -> bool:
    """Narrower; if equal, later; if equal, the greater id."""
    if wider(one, other) or wider(other, one):
        return wider(other, one)
    if one.recorded_at != other.recorded_at:
        return one.recorded_at > other.recorded_at
    return one.id > other.id


def limited_ways(directive: Directive) -> int:
    """Count the ways in which a scope is limited."""
    scope = directive.scope
    return [len(s) > 0 for s in (scope.categories, scope.recipients, scope.purposes)].count(True)


def things_named(directive: Directive) -> int:
    """Count what a scope names."""
    scope = directive.scope
    return len(list(itertools.chain(scope.categories, scope.recipients, scope.purposes)))


def field(  # noqa: PLR0917
    question: Question,
    shape: SectionShape,
    name: str,
    rule: Rule,
    directives: Sequence[Directive],
    now: dt.datetime,
) -> Reason | None:
    """Ask one rule about one field; None where it permits it."""
    model = EVENT_TYPES[question.event_type].sections[shape.category]
    mark = None
    if name not in model.model_fields:
        mark = "never"
    else:
        extra = model.model_fields[name].json_schema_extra
        if isinstance(extra, dict):
            mark = extra.get("handling")
    if mark == "never":
        return Reason.NEVER_SHARED
    if name in shape.do_not_disclose:
        return Reason.DO_NOT_DISCLOSE
    if mark == "locates" and question.child.guarded:
        return Reason.WHEREABOUTS_GUARDED
    if mark == "locates":
        for restriction in restrictions(question, shape, rule, directives, now):
            if restriction.restriction is not None and restriction.restriction.value == "address":
                return Reason.RESTRICTED_ADDRESS
    if shape.category not in rule.fields or name not in rule.fields[shape.category]:
        return Reason.FIELD_NOT_ALLOWED
    return None
