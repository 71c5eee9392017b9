"""MediaWiki pages: legacy and Parsoid markup, and real pages against machine-counted numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from footnoted.domain import Article, Reference, UrlStatus
from footnoted.errors import NoReferences
from footnoted.ingest.fetching.archives import is_archive, original_of
from footnoted.ingest.forms import read_article
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.mediawiki.labels import in_style, sign_shown
from footnoted.ingest.mediawiki.links import read_links
from footnoted.ingest.normalise import normalise

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"
PACKAGED = Path(__file__).parents[2] / "ingest" / "packaged"


def read(path: Path) -> Article:
    return read_article(path.read_bytes(), name=path.name)


def parse(html: str) -> Article:
    return mediawiki.parse(html, name="lamp.html", url=None, retrieved_at=None)


def labels(article: Article) -> dict[str, list[str]]:
    return {claim.text: [m.label for m in claim.markers] for claim in article.claims}


@pytest.fixture(scope="module")
def legacy() -> Article:
    return read(ARTICLES / "lighthouse-legacy.html")


@pytest.fixture(scope="module")
def parsoid() -> Article:
    return read(ARTICLES / "lighthouse-parsoid.html")


def test_what_a_page_says_of_itself(legacy: Article, parsoid: Article) -> None:
    assert (legacy.title, parsoid.title) == ("Grennock Light", "Grennock Light")
    assert legacy.url == parsoid.url == "https://en.wiki.example/wiki/Grennock_Light"
    assert legacy.revision_id == parsoid.revision_id == "8642"
    assert (legacy.language, parsoid.language) == ("en", "en")
    assert (legacy.licence, parsoid.licence) == ("https://licences.example/by-sa/4.0/", None)


def test_claims_and_their_markers(legacy: Article) -> None:
    assert labels(legacy) == {
        "Name: Grennock Light": [],
        "Name: منارة غرينوك": [],
        "Location: Grennock Skerry": [],
        "Location: Varna Bay": [],
        "Height: 41 m (135 ft)": ["1"],
        "Keepers – First: Ada Holm": [],
        "Keepers – First: Jonas Reck": ["a"],
        "Grennock Light is a lighthouse on Grennock Skerry, designed by J. R. Holm of the U.S. "
        "Lighthouse Board.": ["1"],
        "It was lit for the first time on 3 May 1888.": ["1", "2"],
        'The lamp, which burned colza oil, was said to be "brighter than the moon".': ["3", "2"],
        "Its maker left for the U.S.": ["3"],
        "Congress praised it.": [],
        "A storm broke the lantern in 1931.": [],
        "A second one did not.": ["note 1"],
        "The book is lost.": ["9"],
        "Ada Holm kept the light for nine years.": ["3"],
        "Jonas Reck kept it for two.": [],
        "Year | Ships seen": [],
        "1889 | 412": ["1"],
        "أضيئت المنارة عام 1888.": ["3"],
        "هل رآها أحد؟": ["1"],
        "نعم.": [],
    }
    flags = {claim.text: claim.flags for claim in legacy.claims if claim.flags}
    assert flags == {
        "A storm broke the lantern in 1931.": ("citation_needed",),
        "A second one did not.": ("failed_verification",),
    }
    assert [(m.label, m.locator) for m in legacy.markers if m.locator] == [("2", "14")]
    assert [(m.label, m.group) for m in legacy.markers if not m.reference_ids] == [("9", "")]


def test_the_text_holds_the_article_and_nothing_else(legacy: Article) -> None:
    assert [(s.title, s.level) for s in legacy.sections] == [("History", 1), ("Keepers", 2)]
    for section in legacy.sections:
        assert legacy.text.startswith(section.title, section.start)
    assert "Keepers – First: Ada Holm; Jonas Reck\n\nGrennock Light is" in legacy.text
    assert "nine years.\nJonas Reck kept" in legacy.text
    assert "The lantern of 1888" in legacy.text  # a caption, for its footnote's sake
    for noise in ("town", "Main page", "[", "edit", "dusk", "Another", "Lighthouses of",
                  "Retrieved", "font-style", "in Varna", "nephew", "Darwish",
                  "last edited"):  # fmt: skip
        assert noise not in legacy.text
    assert normalise(legacy.text) == legacy.text


def test_references_in_their_groups(legacy: Article) -> None:
    assert [(r.label, r.group) for r in legacy.references] == [
        ("a", "lower-alpha"),
        ("note 1", "note"),
        ("1", ""),
        ("2", ""),
        ("3", ""),
        ("4", ""),
    ]
    groups = {m.label: m.group for m in legacy.markers}
    assert (groups["a"], groups["note 1"], groups["1"]) == ("lower-alpha", "note", "")
    assert legacy.references[0].text == "He was her nephew."


def reference(article: Article, label: str) -> Reference:
    (found,) = [r for r in article.references if r.label == label]
    return found


def test_a_living_page_with_an_archived_copy(legacy: Article) -> None:
    found = reference(legacy, "1")
    assert found.text == (
        'Holm, Ada (3 May 1889). "The Light on the Skerry". The Varna Courier. p. 5. Archived from '
        "the original on 2 June 2019. Retrieved 11 May 2024. Nobody slept."
    )
    assert found.urls == ("https://courier.example/1889/light",)
    assert found.archive_url is not None
    assert found.archive_url.startswith("https://web.archive.org/web/20190602000000/")
    assert (found.url_status, found.quote) == (UrlStatus.LIVE, "Nobody slept.")
    assert found.csl == {
        "type": "article-newspaper",
        "title": "The Light on the Skerry",
        "container-title": "The Varna Courier",
        "author": [{"family": "Holm", "given": "Ada"}],
        "issued": {"date-parts": [[1889, 5, 3]]},
        "accessed": {"date-parts": [[2024, 5, 11]]},
        "page": "5",
        "URL": "https://courier.example/1889/light",
        "custom": {"archived_on": "2 June 2019"},
    }


def test_a_dead_page_whose_title_leads_to_the_archive(legacy: Article) -> None:
    found = reference(legacy, "3")
    assert found.urls == ("http://lamps.example/81", "https://doi.org/10.5555/lamp.1890.81")
    assert found.url_status is UrlStatus.DEAD
    assert (found.csl["volume"], found.csl["DOI"]) == ("81", "10.5555/lamp.1890.81")


def test_a_percent_encoded_target_and_a_book(legacy: Article) -> None:
    found = reference(legacy, "2")
    assert [m.reference_ids for m in legacy.markers if m.label == "2"] == [
        (found.reference_id,)
    ] * 2
    assert found.csl["author"] == [
        {"family": "Reck", "given": "Jonas"},
        {"family": "Holm", "given": "Ada"},
    ]
    assert (found.csl["type"], found.csl["container-title"]) == ("chapter", "Lights of Varna")


def test_a_shortened_footnote_finds_its_full_citation(legacy: Article) -> None:
    found = reference(legacy, "4")
    assert found.text == "Darwish 2011, p. 30."
    assert (found.csl["title"], found.csl["page"]) == ("The Sea", "30")
    assert found.urls == ("https://books.example/sea",)


def test_parsoid(parsoid: Article) -> None:
    assert labels(parsoid) == {
        "Grennock Light was lit on 3 May 1888.": ["1", "a"],
        "It is 41 m high.": ["1.1"],
        "Its lamp burned oil.": ["2"],
    }
    assert all(marker.reference_ids for marker in parsoid.markers)
    assert [(r.label, r.group) for r in parsoid.references] == [
        ("a", "lower-alpha"),
        ("1", ""),
        ("1.1", ""),
        ("2", ""),
    ]
    detail, main = reference(parsoid, "1.1"), reference(parsoid, "1")
    assert (detail.text, detail.csl["page"]) == ("p. 5", "5")
    assert (detail.urls, detail.csl["title"]) == (main.urls, "The Light on the Skerry")
    assert reference(parsoid, "2").url_status is UrlStatus.USURPED
    assert reference(parsoid, "2").urls == ("http://lamps.example/north",)


@pytest.mark.parametrize(
    ("archive", "original"),
    [
        ("https://web.archive.org/web/2015/http://a.example/x", "http://a.example/x"),
        ("https://web.archive.org/web/20150101id_/http:/a.example/x", "http://a.example/x"),
        ("https://web.archive.org/web/20021004080737/a.example/x.html", "http://a.example/x.html"),
        ("https://webarchive.example/all/20150101000000/https://a.example", "https://a.example"),
        ("https://www.webcitation.org/5x?url=http://a.example/y", "http://a.example/y"),
        ("https://archive.today/AbCd", None),
        ("https://ghostarchive.org/archive/x1", None),
    ],
)
def test_archives(archive: str, original: str | None) -> None:
    assert is_archive(archive)
    assert original_of(archive) == original


def test_what_is_no_archive() -> None:
    for url in ("https://archive.org/details/book", "https://a.example/archive/2015/x.html"):
        assert not is_archive(url)


def test_broken_addresses_are_passed_over() -> None:
    page = LexborHTMLParser(
        '<li><a href="http://[broken/">x</a> <a href="/wiki/Lamp">Lamp</a>'
        '<a href="//a.example/1">A</a><sup class="Inline-Template">[<i>permanent dead link'
        "</i>]</sup></li>"
    )
    node = page.css_first("li")
    assert node is not None
    links = read_links(node)
    assert (links.cited, links.status) == (("https://a.example/1",), UrlStatus.DEAD)


def test_numerals() -> None:
    assert [in_style(n, "lower-alpha") for n in (1, 26, 27, 53)] == ["a", "z", "aa", "ba"]
    assert [in_style(n, "upper-roman") for n in (1, 4, 9, 44)] == ["I", "IV", "IX", "XLIV"]
    assert [in_style(2, group) for group in ("lower-greek", "note", "")] == ["β", "note 2", "2"]
    assert [sign_shown(s) for s in ("[lower-alpha 2]", "[n 1]", "[7]")] == ["b", "n 1", "7"]


LIST = '<ol class="references"><li id="cite_note-1">A source.</li></ol>'
SIGN = '<sup class="reference"><a href="#cite_note-1">[1]</a></sup>'


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        (f"<p>It shone.{SIGN}", ["It shone."]),
        (f"<div>It shone.{SIGN}<br>It burned.</div>", ["It shone.", "It burned."]),
        (f"<p>It shone.</p>{SIGN}", ["It shone."]),
        (f"<table><tr><td>It shone.{SIGN}<p>It burned.</table>", ["It shone.", "It burned."]),
        (f"{'<div><b>' * 3000}It shone.{SIGN}", ["It shone."]),
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


def test_boxes_in_boxes_give_their_rows_to_the_outer_one() -> None:
    inner = f'<table class="infobox"><tr><th>Height</th><td>41 m{SIGN}</td></tr></table>'
    article = parse(
        '<table class="infobox"><tr><th colspan="2">Lamp</th></tr>'
        f'<tr><td colspan="2">{inner}</td></tr><tr><th>Lit</th><td>1888</td></tr></table>{LIST}'
    )
    assert labels(article) == {"Name: Lamp": [], "Height: 41 m": ["1"], "Lit: 1888": []}


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


def test_entries_without_signs_are_counted_from_the_start_of_their_list() -> None:
    article = parse(
        '<ol class="references" start="7"><li>One.</li><li>Two.</li></ol>'
        '<div class="reflist-lower-alpha"><ol class="references"><li>By count.</li></ol></div>'
    )
    assert [(r.label, r.group) for r in article.references] == [
        ("7", ""),
        ("8", ""),
        ("a", "lower-alpha"),
    ]


def test_captions_with_footnotes_are_text_once_and_no_claims() -> None:
    article = parse(
        f'<figure><figcaption>Outer{SIGN}<div class="thumb"><div class="thumbcaption">inner{SIGN}'
        f"</div></div></figcaption></figure><figure><figcaption>Bare</figcaption></figure>{LIST}"
        f'<table class="mbox-small"><tr><td><div class="haudio">A sound{SIGN}</div>'
        "</td></tr></table>"
    )
    assert article.text == "Outer\n\ninner\n\nA sound"
    assert article.claims == ()
    assert [marker.position for marker in article.markers] == [5, 12, 21]


TAGS = ["<p>", "</p>", "<div>", "</div>", "<li>", "<ul>", "</ul>", "<table>", "<tr>", "<td>",
        "<br>", "<h2>", "</h2>", "<sup>", "</sup>", '<table class="infobox">', "</table>", "<th>",
        SIGN,
        '<figure>', '<a href="#cite_note-%">', "It shone. ", "It burned", "<style>", "&nbsp;",
        "\x00",
        '<sup class="reference">', ":5", "[a]", '<ol class="references">', '<li id="cite_note-2">',
        '<span data-mw="{">', "</figure>", "</style>", "</a>", "e", "\u0301"]  # fmt: skip


@given(st.lists(st.sampled_from(TAGS), max_size=25).map("".join))
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


def test_a_page_whose_lists_are_missing(shared: Path) -> None:
    with pytest.raises(NoReferences):
        read(shared / "bench" / "wikipages" / "en-Cat-pcs.html")
