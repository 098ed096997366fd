"""The shell: everything that touches the broker, the store, files, the clock and people."""
