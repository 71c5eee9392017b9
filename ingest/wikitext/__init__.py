"""Articles as wikitext, before MediaWiki has made a page of them."""
