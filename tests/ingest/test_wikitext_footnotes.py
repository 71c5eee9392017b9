"""Footnotes in wikitext: where their signs stand, and what each says of the others."""

from __future__ import annotations

import pytest

from footnoted.domain import Article, Reference
from footnoted.ingest.wikitext import form as wikitext


def parse(text: str) -> Article:
    return wikitext.parse(text, name="lamp.wikitext", url=None, retrieved_at=None)


def signs(article: Article) -> dict[str, list[str]]:
    return {claim.text: [marker.label for marker in claim.markers] for claim in article.claims}


def joined(article: Article) -> list[tuple[str, list[str]]]:
    """Each sign with the words of its footnotes."""
    texts = {r.reference_id: r.text for r in article.references}
    return [(m.label, [texts[i] for i in m.reference_ids]) for m in article.markers]


def references(*notes: str) -> tuple[Reference, ...]:
    return parse("A lamp." + "".join(f"<ref>{note}</ref>" for note in notes)).references


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Lit.<ref>A.</ref><ref>B.</ref><ref>C.</ref> Out.",
         {"Lit.": ["1", "2", "3"], "Out.": []}),
        ("The lamp<ref>A.</ref> shone,<ref>B.</ref> it seems<ref>C.</ref>.",
         {"The lamp shone, it seems.": ["1", "2", "3"]}),
        ('It was "bright".<ref>A.</ref> Then dark.', {'It was "bright".': ["1"], "Then dark.": []}),
        ("هل رآها أحد؟<ref>A.</ref> نعم،<ref>B.</ref> رآها الحارس.",
         {"هل رآها أحد؟": ["1"], "نعم، رآها الحارس.": ["2"]}),
        ("یہ مینار ہے۔<ref>A.</ref> وہ روشن ہے۔<ref>B.</ref>",
         {"یہ مینار ہے۔": ["1"], "وہ روشن ہے۔": ["2"]}),
        ("灯塔建成。<ref>A.</ref>它很高<ref>B.</ref>。", {"灯塔建成。": ["1"], "它很高。": ["2"]}),
    ],
)  # fmt: skip
def test_where_a_sign_stands(text: str, claims: dict[str, list[str]]) -> None:
    assert signs(parse(text)) == claims


def test_signs_in_headings_captions_lists_and_tables() -> None:
    article = parse(
        "It shone.<ref name=a>A.</ref>\n\n== Oil<ref name=a/> ==\n* Colza<ref name=a/>\n"
        "; Wick<ref name=a/>\n: A thread<ref name=a/>\n\n"
        '{| class="wikitable"\n|+ Ships<ref name=a/>\n! Year<ref name=a/>\n|-\n'
        "| 1889<ref name=a/>\n|}\n[[File:L.jpg|thumb|A tower<ref name=a/>]]\n"
    )
    words = [article.text[: m.position].split()[-1] for m in article.markers]
    assert sorted(words) == sorted(
        ["shone.", "Oil", "Colza", "Wick", "thread", "Ships", "Year", "1889", "tower"]
    )
    assert [s.title for s in article.sections] == ["Oil"]
    assert all(texts == ["A."] for _, texts in joined(article))


def test_equal_names_and_labels_of_different_groups() -> None:
    article = parse(
        'Lit.<ref name="x">Main.</ref> Out.<ref group="nb" name="x">Noted.</ref> Dark.'
        '<ref group="ملاحظة" name="x">ملاحظة.</ref> So.<ref name="خبر-4">خبر.</ref>'
        '<ref name="خبر-4" /><ref group="nb" name="x" />{{efn|First a.}}{{efn-ua|First A.}}'
    )
    assert joined(article) == [
        ("1", ["Main."]),
        ("nb 1", ["Noted."]),
        ("ملاحظة 1", ["ملاحظة."]),
        ("2", ["خبر."]),
        ("2", ["خبر."]),
        ("nb 1", ["Noted."]),
        ("a", ["First a."]),
        ("A", ["First A."]),
    ]


@pytest.mark.parametrize(
    "details",
    [
        "<ref extends=book>p. 5</ref> Dark.<ref extends=book>p. 9</ref>",
        '<ref name=book details="p. 5" /> Dark.<ref name=book details="p. 9" />',
    ],
)
def test_details_of_a_reference(details: str) -> None:
    article = parse(
        "Lit.<ref name=book>{{cite book|title=Oil|url=https://oil.example/}}</ref> "
        f"Out.{details} Still.<ref>B.</ref>"
    )
    assert [label for label, _ in joined(article)] == ["1", "1.1", "1.2", "2"]
    detail = next(r for r in article.references if r.label == "1.1")
    assert detail.text == "p. 5"
    assert (detail.csl["title"], detail.csl["page"]) == ("Oil", "5")
    assert detail.urls == ("https://oil.example/",)


def test_a_detail_of_a_reference_that_the_article_lacks() -> None:
    article = parse("Lit.<ref extends=gone>p. 5</ref> Out.<ref>B.</ref>")
    assert joined(article) == [("1.1", ["p. 5"]), ("2", ["B."])]


def test_ibid() -> None:
    first, second, note = parse(
        "Lit.<ref>{{cite web|title=Oil|url=https://oil.example/|page=3}}</ref> Out.<ref>Ibid., "
        "p. 30.</ref>{{efn|Ibid.}}"
    ).references
    assert (second.text, second.csl["title"], second.csl["page"]) == ("Ibid., p. 30.", "Oil", "30")
    assert second.urls == first.urls == ("https://oil.example/",)
    assert (note.group, note.urls) == ("lower-alpha", ())  # the first of its list


def test_notes_that_themselves_cite() -> None:
    article = parse("Lit.{{efn|By count.<ref name=log>A log.</ref>}} Out.<ref name=log/>")
    by_text = {reference.text: reference for reference in article.references}
    note, log = by_text["By count."], by_text["A log."]
    assert note.csl["custom"]["cites"] == [log.reference_id]
    assert "custom" not in log.csl
    assert joined(article) == [("a", ["By count."]), ("1", ["A log."])]


def test_hidden_words_and_remarks_inside_a_citation() -> None:
    (found,) = references(
        "<!-- not yet -->{{cite web|title=Oil<!-- sic -->|url=https://a.example/}}"
        "<span style='display:none'>hid</span>{{failed verification|date=May 2020}}"
    )
    assert found.text == '"Oil".'


def test_links_in_their_order_of_preference() -> None:
    (found,) = references(
        "{{cite journal|author=Moll|author-link=Ada Moll|title=Oil|journal=Rims|via=Shelf"
        "|chapter-url=https://a.example/part|url=https://a.example/whole|doi=10.5555/oil|pmid=12"
        "|archive-url=https://web.archive.org/web/2020/https://a.example/whole|isbn=3-1}}"
    )
    assert found.urls == (
        "https://a.example/part",
        "https://a.example/whole",
        "https://doi.org/10.5555/oil",
        "https://pubmed.ncbi.nlm.nih.gov/12/",
    )
    assert found.archive_url == "https://web.archive.org/web/2020/https://a.example/whole"
    assert (found.csl["ISBN"], found.csl["custom"]["via"]) == ("3-1", "Shelf")


@pytest.mark.parametrize(
    ("archive", "urls"),
    [
        ("https://web.archive.org/web/2020*/http://a.example/x", ("http://a.example/x",)),
        ("https://web.archive.org/web/20150101id_/http://a.example/x", ("http://a.example/x",)),
        ("https://archive.today/AbCd", ()),
        ("https://ghostarchive.org/archive/x1", ()),
        ("https://www.webcitation.org/5x?url=http://a.example/x", ("http://a.example/x",)),
    ],
)
def test_archives_of_any_form(archive: str, urls: tuple[str, ...]) -> None:
    (cited,) = references(f"{{{{cite web|title=Oil|url={archive}}}}}")
    (free,) = references(f"[{archive} Oil], Rim.")
    for found in (cited, free):
        assert (found.urls, found.archive_url) == (urls, archive)
