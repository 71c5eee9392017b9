"""Forms: which one reads a file, how its bytes become characters, and how it is refused."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from footnoted.errors import InputError, NoReferences, UnreadableFile
from footnoted.ingest.forms import FORMS, decode, read_article

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"
TEXT = 'Lamp\n\nThe lamp shone at night for years.[1]\n\n  1. ^ "Lamps". Lamp Review. 1890.\n'


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("lighthouse.txt", "plain_text"),
        ("lighthouse-legacy.html", "mediawiki_html"),
        ("lighthouse-parsoid.html", "mediawiki_html"),
    ],
)
def test_each_file_is_read_by_its_form(name: str, form: str) -> None:
    article = read_article(
        (ARTICLES / name).read_bytes(), name=name, retrieved_at="2026-01-02T03:04:05Z"
    )
    assert (article.form, article.title) == (form, "Grennock Light")
    assert article.retrieved_at == "2026-01-02T03:04:05Z"


def test_only_one_form_recognises_each_file() -> None:
    for path in sorted(ARTICLES.glob("lighthouse*")):
        text = path.read_text("utf-8")
        assert sum(form.recognises(text) for form in FORMS.values()) == 1, path.name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_a_byte_order_mark(encoding: str) -> None:
    body = TEXT.encode(encoding)
    if encoding == "utf-16-le":
        body = codecs.BOM_UTF16_LE + body
    if encoding == "utf-16-be":
        body = codecs.BOM_UTF16_BE + body
    assert decode(body, name="lamp.txt") == TEXT


def test_html_says_its_encoding() -> None:
    page = '<html><head><meta charset="{}"></head><body><p>Réck – naïve</p></body></html>'
    for label, encoding in [("ISO-8859-1", "cp1252"), ("windows-1252", "cp1252"),
                            ("utf-8", "utf-8"), ("no-such", "utf-8"),
                            ("utf-16", "utf-8")]:  # fmt: skip
        text = page.format(label)
        assert decode(text.encode(encoding), name="x.html") == text
    old = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>лампа</p>'
    assert decode(old.encode("koi8-r"), name="x.html") == old


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (codecs.BOM_UTF8 + b"\n", "white space"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"Lamp\x00Light", "byte 4 is NUL"),
        ("Lamp R\u00e9ck".encode("cp1252"), "byte 6 (0xe9)"),
    ],
)
def test_unreadable_files(body: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_article(body, name="lamp.txt")
    assert says in str(caught.value)
    assert caught.value.about == "lamp.txt"
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><p>Just a page of somebody's.</p></body></html>",
        '{"parse": {"title": "Lamp"}}',
        "WARC/1.1\r\nWARC-Type: response\r\n",
    ],
)
def test_a_form_that_nobody_recognises(text: str) -> None:
    with pytest.raises(InputError, match="no form that Footnoted reads") as caught:
        read_article(text.encode(), name="page")
    assert "plain_text" in str(caught.value.hint)


def test_the_form_can_be_forced_and_must_exist() -> None:
    body = f"<p>a page</p>\n{TEXT}".encode()
    with pytest.raises(InputError):
        read_article(body, name="lamp")
    assert read_article(body, name="lamp", form="plain_text").references[0].label == "1"
    with pytest.raises(InputError, match="no form 'wikitekst'") as caught:
        read_article(body, name="lamp", form="wikitekst")
    assert "mediawiki_html, plain_text" in str(caught.value.hint)


@pytest.mark.parametrize(
    "text",
    ["Lamp\n\nThe lamp shone at night for years.[1]\n",
     ('<div class="mw-parser-output"><p>The lamp.<sup class="reference"><a href="#cite_note-1">[1]'
     "</a></sup></p></div>")],
)  # fmt: skip
def test_an_article_without_references(text: str) -> None:
    with pytest.raises(NoReferences, match="no list of references") as caught:
        read_article(text.encode(), name="lamp")
    assert caught.value.about == "lamp"


def test_a_given_address_counts_more_than_the_page_s_own() -> None:
    body = (ARTICLES / "lighthouse-legacy.html").read_bytes()
    own = read_article(body, name="x")
    given = read_article(body, name="x", url="https://mirror.example/Light")
    assert own.url == "https://en.wiki.example/wiki/Grennock_Light"
    assert given.url == "https://mirror.example/Light"
    assert own.claims[0].claim_id != given.claims[0].claim_id
