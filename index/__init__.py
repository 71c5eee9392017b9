"""From a corpus revision to a searchable generation, and from a query to ranked hits."""
