"""FHIR R4 shared by the NHS format, the Consents and the AuditEvents: reading and building parts.

Pure: no network, no files, no clock. ``reading.py`` reads elements of a resource held as JSON,
``tracking.py`` reads them and reports what was not read, ``moments.py`` has FHIR's dates,
``references.py`` resolves references in a Bundle, ``resources.py`` parses and validates documents,
``building.py`` builds resources and ``systems.py`` lists the URIs. Read ``reading.py`` first.
"""
