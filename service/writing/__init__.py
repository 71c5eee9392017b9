"""Phrasing an extractive answer by a chat endpoint, and keeping only what the quotes say."""
