"""The suite that every adapter passes, for its author: behaviours with a sentence each.

With pytest (``pip install interagency-hub[testing]``)::

    from adapters.testing import AdapterContract
    from leisure_adapter.adapter import ADAPTER

    class TestLeisure(AdapterContract):
        adapter = ADAPTER

Without: ``check(ADAPTER)`` yields a finding for each behaviour, as ``hub adapter check`` shows
them. The documents are the adapter's own samples, with invented data; see samples.py.
"""

from __future__ import annotations

from adapters.testing.behaviour import Behaviour, BehaviourBroken, NotApplicable
from adapters.testing.contract_class import AdapterContract
from adapters.testing.samples import Samples, declared_samples, samples_in
from adapters.testing.subject import Subject
from adapters.testing.suite import BEHAVIOURS, Finding, Verdict, check, check_subject, find

__all__ = [
    "BEHAVIOURS",
    "AdapterContract",
    "Behaviour",
    "BehaviourBroken",
    "Finding",
    "NotApplicable",
    "Samples",
    "Subject",
    "Verdict",
    "check",
    "check_subject",
    "declared_samples",
    "find",
    "samples_in",
]
