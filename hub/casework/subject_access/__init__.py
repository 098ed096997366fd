"""Subject access (UK GDPR Article 15): the copy of a child's record, and the officer's note.

``case_file`` reads everything the hub holds about a child; ``withholding`` and ``withheld_fields``
(pure) find what the copy must leave out; ``report_person``, ``report_events`` and ``officer_note``
put the rest into the values of ``report``; ``render`` writes them as pages, JSON and files. Start
with ``assemble``, which does these steps in order. The store is read in ``case_file`` only.
"""
