"""Reviews: the evidence of a matter, the candidates of an identity match, and closing it."""
