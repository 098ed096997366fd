"""The parts of the Children in Need census; adapters/care_cin.py puts them together."""
