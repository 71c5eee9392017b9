"""Footnoted as a model of the OpenAI API: existing chat clients ask it as they ask any other."""
