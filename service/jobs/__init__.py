"""Ingest jobs over HTTP: kept in one file for all workers, each run in a process of its own."""
