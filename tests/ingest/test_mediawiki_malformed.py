"""MediaWiki pages that are broken, nested, cut or huge: all that they say is still read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from footnoted.domain import Article
from footnoted.errors import UnreadableFile
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.normalise import normalise

LIST = '<ol class="references"><li id="cite_note-1">A source.</li></ol>'
SIGN = '<sup class="reference"><a href="#cite_note-1">[1]</a></sup>'


def parse(html: str) -> Article:
    return mediawiki.parse(html, name="lamp.html", url=None, retrieved_at=None)


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        (f"<p>It shone.{SIGN}", ["It shone."]),
        (f"<div>It shone.{SIGN}<br>It burned.</div>", ["It shone.", "It burned."]),
        (f"<p>It shone.</p>{SIGN}", ["It shone."]),
        (f"<table><tr><td>It shone.{SIGN}<p>It burned.</table>", ["It shone.", "It burned."]),
        (f"{'<div><b>' * 1000}It shone.{SIGN}", ["It shone."]),
        (f'<p style="display:none">No.</p><p>It shone.{SIGN}</p>', ["It shone."]),
        (f'<section style="display: none">It shone.{SIGN}</section>', ["It shone."]),
        (f"<p>So <math alttext='{{\\displaystyle x^2}}'><mi>x</mi></math> holds.{SIGN}</p>",
         ["So x^2 holds."]),
    ],
)  # fmt: skip
def test_malformed_pages(html: str, texts: list[str]) -> None:
    article = parse(f"{html}{LIST}")
    assert [claim.text for claim in article.claims] == texts
    assert [m.label for m in article.claims[0].markers] == ["1"]


@pytest.mark.parametrize(
    "tag",
    [
        '<table class="infobox"><tr><td>',
        "<figure>",
        '<div class="thumb">',
        "<table><tr><td>",
        "<b>",
    ],
)
def test_pages_nested_a_thousand_deep(tag: str) -> None:
    article = parse(f"{LIST}<p>It shone.{SIGN}</p>{tag * 1000}It burned.{SIGN}")
    assert article.claims[-1].text.endswith(("It shone.", "It burned."))
    assert article.markers[0].reference_ids == (article.references[0].reference_id,)


def test_five_megabytes_of_broken_markup() -> None:
    """Unclosed and stray tags all over: every sign joined, every footnote kept, in seconds."""
    count = 6_000
    broken = "".join(
        f'<p>Lamp {n} <i>shone</b>.<sup class="reference"><a href="#cite_note-{n}">[{n}]</a></sup>'
        f"</div></span></table><td><li>{'oil all night, by the bay, and ' * 22}<tr></p>"
        for n in range(count)
    )
    notes = "".join(
        f'<li id="cite_note-{n}">Log {n}.{" <cite>Kept" if n % 10 == 0 else ""}'
        for n in range(count)
    )
    html = f'<div class="mw-parser-output">{broken}<ol class="references">{notes}'
    assert len(html) > 5_000_000
    start = time.perf_counter()
    article = parse(html)
    assert time.perf_counter() - start < 60
    assert len(article.references) == len(article.markers) == count
    assert [m.reference_ids for m in article.markers] == [
        (reference.reference_id,) for reference in article.references
    ]


@pytest.mark.parametrize("unit", ["<div>It <i>shone.", "<table><tr><td>It shone.", "<b><p>"])
def test_five_megabytes_nested_without_end_are_refused_at_once(unit: str) -> None:
    start = time.perf_counter()
    with pytest.raises(UnreadableFile, match="nested without end") as caught:
        parse(LIST + unit * (5_000_000 // len(unit)))
    assert caught.value.about == "lamp.html"
    assert time.perf_counter() - start < 10


TAGS = ["<p>", "</p>", "<div>", "</div>", "<li>", "<ul>", "</ul>", "<table>", "<tr>", "<td>",
        "<br>", "<h2>", "</h2>", "<sup>", "</sup>", '<table class="infobox">', "</table>", "<th>",
        SIGN,
        '<figure>', '<a href="#cite_note-%">', "It shone. ", "It burned", "<style>", "&nbsp;",
        "\x00",
        '<sup class="reference">', ":5", "[a]", '<ol class="references">', '<li id="cite_note-2">',
        '<span data-mw="{">', "</figure>", "</style>", "</a>", "e", "\u0301"]  # fmt: skip


@given(st.lists(st.sampled_from(TAGS), max_size=25).map("".join))
@settings(deadline=None)
def test_no_page_crashes_and_no_reference_is_lost(html: str) -> None:
    article = parse(f"{LIST}{html}")
    assert normalise(article.text) == article.text
    assert article.references[0].text == "A source."
    page = LexborHTMLParser(f"{LIST}{html}")
    assert len(article.references) >= len(page.css("ol.references > li"))
    known = {reference.reference_id for reference in article.references}
    assert all(set(marker.reference_ids) <= known for marker in article.markers)
    for claim in article.claims:
        assert claim.label is not None or claim.text == claim.span.of(article.text)
