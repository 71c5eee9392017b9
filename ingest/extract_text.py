"""Bytes of unknown encoding to characters; plain text and Markdown to an extraction.

Encodings are named as the WHATWG Encoding Standard names them: a page that says Latin-1 means
windows-1252, and names that would let bytes run code or change meaning are not known at all.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from footnoted.ingest.blocks import Block, assemble
from footnoted.ingest.extract import Extraction, ExtractionFailed
from footnoted.ingest.language import detect_language

EXTRACTOR = "footnoted-text 2"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which begins it
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF8 = "utf-8"
_WEB_DEFAULT = "cp1252"
# What labels mean on the web, where that differs from Python's codec of the same name.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_KNOWN = re.compile(
    r"utf-8|utf-16-[lb]e|utf-32-[lb]e|cp(?:866|874|932|949|125\d)|iso8859-\d+|koi8-[ru]"
    r"|mac-(?:roman|cyrillic)|gb18030|big5hkscs|euc_jp|iso2022_jp"
)
_SINGLE_BYTE = re.compile(r"cp(?:866|874|125\d)|iso8859-\d+|koi8-[ru]|mac-.*")
_WIDE = re.compile(r"utf-(?:16|32)-[lb]e")
_DISPROVED = re.compile(f"{_SINGLE_BYTE.pattern}|{_WIDE.pattern}")
_BROKEN_SHARE = 0.001  # of the characters: one cut letter is damage, more is the wrong encoding
_DETECTED = 200_000  # bytes shown to the detector
_TITLE_LENGTH = 150
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def decode(body: bytes, *declared: str | None, about: str | None) -> str:
    """``body`` as characters: byte order mark, declared encodings in order, UTF-8, a detector.

    Raises ``ExtractionFailed`` for bytes that are no text in any of these.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    names = [name for name in map(codec_name, declared) if name is not None]
    if not names and (unmarked := _unmarked_utf16(body)):
        names.append(unmarked)
    if names and _DISPROVED.fullmatch(names[0]) and _fits(body, _UTF8) and _is_utf8(body, names[0]):
        return body.decode(_UTF8)
    for name in dict.fromkeys([*names, _UTF8]):
        text = body.decode(name, errors="replace")
        if _readable(text):
            return text
    detected = _detect(body)
    if detected is not None:
        text = body.decode(detected, errors="replace")
        if _readable(text):
            return text
    raise ExtractionFailed(
        "The bytes are no text in any encoding that we know.",
        about=about,
        hint="Save the source as UTF-8 and supply it with --source.",
    )


def codec_name(label: str | None) -> str | None:
    """Python's name of the encoding that ``label`` means on the web; ``None`` if there is none."""
    if not label:
        return None
    label = label.strip().lower()
    label = label.removeprefix("x-") if label.startswith(("x-sjis", "x-mac")) else label
    if not label.isascii() or "\0" in label:
        return None
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    name = _MEANT.get(name, name)
    return name if _KNOWN.fullmatch(name) else None


def read_plain(
    body: bytes, charset: str | None, url: str | None, *, markdown: bool = False
) -> Extraction:
    """Plain text as it is, or Markdown with its headings taken out of their signs."""
    written = decode(body, charset, about=url)
    text, headings = assemble(markdown_blocks(written) if markdown else [Block(written)])
    if not text:
        raise ExtractionFailed(
            "The text holds no visible characters.",
            about=url,
            hint="Look at the file; supply another copy with --source.",
        )
    first = text.partition("\n")[0]
    title = headings[0].title if headings else first if len(first) <= _TITLE_LENGTH else ""
    return Extraction(
        text=text,
        title=title,
        authors=(),
        published=None,
        language=detect_language(text),
        headings=headings,
        pages=(),
        extractor=EXTRACTOR,
    )


def markdown_blocks(markdown: str) -> Iterator[Block]:
    """Headings and what stands between them (CommonMark's ATX headings, none in fenced code)."""
    lines: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if mark is not None and not fence:
            fence = mark[1]
        elif mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        heading = None if fence else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        yield Block("\n".join(lines))
        lines = []
        yield Block(heading[2], level=len(heading[1]))
    yield Block("\n".join(lines))


def _readable(text: str) -> bool:
    """Whether so few characters are broken that the encoding must be right, and none are NUL."""
    broken = text.count("\ufffd") + text.count("\0")
    return broken <= max(1, len(text) * _BROKEN_SHARE) and broken < max(1, len(text) / 4)


def _is_utf8(body: bytes, declared: str) -> bool:
    """Whether bytes that fit UTF-8 are it, whatever a server or a page declares.

    No page in a single-byte encoding is by chance also UTF-8; and none in UTF-16 is without zeros,
    for its white space and its tags have them (HTML Standard, 13.2.3.3, for such a ``meta``).
    """
    return b"\0" not in body if _WIDE.fullmatch(declared) else not body.isascii()


def _fits(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 without a byte order mark, told by the zero half of its ASCII characters."""
    sample = body[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) / 8:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _detect(body: bytes) -> str | None:
    """The likeliest encoding, by the letters that it would give."""
    from charset_normalizer import from_bytes  # noqa: PLC0415

    found = list(from_bytes(body[:_DETECTED]))
    if not found:
        return None
    best = (found[0].chaos, found[0].coherence)
    names = [
        codec_name(match.encoding) for match in found if (match.chaos, match.coherence) == best
    ]
    # Where the letters decide nothing, the web's own default does (HTML Standard, 13.2.3.2).
    return _WEB_DEFAULT if _WEB_DEFAULT in names else names[0]
