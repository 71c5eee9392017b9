from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.ingest.extract import (
    Extraction,
    ExtractionFailed,
    Form,
    UnsupportedType,
    declared_charset,
    extract,
    extract_text,
    form_of,
)
from footnoted.ingest.extract_text import codec_name, decode
from footnoted.ingest.normalise import normalise

PAGES = Path(__file__).parents[1] / "fixtures/pages"
URL = "https://example.org/page"
HTML = b"<!DOCTYPE html><html><body><p>A page.</p></body></html>"


@pytest.mark.parametrize(
    ("body", "media_type", "form"),
    [
        (b"%PDF-1.7\n", "application/pdf", Form.PDF),
        (b"\n\n%PDF-1.7\n", "text/html; charset=utf-8", Form.PDF),
        (HTML, "application/pdf", Form.HTML),
        (HTML, "application/octet-stream", Form.HTML),
        (HTML, "text/plain", Form.HTML),
        (b"\xef\xbb\xbf<!-- made by hand --><HTML>", "", Form.HTML),
        (b'<?xml version="1.0"?><html xmlns="x">', "application/xml", Form.HTML),
        (b"<p>fragment</p>", "text/html", Form.HTML),
        (b"words", "text/plain; charset=utf-8", Form.PLAIN),
        (b"words", "", Form.PLAIN),
        (b"\xff\xfew\x00", "application/octet-stream", Form.PLAIN),
        (b"# Title", "text/markdown", Form.MARKDOWN),
    ],
)
def test_the_form_is_told_by_the_bytes_and_the_declared_type(
    body: bytes, media_type: str, form: Form
) -> None:
    assert form_of(body, media_type, None) is form


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><rss></rss>", "application/xml"),
        (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument"),
    ],
)
def test_other_types_are_named_and_refused(body: bytes, media_type: str) -> None:
    with pytest.raises(UnsupportedType) as caught:
        extract(body, media_type, URL)
    assert caught.value.about == URL
    assert caught.value.hint is not None
    assert (media_type or "unknown type") in str(caught.value)


def test_a_page_that_begins_with_nothing_but_comments_is_told_at_once() -> None:
    began = time.perf_counter()
    for opening in (b"<!---->", b"<!-- -->\n", b"<!--"):
        assert form_of(opening * 580 + b"<x", "text/html", None) is Form.HTML
        assert form_of(opening * 580 + b"<x", "text/plain", None) is Form.PLAIN
    assert form_of(b"<!-- a --> <!-- b -->\n<html>", "", None) is Form.HTML
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b" \n", "text/html", "no content"),
        (b"GIF89a..", "application/pdf", "is none"),
        ("\u200b\u200b".encode(), "text/plain", "no visible characters"),
        (bytes(range(256)) * 40, "text/plain", "no text in any encoding"),
    ],
)
def test_a_failure_says_why(body: bytes, media_type: str, reason: str) -> None:
    with pytest.raises(ExtractionFailed, match=reason) as caught:
        extract(body, media_type, URL)
    assert caught.value.about == URL


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/html", None),
        ("text/html;charset=UTF-8", "UTF-8"),
        ('text/html; Charset="windows-1256"; x=y', "windows-1256"),
    ],
)
def test_declared_charset(media_type: str, charset: str | None) -> None:
    assert declared_charset(media_type) == charset


WORDS = "Größe und Maß: „fünf“ Äpfel über dem Fluß, naïve Übung. " * 4
ARABIC = "أضيئت المنارة أول مرة في خريف ذلك العام وكان الحارس يصعد الدرج. " * 4


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (WORDS, "utf-8-sig", "iso-8859-1"),
        (WORDS, "utf-8", "iso-8859-1"),  # a server's default that the bytes disprove
        (WORDS, "cp1252", "iso-8859-1"),
        (WORDS, "cp1252", None),
        (WORDS, "utf-16", None),
        ("Plain English words without any mark. " * 5, "utf-16-le", None),
        ("Plain English words without any mark. " * 5, "utf-16-be", None),
        (ARABIC, "cp1256", "windows-1256"),
        (ARABIC, "cp1256", "no-such-charset"),
        ("灯塔第一次点亮。" * 10, "gb18030", "gb2312"),
        ("灯台は点灯した。" * 10, "shift_jis", "Shift_JIS"),
    ],
)
def test_bytes_become_the_characters_that_were_meant(
    text: str, encoding: str, declared: str | None
) -> None:
    assert decode(text.encode(encoding), declared, about=None) == text


def test_a_broken_letter_does_not_change_the_encoding() -> None:
    body = (WORDS * 20).encode()[:-2] + b"\xc3"
    assert decode(body, "utf-8", about=None)[:200] == (WORDS * 20)[:200]


@pytest.mark.parametrize("label", ["utf-7", "hex", "rot13", "unicode_escape", "zip", "\0", "é", ""])
def test_dangerous_and_unknown_encodings_have_no_name(label: str) -> None:
    assert codec_name(label) is None


def test_plain_text_keeps_its_lines() -> None:
    body = "BOOK OF TOLLS\r\nfor the year\r\n\r\n\r\nCart ....  4 bits\r\n# not a heading"
    found = extract(body.encode(), "text/plain", None)
    assert found.text == "BOOK OF TOLLS\nfor the year\n\nCart .... 4 bits\n# not a heading"
    assert found.title == "BOOK OF TOLLS"
    assert (found.headings, found.pages, found.published) == ((), (), None)


def test_markdown_headings_become_sections() -> None:
    body = (
        b"# The *lamp* #\nWords\n\n```\n# comment\n```\n### Oil  ###\n\n#tag\n####### seven\n## \n"
    )
    found = extract(body, "text/markdown", None)
    assert [(section.title, section.level) for section in found.headings] == [
        ("The *lamp*", 1),
        ("Oil", 3),
    ]
    assert "# comment" in found.text
    assert "#tag\n####### seven" in found.text
    assert_sound(found)
    assert found.title == "The *lamp*"


def assert_sound(found: Extraction) -> None:
    assert found.text
    assert normalise(found.text) == found.text
    lines = found.text.split("\n")
    for section in found.headings:
        assert found.text[section.start : section.start + len(section.title)] == section.title
        assert section.title in lines
    assert list(found.pages) == sorted(found.pages)


@given(st.text(max_size=300))
def test_any_plain_text_is_sound_or_refused(text: str) -> None:
    for media_type in ("text/plain; charset=utf-8", "text/markdown; charset=utf-8"):
        body = text.encode("utf-8", "surrogatepass")
        try:
            found = extract(body, media_type, None)
        except (ExtractionFailed, UnsupportedType):
            continue
        assert_sound(found)


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<h1>", "</h1>", "<h3>", "<ul><li>", "<table><tr><td>", "<br>", "<div>"]
        ),
        st.sampled_from(
            ["</div>", "<pre>", "<b hidden>", "<article>", "&amp;", "<!--", "-->", "<a href=x>"]
        ),
        st.text(max_size=40),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(MARKUP)
def test_any_markup_is_sound_or_refused_and_the_same_twice(parts: list[str]) -> None:
    body = ("<html><body>" + "".join(parts)).encode("utf-8", "replace")
    try:
        found = extract(body, "text/html; charset=utf-8", URL)
    except ExtractionFailed:
        with pytest.raises(ExtractionFailed):
            extract(body, "text/html; charset=utf-8", URL)
        return
    assert_sound(found)
    assert extract(body, "text/html; charset=utf-8", URL) == found


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda page: page.name)
def test_real_pages_are_sound_whatever_was_read_before(page: Path) -> None:
    if page.name == "shell.html":
        return
    first = extract(page.read_bytes(), "text/html", URL)
    assert_sound(first)
    extract((PAGES / "lighthouse.html").read_bytes(), "text/html", URL)
    assert extract(page.read_bytes(), "text/html", URL) == first
    assert extract_text(page.read_bytes(), "text/html", URL) == first.text
