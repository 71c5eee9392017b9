from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.ingest.nesting import flatten, is_overnested


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<div>" * 2_900 + "<p>word" * 50_000,
        "".join(f"<b id={n}><p>" for n in range(5_000)),
        "".join(f"<i id={n}>" for n in range(300)) + "<p>word" * 5_000,
        "<svg><div>" + "<path/>" * 10_000,  # a div ends the drawing, and slashes count no more
    ],
)
def test_markup_made_to_stall_a_parser_is_refused(html: str) -> None:
    assert is_overnested(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1_000 + "word" + "</div>" * 1_000,
        "<p>word" * 100_000,
        "<ul>" + "<li><b>word</b>" * 50_000 + "</ul>",
        "<svg>" + "<path/>" * 50_000 + "</svg>",
        "<b>" * 2_000 + "<p>word" * 10_000,  # equal ones: the parser copies three of them
        "<" * 1_000_000,
    ],
)
def test_long_and_careless_pages_are_not(html: str) -> None:
    assert not is_overnested(html)


def test_flattening_keeps_all_words_apart() -> None:
    tree = LexborHTMLParser("<html><body>" + "<ul><li>one<b>two</b>" * 400)
    flatten(tree)
    words = tree.body.text(separator="").split() if tree.body else []
    assert "".join(words) == "onetwo" * 400
    assert words.count("onetwo") > 250  # the others lie where the parser sees their elements
    depth, node = 0, tree.root
    while node is not None:
        depth, node = depth + 1, node.last_child
    assert depth < 256
