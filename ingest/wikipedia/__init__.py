"""Articles from a wiki itself, by name or address."""
