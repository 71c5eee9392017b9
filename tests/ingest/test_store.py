"""The corpus file: append-only, one writer, revisions that are whole or absent."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from footnoted import ids
from footnoted.domain import (
    Access,
    Article,
    Claim,
    Document,
    Identity,
    Kind,
    Marker,
    Origin,
    Reference,
    SourceState,
    Span,
)
from footnoted.errors import (
    CorpusError,
    DiskFull,
    Gone,
    LockedError,
    NewerSchema,
    NotFound,
)
from footnoted.ingest import passages
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.store import CorpusWriter, Entry, writing

NOW = "2026-01-02T03:04:05Z"
TEXT = "The tower was built in 1901. It fell in 1950."


def article(text: str = TEXT) -> Article:
    marker = Marker(28, "1", "", ("r1",))
    claims = (
        Claim("c1", Span(0, 28), text[:28], (marker,)),
        Claim("c2", Span(29, len(text)), text[29:], (), flags=("citation_needed",)),
    )
    reference = Reference(
        "r1", "1", "", "A. Builder (1902).", {"title": "Towers"}, ("https://a.example/",)
    )
    return Article("Tower", None, "en", text, (), (marker,), claims, (reference,), "plain_text")


def document(text: str = TEXT, kind: Kind = Kind.ARTICLE, name: str = "Tower") -> Document:
    return Document(
        ids.document_id(kind, name), kind, name, "en", text, ids.text_sha256(text), extractor="t/1"
    )


def entry(doc: Document) -> Entry:
    return Entry(doc, passages.cut(doc))


def state(access: Access = Access.NOT_ATTEMPTED) -> SourceState:
    return SourceState("r1", access, Identity.UNVERIFIED, "Because.")


def publish(
    writer: CorpusWriter, *docs: Document, art: Article | None = None, now: str = NOW
) -> str:
    states = {"r1": state()} if art else {}
    return writer.publish(
        "t", [entry(d) for d in docs], states, article=art, cutter=passages.CUTTER, now=now
    )


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    with writing(tmp_path / "c") as writer:
        revision = publish(writer, document(), art=article())
    with Corpus.open(tmp_path / "c") as corpus:
        assert corpus.article == article()
        assert corpus.info.revision_id == revision
        assert list(corpus.documents.values()) == [document()]
        assert list(corpus.passages.values()) == passages.cut(document())
        assert corpus.states == {"r1": state()}
        assert corpus.coverage.references == 1
        assert corpus.coverage.readable == 0


def test_the_same_content_makes_no_new_revision(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = publish(writer, document(), art=article())
        assert publish(writer, document(), art=article()) == first
        longer = TEXT + " It was rebuilt."
        assert publish(writer, document(longer), art=article(longer)) != first
    with Corpus.open(tmp_path) as corpus:
        assert [r.number for r in corpus.revisions()] == [2, 1]
    with Corpus.open(tmp_path, first) as corpus:
        assert corpus.documents[document().document_id].text == TEXT


def test_reading_the_same_again_later_makes_no_new_revision(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = publish(writer, document(), art=replace(article(), retrieved_at=NOW))
        later = "2027-01-01T00:00:00Z"
        again = replace(article(), retrieved_at=later)
        assert publish(writer, document(), art=again, now=later) == first
    with Corpus.open(tmp_path) as corpus:
        assert corpus.article is not None
        assert corpus.article.retrieved_at == NOW


def test_the_same_bytes_under_two_addresses_keep_their_own_captures(tmp_path: Path) -> None:
    urls = ("https://a.example/", "https://b.example/")
    with writing(tmp_path) as writer:
        entries = []
        for url in urls:
            capture = writer.captures.store(
                TEXT.encode(),
                url=url,
                final_url=url,
                status=200,
                media_type="text/plain",
                fetched_at=NOW,
                origin=Origin.SUPPLIED,
            )
            writer.add_capture(capture)
            doc = replace(document(kind=Kind.SOURCE, name=url), capture_sha256=capture.sha256)
            entries.append(Entry(doc, passages.cut(doc), capture))
        writer.publish("t", entries, {}, article=None, cutter=passages.CUTTER, now=NOW)
    with Corpus.open(tmp_path) as corpus:
        found = {corpus.documents[key].title: c.url for key, c in corpus.captures.items()}
    assert found == {url: url for url in urls}


def test_texts_never_change(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, document())
    with (
        sqlite3.connect(tmp_path / FILE_NAME) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute("UPDATE texts SET text = 'other'")
    connection.close()


def test_an_old_passage_is_current_moved_or_gone(tmp_path: Path) -> None:
    source = document("One stays here.", Kind.SOURCE, "https://s.example/")
    with writing(tmp_path) as writer:
        publish(writer, document(), source)
        with Corpus.open(tmp_path) as corpus:
            by_document = {p.document_id: p.passage_id for p in corpus.passages.values()}
        changed = "New words come first. " + TEXT
        publish(writer, document(changed))
    with Corpus.open(tmp_path) as corpus:
        found = corpus.passage(by_document[document().document_id])
        assert found.moved
        assert found.passage.span.of(changed) == TEXT
        assert [s.of(changed) for s in found.passage.sentences] == [TEXT[:28], TEXT[29:]]
        with pytest.raises(Gone):
            corpus.passage(by_document[source.document_id])
        with pytest.raises(NotFound):
            corpus.passage("0" * 16)
        assert all(not corpus.passage(p).moved for p in corpus.passages)


def test_a_superseded_text_is_still_found_by_its_hash(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, document())
        publish(writer, document("Other words."))
    with Corpus.open(tmp_path) as corpus:
        owner, sha256 = document().document_id, ids.text_sha256(TEXT)
        assert corpus.text_with_prefix(owner, sha256[:16]) == TEXT
        assert corpus.text_with_prefix(owner, "0" * 16) is None
        assert corpus.text_with_prefix("0" * 16, sha256[:16]) is None


def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    with (
        writing(tmp_path),
        pytest.raises(LockedError, match=r"process \d+") as caught,
        writing(tmp_path),
    ):
        pytest.fail("two writers at once")
    assert caught.value.about == str(tmp_path)
    with writing(tmp_path):
        pass


def test_a_second_writer_waits_when_told_to(tmp_path: Path) -> None:
    code = f"""
        import time
        from pathlib import Path
        from footnoted.ingest.store import writing
        with writing(Path({str(tmp_path)!r})):
            print("in", flush=True)
            time.sleep(1)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with writing(tmp_path, wait=30):
            assert other.wait(timeout=30) == 0


def test_a_killed_writer_leaves_the_last_revision(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = publish(writer, document())
    code = f"""
        import os, signal
        from pathlib import Path
        from footnoted.ingest import store
        from footnoted.ingest.store import writing
        with writing(Path({str(tmp_path)!r})) as writer:
            writer._connection.execute("BEGIN IMMEDIATE")
            writer._connection.execute("DELETE FROM revision_documents")
            writer._connection.execute("DELETE FROM revisions")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert done.returncode == -signal.SIGKILL
    with Corpus.open(tmp_path) as corpus:
        assert corpus.info.revision_id == first
        assert corpus.documents
    with writing(tmp_path) as writer:
        assert publish(writer, document()) == first


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        first = publish(writer, document())
    words = " ".join(f"w{n}" for n in range(200_000)) + "."
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with writing(tmp_path) as writer:
            size = (tmp_path / FILE_NAME).stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, limits[1]))
            with pytest.raises(DiskFull, match="No space left"):
                publish(writer, document(words))
            with pytest.raises(DiskFull):
                writer.captures.store(
                    os.urandom(2_000_000),
                    url="https://s.example/",
                    final_url="https://s.example/",
                    status=200,
                    media_type="application/pdf",
                    fetched_at=NOW,
                    origin=Origin.SUPPLIED,
                )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    with Corpus.open(tmp_path) as corpus:
        assert corpus.info.revision_id == first


def test_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        publish(writer, document())
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(NewerSchema, match="99"):
        Corpus.open(tmp_path)
    with pytest.raises(NewerSchema), writing(tmp_path):
        pytest.fail("a newer corpus was opened for writing")
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough" * 50])
def test_a_broken_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        Corpus.open(tmp_path)
    assert caught.value.hint


def test_no_corpus_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no corpus"):
        Corpus.open(tmp_path)


def test_a_corpus_without_an_article(tmp_path: Path) -> None:
    plain = document(kind=Kind.DOCUMENT)
    with writing(tmp_path) as writer:
        publish(writer, plain, replace(plain, document_id="0" * 16, title="Other"))
    with Corpus.open(tmp_path) as corpus:
        assert corpus.article is None
        assert corpus.references == {}
        assert len(corpus.passages) == 2
