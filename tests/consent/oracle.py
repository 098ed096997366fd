"""The decision written a second time, slowly and obviously, from docs/how-it-decides.md.

It shares no code with consent/decide.py, authority.py, standing.py, restrictions.py or rulebook.py
and uses none of the methods of a directive, an agreement, a rule, a fact or a basis: everything is
worked out from the raw fields, by going through all of them. Only the models are shared, so that
answers can be compared. Who decides is in oracle_words.py.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import rfc8785

from consent.agreement import Agreement, Prohibition, Rule
from consent.basis import LawfulBasis
from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.directive import Directive
from consent.question import Question, SectionShape
from consent.reasons import Reason, ReviewCause
from schemas.registry import EVENT_TYPES
from tests.consent.oracle_words import covering, may_speak, own_people, state, whose_word

SHARE = ("basis-without-consent", "consent-given", "safeguarding-override")
ORDER_OF_GRAVITY = (
    Reason.NEVER_SHARED,
    Reason.DO_NOT_DISCLOSE,
    Reason.RULE_FORBIDS,
    Reason.WHEREABOUTS_GUARDED,
    Reason.RESTRICTED_ADDRESS,
    Reason.FIELD_NOT_ALLOWED,
)


def decide_slowly(  # noqa: C901
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
            if question.recipient not in receiving(rule, agreement, question):
                continue
            if question.event_type not in rule.event_types:
                continue
            clauses.append((agreement, rule))

    bans: list[tuple[Agreement, Prohibition]] = []
    for agreement in sorted(agreements, key=lambda a: (a.id, a.version)):
        bans += [(agreement, b) for b in agreement.prohibitions if banned(b, agreement, question)]

    sections = [
        section(question, shape, clauses, bans, directives, now) for shape in question.sections
    ]

    anything_else = False
    for answer in sections:
        is_particulars = answer.category.value in ("identity", "contact", "family")
        if not is_particulars and answer.sharing.value in ("content", "existence"):
            anything_else = True
    if not anything_else:
        sections = [without(answer) for answer in sections]

    digests = {}
    for agreement in [a for a, _ in clauses] + [a for a, _ in bans]:
        digests[f"{agreement.id}@{agreement.version}"] = digest(agreement)
    return Decision(
        recipient=question.recipient,
        sections=tuple(sections),
        agreements=digests,
        decided_at=now,
        rules="2",
    )


def digest(agreement: Agreement) -> str:
    """Hash the canonical JSON, in which empty keys of the later format do not appear."""
    raw = agreement.model_dump(mode="json", exclude_none=True)
    if not raw["prohibitions"]:
        del raw["prohibitions"]
    for rule in raw["rules"]:
        for later in ("recipient_kinds", "consent_from"):
            if not rule[later]:
                del rule[later]
    return hashlib.sha256(rfc8785.dumps(raw)).hexdigest()


def receiving(rule: Rule, agreement: Agreement, question: Question) -> list[str]:
    """List the recipients of a rule that matter for a question."""
    found = list(rule.recipients)
    if question.recipient in agreement.parties and question.recipient_kind in rule.recipient_kinds:
        found.append(question.recipient)
    return found


def banned(ban: Prohibition, agreement: Agreement, question: Question) -> bool:
    """Whether a prohibition is about the sender, the recipient and the type of a question."""
    if ban.sources and question.source not in ban.sources:
        return False
    if not ban.sources and question.source not in agreement.parties:
        return False
    if question.recipient not in agreement.parties:
        return False
    if ban.recipients or ban.recipient_kinds:
        by_name = question.recipient in ban.recipients
        by_kind = question.recipient_kind in ban.recipient_kinds
        if not by_name and not by_kind:
            return False
    return not ban.event_types or question.event_type in ban.event_types


def ban_in_force(ban: Prohibition, agreement: Agreement, now: dt.datetime) -> bool:
    """Whether now lies in the agreement's period and in the prohibition's own."""
    return lateness(agreement, ban, now) is None


def lateness(agreement: Agreement, clause: Rule | Prohibition, now: dt.datetime) -> Reason | None:
    """Return which period is over or has not begun."""
    if agreement.valid_until is not None and now >= agreement.valid_until:
        return Reason.AGREEMENT_EXPIRED
    if now < agreement.valid_from:
        return Reason.AGREEMENT_NOT_YET
    if clause.valid_until is not None and now >= clause.valid_until:
        return Reason.RULE_EXPIRED
    if clause.valid_from is not None and now < clause.valid_from:
        return Reason.RULE_NOT_YET
    return None


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


def section(  # noqa: C901, PLR0912, PLR0917
    question: Question,
    shape: SectionShape,
    clauses: Sequence[tuple[Agreement, Rule]],
    bans: Sequence[tuple[Agreement, Prohibition]],
    directives: Sequence[Directive],
    now: dt.datetime,
) -> SectionDecision:
    """Answer for one section."""
    nothing = SectionDecision(category=shape.category, sharing=Sharing.WITHHELD)
    findings: list[RuleFinding] = []
    permitting: list[tuple[Agreement, Rule]] = []
    active: list[Prohibition] = []
    cites: list[tuple[str, Prohibition]] = []
    for agreement, ban in bans:
        named = [*ban.content, *ban.fields, *ban.existence]
        if shape.category in named and ban_in_force(ban, agreement, now):
            active.append(ban)
            cites.append((f"{agreement.id}@{agreement.version}/{ban.id}", ban))
    purposed_rules = []
    for agreement, rule in clauses:
        answer = finding(question, shape, agreement, rule, active, directives, now)
        if answer is not None:
            purposed_rules.append(rule)
            findings.append(answer)
            if answer.reason.value in SHARE:
                permitting.append((agreement, rule))
    for name, ban in cites:
        if any(purposed(ban, rule) for rule in purposed_rules):
            findings.append(RuleFinding(reason=Reason.RULE_FORBIDS, rule=name))
    if not clauses and not findings:
        return nothing.model_copy(update={"findings": (RuleFinding(reason=Reason.NO_AGREEMENT),)})
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
            no = field(question, shape, name, rule, active, directives, now)
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
            guards += hiding(question, shape, rule, directives, now)
        cited = tuple(sorted(set(guards)))
        findings.append(RuleFinding(reason=Reason.RESTRICTED_ADDRESS, directives=cited))
    existence_allowed = False
    for _, rule in permitting:
        if existence_left(shape, rule, active):
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


def existence_left(shape: SectionShape, rule: Rule, active: Sequence[Prohibition]) -> bool:
    """Whether a rule permits existence and no prohibition takes it away."""
    if shape.category not in rule.existence:
        return False
    return all(shape.category not in ban.existence or not purposed(ban, rule) for ban in active)


def purposed(ban: Prohibition, rule: Rule) -> bool:
    """Whether a prohibition is about the purpose of a rule."""
    return len(ban.purposes) == 0 or rule.purpose in ban.purposes


def field_banned(shape: SectionShape, name: str, rule: Rule, active: Sequence[Prohibition]) -> bool:
    """Whether a prohibition takes a field away from a rule."""
    for ban in active:
        if not purposed(ban, rule):
            continue
        if shape.category in ban.content:
            return True
        if shape.category in ban.fields and name in ban.fields[shape.category]:
            return True
    return False


def finding(  # noqa: C901, PLR0912, PLR0917
    question: Question,
    shape: SectionShape,
    agreement: Agreement,
    rule: Rule,
    active: Sequence[Prohibition],
    directives: Sequence[Directive],
    now: dt.datetime,
) -> RuleFinding | None:
    """Go through the eight steps for one rule; None where it does not cover the section."""

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

    # 1. in force, covers the category, and not forbidden
    if shape.category not in rule.fields and shape.category not in rule.existence:
        return None
    if question.event_type not in EVENT_TYPES:
        return None
    if shape.category not in EVENT_TYPES[question.event_type].sections:
        return None
    late = lateness(agreement, rule, now)
    if late is not None:
        return found(late)
    if active:
        left = [
            name
            for name in rule.fields.get(shape.category, ())
            if not field_banned(shape, name, rule, active)
        ]
        if not left and not existence_left(shape, rule, active):
            return found(Reason.RULE_FORBIDS)
    # 2. involved or addressed
    if rule.involvement.value == "required" and not question.involved and not question.addressed:
        return found(Reason.NOT_INVOLVED)
    about = [d for d in directives if covering(d.scope, shape, question, rule)]
    restrictions = restricting(about, rule, now)
    # 3. a court's restriction
    courts = sorted(d.id for d in restrictions if d.authority.value == "court" and not hides(d))
    if courts:
        return found(Reason.RESTRICTED_COURT_ORDER, courts[:1])
    # 4. override, unless a court said no to what needs consent
    needs = consent_needed(rule.basis)
    word = whose_word(question, shape, rule, about, now)
    if overridden(question, rule):
        court_says_no = False
        if needs and word[0].value not in SHARE:
            for directive in about:
                court = directive.authority.value == "court" and directive.id in word[1]
                if court and state(directive, now) != "expired":
                    court_says_no = True
        if not court_says_no:
            return found(Reason.OVERRIDE, review=ReviewCause.OVERRIDE_USED)
    # 5. a professional's restriction, except from a duty
    if not duty(rule):
        marks = [d for d in restrictions if d.authority.value == "professional" and not hides(d)]
        if marks:
            return found(Reason.RESTRICTED_SENSITIVE, [min(d.id for d in marks)])
    # 6. consent
    if needs and word[0].value not in SHARE:
        return found(*word)
    # 7. an upheld objection
    if rule.basis.article_6.value in {"6(1)(e)", "6(1)(ea)", "6(1)(f)"}:
        upheld = [d.id for d in objecting(question, shape, rule, about, now) if d.upheld]
        if upheld:
            return found(Reason.OBJECTION_UPHELD, sorted(upheld))
    # 8. otherwise shared
    return found(*word) if needs else found(Reason.BASIS_WITHOUT_CONSENT)


def consent_needed(basis: LawfulBasis) -> bool:
    """Whether any part of a basis rests on consent."""
    parts = [basis.article_6.value, basis.confidentiality.value]
    if basis.article_9 is not None:
        parts.append(basis.article_9.value)
    return "6(1)(a)" in parts or "9(2)(a)" in parts or "consent" in parts


def duty(rule: Rule) -> bool:
    """A legal obligation, or child protection."""
    return rule.basis.article_6.value == "6(1)(c)" or rule.purpose.value == "child-protection"


def overridden(question: Question, rule: Rule) -> bool:
    """Whether a safeguarding override reaches a rule."""
    return question.override and rule.purpose.value in {"safeguarding", "child-protection"}


def hides(restriction: Directive) -> bool:
    """Whether a restriction is about whereabouts only."""
    return restriction.restriction is not None and restriction.restriction.value == "address"


def restricting(about: Sequence[Directive], rule: Rule, now: dt.datetime) -> list[Directive]:
    """Find the restrictions in force that do not let this rule's purpose through."""
    found = []
    for directive in about:
        if directive.kind.value != "restriction" or state(directive, now) != "now":
            continue
        if rule.purpose not in directive.allowed_purposes:
            found.append(directive)
    return found


def objecting(
    question: Question,
    shape: SectionShape,
    rule: Rule,
    about: Sequence[Directive],
    now: dt.datetime,
) -> list[Directive]:
    """Find the objections, and the restrictions by parents and children that count as such."""
    found = []
    for directive in about:
        if state(directive, now) != "now":
            continue
        if directive.kind.value == "restriction":
            if directive.authority.value in {"court", "professional"} or hides(directive):
                continue
            if rule.purpose in directive.allowed_purposes:
                continue
        elif directive.kind.value != "objection":
            continue
        if directive.authority.value not in {"professional", "young-person"}:
            people = own_people(question, shape, rule, now)
            if not may_speak(directive, people, now):
                continue
        found.append(directive)
    return found


def hiding(
    question: Question,
    shape: SectionShape,
    rule: Rule,
    directives: Sequence[Directive],
    now: dt.datetime,
) -> list[str]:
    """Name the restrictions that hide whereabouts from a rule."""
    about = [d for d in directives if covering(d.scope, shape, question, rule)]
    found = []
    for directive in restricting(about, rule, now):
        who = directive.authority.value
        if who in {"court", "professional"} and not hides(directive):
            continue
        if who == "professional" and (duty(rule) or overridden(question, rule)):
            continue
        if who == "young-person" and overridden(question, rule):
            continue
        if who == "parental-responsibility":
            people = own_people(question, shape, rule, now)
            if overridden(question, rule) or not may_speak(directive, people, now):
                continue
        found.append(directive.id)
    return sorted(found)


def field(  # noqa: PLR0917
    question: Question,
    shape: SectionShape,
    name: str,
    rule: Rule,
    active: Sequence[Prohibition],
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
    if field_banned(shape, name, rule, active):
        return Reason.RULE_FORBIDS
    if mark == "locates" and question.child.guarded:
        return Reason.WHEREABOUTS_GUARDED
    if mark == "locates" and hiding(question, shape, rule, directives, now):
        return Reason.RESTRICTED_ADDRESS
    if shape.category not in rule.fields or name not in rule.fields[shape.category]:
        return Reason.FIELD_NOT_ALLOWED
    return None
