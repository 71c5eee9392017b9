"""Whole evaluations of small made-up datasets, with the real model, index and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footnoted.domain import Kind
from footnoted.errors import InputError, UsageError
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.comparisons import compare_reports
from footnoted.eval.datasets.beir import load_beir
from footnoted.eval.datasets.corpora import cache_folder, dataset_assistant
from footnoted.eval.datasets.evaluating import evaluate_dataset
from footnoted.eval.datasets.kinds import DatasetKind
from footnoted.eval.datasets.rankings import OURS, rank_documents
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.datasets.retrieval import shortened
from footnoted.eval.datasets.support import OVERLAP
from footnoted.eval.measures import MEASURES, check_run
from footnoted.eval.trec import read_trec_run, write_trec_run
from footnoted.ids import document_id
from footnoted.index.tokens import query_tokens
from footnoted.settings import Settings, load_settings

FILLER = "The harbour kept its records in a wooden chest that nobody was allowed to open. " * 8
CORPUS = [
    {"_id": "light", "title": "Skerry Light", "text": f"Skerry Light was lit in 1884. {FILLER}"
     "Its first keeper was Ada Holm."},
    {"_id": "mill", "title": "Brook Mill",
     "text": "Brook Mill grinds oats. It burnt down in 1911."},
    {"_id": "ferry", "title": "Sandrey Ferry", "text": "The ferry carries forty sheep to Sandrey."},
    {"_id": "inn", "title": "Crown Inn", "text": "The inn was built of granite by Tom Reeve."},
]  # fmt: skip
QUERIES = [
    {"_id": "q1", "text": "When was Skerry Light lit?", "answers": ["1884"], "answerable": True},
    {"_id": "q2", "text": "Who was the first keeper of Skerry Light?", "answers": ["Ada Holm"]},
    {"_id": "q3", "text": "What does Brook Mill grind?", "answers": ["oats"], "answerable": True},
    {"_id": "q4", "text": "How many sheep does the ferry carry?", "answers": ["forty"]},
    {"_id": "q5", "text": "What was the inn built of?", "answers": ["granite"]},
    {"_id": "q6", "text": "Which island does the ferry serve?", "answers": ["Sandrey"]},
]
OUTSIDE = [
    {"_id": "x1", "text": "Which orbit does the moon Titan follow?"},
    {"_id": "x2", "text": "Who won the chess championship of Peru?"},
]
GOLD = {"q1": "light", "q2": "light", "q3": "mill", "q4": "ferry", "q5": "inn"}
EVIDENCE = [
    {"query_id": "q3", "corpus_id": "mill", "supporting_sentences": [[0]],
     "sentences": ["Brook Mill grinds oats.", "It burnt down in 1911."]},
]  # fmt: skip


def silent(*_: object) -> None:
    """No progress, and nobody to tell."""


def jsonl(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def beir(folder: Path, **files: list[Any]) -> Path:
    folder.mkdir()
    for name, rows in ({"corpus": CORPUS, "queries": QUERIES} | files).items():
        jsonl(folder / f"{name}.jsonl", rows)
    lines = [f"{query}\t{document}\t1\n" for query, document in GOLD.items()]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines), "utf-8")
    return folder


@pytest.fixture(scope="module")
def settings(cache_dir: Path) -> Settings:
    return load_settings(cache_dir=cache_dir, threads=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("datasets") / "island"
    return beir(folder, queries_out_of_corpus=OUTSIDE, evidence=EVIDENCE)


def evaluated(folder: Path, settings: Settings, **options: Any) -> DatasetEvaluation:
    given = {"seed": 7, "progress": silent, "notify": silent} | options
    return evaluate_dataset(folder, settings, **given)


@pytest.fixture(scope="module")
def found(made: Path, settings: Settings) -> DatasetEvaluation:
    return evaluated(made, settings)


def test_a_beir_folder_is_searched_asked_and_compared(
    found: DatasetEvaluation, tmp_path: Path
) -> None:
    report = found.report
    assert (found.kind, report.name) == (DatasetKind.RETRIEVAL, "island")
    for measure in ("nDCG@10", "R@5", "R@10", "RR", "hit@1", "hit@5"):
        assert report.measures[measure][:1] + report.measures[measure][3:] == (1.0, 5), measure
    assert set(found.baselines) == {BM25, COSINE}
    assert found.differences[BM25]["nDCG@10"].interval.n == 5
    assert report.value_of("quote_fidelity") == 1.0
    assert report.passed
    assert report.measures["answer_recall"].value >= 0.8
    # Nobody judged q6: its citations are neither right nor wrong.
    assert report.measures["citation_precision"][:1] + report.measures["evidence_hit"][3:] == (1, 5)
    assert "evidence_hit" not in report.rows[5].values
    assert report.measures["answer_recall"].n == 6
    assert report.measures["refusal_auroc"].value == 1.0
    assert report.measures["refusal_auroc"].n == 8
    assert report.measures["evidence_f1"][:1] + report.measures["evidence_f1"][3:] == (1.0, 1)
    assert set(found.run) == {*GOLD, "q6", "x1", "x2"}
    assert [hits[0][0] for key, hits in found.run.items() if key in GOLD] == list(GOLD.values())
    assert sorted(name for name, _ in found.run["q1"]) == ["ferry", "inn", "light", "mill"]
    write_trec_run(tmp_path / "run.txt", found.run)
    assert read_trec_run(tmp_path / "run.txt") == found.run
    assert json.loads(json.dumps(found.document()))["kind"] == "retrieval"


def test_the_rankings_are_those_of_the_assistant_and_of_each_ranker_alone(
    made: Path, settings: Settings
) -> None:
    dataset = load_beir(made)
    given = (dataset.name, dataset.documents, dataset.language, settings)
    with dataset_assistant(*given, progress=silent, notify=silent) as assistant:
        name_of = {document_id(Kind.DOCUMENT, d.name): d.name for d in dataset.documents}
        document_of = {
            p.passage_id: name_of[p.document_id] for p in assistant.corpus.passages.values()
        }
        assert len(document_of) > len(CORPUS)  # the light's own text is several passages
        searcher = assistant.searcher
        runs = rank_documents(searcher, dataset.questions, document_of, shortened, silent)
        for question in dataset.questions:
            shown = assistant.search(question.text, k=100)["passages"]
            ours = list(dict.fromkeys(name_of[p["document_id"]] for p in shown))
            assert [name for name, _ in runs[OURS][question.question_id]] == ours
            generation = searcher.generation
            terms = query_tokens(question.text, generation.manifest.languages)
            _, by_bm25 = generation.lexical.search(terms, 100)
            vector = searcher.embedder.embed_query(question.text)
            scores, by_cosine = generation.dense.search(vector, 100)
            by_cosine = by_cosine[scores > 0]
            for system, rows in ((BM25, by_bm25), (COSINE, by_cosine)):
                wanted = dict.fromkeys(
                    document_of[generation.passage_ids[row]] for row in rows.tolist()
                )
                assert [n for n, _ in runs[system][question.question_id]] == list(wanted)
    for run in runs.values():
        check_run(run)


def test_a_second_run_finds_corpus_and_index_and_says_the_same(
    found: DatasetEvaluation, made: Path, settings: Settings
) -> None:
    told: list[str] = []
    again = evaluated(made, settings, notify=told.append)
    assert told == []
    assert again.report.measures == found.report.measures
    assert again.run == found.run
    assert again.report.generation == found.report.generation
    dataset = load_beir(made)
    given = (dataset.name, dataset.documents, dataset.language, settings)
    corpus = cache_folder(*given)
    (corpus / "index" / "CURRENT").write_text("nothing\n", "ascii")
    third = evaluated(made, settings, notify=told.append)
    assert "Building the index of island" in told[-1]
    assert third.run == found.run


def answer(question_id: str, passages: list[str], words: str | None, confidence: float) -> Any:
    """An answer document of another system, which knows documents by the set's own ids."""
    shown = [{"id": name, "rank": rank, "score": 1 / rank} for rank, name in enumerate(passages, 1)]
    statements = [{"text": words, "span": words, "citations": []}] if words else []
    status = "answered" if words else "refused"
    return {
        "id": question_id, "status": status, "reason": None if words else "not_in_corpus",
        "confidence": confidence, "passages": shown, "statements": statements, "citations": [],
    }  # fmt: skip


def test_answers_made_elsewhere_are_scored_and_worse_ones_score_less(
    made: Path, settings: Settings, tmp_path: Path
) -> None:
    names = [row["_id"] for row in CORPUS]
    answers = {row["_id"]: row["answers"][0] for row in QUERIES}
    right = [
        answer(key, [gold, *(n for n in names if n != gold)], answers[key], 0.9)
        for key, gold in (GOLD | {"q6": "ferry"}).items()
    ] + [answer(row["_id"], names, None, 0.1) for row in OUTSIDE]
    good = evaluated(made, settings, answers=jsonl(tmp_path / "good.jsonl", right)).report
    for measure in ("nDCG@10", "exact_match", "token_f1", "answer_recall", "refusal_auroc"):
        assert good.value_of(measure) == 1.0, measure
    assert good.measures["refusal_f1"].value == 1.0
    worse = [
        document | {"passages": answer("", names[::-1], None, 0)["passages"], "confidence": 0.5}
        for document in right
    ]
    bad = evaluated(made, settings, answers=jsonl(tmp_path / "bad.jsonl", worse)).report
    assert bad.measures["nDCG@10"].value < 0.8
    assert bad.value_of("refusal_auroc") == 0.5
    with pytest.raises(InputError, match="1 of 8 questions have no answer"):
        evaluated(made, settings, answers=jsonl(tmp_path / "few.jsonl", right[1:]))


def test_a_trec_run_made_elsewhere_is_scored_like_our_own(
    found: DatasetEvaluation, made: Path, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "other.trec"
    write_trec_run(path, found.run)
    again = evaluated(made, settings, answers=path)
    assert again.report.measures == {name: found.report.measures[name] for name in MEASURES}
    assert again.run == found.run
    assert again.report.rows == ()
    same = compare_reports(found.report, again.report, seed=1).differences
    assert same.keys() == set(MEASURES)
    assert {one.interval.value for one in same.values()} == {0.0}
    lines = "q1 Q0 light 1 0.5 x\nq3 Q0 inn 1 2 x\nq3 Q0 mill 2 1 x\nzz Q0 far 1 1 x\n"
    path.write_text(lines, "utf-8")
    worse = evaluated(made, settings, answers=path)
    assert worse.report.values["RR"] == {"q1": 1.0, "q2": 0, "q3": 0.5, "q4": 0, "q5": 0}
    assert worse.run.keys() == {"q1", "q3"}
    said = " ".join(worse.notes)
    assert "3 judged queries are not in the run; each counts as 0." in said
    assert "1 queries of the run are not in the set" in said
    assert "1 ranked documents are not in the set" in said


@pytest.mark.parametrize(
    ("line", "told"),
    [("zz Q0 light 1 1 x", "ranks no query of"), ("q1 Q0 D1 1 1 x", "ranks no document of")],
)
def test_a_run_of_another_set_is_refused(
    made: Path, settings: Settings, tmp_path: Path, line: str, told: str
) -> None:
    path = tmp_path / "other.trec"
    path.write_text(f"{line}\n", "utf-8")
    with pytest.raises(InputError, match=told):
        evaluated(made, settings, answers=path)
    jsonl(tmp_path / "pairs.jsonl", [{"_id": "p1", "claim": "A.", "label": "supported"}])
    with pytest.raises(UsageError, match="nothing is ranked in"):
        evaluated(tmp_path, settings, answers=path)


def test_claims_without_answers(settings: Settings, tmp_path: Path) -> None:
    queries = [
        {"_id": "q1", "text": "Skerry Light was lit in 1884.", "paired_source": "light"},
        {"_id": "q3", "text": "Brook Mill grinds oats.", "paired_source": "mill"},
        {"_id": "q4", "text": "The ferry carries forty sheep.", "paired_source": "ferry"},
        {"_id": "q5", "text": "The granite inn was built by Tom Reeve.", "paired_source": "inn"},
        {"_id": "q2", "text": "The moon Titan has seas of methane.", "paired_source": "inn"},
    ]
    queries = [row | {"answerable": row["_id"] != "q2"} for row in queries]
    folder = beir(tmp_path / "claims", queries=queries)
    found = evaluated(folder, settings)
    assert found.report.value_of("support_auroc") == 1.0
    assert found.report.value_of("nDCG@10") is not None
    assert "aurc" not in found.report.measures
    assert found.baselines[OVERLAP]["support_auroc"].value == 1.0
    assert set(found.report.values["support_score"]) == set(GOLD)
    assert found.differences[OVERLAP]["support_auroc"].interval.value == 0.0
    backwards = evaluated(folder, settings, support=lambda claim, _: float("Titan" in claim))
    assert backwards.report.value_of("support_auroc") == 0.0
    assert backwards.differences[OVERLAP]["support_auroc"].interval.value == -1.0
    said = [{"id": key, "verdict": "supported"} for key in GOLD]
    verdicts = evaluated(folder, settings, answers=jsonl(tmp_path / "v.jsonl", said))
    assert verdicts.report.value_of("verdict_accuracy") == 0.8
    assert verdicts.report.value_of("verdict_f1") == pytest.approx(8 / 9 / 2)
    assert verdicts.run == {}


def test_pairs(settings: Settings, tmp_path: Path) -> None:
    texts = {row["_id"]: row["text"] for row in CORPUS}
    label = {True: "attributable", False: "not attributable"}
    claims = [("It burnt down in 1911.", "mill", True), ("Titan has seas.", "inn", False)]
    claims += [("The ferry carries sheep.", "ferry", True), ("He paid in gold.", "ferry", False)]
    rows = [
        {"_id": f"p{n}", "claim": text, "references": [texts[name], " "], "label": label[right],
         "source_dataset": "first" if n < 2 else "second"}
        for n, (text, name, right) in enumerate(claims)
    ]  # fmt: skip
    jsonl(tmp_path / "pairs.jsonl", rows)
    found = evaluated(tmp_path, settings)
    assert found.kind is DatasetKind.PAIRS
    assert found.report.measures["support_auroc"][:1] == (1.0,)
    difference = found.differences[OVERLAP]["support_auroc"]
    assert (difference.interval.value, difference.p) == (0.0, 1.0)
    assert {part: of["support_auroc"].n for part, of in found.parts.items()} == {
        "first": 2, "second": 2,
    }  # fmt: skip


def test_a_query_longer_than_a_question_keeps_whole_words() -> None:
    assert shortened("  Who was it? ") == "Who was it?"
    assert shortened("word " * 500) == ("word " * 400).strip()
    assert len(shortened("x" * 3000)) == 2000


def test_pages_have_nothing_to_answer(settings: Settings, tmp_path: Path) -> None:
    jsonl(tmp_path / "expected.jsonl", [{"file": "a.html", "expected": {"references": 1}}])
    with pytest.raises(UsageError, match="nothing to answer"):
        evaluated(tmp_path, settings, answers=tmp_path / "answers.jsonl")
