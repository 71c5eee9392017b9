"""From a folder in a public format (BEIR, claims, pairs, words, pages) to measures on it."""
