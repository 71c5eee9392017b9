"""The web page's views: what each one shows, made from the documents of the contract."""
