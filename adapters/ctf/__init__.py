"""The parts of the CTF format; adapters/education_ctf.py puts them together."""
