"""Bibliographies: the references, or what an answer quotes, in the formats that others read."""
