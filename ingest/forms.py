"""The forms in which an article comes, and how the right one is found.

To add a form: write a module with ``NAME``, ``recognises`` and ``parse``, and list it here. Forms
are asked in the order of ``FORMS``; the first that recognises the text reads it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from footnoted.domain import Article
from footnoted.errors import InputError, UnreadableFile
from footnoted.ingest import plaintext
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.web_article import form as web_article
from footnoted.ingest.wikitext import form as wikitext


class Parse(Protocol):
    def __call__(
        self, text: str, *, name: str, url: str | None, retrieved_at: str | None
    ) -> Article:
        """The article in ``text``; ``NoReferences`` when it has no list of references."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write an article down: how to know it, and how to read it."""

    recognises: Callable[[str], bool]
    parse: Parse


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        wikitext.NAME: Form(wikitext.recognises, wikitext.parse),
        mediawiki.NAME: Form(mediawiki.recognises, mediawiki.parse),
        plaintext.NAME: Form(plaintext.recognises, plaintext.parse),
        web_article.NAME: Form(web_article.recognises, web_article.parse),
    }
)

_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "an image, a sound or a video",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "an SQLite database",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an old office document",
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# HTML Standard, 13.2.3.2: the encoding is declared within the first 1024 bytes.
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SAVE_AS = "Save it as UTF-8 text, or save the article's page as HTML, and read that."


def read_article(
    body: bytes,
    *,
    name: str,
    url: str | None = None,
    form: str | None = None,
    retrieved_at: str | None = None,
) -> Article:
    """The article in the bytes ``body`` of the file or address ``name``.

    ``form`` is a key of ``FORMS`` and forces that form; ``url`` is the article's address where it
    is known, and otherwise the one that the page itself names. Raises ``UnreadableFile`` for what
    is empty, binary or in an unknown encoding, ``InputError`` for a form that is unknown or not
    recognised, ``NoReferences`` for an article without a list of references.
    """
    if form is not None and form not in FORMS:
        raise InputError(
            f"There is no form {form!r}.", about=name, hint=f"The forms are {', '.join(FORMS)}."
        )
    text = decode(body, name=name)
    chosen = FORMS[form] if form is not None else _recognised(text, name)
    return chosen.parse(text, name=name, url=url, retrieved_at=retrieved_at)


def _recognised(text: str, name: str) -> Form:
    for form in FORMS.values():
        if form.recognises(text):
            return form
    raise InputError(
        f"{name} is in no form that Footnoted reads: neither a MediaWiki page or its wikitext, nor "
        "plain text with a numbered list, nor a web page with footnotes.",
        about=name,
        hint=f"If it is one of them all the same, force the form: {', '.join(FORMS)}.",
    )


def decode(body: bytes, *, name: str) -> str:
    """The characters of ``body``; ``UnreadableFile`` when it is empty, binary or undecodable.

    A byte order mark decides, then an HTML page's own declaration, then UTF-8.
    """
    if not body.strip():
        raise UnreadableFile(f"{name} is empty.", about=name, hint="Save the article again.")
    for signature, what in _SIGNATURES.items():
        if body.startswith(signature):
            raise UnreadableFile(f"{name} is {what}, not an article.", about=name, hint=_SAVE_AS)
    for bom, encoding in _BOMS.items():
        if body.startswith(bom):
            return _decoded(body[len(bom) :], encoding, name, skipped=len(bom))
    if (nul := body.find(b"\0")) >= 0:
        raise UnreadableFile(f"{name} is binary: byte {nul} is NUL.", about=name, hint=_SAVE_AS)
    return _decoded(body, _declared(body) or "utf-8", name)


def _declared(body: bytes) -> str | None:
    """The Python name of the encoding that an HTML page declares."""
    match = _META_CHARSET.search(body[:1024])
    if match is None:
        return None
    label = match[1].decode("ascii", "replace").lower()
    # HTML reads Latin-1 and ASCII as Windows-1252, and a UTF-16 declaration in ASCII as UTF-8.
    if label in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"):
        return "windows-1252"
    if label.startswith("utf-16"):
        return "utf-8"
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None


def _decoded(body: bytes, encoding: str, name: str, *, skipped: int = 0) -> str:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{name} is not {encoding.upper()}: byte {skipped + error.start} "
            f"(0x{body[error.start]:02x}) fits no character.",
            about=name,
            hint=_SAVE_AS,
        ) from error
    if not text.strip():
        raise UnreadableFile(f"{name} holds only white space.", about=name, hint="Save it again.")
    return text
