"""Deliveries after the decision: dead letters, re-offers and corrections."""
