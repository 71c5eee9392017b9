"""Wikitext that is malformed, hostile or real."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Article
from footnoted.errors import NoReferences
from footnoted.ingest.normalise import normalise
from footnoted.ingest.wikitext import form as wikitext
from footnoted.ingest.wikitext.balance import balance


def parse(text: str, url: str | None = None) -> Article:
    return wikitext.parse(text, name="lamp.wikitext", url=url, retrieved_at=None)


def test_footnotes_without_end() -> None:
    article = parse(
        "A lamp.<ref>One [[two {{three\nOil.<ref name=b>Two.</ref> Wick.<ref name=b> Rim.</i> }}\n"
    )
    assert [r.text for r in article.references] == ["One two three", "Two."]
    signs = {claim.text: [m.label for m in claim.markers] for claim in article.claims}
    assert signs == {"A lamp.": ["1"], "Oil.": ["2"], "Wick.": ["2"], "Rim.": []}


@pytest.mark.parametrize(
    "opening",
    ["{{x|", "{{{x|", "[[a|", "[http://a.example ", "<ref>", "<ref name=", "<ref name=a>{{", "<b>",
     "<!-- ", "<nowiki>", "<gallery>", "{|\n|\n", "'''''", "\n== a ", "<math>", "''[[{{<i>",
     "<references>"],
)  # fmt: skip
def test_thousands_of_openings_without_end(opening: str) -> None:
    """Left as they are, some kilobytes of these take the parser minutes."""
    text = "A lamp.<ref>R.</ref>\n\n" + opening * (60_000 // len(opening))
    article = parse(text)
    assert article.claims[0].text.startswith("A lamp.")
    assert article.references[0].text == "R."


def test_five_megabytes_of_nested_braces_end() -> None:
    text = "A lamp.<ref>R.</ref>\n\n" + "{{a" * 1_000_000 + "oil" + "}}" * 1_000_000
    article = parse(text)
    assert len(text) > 4_200_000
    assert [r.text for r in article.references] == ["R."]
    mixed = "{{a|[[b|\n{|\n| x |" * 3_000 + "\n|}]]}}" * 3_000
    assert parse("A lamp.<ref>R.</ref>\n" + mixed).references[0].text == "R."


@given(st.lists(st.sampled_from(
    ["{{", "}}", "[[", "]]", "{|", "|}", "\n", "|", "a", "<ref>", "</ref>", "<ref name=n/>", "'''",
     "[http://x.example ", "]", "{{{", "}}}", "<references>", "</references>", "{{efn|", "== h ==",
     "<!--", "-->", "<nowiki>", "</nowiki>", "* ", "|-", "|+", "!", "{{refs|refs=", "{{sfn|A|1}}"]
), max_size=40))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_markup_gives_an_article_or_no_references(parts: list[str]) -> None:
    balanced = balance("".join(parts))
    assert balance(balanced).count("{{") <= balanced.count("{{")
    try:
        article = parse("".join(parts))
    except NoReferences:
        return
    assert normalise(article.text) == article.text
    known = {reference.reference_id for reference in article.references}
    assert all(known.issuperset(marker.reference_ids) for marker in article.markers)
    assert all(marker.position <= len(article.text) for marker in article.markers)


_BODY = re.compile(
    r"<ref(?P<given>\s[^<>]*?)?(?<!/)>(?P<body>.*?)</ref>", re.DOTALL | re.IGNORECASE
)
_LISTED = re.compile(r"<references[^<>/]*>(.*?)</references>", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"name\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s/>\"']+))", re.IGNORECASE)


def test_real_pages(shared: Path) -> None:
    """No footnote that a page holds is lost, and 99 % of its signs with a target are joined."""
    folder = shared / "bench" / "wikipages"
    rows = map(json.loads, (folder / "expected.jsonl").read_text("utf-8").splitlines())
    read = 0
    for row in rows:
        expected = row["expected"]
        if not row["file"].startswith("wikitext/"):
            continue
        text = (folder / row["file"]).read_text("utf-8")
        assert wikitext.recognises(text) or expected["ref_tags_with_body"] == 0, row["file"]
        if not expected["ref_tags_with_body"]:
            continue
        article = parse(text)
        names = [
            next(filter(None, found.groups()))
            for match in _BODY.finditer(text)
            if (found := _NAME.search(match["given"] or ""))
        ]
        repeated = len(names) - len(set(names))
        assert len(article.references) >= expected["ref_tags_with_body"] - repeated, row["file"]
        assert all(reference.text for reference in article.references), row["file"]
        listed = sum(len(_BODY.findall(inside)) for inside in _LISTED.findall(text))
        wanted = expected["ref_tags_with_body"] + expected["ref_tags_reused"] - listed
        joined = sum(bool(marker.reference_ids) for marker in article.markers)
        assert joined >= 0.99 * wanted, row["file"]
        read += 1
    assert read == 30
