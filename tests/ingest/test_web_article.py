"""Any web page with footnotes: the styles of Pandoc, kramdown, journals and WordPress plugins."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Article, Reference
from footnoted.errors import NoReferences, UnreadableFile
from footnoted.ingest import plaintext
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.normalise import normalise
from footnoted.ingest.web_article import form as web_article

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"

STYLES = ("pandoc", "kramdown", "journal", "wordpress", "word", "docutils")
PAGES = {name: (ARTICLES / f"web-{name}.html").read_text("utf-8") for name in STYLES}


def parse(html: str, url: str | None = None) -> Article:
    return web_article.parse(html, name="page.html", url=url, retrieved_at="2026-01-02T03:04:05Z")


def cited(article: Article) -> list[tuple[str, list[str], list[str]]]:
    """Each claim with the labels of its signs and the words of its references."""
    texts = {r.reference_id: r.text for r in article.references}
    return [
        (c.text, [m.label for m in c.markers], [texts[i] for i in c.reference_ids])
        for c in article.claims
    ]


def by_label(article: Article) -> dict[str, Reference]:
    return {r.label: r for r in article.references}


@pytest.mark.parametrize("name", PAGES)
def test_only_this_form_recognises_the_pages(name: str) -> None:
    page = PAGES[name]
    assert web_article.recognises(page)
    assert not mediawiki.recognises(page)
    assert not plaintext.recognises(page)


def test_pages_of_pandoc() -> None:
    article = parse(PAGES["pandoc"])
    venn = "Orla Venn, “Nine Valleys”, Road Journal 12 (2004): 3–9. https://journal.example/valleys"
    mule = "See note 1, and The load of a mule. Twenty stone."
    assert cited(article) == [
        ("The salt road crossed nine valleys.", ["1"], [venn]),
        ("It was paved in 1640, as the section on mules tells.", ["2"],
         ["Town books of Ferl, leaf 4."]),
        ("A mule carried two sacks.", ["3"], [mule]),
        ("It drank at well[1].", [], []),
    ]  # fmt: skip
    assert (article.title, article.language, article.form) == ("Salt Roads", "en", "web_article")
    assert article.url == "https://roads.example/salt"
    assert article.retrieved_at == "2026-01-02T03:04:05Z"
    assert [(s.title, s.level) for s in article.sections] == [("Mules", 1)]
    first, _, third = article.references
    assert first.urls == ("https://journal.example/valleys",)
    assert first.csl["title"] == "Nine Valleys"
    assert first.csl["author"] == [{"literal": "Orla Venn"}]
    assert third.urls == ("https://mules.example/load",)
    assert article.text[: article.markers[1].position].endswith("in 1640,")


def test_pages_of_kramdown_with_arabic_ids() -> None:
    article = parse(PAGES["kramdown"], url="https://towers.example/saa")
    tower, smith = article.references
    assert (tower.text, smith.text) == ("دليل الأبراج، الفصل الأول", "حداد القرية")
    assert (tower.urls, smith.urls) == (
        ("https://towers.example/docs/towers.html",), ("https://news.example/smith",),
    )  # fmt: skip
    assert cited(article) == [
        ("تدق الساعة كل ربع.", ["1"], [tower.text]),
        ("صنعها حداد القرية؟", ["٢"], [smith.text]),
        ("وما زالت تعمل.", ["1"], [tower.text]),
    ]
    assert (article.title, article.language) == ("ساعة البرج", "ar")
    assert "Example" not in article.text


def test_pages_of_journals() -> None:
    article = parse(PAGES["journal"])
    labels = by_label(article)
    assert list(labels) == ["1", "2", "3", "4", "5", "6"]
    assert [(text, signs) for text, signs, _ in cited(article)] == [
        ("Kelp bends with the tide.", ["1", "2"]),
        ("Its blades grow fast, and the list[1] of sites is long (Moss 1999).",
         ["2", "3", "4", "5", "Moss 1999"]),
        ("Storms tear it.", ["9"]),
        ("Site | Length", []),
        ("North | 4 m", ["3"]),
        ("Write to us.", []),
    ]  # fmt: skip
    joined = article.claims[1].markers
    assert [m.reference_ids for m in joined[:4]] == [
        (labels[label].reference_id,) for label in ("2", "3", "4", "5")
    ]
    assert joined[4].reference_ids == (labels["4"].reference_id,)
    assert article.claims[2].markers[0].reference_ids == ()
    assert labels["1"].text.startswith("Hale, R. (2001). Tidal bending.")
    assert labels["1"].csl["DOI"] == "10.5555/kelp.1"
    assert labels["1"].urls == ("https://doi.org/10.5555/kelp.1",)
    assert labels["2"].urls == ("https://blades.example/p?id=2",)
    assert labels["5"].archive_url == "https://web.archive.org/web/2010/http://nay.example/"
    assert labels["5"].urls == ("http://nay.example/",)
    assert labels["6"].text == "Orr, W. Never cited. 1990."
    assert [s.title for s in article.sections] == ["Contact"]
    assert article.title == "Kelp and tides"


def test_pages_of_wordpress_plugins() -> None:
    article = parse(PAGES["wordpress"])
    book, own = article.references
    assert cited(article) == [
        ("Die Mühle steht seit 1702.", ["1"], [book.text]),
        ("Sie mahlt noch.", ["1"], [book.text]),
        ("Das Rad ist neu.", ["*"], [own.text]),
    ]
    assert (book.text, own.text) == ("Mühlenbuch, S. 4. Buch", "Eigene Messung.")
    assert (book.label, own.label, own.group) == ("1", "*", "")
    assert book.urls == ("https://muehle.example/buch",)
    assert article.text == "Die Mühle steht seit 1702. Sie mahlt noch. Das Rad ist neu."


def test_links_to_another_page_are_no_signs() -> None:
    page = PAGES["wordpress"].replace("blog.example/muehle#", "other.example/muehle#")
    page = page.replace("blog.example/muehle/#", "blog.example/muehle/../x#")
    assert not web_article.recognises(page)


def test_pages_of_word_and_docutils() -> None:
    assert cited(parse(PAGES["word"])) == [
        ("Peat keeps butter.", ["1"], ["Bog Annals, 1911."]),
        ("It burns slowly.", ["2"], ["Stove Notes, 1920."]),
    ]
    article = parse(PAGES["docutils"])
    assert cited(article) == [
        ("A well is dug by hand.", ["1"], ["Digging, Dig."]),
        ("It is lined.", ["2"], ["Lining."]),
    ]
    assert article.references[0].urls == ("https://dig.example/",)


def test_pages_of_dokuwiki() -> None:
    sign = '<sup><a href="#fn__{0}" id="fnt__{0}" class="fn_top">{0})</a></sup>'
    note = (
        '<div class="fn"><sup><a href="#fnt__{0}" id="fn__{0}" class="fn_bot">{0})</a></sup> '
        '<div class="content">Keeper {0}, <a href="https://k.example/{0}">a log</a>.</div></div>'
    )
    page = (
        '<html lang="en"><body><div class="dokuwiki"><main><h1>Tower</h1>'
        f"<p>The tower was lit.{sign.format(1)} It went dark.{sign.format(2)}</p></main>"
        f'<div class="footnotes">{note.format(1)}{note.format(2)}</div></div></body></html>'
    )
    assert web_article.recognises(page)
    article = parse(page)
    keepers = ["Keeper 1, a log.", "Keeper 2, a log."]
    assert cited(article) == [
        ("The tower was lit.", ["1"], keepers[:1]),
        ("It went dark.", ["2"], keepers[1:]),
    ]


def test_ids_are_joined_raw_before_they_are_decoded() -> None:
    page = """<p>One fact.<sup><a href="#n%20a">1</a></sup> Two facts.<sup><a href="#n%20b">2</a>
    </sup></p><h2>Notes</h2><ol><li id="n b">Decoded.</li><li id="n%20a">Raw.</li>
    <li id="n a">No.</li></ol>"""
    assert [refs for _, _, refs in cited(parse(page))] == [["Raw."], ["Decoded."]]


def test_notes_that_name_other_notes_and_ibid() -> None:
    article = parse(
        '<p>One.<sup><a href="#n1">1</a></sup> Two.<sup><a href="#n2">2</a></sup> Three.<sup>'
        '<a href="#n3">3</a></sup></p><h2>Notes</h2><ol><li id="n1"><a href="https://a.example/">'
        'Oil</a>, 1890.</li><li id="n2">Ibid., p. 7.</li><li id="n3">As <a href="#n1">note 1</a> '
        'says, and <a href="#n2">the next</a>; but see <a href="#n3">#</a>.</li></ol>'
    )
    first, ibid, third = article.references
    assert (ibid.text, ibid.urls, ibid.csl["page"]) == (
        "Ibid., p. 7.",
        ("https://a.example/",),
        "7",
    )
    assert third.csl["custom"]["cites"] == [first.reference_id, ibid.reference_id]
    assert "cites" not in first.csl.get("custom", {})


@pytest.mark.parametrize(
    "page",
    [
        "<p>Plain page without links.</p>",
        '<ul><li><a href="#s1">1</a></li></ul><h2 id="s1">Section</h2><p>Words.</p>',
        '<p><a href="#top">[1]</a> Words.</p><ol><li id="top">An item of any list.</li></ol>',
        '<p id="p1">A numbered paragraph. <sup><a href="#p1">1</a></sup></p>',
        '<h2>Notes</h2><p>See <a href="#b">1</a>.</p><div id="b"><h2>Part</h2><p>Words.</p></div>',
        '<p>See <a href="https://x.example/#fn1">[1]</a>.</p><h2>Notes</h2><p id="fn1">Far.</p>',
        '<p><a href="#c9">[9]</a></p><ol id="comments"><li id="c9">Nice <a href="#c9">#</a></ol>',
        '<h2>References</h2><ol><li id="r1">A note. <a href="#r1">1</a></li></ol><p>Words.</p>',
        "just words with #fn1 in them",
    ],
)  # fmt: skip
def test_pages_without_footnotes(page: str) -> None:
    assert not web_article.recognises(page)
    with pytest.raises(NoReferences, match=r"page\.html has no footnotes"):
        parse(page)


def test_pages_of_mediawiki_are_left_to_their_own_form() -> None:
    for path in ARTICLES.glob("lighthouse-*.html"):
        assert not web_article.recognises(path.read_text("utf-8"))


def test_a_page_nested_without_end_is_refused() -> None:
    page = "<div>" * 5_000 + PAGES["pandoc"]
    assert not web_article.recognises(page)
    with pytest.raises(UnreadableFile):
        parse(page)


def test_a_long_page_takes_seconds_at_most() -> None:
    count = 3_000
    body = "".join(
        f'<p>Fact {n} holds.<sup><a href="#f{n}">{n}</a></sup></p>' for n in range(count)
    )
    notes = "".join(f'<li id="f{n}">Source {n}.</li>' for n in range(count))
    start = time.perf_counter()
    article = parse(f"<h1>Facts</h1>{body}<h2>Sources</h2><ol>{notes}</ol>")
    assert len(article.references) == len(article.markers) == count
    assert all(m.reference_ids for m in article.markers)
    assert time.perf_counter() - start < 10


@given(
    st.lists(
        st.tuples(st.text("abc éم", min_size=1, max_size=12), st.integers(1, 5), st.booleans()),
        min_size=1, max_size=12,
    )
)  # fmt: skip
@settings(deadline=None)
def test_no_sign_and_no_note_is_lost(facts: list[tuple[str, int, bool]]) -> None:
    body = "".join(
        f"<p>X{words} fact." + (f'<sup><a href="#n{n}">{n}</a></sup></p>' if sup else
                                f' [<a href="#n{n}">{n}</a>]</p>')
        for words, n, sup in facts
    )  # fmt: skip
    notes = "".join(f'<li id="n{n}">Source number {n}.</li>' for n in range(1, 6))
    article = parse(f"<main><h1>T</h1>{body}<h2>References</h2><ol>{notes}</ol></main>")
    assert [m.label for m in article.markers] == [str(n) for _, n, _ in facts]
    assert [r.text for r in article.references] == [f"Source number {n}." for n in range(1, 6)]
    labels = by_label(article)
    assert [m.reference_ids for m in article.markers] == [
        (labels[str(n)].reference_id,) for _, n, _ in facts
    ]
    assert article.text == normalise(article.text)
    assert [c.text for c in article.claims] == [c.span.of(article.text) for c in article.claims]
    assert "[" not in article.text
