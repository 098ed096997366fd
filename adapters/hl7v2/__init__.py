"""The parts of the HL7 v2 format; adapters/health_hl7v2.py puts them together."""
