"""The page, as HTML: what it shows, how it is linked, and that other people's words stay words."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from footnoted.errors import IndexBroken
from footnoted.service.app import create_app

ANSWERED = "/?q=When+did+the+bridge+fall"
REFUSED = "/?q=Who+rules+Brazil"
PAGES = [
    *("/", ANSWERED, REFUSED, "/?q=", "/?q=x&only=web", "/?q=x&corpus=lost", "/docs"),
    *("/sources", "/sources?state=unread", "/sources?state=lost", "/article", "/claims/lost"),
    *("/shared?c=lost&q=bridge", "/shared"),
]


def page(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return LexborHTMLParser(response.text)


def words(node):
    return re.sub(r"\s+", " ", node.text(deep=True, separator=" ")).strip()


def test_an_answer_shows_statements_notes_and_the_way_back(client):
    tree = page(client, ANSWERED)
    statement = tree.css_first("#statement-1")
    assert statement.css_first("strong").text() == "1931"
    note = statement.css_first("sup.notes a")
    assert (note.text(), note.attributes["href"]) == ("1", "#citation-1")
    card = tree.css_first("#citation-1")
    assert card.css_first("a.back").attributes["href"] == "#statement-1"
    assert "2024-02-03 04:05 UTC" in words(card)
    assert re.search(r"[0-9a-f]{16}\.[0-9a-f]{16}\.19-68", words(card))
    assert "high (0.93)" in words(tree.css_first(".confidence"))
    assert "rests on a digest" in words(tree.css_first(".caveat"))


def test_footnotes_of_a_sentence_are_listed_with_their_states(client):
    card = page(client, ANSWERED).css_first("#citation-1")
    signs = card.css("blockquote .signs a")
    assert [sign.text() for sign in signs] == ["[7]", "[8]", "[a]", "[9]"]
    rows = [card.css_first(sign.attributes["href"]) for sign in signs]
    assert [words(row.css_first(".state")) for row in rows] == [
        "read on the web; the cited page",
        "known by a digest, not read",
        "dead: the address does not answer",
        "no address known",
    ]
    assert "Ada Moss; River Board. “Flood report 7”. Gazette. 1931-04-02." in words(rows[0])
    assert "Printed text 9" in words(rows[3])


def test_the_quoted_sentence_is_marked_inside_its_passage(client):
    passage = page(client, ANSWERED).css_first("#passage-1")
    assert passage.css_first("mark").text() == "The bridge fell in 1931 <b>& nobody</b> was hurt."
    assert words(passage.css_first(".heading")) == "Town › Flood"
    assert words(passage.css_first(".text")).startswith("A town on a river. The bridge")


def test_a_digest_is_told_from_a_source_and_arabic_runs_its_own_way(client):
    tree = page(client, ANSWERED)
    card = tree.css_first("#citation-2")
    assert "Digest – not the source’s words" in words(card.css_first(".kind"))
    assert "digest" in card.attributes["class"]
    quote = card.css_first("blockquote")
    assert (quote.attributes["lang"], quote.attributes["dir"]) == ("ar", "auto")
    assert tree.css_first("#statement-2").attributes["dir"] == "auto"


def test_a_refusal_is_a_different_notice_and_its_passages_are_not_an_answer(client):
    tree = page(client, REFUSED)
    assert tree.css_first(".answer") is None
    notice = tree.css_first(".refusal")
    assert words(notice.css_first("h2")) == "No answer"
    assert "neither the article nor the sources that were read say this" in words(notice)
    assert words(tree.css_first("#closest-title")) == (
        "Closest passages – these do not answer the question"
    )
    assert tree.css_first("#passage-1 mark") is None
    assert tree.css_first("#passage-1 code") is not None


def test_the_coverage_of_the_references_is_told_before_anything_is_asked(client):
    tree = page(client, "/")
    assert "4 references: 1 read, 1 known by a digest, 2 not read." in words(tree.css_first("main"))
    assert tree.css_first(".coverage a").attributes["href"] == "/sources"
    footer = words(tree.css_first("footer"))
    assert "A town" in footer
    assert "revision 77" in footer
    assert "CC BY-SA 4.0" in footer


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_inline_script_or_style_or_a_link_that_is_not_http(client, path):
    tree = LexborHTMLParser(client.get(path).text)
    assert tree.css("style, iframe, object, embed, base, img, [style]") == []
    assert tree.css("script")
    for script in tree.css("script"):
        assert script.text() == ""
        assert re.fullmatch(r"/static/[a-z]+\.js\?v=[0-9a-f]{12}", script.attributes["src"])
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("href", "src", "action", "formaction"):
            if address := node.attributes.get(name):
                parts = urlsplit(address)
                assert parts.scheme in ("", "http", "https")
                if parts.netloc:
                    assert node.tag == "a"
                    assert node.attributes["rel"] == "noopener noreferrer nofollow"
                    assert "@" not in parts.netloc


@pytest.mark.parametrize("path", PAGES)
def test_every_inner_link_has_a_target_and_every_id_is_its_own(client, path):
    tree = LexborHTMLParser(client.get(path).text)
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    for node in tree.css("a[href^='#']"):
        assert node.attributes["href"][1:] in ids
    for node in tree.css("[aria-labelledby], [aria-describedby]"):
        for name in ("aria-labelledby", "aria-describedby"):
            if target := node.attributes.get(name):
                assert target in ids


@pytest.mark.parametrize("path", PAGES)
def test_landmarks_and_headings_are_in_order(client, path):
    tree = LexborHTMLParser(client.get(path).text)
    assert tree.css_first("html").attributes["lang"] == "en"
    assert len(tree.css("main")) == len(tree.css("h1")) == 1
    assert tree.css_first("body").css_first("a").attributes["href"] == "#main"
    levels = [int(node.tag[1]) for node in tree.css("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        '"><script>alert(1)</script>',
        "' autofocus onfocus=alert(1) x='",
        "{{ 7 * 7 }} {% include 'x' %}",
        "bridge </title><script>alert(1)</script>",
    ],
)
def test_a_hostile_question_stays_a_question(client, hostile):
    response = client.get("/", params={"q": hostile})
    tree = LexborHTMLParser(response.text)
    assert tree.css("img") == []
    assert all(script.text() == "" for script in tree.css("script"))
    field = tree.css_first("#q")
    assert field.attributes["value"] == hostile
    assert set(field.attributes) == {
        *("id", "name", "type", "dir", "value", "required", "autocomplete", "enterkeyhint")
    }


def test_hostile_words_of_the_corpus_and_of_the_question_cannot_turn_the_text(client):
    html = client.get("/", params={"q": "bridge \u202e\u2066\x1b[2J\x00"}).text
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", html
    )
    assert "\ufffdgnp.exe" in html


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/?q=", 422, "The question cannot be asked"),
        ("/?q=+++", 422, "The question cannot be asked"),
        ("/?q=x&only=web", 400, "The request makes no sense"),
        ("/?q=x&corpus=lost", 404, "Not found"),
    ],
)
def test_mistakes_are_told_on_the_page_with_their_status(client, path, status, title):
    tree = page(client, path, status)
    notice = tree.css_first("#problem")
    assert words(notice.css_first("h2")) == title
    assert notice.css_first(".hint") is not None
    assert tree.css_first("form #q") is not None
    assert tree.css_first(".answer") is None


def test_an_empty_question_marks_the_field(client):
    field = page(client, "/?q=", 422).css_first("#q")
    assert field.attributes["aria-invalid"] == "true"
    assert field.attributes["aria-describedby"] == "problem"


def test_without_any_corpus_or_with_a_broken_one_the_page_says_so(standin):
    class Broken(standin):
        def sources(self):
            raise IndexBroken("The index is damaged.")

    for corpora, told in (({}, "No corpus is loaded."), ({"town": Broken()}, "index is damaged")):
        client = TestClient(create_app(corpora), base_url="http://localhost")
        tree = page(client, "/?q=bridge", 503)
        assert told in words(tree.css_first("#problem"))
        assert tree.css_first("form #q").attributes["value"] == "bridge"


def test_the_form_keeps_what_was_chosen(client):
    tree = page(client, f"{ANSWERED}&corpus=other&only=article")
    assert tree.css_first("input[name=corpus]").attributes["value"] == "other"
    assert tree.css_first("input[checked][name=only]").attributes["value"] == "article"
    labels = tree.css_first("label[for=q]")
    assert words(labels) == "Your question"


def test_one_corpus_needs_no_choice(standin):
    client = TestClient(create_app({"town": standin()}), base_url="http://localhost")
    tree = page(client, "/")
    assert tree.css(".corpora, input[name=corpus]") == []
    links = {link.attributes["href"] for link in tree.css("nav a")}
    assert links == {"/", "/article", "/sources", "/docs"}


def test_another_corpus_is_named_by_every_link_and_the_default_by_none(client):
    links = [a.attributes["href"] for a in page(client, "/sources?corpus=other").css("nav a")]
    assert links[:3] == ["/?corpus=other", "/article?corpus=other", "/sources?corpus=other"]
    switch = page(client, "/sources").css(".corpora a")
    assert [a.attributes["href"] for a in switch] == [
        "/sources?corpus=town",
        "/sources?corpus=other",
    ]
    assert switch[0].attributes["aria-current"] == "true"


@pytest.mark.parametrize("filters", ["reference=ref7", "since=1931", "until=1931-04"])
def test_further_filters_are_kept_in_an_open_drawer(client, filters):
    tree = page(client, f"{ANSWERED}&{filters}")
    name, value = filters.split("=")
    chosen = tree.css_first(f"[name={name}]")
    if chosen.tag == "select":
        chosen = chosen.css_first("option[selected]")
    assert chosen.attributes["value"] == value
    assert "open" in tree.css_first("details.narrow").attributes
    assert "open" not in page(client, ANSWERED).css_first("details.narrow").attributes


def test_a_corpus_without_an_article_can_be_asked(standin):
    class Plain(standin):
        def info(self):
            return super().info() | {"article": None}

        def sources(self):
            return {"references": [], "counts": {}}

    client = TestClient(create_app({"papers": Plain()}), base_url="http://localhost")
    tree = page(client, ANSWERED)
    assert words(tree.css_first("h1")) == "Ask about papers"
    assert tree.css(".coverage, .examples, select") == []
    assert "plain documents" in words(page(client, "/sources").css_first("main"))


def test_static_files_are_named_by_their_content_and_kept(client):
    tree = page(client, "/")
    sheets = [link.attributes["href"] for link in tree.css("link[rel=stylesheet]")]
    scripts = [script.attributes["src"] for script in tree.css("script")]
    assert len(sheets) == 2
    for address, kind in [(a, "css") for a in sheets] + [(a, "javascript") for a in scripts]:
        response = client.get(address)
        assert response.headers["Content-Type"] == f"text/{kind}; charset=utf-8"
        assert "immutable" in response.headers["Cache-Control"]
        assert not re.search(r"url\(|@import|innerHTML|insertAdjacent|eval\(", response.text)


def luminance(colour):
    """The relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa_in_both_themes(client, theme):
    sheet = client.get("/static/footnoted.css").text
    colours = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", sheet)
    found = {name: light if theme == "light" else dark for name, light, dark in colours}
    pairs = [("on-accent", "accent")]
    pairs += [
        (text, ground)
        for text in ("ink", "soft", "link", "read", "digest", "unread", "problem")
        for ground in ("paper", "sheet", "notice", "digest-paper")
    ]
    pairs += [(text, "mark") for text in ("ink", "soft", "link", "read", "digest", "unread")]
    for text, ground in pairs:
        darker, lighter = sorted((luminance(found[text]), luminance(found[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)
    for ground in ("paper", "sheet"):  # the field's border (WCAG 1.4.11)
        darker, lighter = sorted((luminance(found["field"]), luminance(found[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_the_api_page_lists_every_route_and_document(client):
    tree = page(client, "/docs")
    openapi = client.get("/openapi.json").json()
    routes = [f"{method.upper()} {path}" for path, ms in openapi["paths"].items() for method in ms]
    shown = [words(node) for node in tree.css("h3")]
    assert shown == routes + list(openapi["components"]["schemas"])
    assert words(tree.css_first("#AskRequest")).count("required") == 1
    assert "“article” or “sources” or null" in words(tree.css_first("#AskRequest"))


def test_head_is_answered_like_get_without_the_body(client):
    for path in ("/", "/docs", "/sources", "/article"):
        response = client.head(path)
        assert (response.status_code, response.text) == (200, "")
