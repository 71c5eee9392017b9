"""The first article, as its users have it: from its text export to cited answers."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def corpus(commands, shared):
    folder = commands.folder / "X"
    article = shared / "articles" / "islamic-resistance-in-iraq.txt"
    done = commands("ingest", article, "--corpus", folder)
    assert done.code == 0, done.err
    assert f"--corpus {folder}" in done.out.replace("\n", "")
    return folder


def test_its_size_stands_in_the_infobox(commands, corpus):
    done = commands("ask", "How large is the group?", "--corpus", corpus, "--json")
    assert done.code == 0, done.out
    answer = done.document
    assert answer["statements"][0]["text"] == "Size: 70,000"
    assert answer["statements"][0]["span"] == "70,000"
    first = answer["citations"][0]
    assert (first["kind"], first["quote"]) == ("article", "Size: 70,000")
    text = commands("article", "--corpus", corpus, "--json").document["text"]
    assert text[first["start"] : first["end"]] == "Size: 70,000"


def test_what_it_said_is_cited(commands, corpus):
    done = commands("ask", "What did it say in April 2025?", "--corpus", corpus, "--json")
    assert done.code == 0, done.out
    statement = done.document["statements"][0]
    assert "prepared to disarm" in statement["text"]
    by_number = {citation["number"]: citation for citation in done.document["citations"]}
    cited = [r["label"] for r in by_number[statement["citations"][0]]["references"]]
    assert cited == ["13"]


def test_what_it_does_not_say_is_refused(commands, corpus):
    done = commands("ask", "Who is the president of Brazil?", "--corpus", corpus, "--json")
    assert done.code == 3
    assert done.document["status"] == "refused"
    assert done.document["reason"] == "not_in_corpus"
    assert done.document["statements"] == done.document["citations"] == []
    assert done.document["answer"] == ""
    assert done.document["passages"]


def test_everything_holds(commands, corpus):
    done = commands("verify", "--corpus", corpus, "--json")
    assert done.code == 0
    checked = {check["name"]: check["checked"] for check in done.document["checks"]}
    assert checked["sources"] == 13
    assert checked["captures"] == 1
    assert checked["index"] == checked["passages"] > 5


def test_every_reference_and_marker_is_there(commands, corpus):
    sources = commands("sources", "--corpus", corpus, "--json").document
    assert [row["label"] for row in sources["references"]] == [str(n) for n in range(1, 14)]
    assert all(row["csl"]["title"] and row["reason"] for row in sources["references"])
    assert sources["counts"]["readable"] == sources["counts"]["digests"] == 0
    article = commands("article", "--corpus", corpus, "--json").document
    counts = article["counts"]
    assert (counts["references"], counts["markers"], counts["orphan_markers"]) == (13, 14, 1)
    body = [claim for claim in article["claims"] if claim["label"] is None]
    assert [claim["markers"] for claim in body] == [
        [],
        ["3", "4"],
        ["5", "6"],
        ["7", "8", "9", "10", "11"],
        ["12"],
        ["13"],
    ]
    rows = [claim["text"] for claim in article["claims"] if claim["label"] is not None]
    assert "Size: 70,000" in rows
    for words in ("Cite error", "Developed by", "View on Wikipedia", "^"):
        assert words not in article["text"]
        assert not any(words in claim["text"] for claim in article["claims"])


def test_a_digest_is_shown_as_one(commands, shared, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text(
        "Written: 2026-01-02\n\nThe militias signalled that they would lay down arms.\n"
    )
    article = shared / "articles" / "islamic-resistance-in-iraq.txt"
    folder = tmp_path / "with-digest"
    done = commands("ingest", article, "-c", folder, f"--digest=13={notes}", "--json")
    assert done.code == 0, done.err
    assert done.document["counts"]["digests"] == 1
    assert done.document["counts"]["readable"] == 0
    found = commands("search", "Who would lay down arms?", "-c", folder, "--only", "sources")
    assert "a digest, not the source's words" in found.out.replace("\n", " ")
