"""Directives: validate, preview their impact, record and withdraw them."""
