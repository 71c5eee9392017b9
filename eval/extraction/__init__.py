"""Main text of web pages against human gold."""
