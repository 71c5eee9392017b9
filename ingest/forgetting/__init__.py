"""Forgetting a source for good, and what keeps it forgotten."""
