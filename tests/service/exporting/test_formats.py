"""Bibliographies are read back by other people's parsers as what went in, however hostile."""

from __future__ import annotations

import json
import re

import bibtexparser
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from footnoted.errors import UsageError
from footnoted.service.exporting.bibtex import bibtex, escaped
from footnoted.service.exporting.formats import FORMATS, written
from footnoted.service.exporting.markdown import markdown
from footnoted.service.exporting.plain import one_line, web_address
from footnoted.service.exporting.ris import ris

WORK = {
    "id": "0123456789abcdef",
    "type": "article-newspaper",
    "title": "100% of {R&D} in_house: $5 #1 ~ ^ \\ “so”",
    "author": [
        {"family": "Müller", "given": "Ada"},
        {"family": "Berg", "non-dropping-particle": "van den", "given": "Jan"},
        {"literal": "Smith, Jones and Partners"},
        {"literal": "Reuters"},
    ],
    "container-title": "The Gazette",
    "publisher": "River Board",
    "issued": {"date-parts": [[1931, 4, 2]]},
    "accessed": {"date-parts": [[2024, 5]]},
    "page": "12–15",
    "DOI": "10.1000/a{b}_c",
    "URL": "https://example.org/a_b?x={1}&y=%20#z",
    "note": "Quoted: “two\nlines”",
    "citation-label": "7",
}
COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    **{rf"\{sign}": sign for sign in "&%$#_"},
}


def typeset(value: str) -> str:
    """What TeX would print of a value that was written with our commands."""
    pattern = "|".join(re.escape(command) for command in sorted(COMMANDS, key=len, reverse=True))
    return re.sub(pattern, lambda match: COMMANDS[match[0]], value)


def bibtex_entry(work):
    library = bibtexparser.parse_string(bibtex([work]))
    assert not library.failed_blocks
    (entry,) = library.entries
    return entry.entry_type, entry.key, {f.key: f.value for f in entry.fields}


def test_bibtex_is_read_back_as_what_it_was():
    kind, key, fields = bibtex_entry(WORK)
    assert (kind, key) == ("article", "muller1931-0123456789abcdef")
    assert typeset(fields["title"]) == f"{{{WORK['title']}}}"
    assert fields["author"] == (
        "Müller, Ada and van den Berg, Jan and {Smith, Jones and Partners} and Reuters"
    )
    assert (fields["journal"], fields["publisher"]) == ("The Gazette", "River Board")
    assert (fields["year"], fields["month"], fields["date"]) == ("1931", "apr", "1931-04-02")
    assert (fields["urldate"], fields["pages"]) == ("2024-05", "12--15")
    assert fields["doi"] == "10.1000/a%7Bb%7D_c"
    assert fields["url"] == "https://example.org/a_b?x=%7B1%7D&y=%20#z"
    assert fields["note"] == "Quoted: “two lines”"


def test_ris_is_read_back_as_what_it_was():
    (entry,) = rispy.loads(ris([WORK]))
    assert entry["type_of_reference"] == "NEWS"
    assert entry["title"] == WORK["title"]
    assert entry["authors"] == [
        "Müller, Ada",
        "van den Berg, Jan",
        "Smith  Jones and Partners".replace("  ", " "),
        "Reuters",
    ]
    assert (entry["year"], entry["date"], entry["access_date"]) == (
        "1931",
        "1931/04/02",
        "2024/05/",
    )
    assert (entry["start_page"], entry["end_page"]) == ("12", "15")
    assert (entry["doi"], entry["id"]) == (WORK["DOI"], WORK["id"])
    assert entry["urls"] == ["https://example.org/a_b?x=%7B1%7D&y=%20#z"]
    assert entry["notes"] == ["Quoted: “two lines”"]
    lines = ris([WORK, WORK]).split("\r\n")
    assert all(re.fullmatch(r"(?:[A-Z][A-Z0-9]  - .*)?", line) for line in lines)


def test_a_book_a_chapter_and_a_page_have_their_fields():
    book = {"id": "b", "type": "book", "title": "B", "publisher": "P", "edition": "2nd"}
    assert bibtex_entry(book)[2] == {
        "title": "{B}",
        "publisher": "P",
        "edition": "2nd",
    }
    chapter = WORK | {"type": "chapter"}
    assert bibtex_entry(chapter)[2]["booktitle"] == "The Gazette"
    assert bibtex_entry(WORK | {"type": "thesis"})[2]["school"] == "River Board"
    page = {"id": "p", "type": "webpage", "title": "P"}
    assert bibtex_entry(page)[:2] == ("misc", "work-p")
    assert rispy.loads(ris([page]))[0]["type_of_reference"] == "ELEC"
    assert rispy.loads(ris([{**page, "type": "unheard"}]))[0]["type_of_reference"] == "GEN"


HOSTILE = [
    "} , title = {x}} @article{evil, ",
    "x\nER  - \r\nTY  - BOOK\r\nTI  - evil",
    "x\u2028ER  - \x0bTY  - BOOK\x85",
    r"\input{/etc/passwd} \write18{rm}",
    "<script>alert(1)</script> [a](javascript:alert(1)) ![x](http://evil.example/x)",
    "\u202eelddim\u202c \x1b[2J\x00",
    "`x` | # > *b* _c_ ~~d~~ &lt; $e$",
    "and others and x",
    "الجسر الجديد",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words):
    work = WORK | {
        "title": words,
        "author": [{"literal": words}, {"family": words, "given": words}],
        "container-title": words,
        "note": words,
        "page": words,
        "URL": f"https://example.org/{words}",
    }
    kind, key, fields = bibtex_entry(work)
    assert kind == "article"
    assert re.fullmatch("[a-z0-9-]+", key)
    assert typeset(fields["title"]) == f"{{{one_line(words)}}}"
    assert typeset(fields["journal"]) == one_line(words)
    records = rispy.loads(ris([work]))
    assert len(records) == 1
    assert records[0]["title"] == one_line(words)
    assert len(records[0]["authors"]) == 2
    text = markdown([work])
    assert text.count("\n") == 1
    tokens = MarkdownIt("commonmark").parseInline(text.removeprefix("1. ").strip())[0].children
    assert {t.tag for t in tokens} <= {"", "strong", "em", "a"}
    assert [t.attrs["href"][:20] for t in tokens if t.type == "link_open"] == [
        "https://example.org/"
    ]
    shown = "".join(t.content for t in tokens)
    assert f"“{one_line(words)}”" in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
    assert json.loads(written([work], "csl-json")) == [work]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@evil.example/",
        "ftp://x/",
        "//x",
        "",
    ],
)
def test_only_web_addresses_are_written(url):
    work = WORK | {"URL": url}
    assert web_address(url) is None
    assert "url" not in bibtex_entry(work)[2]
    assert "urls" not in rispy.loads(ris([work]))[0]
    assert "<http" not in markdown([work])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.text(max_size=20))
def test_any_words_are_read_back(title, name):
    work = {"id": "x", "type": "book", "title": title, "author": [{"literal": name}]}
    _, _, fields = bibtex_entry(work)
    assert typeset(fields["title"]) == f"{{{one_line(title)}}}"
    (record,) = rispy.loads(ris([work]))
    assert " ".join(record.get("title", "").split()) == one_line(title)
    depth = 0
    for character in escaped(title):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert markdown([work]).count("\n") == 1


def test_a_format_that_there_is_not():
    with pytest.raises(UsageError, match="There is no format 'endnote'") as error:
        written([WORK], "endnote")
    assert all(name in str(error.value.hint) for name in FORMATS)
