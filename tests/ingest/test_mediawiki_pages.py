"""MediaWiki pages as they are: the packaged articles, and the bench's with counted numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.domain import Article
from footnoted.errors import NoReferences
from footnoted.ingest.forms import FORMS, read_article
from footnoted.ingest.normalise import normalise

PACKAGED = Path(__file__).parents[2] / "ingest" / "packaged"


def read(path: Path) -> Article:
    return read_article(path.read_bytes(), name=path.name)


@pytest.mark.parametrize("corpus", ["default", "example"])
def test_the_packaged_articles(corpus: str) -> None:
    path = PACKAGED / corpus / "article.html"
    article = read(path)
    page = LexborHTMLParser(path.read_text("utf-8"))
    targets = {node.attributes["id"] for node in page.css("ol.references > li")}
    cited_by_notes = {node.mem_id for node in page.css("ol.references sup a")}
    printed = [
        (link.attributes["href"] or "").partition("#")[2]
        for link in page.css("sup.reference a")
        if link.mem_id not in cited_by_notes
    ]
    assert len(article.references) == len(targets)
    assert all("title" in r.csl or "note" in r.csl for r in article.references)
    assert len(article.markers) == len(printed)
    assert sum(bool(m.reference_ids) for m in article.markers) == sum(p in targets for p in printed)
    assert sum(len(claim.markers) for claim in article.claims) == len(printed)
    for noise in ("^", "cite_note", "[edit]", "Notes", "References"):
        assert noise not in article.text


REAL = [
    "de-Schweden-parse.html",
    "en-Cat-parse.html",
    "en-Dog-mobilehtml.html",
    "en-Dog-parsoid.html",
    "en-SubReferences-parsoid-fragment.html",
    "en-parse_contents.html",
    "en-tSNE-fullpage.html",
    "fr-Team_Bentley-parse.html",
    "he-Israel-parse.html",
    "ru-Aemilius_Paullus_Macedonicus-parse.html",
    "zh-parse_contents.html",
]


@pytest.mark.parametrize("name", REAL)
def test_real_pages(shared: Path, name: str) -> None:
    folder = shared / "bench" / "wikipages"
    rows = map(json.loads, (folder / "expected.jsonl").read_text("utf-8").splitlines())
    expected = next(row["expected"] for row in rows if row["file"] == name)
    article = read(folder / name)
    assert len(article.references) == expected["references"]
    joined = [marker for marker in article.markers if marker.reference_ids]
    wanted = expected["markers"] - expected["markers_without_target"]
    assert len(joined) >= 0.99 * wanted
    targets = {reference_id for marker in joined for reference_id in marker.reference_ids}
    assert len(targets) >= 0.99 * (
        expected["distinct_marker_targets"] - expected["markers_without_target"]
    )
    with_url = sum(bool(reference.urls) for reference in article.references)
    assert with_url >= expected["references_with_external_url"]
    assert normalise(article.text) == article.text


def test_every_real_page_is_recognised_as_what_it_is(shared: Path) -> None:
    paths = sorted((shared / "bench" / "wikipages").glob("*.html"))
    assert len(paths) == 26
    for path in paths:
        text = path.read_text("utf-8")
        assert [n for n, form in FORMS.items() if form.recognises(text)] == ["mediawiki_html"], path


def test_a_page_whose_lists_are_missing(shared: Path) -> None:
    with pytest.raises(NoReferences):
        read(shared / "bench" / "wikipages" / "en-Cat-pcs.html")
