"""Programs that only developers run: reference pages, published schemas, test vectors, figures."""
