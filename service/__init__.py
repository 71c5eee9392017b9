"""From a question to a cited answer: the assistant, the HTTP API and the web page."""
