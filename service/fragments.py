"""The address of a citation's very words on the web page that they were read from.

A page is read from its capture once, when words of it are first cited, and kept as long as its
corpus is open; a directive, once found, is kept longer than its page.
"""

from __future__ import annotations

import logging
import threading
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from footnoted.domain import Capture, Document, Identity, Span
from footnoted.errors import CorpusError, InvariantBroken
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.folding import Folded
from footnoted.ingest.visible_text import VisibleText, visible_text
from footnoted.service.quoted_places import Page, stretches
from footnoted.service.text_directives import text_directive

_PAGES_KEPT = 64  # about 0.2 MB each
_DIRECTIVES_KEPT = 1 << 13
_log = logging.getLogger(__name__)


def fragment_url(corpus: Corpus, document: Document, span: Span) -> str | None:
    """The address at which a browser marks ``document.text[span]``, and no other words.

    It is the address that was captured (an archived copy's where one was read), with a text
    directive that is proven on the capture. ``None`` for what is no web page with an address, and
    for words that no directive finds alone.
    """
    capture = corpus.captures.get(document.document_id)
    if capture is None or document.identity is Identity.DIGEST or not _is_web(capture.final_url):
        return None
    directive = _fragments_of(corpus).directive(capture, document, span)
    return with_directive(capture.final_url, directive) if directive else None


def with_directive(url: str, directive: str) -> str:
    """``url`` with a fragment directive behind the fragment that it may have already."""
    before, hash_sign, fragment = url.partition("#")
    own = fragment.partition(":~:")[0] if hash_sign else ""
    return f"{before}#{own}:~:{directive}"


def searchable(corpus: Corpus, document_id: str) -> VisibleText | None:
    """What a browser searches in the page that a document was read from; see ``visible_text``."""
    capture = corpus.captures.get(document_id)
    return _read(corpus.folder, capture) if capture is not None else None


class _Fragments:
    """The pages and directives of one opened corpus; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._page = lru_cache(maxsize=_PAGES_KEPT)(self._find_page)
        self._words = lru_cache(maxsize=_PAGES_KEPT)(Folded)
        self._directives: dict[tuple[str, str, Span], str | None] = {}

    def directive(self, capture: Capture, document: Document, span: Span) -> str | None:
        """The text directive of ``document.text[span]`` on its page, if there is one."""
        key = (document.document_id, document.text_sha256, span)
        if key not in self._directives:
            if len(self._directives) >= _DIRECTIVES_KEPT:
                self._directives.clear()
            self._directives[key] = self._find(capture, document, span)
        return self._directives[key]

    def _find(self, capture: Capture, document: Document, span: Span) -> str | None:
        page = self._page(capture)
        if page is None:
            return None
        found = stretches(page, self._words(document.text), document.text, span) or ()
        directives = [text_directive(page, stretch) for stretch in found]
        return None if None in directives else "&".join(filter(None, directives)) or None

    def _find_page(self, capture: Capture) -> Page | None:
        try:
            page = _read(self._folder, capture)
        except (CorpusError, InvariantBroken) as error:
            # The words are stored all the same, and `verify` says what is wrong.
            _log.warning("No fragments for words of %s: %s", capture.final_url, error)
            return None
        return Page(page) if page is not None else None


_OPENED: WeakKeyDictionary[Corpus, _Fragments] = WeakKeyDictionary()
_OPENING = threading.Lock()


def _fragments_of(corpus: Corpus) -> _Fragments:
    with _OPENING:
        return _OPENED.setdefault(corpus, _Fragments(corpus.folder))


def _read(folder: Path, capture: Capture) -> VisibleText | None:
    body = CaptureStore(folder).read(capture)
    return visible_text(body, capture.media_type, capture.final_url)


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")
