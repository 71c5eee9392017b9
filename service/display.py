"""What the page shows of a document: words for states, safe links, marked quotes.

Every text here is somebody else's: it may hold markup, control characters or hostile addresses.
Markup is the templates' affair (they escape everything); the rest is dealt with here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from footnoted.csl import issued
from footnoted.domain import READABLE, Access, Identity, Json
from footnoted.service.wording import ACCESS_IN_WORDS, IDENTITY_IN_WORDS

# Controls, and the characters that override or embed a direction: shown, they would let a text
# rearrange the page around it. Joiners, which words of many scripts need, are not among them.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d\.\d)"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def neutral(value: Any) -> Any:
    """``value`` as it may be shown: a text's unshowable characters become replacement signs."""
    if isinstance(value, str):
        return type(value)(_UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", value))
    return value


def capital(words: str) -> str:
    """``words`` with a capital at the beginning; names in them keep theirs."""
    return words[:1].upper() + words[1:]


def web_link(url: str | None) -> str | None:
    """``url`` where it is a plain http(s) address that may be linked to, else ``None``."""
    if url is None or _UNSHOWABLE.search(url) or re.search(r"[\s\\\"'<>`]", url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    # An address with a user name in it mostly pretends to be another site's.
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def host_of(url: str) -> str:
    """The host name of a link, without ``www.``."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def language_of(csl: Json) -> str | None:
    """The language tag of a CSL item, where it has the form of one (BCP 47)."""
    tag = csl.get("language")
    return tag if isinstance(tag, str) and _LANGUAGE.fullmatch(tag) else None


class Segment(NamedTuple):
    """A stretch of a passage, quoted by the answer or not."""

    text: str
    quoted: bool


def segments(passage: Mapping[str, Any], citations: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """The passage's text cut where the quotes of ``citations`` begin and end; nothing is lost."""
    text, base = passage["text"], passage["citation"]["start"]
    sha256 = passage["citation"]["text_sha256"]
    spans = sorted(
        (max(citation["start"] - base, 0), min(citation["end"] - base, len(text)))
        for citation in citations
        if citation["text_sha256"] == sha256
        and citation["document_id"] == passage["document_id"]
        and citation["start"] < base + len(text)
        and citation["end"] > base
    )
    pieces, done = [], 0
    for start, end in spans:
        if end <= done:
            continue
        pieces.append(Segment(text[done : max(start, done)], False))
        pieces.append(Segment(text[max(start, done) : end], True))
        done = end
    pieces.append(Segment(text[done:], False))
    return [piece for piece in pieces if piece.text]


def around_span(statement: Mapping[str, Any]) -> tuple[str, str, str]:
    """The statement's text before, in and after its answering span (all before, without one)."""
    before, span, after = statement["text"].partition(statement["span"] or "\0")
    return before, span, after


def cited_by(statements: Sequence[Mapping[str, Any]]) -> dict[int, list[int]]:
    """For each citation number, the numbers (from 1) of the statements that carry it."""
    found: dict[int, list[int]] = {}
    for index, statement in enumerate(statements, start=1):
        for number in statement["citations"]:
            found.setdefault(number, []).append(index)
    return found


def reference_words(csl: Json, printed: str = "") -> str:
    """A reference as one line: authors, title, where it appeared, date; else as ``printed``."""
    title = csl.get("title")
    if not title:
        return printed or "(the article prints nothing for this reference)"
    names = [_name(author) for author in csl.get("author", ())]
    place = csl.get("container-title") or csl.get("publisher")
    parts = ("; ".join(name for name in names if name), f"“{title}”", place, issued(csl))
    return ". ".join(str(part).rstrip(".") for part in parts if part) + "."


def _name(author: Json) -> str:
    if literal := author.get("literal"):
        return str(literal)
    return " ".join(str(author[key]) for key in ("given", "family") if author.get(key))


def is_digest(row: Mapping[str, Any]) -> bool:
    """Whether a citation, footnote or source is known only by somebody's notes on it."""
    return bool(row["identity"] == Identity.DIGEST.value)


def is_read(row: Mapping[str, Any]) -> bool:
    """Whether the source's own words were read."""
    return Access(row["access"]) in READABLE and not is_digest(row)


def state_in_words(row: Mapping[str, Any]) -> str:
    """What became of a footnote or source, and what its text is to the cited page."""
    if is_digest(row):
        return "known by a digest, not read"
    words = ACCESS_IN_WORDS[Access(row["access"])]
    if not is_read(row):
        return words
    return f"{words}; {IDENTITY_IN_WORDS[Identity(row['identity'])]}"


def kind_in_words(citation: Mapping[str, Any]) -> str:
    """What is quoted: the article, a cited source, a digest of one, or a plain document."""
    digest = is_digest(citation)
    if citation["kind"] == "source":
        return "Digest – not the source’s words" if digest else "Cited source"
    if citation["kind"] == "article":
        return "Article – a digest, not the original’s words" if digest else "Article"
    return "Document"


def confidence_in_words(confidence: float) -> str:
    """A confidence from 0 to 1 as a word and a number."""
    words = ((0.85, "high"), (0.65, "fair"), (0.5, "moderate"), (0.0, "low"))
    return f"{next(word for least, word in words if confidence >= least)} ({confidence:.2f})"


def corroboration_in_words(counts: Mapping[str, Any]) -> str:
    """How many sources stand behind an article sentence, and what was found in them."""
    cited = counts["cited"]
    if not cited:
        return "The article cites no source for this sentence."
    read, digests = counts["readable"], counts["digests"]
    words = f"The article cites {_counted(cited, 'source')} for this: {_some(read)} read"
    if read:
        words += f", {_some(counts['supporting'])} found to support it"
        if 0 < counts["independent"] < counts["supporting"]:
            words += f" ({counts['independent']} in words of their own)"
    if digests:
        words += f", {digests} known by a digest"
    return f"{words}."


def coverage_in_words(rows: Iterable[Mapping[str, Any]]) -> str:
    """How many references there are, and how many were read, digested, or neither."""
    rows = list(rows)
    read = sum(is_read(row) for row in rows)
    digests = sum(is_digest(row) for row in rows)
    rest = len(rows) - read - digests
    return (
        f"{_counted(len(rows), 'reference')}: {read} read, {digests} known by a digest, "
        f"{rest} not read."
    )


def licence_in_words(licence: str) -> str:
    """A Creative Commons address by the licence's short name; any other text as it is."""
    match = _CREATIVE_COMMONS.match(licence)
    if match is None:
        return licence
    name, version = match.groups()
    return f"CC0 {version}" if name == "zero" else f"CC {name.upper()} {version}"


def instant_in_words(instant: str) -> str:
    """``2023-10-25T08:30:12Z`` as ``2023-10-25 08:30 UTC``."""
    return f"{instant[:10]} {instant[11:16]} UTC" if "T" in instant else instant


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _some(number: int) -> str:
    return str(number) if number else "none"


SHOWN = {
    function.__name__: function
    for function in (
        around_span,
        capital,
        cited_by,
        confidence_in_words,
        corroboration_in_words,
        coverage_in_words,
        host_of,
        instant_in_words,
        is_digest,
        is_read,
        kind_in_words,
        language_of,
        licence_in_words,
        reference_words,
        segments,
        state_in_words,
        web_link,
    )
}
"""The functions above, by the names under which the templates call them."""
