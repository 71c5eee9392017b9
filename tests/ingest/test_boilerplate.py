"""Comments and lists of links in made-up pages, and what looks like them and is not."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.ingest.blocks import Block
from footnoted.ingest.boilerplate import linked_texts, remove_comments, without_links
from footnoted.ingest.extract import extract

STORY = "".join(
    f"<p>In the year {1900 + n} the keeper counted {n} ships that passed the reef at night, "
    "and wrote each of them into the book that lies in the lamp room.</p>"
    for n in range(4)
)
LINKS = "".join(
    f"<li>0{n}:30 <a href='/n/{n}'>Other news of the coast, {n}</a></li>" for n in range(12)
)


def left_of(body: str) -> str:
    tree = LexborHTMLParser(f"<html><body>{body}</body></html>")
    remove_comments(tree)
    return tree.body.text() if tree.body is not None else ""


def texts_in(body: str) -> frozenset[str]:
    return linked_texts(LexborHTMLParser(f"<html><body>{body}</body></html>"))


@pytest.mark.parametrize(
    "section",
    [
        "<div id=komentarze><h2>Two</h2>{}</div>",
        "<div class='box box-Kommentare-list'>{}</div>",
        "<section class=commentaires><div class=commentaires_un>{}</div></section>",
        "<ul class='lista comentarios'><li>{}</li></ul>",
    ],
)
def test_sections_of_comments_go_in_other_languages(section: str) -> None:
    said = "<p>What does the keeper say?</p>"
    assert left_of(STORY + section.format(said)) == left_of(STORY)


@pytest.mark.parametrize(
    "section",
    [
        "<div class=kommentar>{}</div>",
        "<div class=commentairesque>{}</div>",
        "<p class=komentarze>{}</p>",
        "<div class=reacties><h1>The book</h1>{}</div>",
    ],
)
def test_what_may_be_the_article_stays(section: str) -> None:
    assert "keeper say" in left_of(STORY + section.format("What does the keeper say?"))


def test_a_wrapper_of_nearly_everything_is_not_its_comments() -> None:
    assert "counted 3 ships" in left_of(f"<div class=commenti>{STORY}</div><p>Imprint</p>")


def test_each_line_of_a_list_of_links_is_known_by_its_text() -> None:
    assert texts_in(f"{STORY}<div><ul>{LINKS}</ul></div>") == {
        f"0{n}:30 Other news of the coast, {n}" for n in range(12)
    }


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li><a href=/1>One lamp</a></li><li><a href=/2>Two lamps</a></li></ul>",
        "<ul><li><a>One lamp</a></li><li><a>Two lamps</a></li><li><a>More lamps</a></li></ul>",
        "<ul>" + "<li><a href=/1>Lamp</a> was lit for the first time in 1868</li>" * 3 + "</ul>",
        "<table><tr><th>Lamp</th></tr>"
        + "<tr><td><a href=/1>One of them</a></td></tr>" * 3
        + "</table>",
        f"<p>{'<a href=/1>Lamp</a> ' * 3}</p>",
    ],
    ids=["two links", "anchors", "links in sentences", "data", "paragraph"],
)
def test_what_is_no_list_of_links(body: str) -> None:
    assert texts_in(body) == frozenset()


def test_blocks_of_links_go_but_headings_stay() -> None:
    text = Block("It burned colza oil until 1921. " * 10)
    blocks = [Block("Fuel", 2), text, Block("Fuel", 0, 1), Block(" The\u00a0reef ", 0, 1)]
    assert without_links(blocks, frozenset({"Fuel", "The reef"})) == blocks[:2]


def test_a_page_that_is_about_its_links_keeps_them() -> None:
    blocks = [Block("Lamps of the coast", 1), Block("Orrin Head"), Block("Low Tarn")]
    assert without_links(blocks, frozenset({"Orrin Head", "Low Tarn"})) == blocks


def test_lists_of_links_do_not_reach_the_extraction() -> None:
    page = f"<html><body><h1>The book</h1><article>{STORY}<ul>{LINKS}</ul></article></body></html>"
    text = extract(page.encode(), "text/html", None).text
    assert text.count("the keeper counted") == 4
    assert "Other news" not in text


def test_comments_do_not_reach_the_extraction() -> None:
    remarks = "".join(
        f"<div class=wypowiedz><p>Remark {n}: I have been to the reef with my family and the light "
        "was out for the whole of the night, so nobody could see anything there.</p></div>"
        for n in range(3)
    )
    page = f"<div><h1>The book</h1>{STORY}</div><div id=komentarze>{remarks}</div>"
    text = extract(f"<html><body>{page}</body></html>".encode(), "text/html", None).text
    assert text.count("the keeper counted") == 4
    assert "Remark" not in text


def test_a_deep_page_full_of_lists_takes_no_longer_than_its_size() -> None:
    deep = "<div class=commenti>" * 190 + (STORY + f"<ul>{LINKS}</ul>") * 1_000 + "</div>" * 190
    tree = LexborHTMLParser(f"<html><body>{deep}</body></html>")
    start = time.monotonic()
    remove_comments(tree)
    assert len(linked_texts(tree)) == 12
    assert time.monotonic() - start < 5
