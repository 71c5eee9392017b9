"""The claim ledger: for every claim of the article, what the sources that it cites say of it."""
