"""Identifiers that keep their meaning: made from words and addresses, never from positions.

An inserted paragraph changes no other passage's id, a renumbered footnote changes no
reference's id, and a citation's id says by itself which characters of which text it means.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from footnoted.domain import Kind, Span

_ID_LENGTH = 16  # 64 bits: a corpus of a million passages collides with probability 3e-8
_CITATION = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{16})\.(\d{1,12})-(\d{1,12})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def text_sha256(text: str) -> str:
    """The SHA-256, in hexadecimal, of the UTF-8 bytes of ``text``."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def document_id(kind: Kind, source: str) -> str:
    """The id of a document of this kind; ``source`` is its cited URL, else its reference's text."""
    return _digest(kind.value, canonical_url(source))


def reference_ids(texts: Iterable[str]) -> list[str]:
    """One id for each reference text of an article, in order; equal texts count up."""
    return [_digest("reference", text, str(n)) for text, n in _counted(texts)]


def claim_ids(article_document_id: str, texts: Iterable[str]) -> list[str]:
    """One id for each claim text of an article, in order; equal texts count up."""
    return [_digest("claim", article_document_id, text, str(n)) for text, n in _counted(texts)]


def passage_ids(document: str, texts: Iterable[str]) -> list[str]:
    """One id for each passage text of a document, in order; equal texts count up."""
    return [_digest("passage", document, text, str(n)) for text, n in _counted(texts)]


def canonical_url(url: str) -> str:
    """``url`` with case, default port and fragment put away (RFC 3986, 6.2.2 and 6.2.3).

    Anything that is not an http(s) address comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return url
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return urlunsplit((scheme, host, parts.path or "/", parts.query, ""))


class CitedSpan(NamedTuple):
    """What a citation id says; ``text_prefix`` is the first 16 digits of the text's SHA-256."""

    document_id: str
    text_prefix: str
    span: Span


def citation_id(document: str, sha256: str, span: Span) -> str:
    """The id of the characters ``span`` of the text ``sha256`` of ``document``."""
    return f"{document}.{sha256[:_ID_LENGTH]}.{span.start}-{span.end}"


def parse_citation_id(value: str) -> CitedSpan:
    """What ``citation_id`` put in; ``ValueError`` for anything else."""
    match = _CITATION.fullmatch(value)
    if match is None:
        raise ValueError(f"not a citation id: {value!r}")
    document, prefix, start, end = match.groups()
    return CitedSpan(document, prefix, Span(int(start), int(end)))


def _counted(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for text in texts:
        yield text, seen[text]
        seen[text] += 1


def _digest(*parts: str) -> str:
    # Lengths go in first, so that no two different lists of parts give the same bytes.
    data = b"".join(b"%d:%s" % (len(raw), raw) for raw in (part.encode("utf-8") for part in parts))
    return hashlib.sha256(data).hexdigest()[:_ID_LENGTH]
