from __future__ import annotations

import json
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from footnoted.ingest.hidden import remove_hidden

CASES = json.loads(
    (Path(__file__).parents[1] / "fixtures/pages/visibility.json").read_text("utf-8")
)
SECRET = "SECRET"


def page(case: dict[str, str]) -> str:
    return (
        f"<html><head><title>Ferry</title>{case['head']}</head>"
        f"<body><p>{CASES['seen']}</p>{case['body']}</body></html>"
    )


def visible(html: str) -> str:
    tree = LexborHTMLParser(html)
    remove_hidden(tree)
    return tree.html or ""


@pytest.mark.parametrize("case", CASES["hidden"], ids=lambda case: case["name"])
def test_what_no_reader_sees_is_taken_out(case: dict[str, str]) -> None:
    left = visible(page(case))
    assert SECRET not in left
    assert CASES["seen"] in left


@pytest.mark.parametrize("case", CASES["shown"], ids=lambda case: case["name"])
def test_what_readers_see_stays(case: dict[str, str]) -> None:
    assert SECRET in visible(page(case))


def test_the_page_around_hidden_text_is_untouched() -> None:
    html = "<html><head></head><body><p>One <b hidden>two</b><i>three</i></p>four</body></html>"
    assert visible(html) == html.replace("<b hidden>two</b>", "")


def test_broken_stylesheets_and_selectors_hide_nothing_else() -> None:
    style = "<style>}} .a{ .. {display:none} @charset; ::x,p::before{display:none} b{</style>"
    assert "kept" in visible(f"<html><head>{style}</head><body><p class=a>kept</p></body></html>")


def test_thousands_of_nested_elements_are_walked() -> None:
    deep = "<div>" * 2000 + "kept<b hidden>gone</b>" + "</div>" * 2000
    left = visible(f"<html><body>{deep}</body></html>")
    assert "kept" in left
    assert "gone" not in left
