"""The assistant on real corpora: what it answers, finds, shows, and never leaves out."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.described import check_described

from footnoted import documents
from footnoted.errors import Gone, InputError, NotFound, QuestionError, UsageError
from footnoted.index.embedder import OnnxEmbedder
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import Supplied, SuppliedFile
from footnoted.service import indexing
from footnoted.service.assistant import AROUND, Assistant
from footnoted.settings import Settings


@pytest.fixture(scope="module")
def options(cache_dir: Path, commands) -> Settings:
    return Settings(cache_dir=cache_dir, data_dir=commands.data_dir, threads=1)


@pytest.fixture(scope="module")
def assistant(bridge, options: Settings) -> Iterator[Assistant]:
    with Assistant.open(bridge.folder, settings=options) as opened:
        yield opened


def test_an_answer_is_verbatim_and_says_where_it_stands(assistant):
    answer = assistant.ask("Who designed the bridge?")
    assert answer["status"] == "answered"
    assert "Merrowin" in answer["answer"]
    texts = {d.document_id: d.text for d in assistant.corpus.documents.values()}
    for citation in answer["citations"]:
        span = slice(citation["start"], citation["end"])
        assert texts[citation["document_id"]][span] == citation["quote"]
    assert answer["coverage"] == {"references": 12, "readable": 6, "digests": 2}
    assert answer["corpus"]["revision"] == assistant.corpus.info.revision_id


@pytest.mark.parametrize(
    "question",
    ["Who is the president of Brazil?", "What is the boiling point of tungsten in kelvin?"],
)
def test_what_the_corpus_does_not_say_is_refused(assistant, question):
    refusal = assistant.ask(question)
    assert (refusal["status"], refusal["reason"]) == ("refused", "not_in_corpus")
    assert refusal["answer"] == ""
    assert refusal["statements"] == refusal["citations"] == refusal["caveats"] == []
    assert len(refusal["passages"]) == 8  # the closest ones, each with its citation
    assert all(p["citation"]["quote"] == p["text"] for p in refusal["passages"])


def test_only_one_side_may_be_asked(assistant):
    kinds = {}
    for only in (None, "article", "sources"):
        found = assistant.search("the flood of 1931", k=20, only=only)["passages"]
        kinds[only] = {p["citation"]["kind"] for p in found}
    assert kinds == {None: {"article", "source"}, "article": {"article"}, "sources": {"source"}}
    answer = assistant.ask("Who designed the bridge?", only="article")
    assert {
        c["kind"] for c in answer["citations"] + [p["citation"] for p in answer["passages"]]
    } == {"article"}


def test_one_reference_may_be_asked(assistant):
    by_label = {r.label: r.reference_id for r in assistant.corpus.references.values()}
    for key in ("9", by_label["9"]):
        found = assistant.search("the flood of 1931", k=50, reference=key)["passages"]
        assert found
        for passage in found:
            citation = passage["citation"]
            labels = {r["label"] for r in citation["references"]} | {citation["label"]}
            assert "9" in labels
        both = assistant.search("the flood", k=50, only="sources", reference=key)["passages"]
        assert {p["citation"]["label"] for p in both} == {"9"}


def test_a_source_that_was_not_read_is_the_reason(assistant):
    refusal = assistant.ask("When did the painters strike?", only="sources", reference="10")
    assert refusal["status"] == "refused"
    assert refusal["reason"] == "sources_unreadable"
    assert refusal["passages"] == []


def test_ranks_scores_and_counts(assistant):
    for k in (1, 3, 100):
        passages = assistant.search("steel arch", k=k)["passages"]
        assert [p["rank"] for p in passages] == list(range(1, len(passages) + 1))
        scores = [p["score"] for p in passages]
        assert all(a >= b for a, b in itertools.pairwise(scores))
        assert len(passages) == min(k, len(assistant.corpus.passages))
        assert [p["citation"]["number"] for p in passages] == [p["rank"] for p in passages]
    assert len(assistant.ask("Who designed the bridge?", k=2)["passages"]) == 2


def test_what_cannot_be_asked(assistant):
    for question in ("", " ", "?", "x" * 10_000, "\ud800 a"):
        with pytest.raises(QuestionError):
            assistant.ask(question)
        with pytest.raises(QuestionError):
            assistant.search(question)
        problem = assistant.ask_or_problem(question)
        assert problem["status"] == 422
        assert problem["question"] == question
    for k in (0, -1, 101):
        with pytest.raises(UsageError, match=f"not {k}"):
            assistant.ask("Who?", k=k)
    with pytest.raises(UsageError, match="only can be"):
        assistant.search("Who?", only="both")
    with pytest.raises(UsageError, match="names no reference"):
        assistant.search("Who?", reference="77")


def test_one_passage_with_what_stands_around_it(assistant):
    found = assistant.search("rivets estimated", k=1)["passages"][0]
    shown = assistant.passage(found["id"])
    text = assistant.corpus.documents[found["document_id"]].text
    start, end = shown["citation"]["start"], shown["citation"]["end"]
    assert shown["status"] == "current"
    assert shown["text"] == found["text"] == text[start:end]
    assert shown["before"] == text[max(0, start - AROUND) : start]
    assert shown["after"] == text[end : end + AROUND]
    for sentence in shown["sentences"]:
        assert shown["text"][sentence["start"] : sentence["end"]].strip()
    with pytest.raises(NotFound):
        assistant.passage("0" * 16)


def test_threads_share_one_assistant(bridge, options):
    """Eight threads ask at once: the model loads once, and each gets its own question's answer."""
    questions = {"Who designed the bridge?": "Merrowin", "How long is the bridge?": "312"}
    heard: list[str] = []
    answers: list[tuple[str, str]] = []
    with Assistant.open(bridge.folder, settings=options, notify=heard.append) as shared:

        def ask(question: str) -> None:
            passages = shared.search(question, k=5)["passages"]
            answers.append((question, " ".join(p["text"] for p in passages)))

        threads = [threading.Thread(target=ask, args=(q,)) for q in list(questions) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 8
    assert all(questions[question] in text for question, text in answers)
    assert heard == []


def test_a_missing_index_is_built_with_a_word(copied, options):
    folder = copied()
    (folder / "index").rename(folder / "elsewhere")
    heard: list[str] = []
    with Assistant.open(folder, settings=options, notify=heard.append) as opened:
        assert opened.search("lamp", k=1)["passages"]
    assert len(heard) == 1
    assert heard[0].startswith("Building the index of light (")
    assert (folder / "index" / "CURRENT").is_file()


ARTICLE = (Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt").read_text(
    "utf-8"
)


def rewrite(folder: Path, text: str) -> None:
    article = ArticleInput(SuppliedFile("lighthouse.txt", text.encode()))
    with writing(folder) as writer:
        ingest(article, writer, "light", OfflineReader(), now="2026-03-04T05:06:07Z")


def test_ids_keep_their_meaning_when_the_article_changes(copied, options):
    folder = copied()
    with Assistant.open(folder, settings=options) as before:
        lamp = before.search("bright lamp predecessor", k=1)["passages"][0]
        height = before.search("height of the tower", k=1, only="article")["passages"][0]
    changed = ARTICLE.replace("12.5 times", "13.5 times").replace("GL\n", "GL\nThe Old Light\n", 1)
    rewrite(folder, changed)
    heard: list[str] = []
    with Assistant.open(folder, settings=options, notify=heard.append) as after:
        with pytest.raises(Gone):
            after.passage(lamp["id"])
        assert after.passage(height["id"])["text"] == height["text"]
        old = after.verify(lamp["citation"]["citation_id"])
        assert (old["ok"], old["status"]) == (True, "superseded")
        assert old["quote"] == lamp["text"]
        # The index of the old revision is replaced before anything is found in it.
        texts = [p["text"] for p in after.search("bright lamp predecessor", k=5)["passages"]]
        assert any("13.5 times" in text for text in texts)
        assert not any("12.5 times" in text for text in texts)
        assert len(heard) == 1
        assert after.verify()["ok"]


MARKS = "\u0301\u0308\u064b\u200d\ufe0f"
ALPHABETS = (
    st.sampled_from(("lamp", "tower", "the", "of", "1888", "3.5", "Dr.", "storm")),
    st.text("abcdefghijklmnop" + MARKS, min_size=1, max_size=8),
    st.sampled_from(("👩🏽‍🚀", "🌉", "e\u0301", "ﬁ", "🇮🇶", "½")),
    st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=1, max_size=7),
    st.text("橋梁建設的人是誰在哪裡", min_size=1, max_size=5),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=6),
)
sentences = st.lists(st.one_of(*ALPHABETS), min_size=2, max_size=12).map(" ".join)
bodies = st.lists(
    st.tuples(sentences, st.sampled_from((".", ".[1]", "!", "؟", "。", ".\n\n"))),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.tuples(bodies, bodies, sentences))
def test_no_passage_leaves_without_a_true_citation(
    words, options: Settings, embedder: OnnxEmbedder, tmp_path_factory
):
    """Invariants 1 and 2 for any words in any script, through ask and search."""
    body, page, question = words
    folder = tmp_path_factory.mktemp("random")
    text = " ".join(sentence + end for sentence, end in body)
    article = f'A title\n\nFirst words of it.[1] {text}\n\n  1. ^ Holm, A. "Work". Press. 2004.\n'
    source = " ".join(sentence + end for sentence, end in page)
    supplied = Supplied(sources={"1": SuppliedFile("page.txt", f"Words. {source}".encode())})
    try:
        with writing(folder) as writer:
            file = SuppliedFile("a.txt", article.encode())
            ingest(
                ArticleInput(file),
                writer,
                "random",
                OfflineReader(),
                supplied=supplied,
                now="2026-01-01T00:00:00Z",
            )
    except InputError:
        reject()  # words that made the article unreadable, such as a lone reference line
    with Corpus.open(folder) as corpus:
        indexing.build_index(corpus, options, notify=lambda _: None, embedder=embedder)
        texts = {d.document_id: d.text for d in corpus.documents.values()}
    with Assistant.open(folder, settings=options) as opened:
        documents = [opened.search("the lamp", k=50), opened.ask("the lamp", k=50)]
        asked = opened.ask_or_problem(question)
        if "passages" in asked and asked["reason"] != "incomplete_question":
            documents.append(asked)
        for document in documents:
            assert document["passages"]
            cited = [*document["citations"], *(p["citation"] for p in document["passages"])]
            for citation in cited:
                quoted = texts[citation["document_id"]][citation["start"] : citation["end"]]
                assert quoted == citation["quote"] != ""
            for passage in document["passages"]:
                assert passage["citation"]["quote"] == passage["text"]
        checked = opened.verify()
        assert checked["ok"], checked


def test_a_question_is_explained_by_those_before_it(assistant: Assistant) -> None:
    alone = assistant.ask("and when?")
    assert (alone["status"], alone["reason"]) == ("refused", "incomplete_question")
    assert (alone["statements"], alone["passages"]) == ([], [])
    explained = assistant.ask("and who?", history=["Was the bridge designed by a woman?"])
    assert explained["status"] == "answered"
    assert explained["question"] == "and who?"
    assert "Merrowin" in explained["answer"]
    with pytest.raises(QuestionError, match="earlier questions"):
        assistant.ask("and when?", history=["Who?"] * 21)


def test_each_part_of_a_question_is_answered_and_what_is_not_is_named(
    assistant: Assistant,
) -> None:
    both = assistant.ask("Who designed the bridge, and how long is the bridge?")
    parts = ("Who designed the bridge", "how long is the bridge?")
    alone = [assistant.ask(part) for part in parts]
    said = [statement["text"] for statement in both["statements"]]
    assert {statement["text"] for answer in alone for statement in answer["statements"]} == {*said}
    assert both["answer"] == " ".join(said)
    assert both["notes"] == []
    half = assistant.ask("Who designed the bridge, and who is the president of Brazil?")
    assert "Merrowin" in half["answer"]
    assert half["notes"] == ["Nothing in this corpus answers: who is the president of Brazil?"]
    for citation in half["citations"]:
        start, end = citation["answer_start"], citation["answer_end"]
        if start is not None:
            assert half["answer"][start:end] == citation["quote"]


def test_a_claim_says_what_each_of_its_sources_says(assistant: Assistant) -> None:
    claims = assistant.article()["claims"]
    verdicts = set()
    for claim in claims:
        document = assistant.claim(claim["id"])
        check_described(documents.ClaimDocument, document)
        assert (document["text"], document["markers"]) == (claim["text"], claim["markers"])
        verdicts.add(document["verdict"])
        texts = {d.document_id: d.text for d in assistant.corpus.documents.values()}
        for citation in (c for row in document["evidence"] for c in row["citations"]):
            words = texts[citation["document_id"]][citation["start"] : citation["end"]]
            assert words == citation["quote"]
    assert {"supported", "not_found", "source_unreadable", "uncited"} <= verdicts
    with pytest.raises(NotFound, match="No claim"):
        assistant.claim("none")
