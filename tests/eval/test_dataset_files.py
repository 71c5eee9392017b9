"""Recognising and reading datasets: kinds, judgements, BEIR folders, marks; faults by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footnoted.domain import Document, Kind, Span
from footnoted.errors import InputError, UnreadableFile, UsageError
from footnoted.eval.claims import Label
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.claim_sets import load_claims
from footnoted.eval.datasets.evidence_sets import load_evidence, without_source_numbers
from footnoted.eval.datasets.kinds import DatasetKind, kind_of
from footnoted.eval.datasets.lines import read_lines
from footnoted.eval.datasets.qrels import read_qrels, write_qrels
from footnoted.eval.datasets.words import evaluate_words, load_marked_claims
from footnoted.eval.evidence import MarkedDocument
from footnoted.ids import document_id, text_sha256

CORPUS = [
    {"_id": "d1", "title": "Lamps", "text": "The lamp is green. It was lit in May."},
    {"_id": "d2", "title": "", "text": "Seals rest below the tower on most days of the year."},
]
QUERIES = [
    {"_id": "q1", "text": "Which colour is the lamp?", "answers": ["green"], "answerable": True},
    {"_id": "q2", "text": "Who built the mill?", "answers": [], "answerable": False},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n"


def jsonl(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def beir(folder: Path, *, qrels: str = QRELS, **files: list[Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in ({"corpus": CORPUS, "queries": QUERIES} | files).items():
        jsonl(folder / f"{name}.jsonl", rows)
    (folder / "qrels.tsv").write_text(qrels, "utf-8")
    return folder


def silent(*_: object) -> None:
    """No progress."""


def test_every_folder_of_the_bench_is_recognised(shared: Path) -> None:
    others = {
        "attributionbench-dev": DatasetKind.PAIRS,
        "extraction": DatasetKind.EXTRACTION,
        "wice-nonsupported-tokens": DatasetKind.WORDS,
        "wikipages": DatasetKind.PAGES,
    }
    folders = [f for f in (shared / "bench").iterdir() if f.is_dir() and f.name != "train"]
    assert len(folders) >= 20
    for folder in folders:
        assert kind_of(folder) is others.get(folder.name, DatasetKind.RETRIEVAL), folder.name


def test_folders_that_are_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no folder"):
        kind_of(tmp_path / "none")
    with pytest.raises(InputError, match="no dataset that Footnoted knows"):
        kind_of(tmp_path)
    jsonl(tmp_path / "corpus.jsonl", CORPUS)
    with pytest.raises(InputError, match=r"lacks queries\.jsonl, qrels\.tsv"):
        kind_of(tmp_path)


def test_qrels_of_both_formats_and_back(tmp_path: Path) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text(QRELS, "utf-8")
    judged = {"q1": {"d1": 2, "d2": 0}}
    assert read_qrels(path) == judged
    write_qrels(tmp_path / "trec.txt", judged)
    assert (tmp_path / "trec.txt").read_text() == "q1 0 d1 2\nq1 0 d2 0\n"
    assert read_qrels(tmp_path / "trec.txt") == judged
    with pytest.raises(UsageError, match="'a b'"):
        write_qrels(path, {"a b": {"d": 1}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("q1\td1\n", "line 1: it has 2 columns"),
        (f"{QRELS}q2\td1\thigh\n", "line 4: invalid literal"),
        (f"{QRELS}q1\td1\t1\n", "line 4: 'q1' and 'd1' are judged a second time"),
        ("query-id\tcorpus-id\tscore\n", "judges nothing"),
    ],
)
def test_broken_qrels_name_their_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "qrels.tsv").write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        read_qrels(tmp_path / "qrels.tsv")


def test_a_beir_folder_with_queries_out_of_its_corpus(tmp_path: Path) -> None:
    folder = beir(tmp_path / "made", queries_out_of_corpus=[{"_id": "x1", "text": "When?"}])
    found = load_beir(folder)
    assert (found.name, found.language, found.has_answers) == ("made", "en", True)
    assert [(q.question_id, q.answerable, q.answers) for q in found.questions] == [
        ("q1", True, (("green",),)), ("q2", False, ()), ("x1", False, ()),
    ]  # fmt: skip
    assert found.qrels == {"q1": {"d1": 2, "d2": 0}}
    assert found.documents[0] == ("d1", "Lamps", CORPUS[0]["text"])


def test_answers_without_a_letter_count_only_where_there_is_no_other(tmp_path: Path) -> None:
    queries = [QUERIES[0] | {"answers": ["!", "green", "green"]}]
    queries += [QUERIES[0] | {"_id": "q3", "answers": ["!"]}]
    found = load_beir(beir(tmp_path / "made", queries=queries))
    assert [question.answers for question in found.questions] == [(("green",),), (("!",),)]
    assert found.has_answers


@pytest.mark.parametrize(
    ("files", "qrels", "words"),
    [
        ({"corpus": [CORPUS[0], CORPUS[0]]}, QRELS, r"corpus.jsonl, line 2: the _id 'd1' already"),
        ({"corpus": [{"_id": "d1"}]}, QRELS, r"corpus.jsonl, line 1: 'text' is missing"),
        ({"queries": [{"_id": "q1"}]}, QRELS, r"queries.jsonl, line 1: 'text' is text"),
        ({"queries": [QUERIES[0] | {"answers": "green"}]}, QRELS, "'answers' is a list of texts"),
        ({"queries": [QUERIES[0] | {"answerable": "no"}]}, QRELS, "'answerable' is true or false"),
        ({"queries": [["q1"]]}, QRELS, "line 1: it is no JSON object"),
        ({}, QRELS + "q1\td9\t1\n", "judges the document 'd9', which is not there"),
        ({}, QRELS + "q9\td1\t1\n", "judges the query 'q9', which is not there"),
        ({"queries_out_of_corpus": [QUERIES[0]]}, QRELS, "already stands in queries.jsonl"),
    ],
)
def test_broken_beir_folders_name_file_and_line(
    tmp_path: Path, files: dict[str, list[Any]], qrels: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load_beir(beir(tmp_path / "made", qrels=qrels, **files))


def test_lines_that_are_no_json(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n\n{"a"\n', "utf-8")
    with pytest.raises(InputError, match=r"a.jsonl, line 3: it is not JSON"):
        list(read_lines(tmp_path / "a.jsonl"))
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UnreadableFile):
        list(read_lines(tmp_path / "b.jsonl"))


def test_claims_come_from_evidence_or_from_queries(tmp_path: Path) -> None:
    marked = {"query_id": "q1", "corpus_id": "d1", "label": "partially_supported"}
    judged = {"query_id": "q1", "claim": "It is green.", "evidence": ["d1"], "support": "Complete"}
    skipped = [judged | {"support": "N/A"}, judged | {"evidence": []}]
    text = CORPUS[0]["text"]
    found = load_claims(load_beir(beir(tmp_path / "a", evidence=[marked])))
    assert found == (("q1", QUERIES[0]["text"], (text,), Label.PARTLY, ""),)
    found = load_claims(load_beir(beir(tmp_path / "b", evidence=[*skipped, judged])))
    assert found == (("q1-3", "It is green.", (text,), Label.SUPPORTED, ""),)
    paired = [QUERIES[0] | {"paired_source": "d1"}, QUERIES[1] | {"paired_source": "d2"}]
    found = load_claims(load_beir(beir(tmp_path / "c", queries=paired)))
    assert [(c.claim_id, c.label) for c in found] == [("q1", Label.SUPPORTED), ("q2", Label.NOT)]
    whole = [row | {"doc": "page"} for row in CORPUS]
    labelled = [QUERIES[0] | {"doc": "page", "label": "not_supported"}, QUERIES[1]]
    found = load_claims(load_beir(beir(tmp_path / "d", corpus=whole, queries=labelled)))
    assert [(c.documents, c.label) for c in found] == [
        ((text, CORPUS[1]["text"]), Label.NOT)
    ]  # fmt: skip
    assert load_claims(load_beir(beir(tmp_path / "e"))) == ()
    wrong = [marked | {"corpus_id": "d9"}]
    with pytest.raises(InputError, match=r"evidence.jsonl, line 1: the corpus has no document"):
        load_claims(load_beir(beir(tmp_path / "f", evidence=wrong)))


def documents_of(corpus: list[dict[str, str]]) -> dict[str, Document]:
    held = {}
    for row in corpus:
        key = document_id(Kind.DOCUMENT, row["_id"])
        held[key] = Document(
            key, Kind.DOCUMENT, row["title"], "en", row["text"], text_sha256(row["text"])
        )
    return held


def test_marked_sentences_and_quotations(tmp_path: Path) -> None:
    one, two = documents_of(CORPUS)
    marked = {
        "query_id": "q1", "corpus_id": "d1", "supporting_sentences": [[0], [0, 1]],
        "sentences": ["The lamp\nis green.", "It was lit in May."],
    }  # fmt: skip
    found = load_evidence(load_beir(beir(tmp_path / "a", evidence=[marked])), documents_of(CORPUS))
    assert found["q1"].documents == {one: MarkedDocument(one, (Span(0, 18), Span(19, 37)))}
    assert found["q1"].sets == (frozenset({(one, 0)}), frozenset({(one, 0), (one, 1)}))
    quoted = {"query_id": "q1", "sources": {"1": "d1", "2": "d2"}}
    lines = [quoted | {"quoted": [["1", "lit in May"], ["2", "Seals"]]}]
    lines += [quoted | {"quoted": [["2", "Seals"]]}]
    dataset = load_beir(beir(tmp_path / "b", evidence=lines))
    found = load_evidence(dataset, documents_of(CORPUS))
    assert found["q1"].sets == (frozenset({(one, 0), (two, 0)}), frozenset({(two, 0)}))
    assert (
        without_source_numbers("[ 2 Seals ] rest, [ 1 lit in May ].") == "Seals rest, lit in May."
    )
    wrong = load_beir(beir(tmp_path / "c", evidence=[marked | {"supporting_sentences": [[2]]}]))
    with pytest.raises(InputError, match="line 1: 'supporting_sentences' names sentence 2"):
        load_evidence(wrong, documents_of(CORPUS))


def test_words_that_stand_nowhere_in_the_evidence(tmp_path: Path) -> None:
    claim = {
        "claim_tokens": ["The", "old", "lamps", "are", "green", "."],
        "non_supported_spans": [False, True, False, False, False, False],
        "evidence": ["A lamp is GREEN.", "It was lit in May."],
    }
    worse = claim | {"non_supported_spans": [False, True, True, False, False, False]}
    jsonl(tmp_path / "dev.jsonl", [claim])
    jsonl(tmp_path / "train.jsonl", [worse])
    found = evaluate_words(tmp_path, seed=1, progress=silent)
    of_part = {name: {m: i.value for m, i in of.items()} for name, of in found.parts.items()}
    assert of_part["dev"] == dict.fromkeys(
        ("word_auroc", "word_f1", "word_precision", "word_recall"), 1.0
    )
    assert of_part["train"]["word_recall"] == 0.5
    assert found.report.measures["word_f1"].value == 2 * 2 / (2 + 3)
    assert found.report.measures["word_f1"].n == 2
    jsonl(tmp_path / "train.jsonl", [claim, claim | {"non_supported_spans": [True]}])
    with pytest.raises(InputError, match="line 2: there are 6 words and 1 marks"):
        load_marked_claims(tmp_path)
