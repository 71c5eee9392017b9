"""The command line: wires settings, corpora and models together, and maps errors to exit codes."""

from footnoted.cli.main import main

__all__ = ["main"]
