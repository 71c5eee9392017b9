"""From an article and its cited sources to a corpus: references, claims, captures, documents."""
