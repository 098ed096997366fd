"""Data-sharing agreements: check, publish, try out, and the record of processing activities."""
