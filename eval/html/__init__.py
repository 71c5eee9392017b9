"""One self-contained HTML page over eval runs."""
