"""`footnoted audit`: the contract's JSON, a table for people, CSV and one page that is safe."""

from __future__ import annotations

import csv
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

VERDICTS = {
    "supported",
    "partly_supported",
    "not_found",
    "contradicted",
    "source_unreadable",
    "uncited",
}
ARTICLE = "Light [a] {x}\n\nThe tower =1+1 of {x} was lit in 1871 by Ada Holm.[1]\n\n"
HOSTILE = "<script>alert(1)</script> \x1b[2J\u202egnp"


class Audited:
    """What one run of the command wrote: its document, table, CSV and page."""

    def __init__(self, commands: Any, folder: Path) -> None:
        files = folder / "audit.csv", folder / "audit.html"
        self.done = commands("audit", "--corpus", folder, "--csv", files[0], "--html", files[1])
        assert self.done.code == 0, self.done.err
        self.document = commands("audit", "--corpus", folder, "--json").document
        with files[0].open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.page = files[1].read_text("utf-8")


@pytest.fixture(scope="module")
def audited(commands: Any, bridge: Any) -> Audited:
    return Audited(commands, bridge.folder)


def test_the_document_keeps_the_contract(audited: Audited) -> None:
    document = audited.document
    counts = document["counts"]
    assert counts["claims"] == len(document["claims"]) == sum(counts[v] for v in VERDICTS)
    assert counts["supported"] > 5
    for claim in document["claims"]:
        assert claim["verdict"] in VERDICTS
        assert (claim["score"] is None) == all(row["score"] is None for row in claim["evidence"])
        for row in claim["evidence"]:
            assert set(row["missing"]) == {"numbers", "dates", "names"}
            assert row["verdict"] in VERDICTS - {"uncited"}
            if row["digest"]:
                assert row["score"] is None
                assert row["verdict"] in ("source_unreadable", "contradicted")
            if row["score"] is not None:
                assert 0 <= row["score"] <= 1
                assert row["citation"] == row["citations"][0]
                assert row["citation"]["quote"]
    assert "349 claims" in document["accuracy"]["in_words"]


def test_quotes_are_the_words_of_their_spans(audited: Audited, commands: Any, bridge: Any) -> None:
    citations = [
        citation
        for claim in audited.document["claims"]
        for row in claim["evidence"]
        for citation in row["citations"]
    ]
    assert len(citations) > 20
    for citation in citations[:3]:
        checked = commands("verify", citation["citation_id"], "--corpus", bridge.folder, "--json")
        assert checked.document["quote"] == citation["quote"]


def test_the_table_for_people(audited: Audited) -> None:
    words = " ".join(audited.done.out.split())
    assert "Seems supported (" in words
    assert "No source could be read (" in words
    assert (
        "was not read; in a digest of it no other number, date, name or credit was found" in words
    )
    assert "many are wrong: read the quotes" in words
    assert "is in another language than the article, where little can be compared" in words
    assert words.count("claims, ") == 1


def test_the_csv_has_a_row_for_each_claim_and_source(audited: Audited) -> None:
    pairs = [
        (claim["id"], row["label"])
        for claim in audited.document["claims"]
        for row in claim["evidence"] or [{"label": ""}]
    ]
    assert [(row["claim_id"], row["reference"]) for row in audited.rows] == pairs
    assert all(row["finding"] for row in audited.rows if row["reference"])


class Shape(HTMLParser):
    """The tags of a page, and the ids that its links point to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.targets: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids |= {given["id"] or ""} if "id" in given else set()
        if tag == "a" and (given["href"] or "").startswith("#"):
            self.targets.append((given["href"] or "")[1:])


def test_the_page_needs_nothing_else(audited: Audited) -> None:
    shape = Shape(audited.page)
    assert not {"script", "link", "img", "iframe", "form"} & set(shape.tags)
    assert "default-src 'none'" in unescape(audited.page)
    assert shape.tags.count("details") == len(audited.document["claims"])
    assert set(shape.targets) <= shape.ids
    assert "prefers-color-scheme: dark" in audited.page
    assert 'dir="rtl" lang="ar"' in audited.page


def test_hostile_words_do_nothing(commands: Any, tmp_path: Path) -> None:
    article, source, folder = tmp_path / "a.txt", tmp_path / "s.txt", tmp_path / "c"
    article.write_text(
        ARTICLE.replace("{x}", HOSTILE) + f'  1. ^ Holm, Ada (1990). "Lamps {HOSTILE}". =Press.\n',
        "utf-8",
    )
    source.write_text(f"The tower {HOSTILE} was lit in 1878 by Ada Holm.\n", "utf-8")
    made = commands("ingest", article, "--corpus", folder, f"--source=1={source}")
    assert made.code == 0, made.err
    found = Audited(commands, folder)
    assert "<script>" not in found.page
    assert not re.search("[\x1b\u202e]", found.page + found.done.out)
    assert "source 1 says 1878, not 1871" in " ".join(found.done.out.lower().split())
    assert found.document["counts"]["contradicted"] == 1
    (denied,) = [row for row in found.rows if row["reference"] == "1"]
    assert denied["verdict"] == denied["source_verdict"] == "contradicted"
    assert not any((row["source"] or "").startswith("=") for row in found.rows)


def test_a_corpus_without_claims_says_so(commands: Any, tmp_path: Path) -> None:
    done = commands("audit", "--corpus", tmp_path / "none", "--json")
    assert done.code != 0
    assert done.document["detail"]
