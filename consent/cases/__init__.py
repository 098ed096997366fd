"""Cases: tests of the decision that an information-governance officer reads and writes."""
