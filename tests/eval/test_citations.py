from __future__ import annotations

from dataclasses import replace

import pytest

from footnoted.errors import InputError
from footnoted.eval.answer_documents import read_answer
from footnoted.eval.citations import cited_references, quote_fidelity, score_citations
from footnoted.eval.questions import Evidence
from footnoted.ids import text_sha256


def scored(world, i, document):
    return score_citations(world.questions[i], read_answer(f"a{i}", document), world.texts)


def test_the_right_citation_scores_full(world):
    for i in range(8):
        assert scored(world, i, world.documents[f"a{i}"]) == (1, 1, 1, 1)


def test_a_wrong_citation_scores_nothing(world):
    document = world.documents["a1"]
    document["citations"] = [world.citation(4)]
    assert scored(world, 1, document) == (0, 0, 0, 0)


def test_precision_is_the_mean_over_statements_of_the_share_of_right_citations(world):
    document = world.documents["a1"]
    document["citations"] = [world.citation(1, 1), world.citation(4, 2), world.citation(5, 3)]
    document["statements"] = [
        {"text": "x", "span": None, "citations": [1, 2]},
        {"text": "y", "span": None, "citations": [3]},
        {"text": "z", "span": None, "citations": []},
    ]
    assert scored(world, 1, document).precision == pytest.approx((0.5 + 0 + 0) / 3)
    assert scored(world, 1, document).support == pytest.approx(1 / 3)


def test_recall_is_the_share_of_expected_references(world):
    question = replace(world.questions[1], references=("2", "ref-4", "note:a"))
    document = world.documents["a1"]
    answer = read_answer("a1", document)
    assert score_citations(question, answer, world.texts).recall == pytest.approx(1 / 3)
    none_expected = replace(question, references=())
    assert score_citations(none_expected, answer, world.texts) == (1, None, 1, 1)


def test_a_citation_that_no_statement_numbers_does_not_count(world):
    document = world.documents["a1"]
    document["citations"] = [world.citation(4, 1), world.citation(1, 2)]
    assert scored(world, 1, document) == (0, 0, 0, 0)


def test_a_refusal_recalls_nothing_and_has_no_precision(world):
    assert scored(world, 1, world.refusal("not_in_corpus", 0.1)) == (None, 0, 0, None)


def source_citation(world, **changed):
    start = world.source_text.index("The keeper")
    quote = "The keeper Ada Holm came in spring."
    return {
        "number": 1, "kind": "source", "label": "3", "document_id": "doc-3", "quote": quote,
        "text_sha256": text_sha256(world.source_text), "start": start, "end": start + len(quote),
        "references": [],
    } | changed  # fmt: skip


def test_a_source_citation_cites_every_reference_to_its_document(world):
    def cited(**changed):
        document = world.documents["a2"] | {"citations": [source_citation(world, **changed)]}
        return cited_references(read_answer("a2", document).citations[0], world.texts)

    assert cited() == {"ref-3"}
    assert cited(label="4") == {"ref-3"}  # its words are of source 3, whatever it calls itself
    assert cited(document_id="elsewhere", label="4") == {"ref-4"}
    assert cited(document_id="elsewhere", label=None) == frozenset()
    document = world.documents["a2"] | {"citations": [source_citation(world)]}
    assert scored(world, 2, document) == (1, 1, 0, 1)  # the gold quote is the article's


def test_an_article_citation_is_known_by_group_and_label_when_its_ids_are_foreign(world):
    document = world.documents["a7"]
    document["citations"][0]["references"][0]["reference_id"] = "foreign"
    assert cited_references(read_answer("a7", document).citations[0], world.texts) == {"ref-a"}


def test_words_decide_where_the_text_is_another_one(world):
    question = replace(
        world.questions[2], references=(), evidence=(Evidence("doc-3", "Ada Holm came"),)
    )

    def hit(**changed):
        document = world.documents["a2"] | {"citations": [source_citation(world, **changed)]}
        return score_citations(question, read_answer("a2", document), world.texts).evidence_hit

    assert hit() == 1
    assert hit(start=0, end=5) == 0
    assert hit(text_sha256="0" * 64, start=0, end=5) == 1
    assert hit(text_sha256="0" * 64, quote="Other words.") == 0


def test_evidence_or_references_of_another_revision_are_refused(world):
    answer = read_answer("a1", world.documents["a1"])
    for change, said in [
        ({"references": ("99",)}, "expects the reference '99'"),
        ({"evidence": (Evidence("article", "It carries nine."),)}, "does not hold the words"),
    ]:
        with pytest.raises(InputError, match=said):
            score_citations(replace(world.questions[1], **change), answer, world.texts)


def test_quotes_are_checked_character_by_character(world):
    def fidelity(document):
        return quote_fidelity(read_answer("q", document), world.texts.by_sha256)

    document = world.documents["a5"]
    assert document["citations"][0]["quote"] == "A storm broke the lens in 1901 😀."
    assert fidelity(document) == 1
    document["citations"][0]["quote"] = "A storm broke the lens in 1902 😀."
    assert fidelity(document) == pytest.approx(8 / 9)  # one citation, eight passages
    document["passages"][0]["citation"]["text_sha256"] = "0" * 64
    document["passages"][1]["citation"]["start"] -= 1
    document["passages"][2]["citation"]["end"] = 10_000
    assert fidelity(document) == pytest.approx(5 / 9)
    document["citations"], document["passages"], document["statements"] = [], [], []
    assert fidelity(document | {"status": "refused"}) is None
