"""The addresses in a footnote of a MediaWiki page: which one, in which order, and its state."""

from __future__ import annotations

import json
from html import escape

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.domain import Reference, UrlStatus
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.mediawiki.links import read_links

TITLE = '"Lamps"'
COPY = "https://web.archive.org/web/20150101000000/http://a.example/x"


def only(note: str) -> Reference:
    page = f'<p>A lamp.</p><ol class="references"><li id="cite_note-1">{note}</li></ol>'
    (reference,) = mediawiki.parse(page, name="x.html", url=None, retrieved_at=None).references
    return reference


def link(url: str, words: str) -> str:
    return f'<a rel="nofollow" class="external text" href="{url}">{words}</a>'


def parsoid(words: str, template: str = "cite web", **parameters: str) -> str:
    kept = {
        "template": {
            "target": {"wt": template},
            "params": {name.replace("_", "-"): {"wt": wt} for name, wt in parameters.items()},
        }
    }
    data = escape(json.dumps({"parts": [kept]}))
    return f'<cite class="citation" typeof="mw:Transclusion" data-mw="{data}">{words}</cite>'


DEAD = f"{link(COPY, TITLE)}. Archived from {link('http://a.example/x', 'the original')}."
LIVE = f"{link('http://a.example/x', TITLE)}. {link(COPY, 'Archived')} from the original."


@pytest.mark.parametrize(
    ("words", "said", "urls", "expected"),
    [
        (LIVE, "live", ("http://a.example/x",), UrlStatus.LIVE),
        (DEAD, "dead", ("http://a.example/x",), UrlStatus.DEAD),
        (DEAD, "deviated", ("http://a.example/x",), UrlStatus.DEVIATED),
        (DEAD, "unfit", (), UrlStatus.UNFIT),
        (DEAD, "usurped", (), UrlStatus.USURPED),
        (LIVE, None, ("http://a.example/x",), UrlStatus.LIVE),
        (DEAD, None, ("http://a.example/x",), UrlStatus.DEAD),
    ],
)
def test_what_the_article_says_of_an_original(
    words: str, said: str | None, urls: tuple[str, ...], expected: UrlStatus
) -> None:
    note = parsoid(words, url_status=said) if said else f"<cite>{words}</cite>"
    found = only(note)
    assert (found.urls, found.archive_url, found.url_status) == (urls, COPY, expected)
    assert found.csl.get("URL") == (urls[0] if urls else None)


def test_an_unfit_original_of_a_page_that_keeps_no_parameters() -> None:
    coins = "rft_val_fmt=info%3Aofi&rft.btitle=Lamps&rft_id=http%3A%2F%2Fa.example%2Fx"
    found = only(
        f"<cite>{link(COPY, TITLE)}. Archived from the original on 1 January 2015.</cite>"
        f'<span class="Z3988" title="{escape(coins)}"></span>'
        '<span class="cs1-maint citation-comment">CS1 maint: unfit URL (<a>link</a>)</span>'
    )
    assert (found.url_status, found.urls, found.archive_url) == (UrlStatus.UNFIT, (), COPY)
    assert "URL" not in found.csl
    assert found.text == '"Lamps". Archived from the original on 1 January 2015.'


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("tag", ["cite", "span"])
def test_a_taken_over_original_takes_no_other_work_of_its_note_with_it(
    first: bool, tag: str
) -> None:
    other = f"{link('https://b.example/y', '&quot;Oil&quot;')}."
    works = [parsoid(DEAD, url_status="usurped"), f'<cite class="citation">{other}</cite>']
    note = (
        "; ".join(works if first else reversed(works))
        .replace("<cite", f"<{tag}")
        .replace("</cite", f"</{tag}")
    )
    found = only(f"{note} See {link('https://c.example/z', 'more')}.")
    assert found.urls == ("https://b.example/y", "https://c.example/z")
    assert found.url_status is (UrlStatus.USURPED if first else UrlStatus.UNKNOWN)
    assert found.archive_url == COPY


def test_a_taken_over_original_without_a_copy() -> None:
    found = only(parsoid(link("http://a.example/x", TITLE), url_status="usurped"))
    assert (found.urls, found.archive_url, found.csl["title"]) == ((), None, "Lamps")


def test_links_in_their_order_of_preference() -> None:
    """The title, the DOI, catalogues; the author's page and the database come last."""
    found = only(
        f'<cite class="citation">{link("https://moll.example/", "Moll, Ada")} (1950). '
        f"{link('https://lamps.example/1', TITLE)}. <i>Rims</i>. "
        f"{link('https://www.worldcat.org/oclc/1', 'OCLC 1')}. doi:"
        f"{link('https://doi.org/10.5555%2Flamp', '10.5555/lamp')}. ISBN "
        '<a href="/wiki/Special:BookSources/0-306-40615-2">0-306-40615-2</a>. '
        f"{link(COPY, 'Archived')} from the original &ndash; via "
        f"{link('https://shelf.example/', 'Shelf')}.</cite>"
    )
    assert found.urls == (
        "https://lamps.example/1",
        "https://doi.org/10.5555/lamp",
        "https://www.worldcat.org/oclc/1",
        "https://moll.example/",
        "https://shelf.example/",
    )
    assert (found.archive_url, found.csl["URL"]) == (COPY, "https://lamps.example/1")
    assert (found.csl["title"], found.csl["ISBN"]) == ("Lamps", "0-306-40615-2")


def test_the_author_s_page_and_the_database_are_better_than_nothing() -> None:
    note = f'Moll, Ada. "Lamps". Via {link("https://shelf.example/", "Shelf")}.'
    assert only(note).urls == ("https://shelf.example/",)


@pytest.mark.parametrize(
    ("archive", "urls"),
    [
        (COPY, ("http://a.example/x",)),
        ("https://web.archive.org/web/2020*/http://a.example/x", ("http://a.example/x",)),
        ("https://web.archive.org/web/20150101id_/http://a.example/x", ("http://a.example/x",)),
        ("https://www.webcitation.org/5x?url=http://a.example/x", ("http://a.example/x",)),
        ("https://archive.today/AbCd", ()),
        ("https://ghostarchive.org/archive/x1", ()),
    ],
)
def test_a_title_that_links_to_an_archive(archive: str, urls: tuple[str, ...]) -> None:
    found = only(f"{link(archive, 'Lamps')}. Rims.")
    assert (found.urls, found.archive_url) == (urls, archive)
    assert found.url_status is UrlStatus.DEAD
    assert found.csl["title"] == "Lamps"


def test_bare_addresses_and_free_text() -> None:
    bare = only('<a class="external free" href="https://a.example/x">https://a.example/x</a>')
    assert (bare.urls, bare.text) == (("https://a.example/x",), "https://a.example/x")
    assert (bare.csl["type"], bare.csl.get("title")) == ("webpage", None)
    numbered = only('See <a class="external autonumber" href="https://a.example/y">[1]</a> there.')
    assert (numbered.urls, numbered.csl.get("title")) == (("https://a.example/y",), "See [1] there")
    free = only(f"Ada Moll, {link('https://a.example/z', 'Lamp list')}, kept at Rim.")
    assert (free.urls, free.text) == (("https://a.example/z",), "Ada Moll, Lamp list, kept at Rim.")


def test_addresses_that_readers_do_not_see_are_not_cited() -> None:
    found = only(f'Rims.<span style="display:none">{link("https://spam.example/", "x")}</span>')
    assert found.urls == ()


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
