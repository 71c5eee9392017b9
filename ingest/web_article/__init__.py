"""Articles of any other web site, read by their footnotes."""
