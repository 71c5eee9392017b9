"""Does a browser find exactly the quoted words? Pages of many kinds, in a real Chromium.

Each page in ``fixtures/fragments`` has its quote between the comments ``[`` and ``]``, which change
nothing that is drawn. The browser opens the citation's ``fragment_url`` and paints what it found
(``::target-text``) as a solid colour, of which the screenshot is compared with the boxes of the
characters between the comments: all of these must be painted, and nothing else. The boxes come
from the DOM and the paint from the browser's own search: none of our code takes part in this.
"""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.web_server import WebServer

from footnoted import ids
from footnoted.domain import Document, Identity, Kind, Origin, Span
from footnoted.ingest import passages
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.extract import extract
from footnoted.ingest.store import Entry, writing
from footnoted.service.citations import cite
from footnoted.service.verify import verify_fragments

PAGES = Path(__file__).parents[1] / "fixtures" / "fragments"
QUOTES: dict[str, dict[str, Any]] = json.loads((PAGES / "quotes.json").read_text("utf-8"))
NOW = "2026-01-02T03:04:05Z"
HTML = "text/html; charset=utf-8"
PAINT = (255, 0, 255)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>
html {{ scroll-behavior: auto }} body {{ font: 16px/2 sans-serif; width: 800px }}
::target-text {{ background: #f0f; color: #f0f }}</style></head>
<body><div style="height: 1500px"></div>
<main>
{body}</main>
<div style="height: 1500px"></div></body></html>
"""
# The text between the comments, and for each of its characters the box in the whole page.
MARKED = """
() => {
const shown = [], boxes = [];
let within = false, first = null;
const walk = document.createTreeWalker(
  document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
for (let node; node = walk.nextNode();) {
  if (node.nodeType === Node.COMMENT_NODE) {
    if (node.data === "[" || node.data === "]") within = node.data === "[";
    continue;
  }
  if (!within) continue;
  if (!node.parentElement.closest("rt, rp")) shown.push(node.data);
  for (let at = 0; at < node.data.length;) {
    const size = String.fromCodePoint(node.data.codePointAt(at)).length;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at += size);
    for (const box of range.getClientRects())
      boxes.push([box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY,
                  /\\S/.test(range.toString()) ? 1 : 0]);
    if (first === null && boxes.length) first = range.getBoundingClientRect().top;
  }
}
return {text: shown.join(""), boxes, first, scrolled: scrollY, height: innerHeight};
}
"""


class Cited(NamedTuple):
    """A quote with the address that its citation gives for it."""

    quote: str
    fragment_url: str | None


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Corpus, WebServer]]:
    """The pages on a server, and a corpus of their captures at that server's addresses."""
    web, entries = WebServer(), []
    with writing(tmp_path_factory.mktemp("fragments")) as writer:
        for name in QUOTES:
            html = PAGE.format(name=name, body=(PAGES / f"{name}.html").read_text("utf-8"))
            url = web.page(f"/{name}", html)
            capture = writer.captures.store(
                html.encode(),
                url=url,
                final_url=url,
                status=200,
                media_type=HTML,
                fetched_at=NOW,
                origin=Origin.LIVE,
            )
            writer.add_capture(capture)
            found = extract(html.encode(), HTML, url)
            document = Document(
                document_id=ids.document_id(Kind.SOURCE, url),
                kind=Kind.SOURCE,
                title=name,
                language=found.language,
                text=found.text,
                text_sha256=ids.text_sha256(found.text),
                extractor=found.extractor,
                identity=Identity.EXACT,
                capture_sha256=capture.sha256,
                url=url,
            )
            entries.append(Entry(document, passages.cut(document), capture))
        writer.publish("t", entries, {}, article=None, cutter=passages.CUTTER, now=NOW)
    with Corpus.open(writer.folder) as opened:
        yield opened, web
    web.close()


@pytest.fixture(scope="module")
def cited(corpus: tuple[Corpus, WebServer]) -> dict[str, Cited]:
    """The citation of each page's quote, by the page's name."""
    opened, _ = corpus
    found = {}
    for document in opened.documents.values():
        given = QUOTES[document.title]
        quote, at = given["quote"], -1
        for _ in range(given.get("nth", 0) + 1):
            at = document.text.index(quote, at + 1)
        citation = cite(opened, document, Span(at, at + len(quote)), 1, quote=quote)
        found[document.title] = Cited(quote, citation.fragment_url)
    return found


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 900, "height": 700})


def painted(page: Page, url: str) -> tuple[np.ndarray, dict[str, Any]]:
    """Where the page at ``url`` is painted, pixel by pixel, and what is marked in it."""
    page.goto("about:blank")
    page.goto(url)
    marked = page.evaluate(MARKED)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return (np.asarray(picture) == PAINT).all(axis=2), marked


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))


FOUND = [name for name, given in QUOTES.items() if not given.get("none")]


def test_the_pages_are_many_and_of_many_kinds() -> None:
    assert {path.stem for path in PAGES.glob("*.html")} == set(QUOTES)
    assert len(FOUND) >= 30


@pytest.mark.parametrize("name", FOUND)
def test_the_browser_marks_the_quoted_words_and_no_others(
    cited: dict[str, Cited], page: Page, name: str
) -> None:
    quote, url = cited[name]
    assert url is not None
    paint, marked = painted(page, url)
    assert letters(marked["text"]) == letters(quote), "the page marks the quote"
    expected = np.zeros_like(paint)
    for left, top, right, bottom, is_ink in marked["boxes"]:
        inner = paint[int(top) + 1 : int(bottom), int(left) : int(right) + 1]
        assert not is_ink or inner.size == 0 or inner.any(), f"a character is not found: {url}"
        expected[max(0, int(top) - 2) : int(bottom) + 3, max(0, int(left) - 2) : int(right) + 3] = 1
    assert paint.any()
    assert not (paint & ~expected).any(), f"other words are found: {unquote(url)}"
    assert marked["scrolled"] > 300
    assert 0 <= marked["first"] < marked["height"], "the quote is in view"


@pytest.mark.parametrize("name", sorted(set(QUOTES) - set(FOUND)))
def test_where_nothing_is_proven_there_is_no_fragment(cited: dict[str, Cited], name: str) -> None:
    assert cited[name].fragment_url is None


def test_the_check_sees_a_wrong_fragment(cited: dict[str, Cited], page: Page) -> None:
    url = (cited["repeated-sentences"].fragment_url or "").partition("#")[0]
    paint, marked = painted(page, f"{url}#:~:text=The%20ferry%20left%20at%20seven")
    left, top, right, bottom, _ = marked["boxes"][0]
    assert paint.any(), "the first of the equal sentences"
    assert not paint[int(top) : int(bottom), int(left) : int(right)].any(), "and not the third"


def test_every_passage_of_these_pages_passes_verify(corpus: tuple[Corpus, WebServer]) -> None:
    check = verify_fragments(corpus[0])
    assert check.failed == ()
    assert check.checked >= len(QUOTES) - 5
