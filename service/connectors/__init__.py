"""Footnoted as a set of tools for other programs (MCP): over HTTP, and on standard input."""
