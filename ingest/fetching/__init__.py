"""Reading the web: safely, politely, and each response kept before it is used."""
