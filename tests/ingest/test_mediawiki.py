"""MediaWiki pages as a whole: recognised, and read from legacy, mobile and Parsoid markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.domain import Article, Reference, UrlStatus
from footnoted.errors import InputError
from footnoted.ingest.forms import FORMS, read_article
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.normalise import normalise
from footnoted.ingest.web_article import form as web_article

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"


def read(path: Path) -> Article:
    return read_article(path.read_bytes(), name=path.name)


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


def reference(article: Article, label: str) -> Reference:
    (found,) = [r for r in article.references if r.label == label]
    return found


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
    assert reference(parsoid, "2").urls == ()  # what others took over is not offered


LIST = '<ol class="references"><li id="cite_note-1">A source.</li></ol>'
SIGN = '<sup class="reference"><a href="#cite_note-1">[1]</a></sup>'


def test_a_page_of_the_mobile_skin() -> None:
    """Sections are folded away by styles that scripts open; the skin's own words are left out."""
    body = (
        '<html class="client-js"><body class="mediawiki skin-minerva"><h1 id="firstHeading">Lamp'
        '</h1><div id="mw-content-text"><div class="mw-parser-output">'
        f'<section class="mf-section-0"><p>It shone.{SIGN}</p></section>'
        '<div class="mw-heading section-heading"><h2 id="Oil">Oil</h2><span class="mw-editsection">'
        '<a href="?edit">edit</a></span></div><section class="mf-section-1 collapsible-block" '
        f'style="display: none"><p>It burned oil.{SIGN}</p></section>'
        f'<section class="mf-section-2" hidden="until-found">{LIST}</section></div></div>'
        '<footer class="mw-footer">Last edited</footer></body></html>'
    )
    article = read_article(body.encode(), name="lamp.html")
    assert labels(article) == {"It shone.": ["1"], "It burned oil.": ["1"]}
    assert (article.form, article.title) == ("mediawiki_html", "Lamp")
    assert [r.text for r in article.references] == ["A source."]
    assert [s.title for s in article.sections] == ["Oil"]


@pytest.mark.parametrize(
    "page",
    [
        f'<div class="mw-parser-output"><p>It shone.{SIGN}</p>{LIST}</div>',
        f"<div class='mw-content-ltr mw-parser-output'><p>It shone.{SIGN}</p>{LIST}</div>",
        f"<p>It shone.{SIGN}</p>{LIST}",
        f'<div id="mw-content-text"><p>It shone.</p></div>{LIST}',
        f'<meta name="generator" content="MediaWiki 1.5"><body><p>Lamp</p>{LIST}',
        '<body class="skin-x mediawiki ltr"><p>Lamp</p>',
        "<html><script>var wgArticleId = 7;</script><p>Lamp</p>",
        '<html><script>RLCONF={"wgRevisionId":7};</script><p>Lamp</p>',
        '<html prefix="mw: http://mediawiki.org/rdf/"><p>Lamp</p>',
        '<html><meta property="mw:PageProp/toc"/><p>Lamp</p>',
    ],
)
def test_what_only_mediawiki_writes(page: str) -> None:
    assert mediawiki.recognises(page)
    assert not web_article.recognises(page)


OTHER_SITES = {
    "a list of the class": '<ol class="references"><li id="r1">Kelp, 2001.</li></ol>',
    "a link to a wiki's footnote": '<h2>References</h2><ol><li id="r1">Kelp, 2001. <a '
    'href="https://en.wikipedia.org/wiki/Kelp#cite_note-3">See</a></li></ol>',
    "words about MediaWiki": "<h2>References</h2><p>Its class is mw-parser-output, its variables "
    'are wgArticleId and wgRevisionId.</p><ol><li id="r1">Kelp, 2001.</li></ol>',
    "a theme of that name": '<div class="mediawiki-theme mediawiki"><h2>References</h2><ol><li '
    'id="r1">Kelp, 2001.</li></ol></div>',
}


@pytest.mark.parametrize("notes", OTHER_SITES.values(), ids=OTHER_SITES.keys())
def test_pages_of_other_sites_are_no_mediawiki_pages(notes: str) -> None:
    page = (
        '<html><body><main><h1>Kelp</h1><p>Kelp bends with the tide.<sup><a href="#r1">1</a></sup>'
        f"</p>{notes}</main></body></html>"
    )
    assert not mediawiki.recognises(page)
    article = read_article(page.encode(), name="kelp.html")
    assert article.form == "web_article"
    (marker,) = article.markers
    (source,) = article.references
    assert marker.reference_ids == (source.reference_id,)
    assert source.text.startswith("Kelp, 2001.")


def test_the_form_can_be_forced_on_a_page_that_it_does_not_recognise() -> None:
    page = b'<div><p>Kelp.</p><ol class="references"><li>Kelp, 2001.</li></ol></div>'
    with pytest.raises(InputError, match="no form that Footnoted reads"):
        read_article(page, name="kelp.html")
    assert "mediawiki_html" in FORMS
    forced = read_article(page, name="kelp.html", form="mediawiki_html")
    assert (forced.form, [r.text for r in forced.references]) == ("mediawiki_html", ["Kelp, 2001."])
