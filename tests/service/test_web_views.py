"""The article, its claims, its sources and shared links, of the packaged example, as HTML."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from footnoted import Assistant
from footnoted.errors import NotFound
from footnoted.service.app import create_app
from footnoted.settings import Settings

OPENED = {"q": "When was Sallowick Bridge opened?"}
DESIGNED = "It was designed by the engineer Halda Merrowin and opened in 1911."


@pytest.fixture(scope="module")
def example(embedder):
    with Assistant.open("example", embedder=embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def web(example, tmp_path_factory):
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"))
    app = create_app({"example": example}, settings=settings)
    return TestClient(app, base_url="http://localhost")


def view(web, path, status=200, **parameters):
    response = web.get(path, params=parameters)
    assert response.status_code == status
    return LexborHTMLParser(response.text)


def words(node):
    return re.sub(r"\s+", " ", node.text(deep=True, separator="")).strip()


def test_the_article_is_shown_word_for_word(web, example):
    tree = view(web, "/article")
    assert words(tree.css_first("h1")) == "Sallowick Bridge"
    body = tree.css_first("article.text")
    for sign in body.css("sup"):
        sign.decompose()
    article = example.article()
    shown = [words(part) for part in body.css("h2, p")]
    text = article["text"][article["text"].index("The Sallowick Bridge is") :]
    assert shown == [line for line in re.split(r"\n+", text) if line]
    rows = [(words(row.css_first("dt")), words(row.css_first("dd"))) for row in body.css("dl div")]
    assert rows[0] == ("Name", "Sallowick Bridge")
    assert rows[-1] == ("Cost", "184,000 crowns")
    assert len(body.css("a.claim")) == len(article["claims"]) == 50


def test_signs_stand_behind_their_sentences_and_lead_to_their_sources(web, example):
    tree = view(web, "/article")
    sources = {node.attributes["id"] for node in view(web, "/sources").css(".sources > li")}
    signs = tree.css(".sign a")
    assert len(signs) == example.article()["counts"]["markers"] == 32
    for sign in signs:
        parts = urlsplit(sign.attributes["href"])
        assert (parts.path, parts.fragment in sources) == ("/sources", True)
    designed = next(a for a in tree.css("a.claim") if a.text() == DESIGNED)
    behind = designed.next.next
    assert [words(designed.next), words(behind)] == ["[2]", "[3]"]
    assert "read on the web; the cited page" in behind.css_first("a").attributes["title"]
    assert "citation needed" in words(tree.css_first(".sign.needed"))


def test_every_source_leads_to_a_sentence_that_cites_it(web):
    claims = {node.attributes["id"] for node in view(web, "/article").css("a.claim")}
    links = view(web, "/sources").css("a[href^='/article#']")
    assert len(links) == 12
    assert all(link.attributes["href"].split("#")[1] in claims for link in links)


def test_a_claim_stands_beside_what_its_sources_say(web):
    listed = view(web, "/article").css("a.claim")
    designed = next(a for a in listed if a.text() == DESIGNED)
    tree = view(web, designed.attributes["href"])
    comparison = tree.css_first("#comparison")
    assert comparison.attributes["data-verdict"] == "disputed"
    said = [words(node) for node in comparison.css(".verdict")]
    assert said == ["Seems supported (score 0.65)", "Source 3 says 1913, not 1911."]
    quoted = [words(row.css_first("mark")) for row in comparison.css(".says > li")]
    assert quoted[0].startswith("Silver hammer in the form")
    assert quoted[1].startswith("Opened in 1913")
    around = comparison.css(".says > li")[1].css_first("blockquote .around")
    assert "Anyone who wanted to reach the western farms" in words(around)
    assert "sentence 14 of 50" in words(tree.css_first(".trail"))
    assert [a.attributes["rel"] for a in tree.css(".steps a")] == ["prev", "next"]


def test_a_sentence_without_footnote_and_one_without_readable_source_say_so(web):
    listed = {a.text(): a.attributes["href"] for a in view(web, "/article").css("a.claim")}
    uncited = view(web, listed["They were abolished in 1938."])
    assert "No source is cited" in words(uncited.css_first(".verdict"))
    assert "cites nothing for this sentence" in words(uncited.css_first("main"))
    strike = next(text for text in listed if text.startswith("In 1962 the painters"))
    unread = view(web, listed[strike])
    assert unread.css_first("#comparison").attributes["data-verdict"] == "source_unreadable"
    assert "dead: the address does not answer" in words(unread.css_first(".says"))
    assert "404 Not Found" in words(unread.css_first(".says .why"))


@pytest.mark.parametrize(
    ("state", "count"), [("", 12), ("read", 9), ("unread", 3), ("dead", 1), ("too_large", 0)]
)
def test_sources_by_state(web, state, count):
    tree = view(web, "/sources", state=state)
    assert len(tree.css(".sources > li:not(.none)")) == count
    chosen = [words(link) for link in tree.css(".choices a[aria-current]")]
    assert (
        chosen
        == {
            "": ["all 12"],
            "read": ["read 9"],
            "unread": ["not read 3"],
            "dead": ["dead: the address does not answer 1"],
            "too_large": [],
        }[state]
    )


def test_what_to_do_about_a_source_is_a_command_for_a_shell(web):
    row = view(web, "/sources", state="dead").css_first(".sources > li")
    assert words(row.css_first("pre")) == (
        "footnoted ingest https://en.example.org/wiki/Sallowick_Bridge -c example --refresh"
    )
    book = next(
        row
        for row in view(web, "/sources", state="not_online").css(".sources > li")
        if "Rivers of Ostervey" in words(row)
    )
    assert words(book.css_first("pre")).endswith("-c example --source 5=TEXT.txt")


def shared(web):
    """The parameters of the link that an answer gives, and its quotes."""
    tree = view(web, "/", **OPENED)
    address = tree.css_first("#share").attributes["href"]
    given = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    return given, [words(card.css_first("mark")) for card in tree.css(".card")]


def test_a_shared_link_shows_exactly_its_citations(web):
    given, quotes = shared(web)
    tree = view(web, "/shared", **given)
    assert words(tree.css_first(".standing")) == (
        "All 3 citations stand word for word in the texts of today."
    )
    assert [words(card.css_first("mark")) for card in tree.css(".card")] == quotes
    assert [words(card.css_first(".number")) for card in tree.css(".card")] == ["1", "2", "3"]
    one = view(web, "/shared", c=given["c"].split(",")[1], g="another")
    assert words(one.css_first(".standing")) == (
        "This citation stands word for word in the texts of today. "
        "The index has been built again since."
    )
    assert len(one.css(".card")) == 1
    assert one.css_first("form.again") is None


def test_a_shared_citation_that_is_gone_changed_or_damaged_says_so(web, example, monkeypatch):
    given, quotes = shared(web)
    first, second, third = given["c"].split(",")
    real = example.verify

    def verify(_, citation_id=None):
        if citation_id == third:
            raise NotFound("This corpus holds no such text.")
        if citation_id == second:
            return real(citation_id) | {"ok": False}
        return real(citation_id) | {"status": "superseded"}

    monkeypatch.setattr(Assistant, "verify", verify)
    tree = view(web, "/shared", **given)
    assert "Not all of this stands" in words(tree.css_first(".standing"))
    told = [words(card) for card in tree.css(".card")]
    assert "the words of an earlier reading" in told[0]
    assert quotes[0] in told[0]
    assert "is damaged" in told[1]
    assert "No longer here" in told[2]
    assert tree.css_first("form.again input[name=q]").attributes["value"] == OPENED["q"]
    assert first in told[0]


@pytest.mark.parametrize("citations", ["", " , ", ",".join(f"x{n}" for n in range(21))])
def test_a_link_without_citations_or_with_too_many_is_refused(web, citations):
    tree = view(web, "/shared", 400, c=citations, q="bridge")
    assert "1 to 20 citations" in words(tree.css_first("#problem"))
    assert tree.css_first("form.again") is not None


@pytest.mark.parametrize("hostile", ["<script>x</script>", "../../etc", "\u202ea.b.0-1", "a.b.9-1"])
def test_hostile_ids_are_only_words(web, hostile):
    tree = view(web, "/shared", c=hostile, g=hostile, q=hostile)
    assert "No longer here" in words(tree.css_first(".card"))
    assert "\u202e" not in tree.html
    assert all(script.text() == "" for script in tree.css("script"))
    assert view(web, f"/claims/{hostile.replace('/', '')}", 404).css_first("#problem") is not None


def test_the_evidence_of_an_answer_says_which_source_differs(web):
    tree = view(web, "/", q="Who designed the bridge and when did it open in 1911?")
    findings = [words(node) for node in tree.css(".card .finding")]
    assert "[3] Source 3 says 1913, not 1911." in findings
    exports = tree.css(".column .exports a")
    assert [words(link) for link in exports] == ["BibTeX", "RIS", "CSL-JSON", "Markdown"]
    for link in exports:
        exported = web.get(link.attributes["href"])
        assert exported.status_code == 200
        assert "Sallowick" in exported.text
