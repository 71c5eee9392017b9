from __future__ import annotations

from footnoted.ingest.corpus import Corpus
from footnoted.ingest.glosses import gloss
from footnoted.service.indexing import contexts, rows_of


def test_what_the_index_reads_before_a_passage(bridge):
    with Corpus.open(bridge.folder) as corpus:
        before = contexts(corpus)
        assert set(before) == set(corpus.passages)
        assert all(words.startswith("Sallowick Bridge") for words in before.values())
        assert corpus.article is not None
        words = corpus.article.text
        designer = next(
            passage
            for passage in corpus.passages.values()
            if passage.span.of(words) == "Designer: Halda Merrowin"
        )
        assert before[designer.passage_id] == f"Sallowick Bridge ({gloss('Designer')})"
        headed = [p for p in corpus.passages.values() if p.heading]
        for passage in headed:
            assert before[passage.passage_id].endswith(" › ".join(("", *passage.heading)))


def test_no_gloss_and_no_heading_is_ever_quoted(bridge):
    with Corpus.open(bridge.folder) as corpus:
        rows = rows_of(corpus)
        assert [row.passage_id for row in rows] == list(corpus.passages)
        for row in rows:
            passage = corpus.passages[row.passage_id]
            document = corpus.documents[passage.document_id]
            assert row.text == passage.span.of(document.text)
            assert row.language == document.language
        assert {row.language for row in rows} >= {"en", "ar"}
