from __future__ import annotations

import pytest

from footnoted.domain import Article, Claim, Document, Kind, Marker, Reference, Span
from footnoted.errors import InputError
from footnoted.eval.corpus_texts import (
    CorpusClaim,
    CorpusDocument,
    CorpusReference,
    collect_texts,
    texts_of_corpus,
)
from footnoted.ids import text_sha256


def test_a_bare_label_names_the_ungrouped_reference_or_nothing():
    references = [
        CorpusReference("r1", "1"),
        CorpusReference("n1", "1", "note"),
        CorpusReference("n2", "2", "note"),
        CorpusReference("x3", "3", "x"),
        CorpusReference("y3", "3", "y"),
    ]
    names = collect_texts({}, references=references).reference_names
    assert (names["1"], names[":1"], names["note:1"]) == ("r1", "r1", "n1")
    assert (names["2"], names["y:3"], names["x3"]) == ("n2", "y3", "x3")
    assert "3" not in names


def test_a_document_answers_to_its_references_names_and_its_id():
    texts = collect_texts(
        {"d7": CorpusDocument("d7", "words")},
        references=[CorpusReference("r7", "7", "", "d7"), CorpusReference("r9", "9", "", "d7")],
    )
    assert {texts.document(name).document_id for name in ("7", "9", "r7", "d7", ":9")} == {"d7"}
    assert texts.document_references == {"d7": {"r7", "r9"}}
    assert texts.by_sha256 == {text_sha256("words"): "words"}
    with pytest.raises(InputError, match="called '8'"):
        texts.document("8")


def test_a_claim_of_an_unknown_reference_is_refused():
    with pytest.raises(InputError, match="cites '5'"):
        collect_texts({}, [CorpusClaim(0, 3, ("5",))])


def test_the_store_s_article_and_documents_become_lookups():
    text = "One claim. Two."
    marker = Marker(10, "a", "note", ("ra",))
    claims = (Claim("c1", Span(0, 10), "One claim.", (marker,)), Claim("c2", Span(11, 15), "Two."))
    reference = Reference("ra", "a", "note", "A book")
    article = Article("T", None, "en", text, (), (marker,), claims, (reference,), "text")
    documents = [
        Document("da", Kind.ARTICLE, "T", "en", text, text_sha256(text)),
        Document(
            "ds", Kind.SOURCE, "A book", "en", "Book words", text_sha256("Book words"), ("ra",)
        ),
    ]
    texts = texts_of_corpus(article, documents)
    assert texts.document("article").text == text
    assert texts.document("note:a") == texts.document("a") == CorpusDocument("ds", "Book words")
    assert texts.claims == (CorpusClaim(0, 10, ("ra",)), CorpusClaim(11, 15, ()))
    plain = texts_of_corpus(None, documents[1:])
    assert set(plain.documents) == {"ds"}
