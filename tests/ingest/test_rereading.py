from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.errors import InputError
from footnoted.ingest.extract import extract, extract_text
from footnoted.ingest.forms import FORMS, read_article
from footnoted.ingest.rereading import extractor_of, reread, with_reader, without_reader

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"


@pytest.mark.parametrize(
    "name", ["lighthouse.txt", "lighthouse-parsoid.html", "lighthouse-legacy.html"]
)
def test_bytes_and_media_type_give_the_articles_text_again(name):
    body = (ARTICLES / name).read_bytes()
    article = read_article(body, name=name)
    media_type = with_reader("text/html; charset=utf-8", article.form)
    again = extract(body, media_type, article.url)
    assert again.text == article.text
    assert again.extractor == extractor_of(article) == f"footnoted-{article.form} 1"
    assert (again.title, again.language) == (article.title, article.language)
    assert again.headings == article.sections
    # Without the parameter they are a page like any other.
    assert extract_text(body, without_reader(media_type), article.url) != article.text


def test_a_digest_is_read_without_its_first_lines():
    body = b"Found-At: https://example.org/\n\n# Notes\n\nThe lamp was **bright**.\n"
    again = reread(body, "digest", None)
    assert again.text == extract_text(body, "text/markdown; reader=digest", None)
    assert "example.org" not in again.text
    assert again.text.startswith("Notes")
    assert again.extractor == "footnoted-digest 1"


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("text/html", "text/html"),
        ("text/html; reader=digest", "text/html"),
        ("text/html;READER = mediawiki_html", "text/html"),
        ("text/html; reader=digest; charset=utf-8", "text/html; charset=utf-8"),
        ("text/html; charset=utf-8; reader=x; reader=y", "text/html; charset=utf-8"),
    ],
)
def test_nobody_else_chooses_a_reader(declared, kept):
    assert without_reader(declared) == kept
    assert with_reader(declared, "digest") == f"{kept}; reader=digest"


def test_an_unknown_reader_is_named():
    with pytest.raises(InputError, match="no form 'nonsense'") as caught:
        extract(b"Some words.", "text/plain; reader=nonsense", "https://example.org/")
    assert all(form in str(caught.value.hint) for form in FORMS)
