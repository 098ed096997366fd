"""FHIR Consents: directives written as Consents, and Consents read as directives."""
