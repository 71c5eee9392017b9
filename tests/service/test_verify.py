"""Each invariant, broken on purpose in a copy of a real corpus, is found and named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footnoted import ids
from footnoted.errors import NotFound
from footnoted.ingest.corpus import Corpus
from footnoted.service.verify import verify, verify_citation


def checked(folder: Path) -> dict[str, Any]:
    with Corpus.open(folder) as corpus:
        return verify(corpus, folder / "index")


def test_a_whole_corpus_holds(bridge):
    document = checked(bridge.folder)
    assert document["ok"] is True
    counts = {check["name"]: check["checked"] for check in document["checks"]}
    with Corpus.open(bridge.folder) as corpus:
        assert corpus.article is not None
        assert counts == {
            "texts": len(corpus.documents),
            "captures": len(corpus.documents),
            "passages": len(corpus.passages),
            "fragments": 37,
            "claims": len(corpus.article.claims),
            "sources": 12,
            "index": len(corpus.passages),
        }
    assert not any(check["failed"] or check["not_rechecked"] for check in document["checks"])


def change(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "corpus.sqlite")
    connection.execute("DROP TRIGGER IF EXISTS texts_never_change")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0, statement
    connection.commit()
    connection.close()


BROKEN = {
    "UPDATE texts SET text = text || '!'": {"texts", "captures"},
    "UPDATE texts SET text = replace(text, '1888', '1889')": {
        *("texts", "captures", "claims", "passages"),
    },
    "UPDATE passages SET start = start + 1 WHERE ordinal = 3": {"passages"},
    "UPDATE passages SET end = end + 100000 WHERE ordinal = 2": {"passages"},
    "UPDATE passages SET passage_id = 'z' || substr(passage_id, 2) WHERE ordinal = 1": {
        *("passages", "index"),
    },
    "DELETE FROM passages WHERE ordinal = 1": {"index"},
    "UPDATE claims SET claim_id = 'z' || substr(claim_id, 2) WHERE ordinal = 4": {"claims"},
    "UPDATE claims SET start = start + 2, end = end + 2 WHERE label IS NULL": {"claims"},
    "UPDATE source_states SET reason = '' WHERE reference_id IN"
    " (SELECT reference_id FROM source_states LIMIT 1)": {"sources"},
    "DELETE FROM source_states WHERE reference_id IN"
    " (SELECT reference_id FROM source_states LIMIT 1)": {"sources", "passages"},
    "UPDATE source_states SET document_id = 'gone'": {"sources"},
    "UPDATE source_states SET access = 'fetched'": {"sources"},
    "UPDATE captures SET sha256 = replace(sha256, 'a', 'b')": {"captures"},
    "UPDATE captures SET warc_offset = 7": {"captures"},
    "UPDATE captures SET warc_path = '../elsewhere.warc.gz'": {"captures"},
    "UPDATE captures SET media_type = 'image/png'": {"captures"},
    "UPDATE revisions SET revision_id = '9-0'": {"index"},
}


@pytest.mark.parametrize("statement", BROKEN)
def test_what_is_broken_is_named(copied: Callable[[], Path], statement: str):
    folder = copied()
    statements = [statement]
    if "revision_id = '9-0'" in statement:
        statements += [
            f"UPDATE {table} SET revision_id = '9-0'"
            for table in ("revision_documents", "source_states")
        ]
    change(folder, *statements)
    document = checked(folder)
    failed = {check["name"] for check in document["checks"] if check["failed"]}
    assert document["ok"] is False
    assert failed == BROKEN[statement]
    problems = [failure for check in document["checks"] for failure in check["failed"]]
    assert all(failure["id"] and failure["problem"] for failure in problems)


def test_captures_that_are_damaged_or_missing(copied: Callable[[], Path]):
    folder = copied()
    warc = folder / "captures-00001.warc.gz"
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 0xFF
    warc.write_bytes(data)
    assert {c["name"] for c in checked(folder)["checks"] if c["failed"]} == {"captures"}
    warc.unlink()
    captures = checked(folder)["checks"][1]
    assert "is missing" in captures["failed"][0]["problem"]


def test_another_extractors_version_is_no_failure(copied: Callable[[], Path]):
    folder = copied()
    change(folder, "UPDATE documents SET extractor = 'footnoted-plain_text 0'")
    captures = checked(folder)["checks"][1]
    assert (captures["name"], captures["failed"], captures["not_rechecked"]) == ("captures", [], 1)


def test_a_corpus_without_an_index_holds(copied: Callable[[], Path]):
    folder = copied()
    shutil.rmtree(folder / "index")
    document = checked(folder)
    assert document["ok"] is True
    assert document["checks"][-1]["checked"] == 0


def test_one_citation(light):
    with Corpus.open(light) as corpus:
        document = next(iter(corpus.documents.values()))
        passage = next(iter(corpus.passages.values()))
        right = ids.citation_id(document.document_id, document.text_sha256, passage.span)
        found = verify_citation(corpus, right)
        assert (found["ok"], found["status"]) == (True, "current")
        assert found["quote"] == passage.span.of(document.text)
        assert found["text_sha256"] == document.text_sha256

        beyond = right.rpartition("-")[0] + "-999999"
        found = verify_citation(corpus, beyond)
        assert (found["ok"], found["quote"]) == (False, "")
        assert f"has only {len(document.text)} characters" in str(found["checks"])
        for other in ("", "x", right.replace(".", "-"), "0" * 16 + right[16:]):
            with pytest.raises(NotFound):
                verify_citation(corpus, other)


def test_a_changed_text_fails_its_citations(copied: Callable[[], Path]):
    folder = copied()
    change(folder, "UPDATE texts SET text = replace(text, '1888', '1889')")
    with Corpus.open(folder) as corpus:
        document = next(iter(corpus.documents.values()))
        passage = next(iter(corpus.passages.values()))
        cited = ids.citation_id(document.document_id, document.text_sha256, passage.span)
        found = verify_citation(corpus, cited)
        assert found["ok"] is False
        assert "no longer hashes" in str(found["checks"])
