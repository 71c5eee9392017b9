"""A starter eval set of any corpus, drafted by rules for a person to edit."""
