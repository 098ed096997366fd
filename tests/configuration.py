"""The papers of the tests' hub: its settings and the one agreement between its agencies."""

from __future__ import annotations

import tomllib
from typing import Any

from consent.agreement import Agreement
from consent.agreement_file import load_agreement

SETTINGS = """\
name = "hub.test.example"
amqp_url = "{url}"
vhost = "{vhost}"
{general}

[agencies.school]
title = "Oak School"
sector = "education"
sends = ["education.*", "consent.*"]
receives = ["health.*", "care.*", "ehc.*"]
may_record_directives = true
may_record_in_own_favour = true
may_record_court_orders = true
may_record_restrictions = true

[agencies.clinic]
title = "River Clinic"
sector = "health"
sends = ["health.*", "ehc.ehc-advice-provided.v1", "consent.*"]
receives = ["education.*", "care.*", "ehc.*"]

[agencies.care]
title = "Children's social care"
sector = "care"
sends = ["care.*", "consent.*"]
receives = ["education.*", "health.*", "ehc.*"]
may_override = true
may_record_directives = true
may_record_in_own_favour = true
may_record_court_orders = true
may_record_restrictions = true

[agencies.council]
title = "Council SEND team"
sector = "education"
kind = "LOCAL_AUTHORITY"
sends = ["ehc.*", "consent.*"]
receives = ["education.*", "health.*", "care.*"]
may_record_directives = true
may_record_in_own_favour = true
may_record_court_orders = true
may_record_restrictions = true

[agencies.porter]
title = "Porter"
sector = "education"
sends = ["education.sen-support-recorded.v1"]

{adapters}
"""

_AGREEMENT = """\
id = "test-sharing"
version = 1
title = "What the agencies of the tests may tell each other"
parties = ["school", "clinic", "care", "council"]
approved_by = "A data protection officer who does not exist"
approved_on = 2020-01-01
valid_from = 2020-01-01T00:00:00Z
valid_until = 2099-01-01T00:00:00Z
dpia = "DPIA-TEST"

[bases.duty]
article_6 = "6(1)(e)"
confidentiality = "legal-duty"
gate = "Children and Families Act 2014"

[bases.agreed]
article_6 = "6(1)(e)"
article_9 = "9(2)(h)"
confidentiality = "consent"

[[rules]]
id = "register"
sources = ["school"]
recipients = ["council"]
event_types = ["education.child-registered.v1", "education.sen-support-recorded.v1"]
purpose = "record-keeping"
basis = "duty"
involvement = "any"
fields.identity = ["upn", "family_name", "given_name", "birth_date"]
fields.contact = ["address"]
fields.education = ["school", "entry_date"]
fields.sen = ["provision"]

[[rules]]
id = "attendance"
sources = ["school"]
recipients = ["care"]
event_types = ["education.attendance-concern.v1"]
purpose = "care-planning"
basis = "duty"
fields.identity = ["family_name", "given_name", "birth_date"]
fields.education = ["sessions_possible", "sessions_attended"]

[[rules]]
id = "appointments"
sources = ["clinic"]
recipients = ["school"]
event_types = ["health.appointment-changed.v1"]
purpose = "education-provision"
basis = "agreed"
fields.identity = ["upn", "family_name", "given_name", "birth_date"]
fields.health = ["status", "start", "end"]

[[rules]]
id = "diagnosis-exists"
sources = ["clinic"]
recipients = ["care"]
event_types = ["health.diagnosis-recorded.v1"]
purpose = "care-planning"
basis = "duty"
fields.identity = ["nhs_number", "family_name", "birth_date"]
existence = ["health"]

[[rules]]
id = "advice"
sources = ["council"]
recipients = ["clinic", "care", "school"]
event_types = ["ehc.ehc-advice-requested.v1"]
purpose = "ehc-assessment"
basis = "duty"
fields.identity = ["nhs_number", "family_name", "given_name", "birth_date"]
fields.sen = ["requested_on", "kind", "due_on"]

[[rules]]
id = "discharge"
sources = ["clinic"]
recipients = ["council", "school"]
event_types = ["health.discharge.v1"]
purpose = "direct-care"
basis = "duty"
fields.identity = ["upn", "family_name", "given_name", "birth_date"]
fields.health = ["discharged_on"]

[[rules]]
id = "plan-safeguarding"
sources = ["care"]
recipients = ["school"]
event_types = ["care.plan-changed.v1"]
purpose = "safeguarding"
basis = "agreed"
fields.identity = ["upn", "family_name", "given_name", "birth_date"]
fields.care = ["plan_kind", "change"]
"""


def agreement() -> Agreement:
    """The one agreement of the tests."""
    return load_agreement(_AGREEMENT)


def agencies() -> dict[str, dict[str, Any]]:
    """The agencies of the settings, by name."""
    text = SETTINGS.format(url="", vhost="", general="", adapters="")
    found: dict[str, dict[str, Any]] = tomllib.loads(text)["agencies"]
    return found
