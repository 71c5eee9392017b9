"""A page's own styles, as far as they decide whether a reader can see its words."""
