"""Plain text: the reader app's export, browser pastes, and the first real article."""

from __future__ import annotations

from pathlib import Path

import pytest

from footnoted.domain import Article
from footnoted.ingest.forms import read_article

ARTICLES = Path(__file__).parents[1] / "fixtures" / "articles"


def read(text: str) -> Article:
    return read_article(text.encode(), name="lamp.txt", form="plain_text")


@pytest.fixture(scope="module")
def lighthouse() -> Article:
    return read_article((ARTICLES / "lighthouse.txt").read_bytes(), name="lighthouse.txt")


def labels(article: Article) -> dict[str, list[str]]:
    return {claim.text: [m.label for m in claim.markers] for claim in article.claims}


def test_the_export_of_a_reader_app(lighthouse: Article) -> None:
    assert lighthouse.title == "Grennock Light"
    assert lighthouse.language == "en"
    assert [section.title for section in lighthouse.sections] == ["History"]
    assert labels(lighthouse) == {
        "Name: Grennock Light": [],
        "Name: GL": [],
        "Name: منارة غرينوك": [],
        "Location: Grennock Skerry": [],
        "Location: Varna Bay": [],
        "Height: 41 m": ["1"],
        "Opened: 1888": [],
        "Operated by: Varna Harbour Board": [],
        "Part of: Northern Lights (until 1990)": ["a"],
        "Owners: Ada Holm": [],
        'Owners: Jonas "Jo" Reck': [],
        "Grennock Light (GL) is a lighthouse on Grennock Skerry, designed by J. R. Holm of the "
        "U.S. Lighthouse Board.": [],
        "It was lit for the first time on 3 May 1888.": ["1", "2"],
        "Its log calls the first keeper's record entry[0] an error.": [],
        "The lamp is 12.5 times as bright as its predecessor, which burned colza oil, and can be "
        "seen at 30 km.": ["3", "2"],
        "In 1931 a storm broke the lantern.": ["4"],
        '"Nobody slept," the keeper wrote.': ["note 1"],
        "The tower was automated in 1990.": [],
        "Its Arabic name is rare.": ["5"],
        "Work began in 1884.": ["3"],
    }
    flags = {claim.text: claim.flags for claim in lighthouse.claims if claim.flags}
    assert flags == {"The tower was automated in 1990.": ("citation_needed",)}
    for noise in ("Cite error", "View on Wikipedia", "Developed by", "References", "^", "[edit]"):
        assert noise not in lighthouse.text


def test_markers_are_joined_to_references_or_are_orphans(lighthouse: Article) -> None:
    by_label = {reference.label: reference.reference_id for reference in lighthouse.references}
    assert list(by_label) == ["1", "2", "3", "4", "5"]
    for marker in lighthouse.markers:
        joined = (by_label[marker.label],) if marker.label in by_label else ()
        assert marker.reference_ids == joined
    orphans = [(m.label, m.group) for m in lighthouse.markers if not m.reference_ids]
    assert orphans == [("a", "lower-alpha"), ("note 1", "note")]
    assert [(m.label, m.locator) for m in lighthouse.markers if m.locator] == [("2", "14")]


def test_references_keep_their_print_and_have_addresses(lighthouse: Article) -> None:
    first, _, third, fourth, _ = lighthouse.references
    assert first.text.startswith('Holm, Ada (3 May 1889). "The Light on the Skerry".')
    assert first.csl["author"] == [{"family": "Holm", "given": "Ada"}]
    assert third.urls == ("https://doi.org/10.5555/lamp.1890.81",)
    assert fourth.csl["container-title"] == "Varna Archive (via Coast.example)"


BODY = "Lamp\n\nThe lamp shone at night for many years.[1] It burned oil from the bay.[2]\n\n"


@pytest.mark.parametrize(
    "listed",
    [
        "  1. ^ First.\n  2. ^ Second.",
        "1. ^ a b First.\n2. ^ Second.",
        "References\n^ Jump up to: a b First.\nJump up ^ Second.",
        "References[edit]\n↑ First.\n↑ Second.",
        "[1] ^ First.\n[2] ^ Second.",
        "1. ↑ ^a ^b First.\n2. ↑ Second.",
        "  1. ^ First.\n\n  2. ^ Sec-\nond.",
    ],
)
def test_lists_of_footnotes_as_exporters_write_them(listed: str) -> None:
    article = read(f"{BODY}{listed}\n\nDeveloped by Somebody\n")
    texts = [reference.text.replace("- ", "") for reference in article.references]
    assert texts == ["First.", "Second."]
    assert [reference.label for reference in article.references] == ["1", "2"]
    assert [len(claim.markers) for claim in article.claims] == [0, 1, 1]
    assert all(marker.reference_ids for marker in article.markers)


def test_two_lists_with_a_heading_between_them() -> None:
    article = read(
        BODY.replace("bay.[2]", "bay.[2][a]")
        + "Notes\n\na. ^ By count.\n\n"
        + "References\n\n1. ^ First.\n2. ^ Second.\n"
    )
    assert [(r.label, r.group) for r in article.references] == [
        ("a", "lower-alpha"),
        ("1", ""),
        ("2", ""),
    ]
    assert all(marker.reference_ids for marker in article.markers)
    assert "Notes" not in article.text


def test_contents_see_also_and_link_lists_are_left_out() -> None:
    article = read(
        "Lamp\nFrom Wikipedia, the free encyclopedia\n\n"
        "Contents [hide]\n1 History\n1.1 Oil\n2 Fire\n\n"
        "History[edit]\nThe lamp shone at night for many years.[1]\n\n"
        "See also[edit]\nTower\nRock\n\n"
        "References[edit]\n^ First.\n"
    )
    assert article.text == "Name: Lamp\n\nHistory\n\nThe lamp shone at night for many years."
    assert [section.title for section in article.sections] == ["History"]


def test_an_article_in_arabic() -> None:
    article = read(
        "منارة\n\nأضيئت المنارة في عام 1888 بعد بناء طويل.[1] هل رآها أحد في تلك الليلة؟[2]\n\n"
        '1. ^ "كتاب". دار البحر. 1990.\n2. ^ "صحيفة". الموج. 1991.\n'
    )
    assert article.language == "ar"
    assert [[m.label for m in claim.markers] for claim in article.claims] == [[], ["1"], ["2"]]


def test_the_first_real_article(shared: Path) -> None:
    path = shared / "articles" / "islamic-resistance-in-iraq.txt"
    article = read_article(path.read_bytes(), name=path.name)
    assert (article.title, article.language, article.form) == (
        "Islamic Resistance in Iraq",
        "en",
        "plain_text",
    )

    assert [reference.label for reference in article.references] == [str(n) for n in range(1, 14)]
    for reference in article.references:
        assert reference.csl["title"]
        assert reference.csl["container-title"]
    dated = [r.label for r in article.references if "issued" in r.csl]
    assert dated == ["1", "2", "3", "4", "7", "8", "9", "10", "11", "12", "13"]
    assert [r.label for r in article.references if "author" in r.csl] == [
        "1", "2", "3", "4", "7", "13",
    ]  # fmt: skip
    first, book = article.references[:2]
    assert first.csl["accessed"] == {"date-parts": [[2024, 5, 11]]}
    assert (book.csl["type"], book.csl["page"], book.csl["ISBN"]) == (
        "chapter",
        "297",
        "978-1931859-44-8",
    )
    assert [len(r.csl["author"]) for r in article.references[:4]] == [1, 2, 2, 2]
    assert "(via News.cn)" in article.references[7].csl["container-title"]
    assert article.references[10].csl["custom"] == {"archived_on": "28 January 2024"}

    # [1] to [13] are printed once each, and the orphan [a].
    assert len(article.markers) == 14
    assert [m.label for m in article.markers if not m.reference_ids] == ["a"]
    body = [claim for claim in article.claims if claim.label is None]
    assert [[m.label for m in claim.markers] for claim in body] == [
        [],
        ["3", "4"],
        ["5", "6"],
        ["7", "8", "9", "10", "11"],
        ["12"],
        ["13"],
    ]
    infobox = {claim.text: [m.label for m in claim.markers] for claim in article.claims[:-6]}
    assert infobox["Size: 70,000"] == []
    assert infobox["Ideology: Anti-Sunnism"] == ["1"]
    assert infobox["Ideology: Anti-imperialism"] == ["2"]
    assert infobox["Allies: Syria (until 2024)"] == ["a"]
    assert infobox["Name: IRI"] == []
    assert infobox["Allegiance: Iran (IRGC)"] == []
    assert sum(text.startswith("Leaders: ") for text in infobox) == 5
    for noise in ("Cite error", "View on Wikipedia", "Developed by", "Battles and wars"):
        assert noise not in article.text
