"""The sentence that an answer cites first, beside the first sentences of plain rankers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.domain import Document, Identity, Kind
from footnoted.eval.answer_documents import read_answer
from footnoted.eval.baselines import BM25, COSINE
from footnoted.eval.datasets.evaluating import evaluate_dataset
from footnoted.eval.datasets.results import DatasetEvaluation
from footnoted.eval.datasets.sentences import (
    MEASURE,
    answer_sentences,
    cited_sentence,
    cut_documents,
)
from footnoted.eval.questions import Question
from footnoted.eval.tokens import answer_tokens
from footnoted.eval.trec import write_trec_run
from footnoted.ids import document_id, text_sha256
from footnoted.index.embedder import OnnxEmbedder
from footnoted.index.tokens import fold, query_tokens
from footnoted.settings import Settings, load_settings

TEXTS = {
    "light": "Skerry Light was lit in 1884. Its first keeper was Ada Holm. Ada Holm kept bees.",
    "mill": "Brook Mill grinds oats. It burnt down in 1911.",
    "http://ferry.example/": "The ferry carries forty sheep. It sails to Sandrey at dawn.",
    "inn": "The inn was built of granite. Ada Holm once slept at the inn.",
}
TITLES = {"light": "Skerry Light", "mill": "", "http://ferry.example/": "Ferry", "inn": "Inn"}
FERRY = "http://ferry.example/"
QUERIES: list[dict[str, Any]] = [
    {"_id": "q1", "text": "When was Skerry Light lit?", "answers": ["1884"]},
    {"_id": "q2", "text": "Who was the first keeper of Skerry Light?", "answers": ["Ada Holm"]},
    {"_id": "q3", "text": "Which cereal becomes flour there?", "answers": ["oats", "barley"]},
    {"_id": "q4", "text": "Where does it sail at dawn?", "answers": ["to Sandrey"]},
    {"_id": "q5", "text": "What happened to Brook Mill?", "answers": [TEXTS["mill"]]},
    {"_id": "q6", "text": "What was the inn built of?", "answers": ["basalt"]},
    {"_id": "unjudged", "text": "How many sheep does it carry?", "answers": ["forty"]},
    {"_id": "outside", "text": "Who won at chess?", "answers": ["Ada Holm"], "answerable": False},
]
GOLD = {"q1": "light", "q2": "light", "q3": "mill", "q4": FERRY, "q5": "mill", "q6": "inn"}
RIGHT = {  # the answer sentences, by hand: (document, number)
    "q1": {("light", 0)}, "q2": {("light", 1), ("light", 2)}, "q3": {("mill", 0)},
    "q4": {(FERRY, 1)}, "q5": {("mill", 0), ("mill", 1)}, "q6": set(),
}  # fmt: skip


def silent(*_: object) -> None:
    """No progress, and nobody to tell."""


def jsonl(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def beir(folder: Path, queries: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    jsonl(
        folder / "corpus.jsonl", [{"_id": k, "title": TITLES[k], "text": TEXTS[k]} for k in TEXTS]
    )
    jsonl(folder / "queries.jsonl", queries)
    asked = [query["_id"] for query in queries]
    rows = [f"{query}\t{document}\t1\n" for query, document in GOLD.items() if query in asked]
    # A judgement that a document does not answer is none that it does.
    rows += ["q2\tinn\t0\n"] if "q2" in asked else []
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), "utf-8")
    return folder


@pytest.fixture(scope="module")
def configured(cache_dir: Path) -> Settings:
    return load_settings(cache_dir=cache_dir, threads=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beir(tmp_path_factory.mktemp("sentences") / "islet", QUERIES)


def evaluated(folder: Path, configured: Settings, **options: Any) -> DatasetEvaluation:
    given = {"sentences": True, "seed": 7, "progress": silent, "notify": silent} | options
    return evaluate_dataset(folder, configured, **given)


def document_of(name: str) -> Document:
    text = TEXTS[name]
    return Document(
        document_id=document_id(Kind.DOCUMENT, name), kind=Kind.DOCUMENT, title=TITLES[name],
        language="en", text=text, text_sha256=text_sha256(text), identity=Identity.EXACT,
        extractor="test",
    )  # fmt: skip


CUT = cut_documents(map(document_of, TEXTS))
PLACE = {
    sentence.name: (name, n)
    for name in TEXTS
    for n, sentence in enumerate(CUT[document_id(Kind.DOCUMENT, name)].sentences)
}


def question(query: dict[str, Any]) -> Question:
    return Question(query["_id"], query["text"], "en", True, (tuple(query["answers"]),))


def cited(number: int, name: str, words: str) -> dict[str, Any]:
    start = TEXTS[name].index(words)
    return {
        "number": number, "kind": "document", "document_id": name, "start": start,
        "end": start + len(words), "quote": words, "text_sha256": text_sha256(TEXTS[name]),
    }  # fmt: skip


def cites(key: str, name: str, words: str, **wrong: Any) -> dict[str, Any]:
    """An answer document whose first statement cites ``words``; its second is right."""
    right = GOLD.get(key, name)
    return {
        "id": key, "status": "answered", "confidence": 0.9,
        "statements": [{"text": words, "citations": [1]}, {"text": "More.", "citations": [2]}],
        "citations": [cited(1, name, words) | wrong, cited(2, right, TEXTS[right])],
        "passages": [{"id": name, "rank": 1, "score": 1.0}],
    }  # fmt: skip


def refuses(question_id: str) -> dict[str, Any]:
    return {
        "id": question_id, "status": "refused", "reason": "not_in_corpus", "confidence": 0.1,
        "statements": [], "citations": [], "passages": [],
    }  # fmt: skip


def test_every_sentence_has_a_name_of_its_own_even_in_an_address() -> None:
    places = {"light": 3, "mill": 2, FERRY: 2, "inn": 2}
    assert list(PLACE.values()) == [(name, n) for name in TEXTS for n in range(places[name])]
    assert len({document_id(Kind.DOCUMENT, name) for name in PLACE}) == 9


def test_answer_sentences_hold_an_answer_or_lie_within_a_long_one() -> None:
    asked = [question(query) for query in QUERIES if query["_id"] in GOLD]
    qrels = {key: {name: 1} for key, name in GOLD.items()} | {"q2": {"light": 1, "inn": 0}}
    found = answer_sentences(asked, qrels, CUT)
    assert {key: {PLACE[name] for name in names} for key, names in found.items()} == RIGHT


WORDS = st.sampled_from(["oats", "Mill", "1911", "the", "Ada"])
SENTENCE = st.lists(WORDS, min_size=1, max_size=4).map(lambda words: " ".join(words) + ".")


@settings(max_examples=60, deadline=None)
@given(st.lists(SENTENCE, min_size=1, max_size=4), st.lists(WORDS, min_size=1, max_size=5))
def test_answer_sentences_are_those_of_a_search_token_by_token(
    sentences: list[str], words: list[str]
) -> None:
    text = "\n".join(sentences)
    document = Document(
        document_id=document_id(Kind.DOCUMENT, "d"), kind=Kind.DOCUMENT, title="", language="en",
        text=text, text_sha256=text_sha256(text), identity=Identity.EXACT, extractor="test",
    )  # fmt: skip
    asked = Question("q", "?", "en", True, ((" ".join(words),),))
    found = answer_sentences([asked], {"q": {"d": 1}}, cut_documents([document]))["q"]
    # Where the answer's tokens stand in the document's, sentence numbers beside them.
    needle = list(answer_tokens(" ".join(words), "en"))
    held = [(n, token) for n, line in enumerate(sentences) for token in answer_tokens(line, "en")]
    places = [
        [n for n, _ in held[at : at + len(needle)]]
        for at in range(len(held) - len(needle) + 1)
        if [token for _, token in held[at : at + len(needle)]] == needle
    ]
    whole = {place[0] for place in places if len(set(place)) == 1}
    wanted = whole
    if places and not whole:
        lines = [answer_tokens(line, "en") for line in sentences]
        wanted = {
            n
            for n, line in enumerate(lines)
            if any(tuple(needle[i : i + len(line)]) == line for i in range(len(needle)))
        }
    assert {int(name.rpartition("#s")[2]) for name in found} == wanted


@pytest.mark.parametrize(
    ("quote", "wanted"),
    [
        ("Skerry Light was lit in 1884.", 0),
        ("first keeper was Ada", 1),  # a clause stands for its sentence
        (TEXTS["light"], 1),  # the longest: 29, 30 and 19 characters
        ("1884. Its first", 1),
        ("84. Its", 0),  # equals: the first
    ],
)
def test_a_quote_stands_for_the_sentence_that_holds_most_of_it(quote: str, wanted: int) -> None:
    answer = read_answer("q1", cites("q1", "light", quote))
    citation = answer.statements[0].citations[0]
    cut = {"light": CUT[document_id(Kind.DOCUMENT, "light")]}
    sentences = cut["light"].sentences
    shared = [
        sum(s.span.start <= at < s.span.end for at in range(citation.start, citation.end))
        for s in sentences
    ]
    assert shared.index(max(shared)) == wanted
    assert cited_sentence(answer, cut) == sentences[wanted].name


@pytest.mark.parametrize(
    "wrong",
    [{"document_id": "nowhere"}, {"start": 1}, {"start": -5}, {"end": 0}, {"quote": "Ada Holm"}],
)
def test_words_that_do_not_stand_there_cite_no_sentence(wrong: dict[str, Any]) -> None:
    cut = {"light": CUT[document_id(Kind.DOCUMENT, "light")]}
    assert cited_sentence(read_answer("q1", refuses("q1")), cut) is None
    assert cited_sentence(read_answer("q1", cites("q1", "light", "1884", **wrong)), cut) is None
    assert cited_sentence(read_answer("q1", cites("q1", "light", "1884")), cut) is not None


def test_hits_beside_plain_rankers_that_were_worked_out_one_sentence_at_a_time(
    made: Path, configured: Settings, embedder: OnnxEmbedder, tmp_path: Path
) -> None:
    answers = [
        cites("q1", "light", "lit in 1884"),  # a hit
        cites("q2", "inn", "Ada Holm once slept at the inn."),  # the answer, elsewhere
        cites("q3", "mill", "It burnt down in 1911."),  # the document, not the sentence
        refuses("q4"),
        cites("q5", "mill", "It burnt down in 1911."),  # a part of a long answer: a hit
        cites("q6", "inn", "The inn was built of granite."),  # not an accepted answer
        cites("unjudged", FERRY, "The ferry carries forty sheep."),
        refuses("outside"),
    ]
    path = jsonl(tmp_path / "answers.jsonl", answers)
    found = evaluated(made, configured, answers=path)
    ours = {"q1": 1.0, "q2": 0.0, "q3": 0.0, "q4": 0.0, "q5": 1.0, "q6": 0.0}
    assert found.report.values[MEASURE] == ours
    value, low, high, n = found.report.measures[MEASURE]
    assert (value, n) == (pytest.approx(2 / 6), 6)
    assert 0 <= low < value < high <= 1
    plain = {BM25: first_by_bm25(list(PLACE)), COSINE: first_by_cosine(list(PLACE), embedder)}
    for system, first in plain.items():
        hits = {k: float(k in first and PLACE[first[k]] in RIGHT[k]) for k in ours}
        assert found.baselines[system][MEASURE].value == pytest.approx(np.mean(list(hits.values())))
        difference = found.differences[system][MEASURE]
        wanted = np.mean([ours[key] - hits[key] for key in ours])
        assert (difference.interval.value, difference.interval.n) == (pytest.approx(wanted), 6)
        assert difference.p_holm >= difference.p > 0
    assert PLACE[plain[BM25]["q4"]] == (FERRY, 1)  # by hand: "sail" and "dawn" are there alone
    assert "q3" not in plain[BM25]
    assert 0 < found.baselines[BM25][MEASURE].value < found.baselines[COSINE][MEASURE].value
    (note,) = [note for note in found.notes if MEASURE in note]
    assert note.startswith(f"{MEASURE} is over 6 queries; the plain rankers rank 9 sentences. ")
    assert "In 1 no sentence of a relevant document holds an accepted answer" in note
    assert found.document()["differences"][COSINE][MEASURE]["n"] == 6


def indexed(name: str) -> str:
    document, n = PLACE[name]
    cut = CUT[document_id(Kind.DOCUMENT, document)]
    return f"{cut.title or document}\n{cut.sentences[n].text}"


def first_by_cosine(names: list[str], embedder: OnnxEmbedder) -> dict[str, str]:
    vectors = embedder.embed_passages([indexed(name) for name in names])
    first = {}
    for query in QUERIES:
        scores = vectors @ embedder.embed_query(query["text"])
        first[query["_id"]] = names[int(np.argmax(scores))]
    return first


def first_by_bm25(names: list[str]) -> dict[str, str]:
    """Okapi BM25 with k1 = 1.2 and b = 0.75, from its formula; nothing where no word is shared."""
    bags = [fold(indexed(name), "en") for name in names]
    mean = sum(map(len, bags)) / len(bags)

    def score(bag: list[str], terms: list[str]) -> float:
        total = 0.0
        for term in terms:
            having = sum(term in other for other in bags)
            rarity = math.log(1 + (len(bags) - having + 0.5) / (having + 0.5))
            count = bag.count(term)
            total += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(bag) / mean))
        return total

    first = {}
    for query in QUERIES:
        terms = query_tokens(query["text"], ["en"])
        scores = [score(bag, terms) for bag in bags]
        if max(scores) > 0:
            first[query["_id"]] = names[int(np.argmax(scores))]
    return first


def test_our_own_answers_are_measured_and_only_when_asked_for(
    made: Path, configured: Settings
) -> None:
    found = evaluated(made, configured)
    assert found.report.values[MEASURE].keys() == GOLD.keys()
    assert [found.report.values[MEASURE][key] for key in ("q1", "q6")] == [1.0, 0.0]
    without = evaluated(made, configured, sentences=False)
    assert MEASURE not in without.report.measures
    assert all(MEASURE not in of for of in without.baselines.values())
    assert not any(MEASURE in note for note in without.notes)
    assert dict(found.report.measures) == {
        **without.report.measures,
        MEASURE: found.report.measures[MEASURE],
    }


def test_a_set_whose_answers_are_written_is_left_out_with_its_reason(
    configured: Settings, tmp_path: Path
) -> None:
    written = [q | {"answers": ["Nobody wrote it down."]} for q in QUERIES[:3]]
    found = evaluated(beir(tmp_path / "written", [*written, QUERIES[3]]), configured)
    assert MEASURE not in found.report.measures
    assert any("in 1 of 4 queries a sentence" in note for note in found.notes)
    plain = [{k: v for k, v in q.items() if k != "answers"} for q in QUERIES[:3]]
    found = evaluated(beir(tmp_path / "plain", plain), configured)
    assert any("no query is answerable, judged and has" in note for note in found.notes)
    assert found.report.value_of("hit@1") is not None
    run = tmp_path / "run.trec"
    write_trec_run(run, found.run)
    given = evaluated(tmp_path / "plain", configured, answers=run)
    assert given.notes[-1].endswith("no questions are answered here, so nothing is cited.")


def test_sentences_of_a_script_without_spaces(configured: Settings, tmp_path: Path) -> None:
    text = "灯塔于1884年点亮。第一任看守人是安娜。她养蜂。"
    folder = tmp_path / "zh"
    folder.mkdir()
    corpus = [{"_id": "a", "title": "灯塔", "text": text},
              {"_id": "b", "title": "磨坊", "text": "磨坊在1911年烧毁。"}]  # fmt: skip
    jsonl(folder / "corpus.jsonl", corpus)
    queries = [{"_id": "q1", "text": "第一任看守人是谁？", "answers": ["安娜"]},
               {"_id": "q2", "text": "磨坊在哪一年烧毁？", "answers": ["1911年"]}]  # fmt: skip
    jsonl(folder / "queries.jsonl", queries)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ta\t1\nq2\tb\t1\n", "utf-8")
    (folder / "meta.json").write_text('{"language": "zh"}', "utf-8")
    found = evaluated(folder, configured)
    assert found.baselines[BM25][MEASURE][:1] == (1.0,)
    assert found.report.measures[MEASURE].n == 2
    assert any("rank 4 sentences" in note for note in found.notes)
