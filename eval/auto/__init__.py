"""A set for free from any article: its cited sentences, asked of its sources alone."""
