"""WARC files (ISO 28500): our own captures, and the files of other crawlers."""
