"""Articles as wikitext: a made-up page and single rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.domain import Article, Claim, Reference, UrlStatus
from footnoted.errors import NoReferences
from footnoted.ingest import plaintext
from footnoted.ingest.mediawiki import form as mediawiki
from footnoted.ingest.normalise import normalise
from footnoted.ingest.wikitext import form as wikitext

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"


def parse(text: str, url: str | None = None) -> Article:
    return wikitext.parse(text, name="lamp.wikitext", url=url, retrieved_at=None)


def only_claim(text: str) -> Claim:
    (claim,) = parse(text).claims
    return claim


def only_reference(body: str) -> Reference:
    (reference,) = parse(f"A lamp.<ref>{body}</ref>").references
    return reference


def signs(article: Article) -> dict[str, list[str]]:
    return {claim.text: [marker.label for marker in claim.markers] for claim in article.claims}


@pytest.fixture(scope="module")
def light() -> Article:
    text = (ARTICLES / "wikitext" / "grennock-light.wikitext").read_text("utf-8")
    return wikitext.parse(text, name="grennock.wikitext", url=None, retrieved_at="2026-01-02")


def test_a_page_and_its_claims(light: Article) -> None:
    assert (light.title, light.language, light.form) == ("Grennock Light", "en", "wikitext")
    assert light.retrieved_at == "2026-01-02"
    assert [(s.title, s.level) for s in light.sections] == [("History", 1)]
    assert signs(light) == {
        "Name: Grennock Light": [],
        "Location: Grennock Skerry": [],
        "Location: Varna Bay": ["1"],
        "Height: 41 m": [],
        "Lit: 3 May 1872": [],
        "Keepers: Ada Moll": [],
        "Keepers: Bo Renn": ["2"],
        "Grennock Light is a lighthouse on Grennock Skerry.": ["1"],
        "Its name in Arabic is منارة.": ["a"],
        "It was lit with oil and, later, with gas.": ["4", "5", "6"],
        "The lamp was made by two brothers, who left in 1880.": ["7", "8", "4"],
        "Keepers wrote [[not a link]] {{nor this}} in the book.": ["8", "note 1"],
        "One lamp was red.": ["9"],
        "The other was green.": ["10"],
        "Keepers": [],
        "Name | From": [],
        "Ada Moll | 1872": ["11"],
        "Bo Renn | 1880": [],
        "See Orrin (1931a) for a plan.": ["Orrin 1931a", "Ghost 1850, p. 3"],
    }
    assert {c.label for c in light.claims} == {
        "Name", "Location", "Height", "Lit", "Keepers", None
    }  # fmt: skip
    assert "\n\nThe lamp in 1890\n\n" in light.text
    assert all(c.span.of(light.text) in c.text for c in light.claims)
    assert normalise(light.text) == light.text


def test_orphans_flags_and_pages(light: Article) -> None:
    assert [m.label for m in light.markers if not m.reference_ids] == ["10", "Ghost 1850, p. 3"]
    flags = {claim.text[:8]: claim.flags for claim in light.claims if claim.flags}
    assert flags == {"It was l": ("citation_needed",), "See Orri": ("failed_verification",)}
    located = [(m.label, m.locator) for m in light.markers if m.locator]
    assert located == [("1", "12"), ("8", "40")]


def test_references_of_the_page(light: Article) -> None:
    by_label = {reference.label: reference for reference in light.references}
    assert [*by_label] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12",
                           "Orrin 1931a", "a", "note 1"]  # fmt: skip
    assert (by_label["a"].group, by_label["note 1"].group) == ("lower-alpha", "note")
    assert by_label["12"].text == 'Renn, B. "Unread". Varna Archive.'
    cited = {m.label for m in light.markers if m.reference_ids}
    assert cited.isdisjoint({"3", "12"})  # cited by a note only; by nothing


def test_a_citation_from_its_parameters(light: Article) -> None:
    survey = light.references[0]
    assert survey.csl == {
        "type": "webpage",
        "title": "A Survey of Grennock",
        "container-title": "Coast Survey",
        "author": [{"family": "Moll", "given": "Ada"}, {"family": "Renn", "given": "Bo"}],
        "issued": {"date-parts": [[2019, 5, 3]]},
        "accessed": {"date-parts": [[2020, 1, 2]]},
        "custom": {"quote": "It stands."},
        "URL": "https://survey.example/grennock",
    }
    assert survey.urls == ("https://survey.example/grennock",)
    archived = "https://web.archive.org/web/20200103000000/https://survey.example/grennock"
    assert (survey.archive_url, survey.url_status) == (archived, UrlStatus.LIVE)
    assert survey.quote == "It stands."


def test_short_footnotes_find_their_work(light: Article) -> None:
    by_label = {reference.label: reference for reference in light.references}
    first, second, broken = by_label["4"], by_label["5"], by_label["6"]
    assert (first.text, first.csl["title"], first.csl["page"]) == (
        "Orrin 1931a, p. 5.", "The First Plan", "5"
    )  # fmt: skip
    assert first.urls == ("https://plans.example/one",)
    assert (second.csl["title"], second.csl["page"]) == ("The Second Plan", "8–9")
    assert (broken.text, broken.urls) == ("Nobody 1900.", ())


def test_bundles_and_taken_over_originals(light: Article) -> None:
    by_label = {reference.label: reference for reference in light.references}
    usurped, bundle, bare = by_label["7"], by_label["8"], by_label["9"]
    assert (usurped.urls, usurped.url_status) == ((), UrlStatus.USURPED)
    assert "URL" not in usurped.csl
    assert usurped.archive_url == "https://web.archive.org/web/2011/http://taken.example/lamps"
    assert bundle.urls == ("https://doi.org/10.5555/oil", "https://gas.example/")
    assert bundle.csl["title"] == "Oil"
    assert [item["title"] for item in bundle.csl["custom"]["bundled"]] == ["Gas"]
    assert (bare.urls, bare.url_status) == (("https://bare.example/red",), UrlStatus.DEAD)


@pytest.mark.parametrize(
    ("status", "urls", "expected"),
    [
        ("url-status=dead", ("https://a.example/",), UrlStatus.DEAD),
        ("url-status=deviated", ("https://a.example/",), UrlStatus.DEVIATED),
        ("url-status=unfit", (), UrlStatus.UNFIT),
        ("dead-url=no", ("https://a.example/",), UrlStatus.LIVE),
        ("via=Shelf", ("https://a.example/",), UrlStatus.DEAD),
    ],
)
def test_what_the_article_says_of_an_original(
    status: str, urls: tuple[str, ...], expected: UrlStatus
) -> None:
    archive = "https://web.archive.org/web/2011/https://a.example/"
    reference = only_reference(
        f"{{{{cite web|title=A|url=https://a.example/|archive-url={archive}|{status}}}}}"
    )
    assert (reference.urls, reference.url_status) == (urls, expected)
    assert reference.archive_url == archive


def test_a_title_that_links_to_the_archive() -> None:
    archive = "https://web.archive.org/web/20110101000000/http://a.example/x"
    reference = only_reference(f"{{{{cite web|title=A|url={archive}}}}}")
    assert (reference.urls, reference.archive_url) == (("http://a.example/x",), archive)
    free = only_reference(f"[{archive} Lamp list], Ada Moll.")
    assert (free.urls, free.archive_url) == (("http://a.example/x",), archive)
    assert free.text == "Lamp list, Ada Moll."


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{Literatur |Autor=Ada Moll |Titel=Lampen |Verlag=Riff |Jahr=1950 |ISBN=3-1 |Seiten=4}}",
         {"type": "book", "title": "Lampen", "publisher": "Riff", "page": "4"}),
        ("{{Lien web |auteur=Moll, Ada |titre=Lampes |url=https://l.example/ |site=Phares}}",
         {"title": "Lampes", "container-title": "Phares", "URL": "https://l.example/"}),
        ("{{Cita web |título=Faros |url=https://f.example/ |editorial=Sur |fecha=3 mayo 2001}}",
         {"title": "Faros", "publisher": "Sur"}),
        ("{{cite book |title=Whole |chapter=Part |editor1-last=Ulm |editor1-first=Cass}}",
         {"type": "chapter", "title": "Part", "container-title": "Whole",
          "editor": [{"family": "Ulm", "given": "Cass"}]}),
        ("{{cite news |trans-title=Lights |title=Lichter |language=de |via=Shelf}}",
         {"type": "article-newspaper", "language": "de",
          "custom": {"translated_title": "Lights", "via": "Shelf"}}),
    ],
)  # fmt: skip
def test_citation_templates(template: str, expected: dict[str, object]) -> None:
    csl = only_reference(template).csl
    assert {name: csl.get(name) for name in expected} == expected


def test_names_groups_and_a_second_list() -> None:
    article = parse(
        "A lamp.<ref name='x y'>One.</ref> Its oil.<ref name=x_y />{{refn|group=nb|A note.}}\n"
        '<references />\n== Later ==\nA wick.<ref>Two.</ref> Its end.<ref name="x y"/>'
        "{{#tag:ref|Three.|group=nb|name=t}} A rim.{{efn-ua|name=u|Four.}}{{efn-ua|name=u}}\n"
        "{{reflist}}"
    )
    by_id = {r.reference_id: (r.label, r.group, r.text) for r in article.references}
    printed = {c.text: [by_id[i] for i in c.reference_ids] for c in article.claims}
    assert printed == {
        "A lamp.": [("1", "", "One.")],
        "Its oil.": [("1", "", "One."), ("nb 1", "nb", "A note.")],
        "A wick.": [("1", "", "Two.")],
        "Its end.": [("1", "", "One."), ("nb 2", "nb", "Three.")],
        "A rim.": [("A", "upper-alpha", "Four.")],
    }


def test_old_notes() -> None:
    article = parse("A lamp.{{ref|a}} B.<ref>R.</ref>\n\n== Notes ==\n:{{note|a}} Said of lamps.\n")
    assert [(r.text, r.group) for r in article.references] == [
        ("Said of lamps.", "note"), ("R.", "")
    ]  # fmt: skip
    assert all(marker.reference_ids for marker in article.markers)
    assert "Said of lamps" not in article.text


def test_several_works_in_one_short_footnote() -> None:
    article = parse(
        "A lamp.{{sfnm|1a1=Moll|1a2=Renn|1y=1900|1p=3|2a1=Ulm|2y=1910|2loc=ch. 2}} "
        "Oil.<ref>{{harvnb|Crew Guild|2001}}; and more.</ref>\n\n== Sources ==\n"
        "* {{citation|last1=Moll|last2=Renn|year=1900|title=Wicks|url=https://w.example/}}\n"
        "* {{cite book|last=Ulm|date=May 1910|title=Rims|url=https://r.example/}}\n"
        "* {{cite web|title=Crew|url=https://c.example/|ref={{harvid|Crew Guild|2001}}}}\n"
    )
    both, crew = article.references
    assert both.text == "Moll & Renn 1900, p. 3; Ulm 1910, ch. 2."
    assert both.urls == ("https://w.example/", "https://r.example/")
    assert (crew.text, crew.urls) == ("Crew Guild 2001; and more.", ("https://c.example/",))


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("'''Lamp''' ''oil''", "Lamp oil"),
        ("L''''oil''' lamp", "L'oil lamp"),
        ("[[Oil lamp|lamp]]s of [[Varna (bay)|]]", "lamps of Varna"),
        ("A [https://x.example/ lamp list] is", "A lamp list is"),
        ("[[File:L.jpg|thumb|A [[lamp]]]]Lamp[[Category:Lamps]]", "Lamp"),
        ("A{{nbsp}}lamp &ndash; oil<!-- hidden\n\n-->", "A lamp – oil"),
        ("Lit {{convert|5|km}} off, {{circa|1900}}", "Lit 5 km off, c. 1900"),
        ("Lit {{start date|1900|3|7|mf=y}}", "Lit March 7, 1900"),
        ("Lit {{start date|1900|٣=3}}", "Lit 1900"),
        ("Lit {{start date|1900|03=3}}", "Lit 1900"),
        (f"Lit {{{{start date|1900|{'9' * 5000}=3}}}}", "Lit 1900"),
        (f"Lit {{{{start date|{'9' * 5000}}}}}", f"Lit {'9' * 5000}"),
        ("Lit {{nowrap|by {{lang|de|Öl}}}} {{mystery|gone}}", "Lit by Öl"),
        ("Lit <span style='display:none'>x</span><small>low</small>", "Lit low"),
        ("Lit __NOTOC__{{DEFAULTSORT:Lamp}}", "Lit"),
        ("Sum <math>a_{1} + b</math> of oil", "Sum a_{1} + b of oil"),
        ("Lit<br>low array[1] {{{1|dim}}}", "Lit low array[1] dim"),
    ],
)
def test_words_of_markup(markup: str, words: str) -> None:
    assert only_claim(f"{markup}<ref>R.</ref>").text == words


def test_recognition() -> None:
    mine = (ARTICLES / "wikitext" / "grennock-light.wikitext").read_text("utf-8")
    assert wikitext.recognises(mine)
    assert not mediawiki.recognises(mine)
    assert not plaintext.recognises(mine)
    for path in sorted(ARTICLES.glob("lighthouse*")):
        assert not wikitext.recognises(path.read_text("utf-8")), path.name
    assert wikitext.recognises("'''Lamp''' is a [[light]].\n== Oil ==\n")
    assert not wikitext.recognises("Lamp\n\narray[[1]] is {{x}} and nothing else.")
    assert not wikitext.recognises('{"parse": {"wikitext": "a<ref>b</ref>"}}')


def test_an_address_names_language_title_and_revision() -> None:
    url = "https://de.wikipedia.org/wiki/Alte_Lampe?oldid=77"
    article = parse("Lampe.<ref>Buch.</ref>", url)
    assert (article.language, article.title, article.revision_id) == ("de", "Alte Lampe", "77")


def test_a_page_without_footnotes() -> None:
    with pytest.raises(NoReferences) as caught:
        parse("#REDIRECT [[Lamp]]")
    assert caught.value.about == "lamp.wikitext"


def test_escaped_wikitext_of_a_dump() -> None:
    article = parse("A lamp.&lt;ref name=&quot;a&quot;&gt;One &amp;amp; two.&lt;/ref&gt; Oil.")
    assert [r.text for r in article.references] == ["One & two."]
    assert signs(article) == {"A lamp.": ["1"], "Oil.": []}
