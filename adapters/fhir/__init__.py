"""The parts of the FHIR format; adapters/health_fhir.py puts them together."""
