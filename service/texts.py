"""What a ranking must know of a corpus's passages: their words, sentences and documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from footnoted.domain import Identity
from footnoted.index.diversity import Origin
from footnoted.ingest.corpus import Corpus

# Copies differ in quotation marks, dashes and spaces; a full stop may be a number's.
_SPACES = "\t\n\x0b\x0c\r \u00a0\u00ad\u2002\u2003\u2009\u200a\u200b\u202f\u3000"
_QUOTES = "\"'`\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_ALIKE = str.maketrans(dict.fromkeys(_SPACES + _QUOTES, "") | dict.fromkeys(_DASHES, "-"))
_KEPT = 1 << 13  # passages, about 5 MB


class CorpusTexts:
    """The passages of one corpus revision; ``contexts`` is what its index put before each."""

    def __init__(self, corpus: Corpus, contexts: Mapping[str, str]) -> None:
        self._corpus = corpus
        self._contexts = contexts
        self.sentences = lru_cache(maxsize=_KEPT)(self._sentences)
        self.origin = lru_cache(maxsize=_KEPT)(self._origin)

    def text(self, passage_id: str) -> str:
        """The words of a passage as the index read them, its context before them."""
        passage = self._corpus.passages[passage_id]
        words = passage.span.of(self._corpus.documents[passage.document_id].text)
        context = self._contexts[passage_id]
        return f"{context}\n{words}" if context else words

    def begins(self, passage_id: str) -> int:
        """Where the passage's own words begin in ``text``: behind its context and a line break."""
        context = self._contexts[passage_id]
        return len(context) + 1 if context else 0

    def _origin(self, passage_id: str) -> Origin:
        document = self._corpus.documents[self._corpus.passages[passage_id].document_id]
        digest = document.identity is Identity.DIGEST
        voice = f"{document.kind}{' digest' if digest else ''}"
        return Origin(document.document_id, voice, document.language)

    def _sentences(self, passage_id: str) -> tuple[str, ...]:
        passage = self._corpus.passages[passage_id]
        text = self._corpus.documents[passage.document_id].text
        return tuple(s.of(text).casefold().translate(_ALIKE) for s in passage.sentences)
