"""The parts of the case-management extract; adapters/care_extract.py puts them together."""
