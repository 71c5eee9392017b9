"""The text that a browser's search looks through, from the bytes of a page."""

from __future__ import annotations

import pytest

from footnoted.ingest.visible_text import BLOCK_END, OBJECT, VisibleText, visible_text


def text_of(body: str, head: str = "") -> str:
    return searchable(body, head).text.strip()


def searchable(body: str, head: str = "") -> VisibleText:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    found = visible_text(page.encode(), "text/html; charset=utf-8", None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>one\n   two</p><p>three", "one two\nthree"),
        ("<p>one <b>t<i>w</i>o</b> three", "one two three"),
        ("<p>one <!-- and --><script>1</script>two", "one two"),
        ("one<br>two", "one\ntwo"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one\ntwo"),
        ("<pre>one two\n  three   four</pre>", "one two\nthree\nfour"),
        ("<p>one&nbsp;two", "one\u00a0two"),
        ("<p>one <img alt=x> two", f"one {OBJECT} two"),
        ("<p>one <span style='display:inline-block'>two</span> three", "one\ntwo\nthree"),
        ("<p>one <span style='float:left'>two</span> three", "one\ntwo\nthree"),
        ("<p>one <span style='position:absolute'>two</span> three", "one\ntwo\nthree"),
        ("<p>one <b style='display:inline'>two</b>", "one two"),
        ("<p>twen<wbr>ty", "twen\u200bty"),
        (
            "<details><summary>one</summary>two</details>three",
            f"{OBJECT}\none\n{OBJECT}\ntwo\n{OBJECT}\nthree",
        ),
        ("one<p hidden=until-found>two</p>three", f"one\n{OBJECT}\ntwo\n{OBJECT}\nthree"),
    ],
)
def test_words_stand_in_their_blocks(body: str, expected: str) -> None:
    assert text_of(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "<p hidden>no</p>",
        "<p style='display:none'>no</p>",
        "<p style='visibility:hidden'>no</p>",
        "<p class=no>no</p>",
        "<div class=no><p style='display:block'>no</p></div>",
        "<noscript>no</noscript><template>no</template><script>no</script><style>no{}</style>",
        "<dialog>no</dialog><div popover>no</div><datalist><option>no</datalist>",
        "<svg><title>no</title><desc>no</desc></svg><video>no</video><iframe>no</iframe>",
        "<input type=hidden value=no><input type=checkbox value=no>",
        "<head><title>no</title></head>",
    ],
)
def test_what_is_not_drawn_is_not_searched(body: str) -> None:
    assert "no" not in text_of(f"{body}<p>yes</p>", "<style>.no{display:none}</style>")


@pytest.mark.parametrize(
    "body",
    [
        "<p style='opacity:0'>yes</p>",
        "<p style='color:#fff'>yes</p>",
        "<p style='position:absolute;left:-9999px'>yes</p>",
        "<p style='font-size:0'>yes</p>",
        "<p style='clip-path:inset(100%);height:1px;overflow:hidden'>yes</p>",
        "<p aria-hidden=true>yes</p>",
        "<p hidden=until-found>yes</p>",
        "<details><summary>more</summary>yes</details>",
        "<p style='visibility:hidden'>no <b style='visibility:visible'>yes</b></p>",
        "<nav>yes</nav>",
        "<button>yes</button>",
        "<textarea>yes</textarea>",
        "<input value=yes>",
        "<input placeholder=yes>",
        "<select><option>yes</select>",
        "<svg><text>yes</text></svg>",
        "<dialog open>yes</dialog>",
    ],
)
def test_what_a_reader_does_not_see_is_searched_all_the_same(body: str) -> None:
    assert "yes" in text_of(body)


def test_what_one_reader_sees_is_searched_and_parts_the_words_around_it() -> None:
    style = "<style>@media (max-width:600px){.wide{display:none}}</style>"
    assert text_of("<div class=wide>yes</div>no", style) == f"{OBJECT}\nyes\n{OBJECT}\nno"
    assert text_of("<p>one <b class=wide>two</b> three", style) == f"one {OBJECT}two{OBJECT} three"
    style = "<style>@media (max-width:600px){p{color:red}}</style>"
    assert text_of("<p>one <b class=wide>two</b> three", style) == "one two three"


def test_a_first_letter_that_may_float_is_parted_from_its_word() -> None:
    body = "<p><span>O</span>nce upon a time <span>I</span> went"
    assert text_of(body) == "Once upon a time I went"
    parted = f"{OBJECT}O{OBJECT}nce upon a time I went"
    assert text_of(body, "<link rel=stylesheet href=/a.css>") == parted
    assert text_of(body, "<style>.cap::first-letter{float:left}</style>") == parted


def test_signs_and_readings_are_known() -> None:
    page = searchable("<p>one.<sup><a href=#n>[1]</a></sup> two<sup></sup> <ruby>漢<rt>かん</ruby>")
    assert [span.of(page.text) for span in page.notes] == ["[1]"]
    assert [span.of(page.text) for span in page.readings] == ["かん"]
    assert page.text.split() == ["one.[1]", "two", f"{OBJECT}漢{OBJECT}かん{OBJECT}"]


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"words", "text/plain"),
        (b"# words", "text/markdown; reader=digest"),
        (b"== words ==", "text/plain; reader=wikitext"),
        (b"<html><div>" * 4000, "text/html"),
        (b"<html><p><template shadowrootmode=open>words</template>", "text/html"),
    ],
)
def test_where_a_search_cannot_be_foretold_there_is_no_text(body: bytes, media_type: str) -> None:
    assert visible_text(body, media_type, None) is None


def test_a_page_is_decoded_as_browsers_decode_it() -> None:
    page = "<meta charset=windows-1252><p>für"
    for media_type in ("text/html", "text/html; reader=mediawiki_html"):
        found = visible_text(b"<html>" + page.encode("cp1252"), media_type, None)
        assert found is not None
        assert found.text.strip(BLOCK_END) == "für"
