"""Articles in the HTML that MediaWiki makes: Parsoid's, the old parser's, any skin."""
