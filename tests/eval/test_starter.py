"""Starter sets: they load, they fit their corpus, they say that they are drafts, they overwrite
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from footnoted.domain import Kind, RefusalReason
from footnoted.errors import InputError, UsageError
from footnoted.eval.corpus_texts import CorpusTexts, texts_of_corpus
from footnoted.eval.questions import Question, check_questions, load_questions
from footnoted.eval.starter.drafting import TAGS, starter_set, write_starter
from footnoted.eval.starter.questions import GAP
from footnoted.eval.tokens import contains_answer
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.locations import PACKAGED
from footnoted.ingest.plain_documents import PlainDocument, publish_documents
from footnoted.ingest.store import writing


@pytest.fixture(params=["default", "example"])
def packaged(request: pytest.FixtureRequest) -> Iterator[Corpus]:
    with Corpus.open(PACKAGED / request.param) as opened:
        yield opened


def texts_of(corpus: Corpus) -> CorpusTexts:
    return texts_of_corpus(corpus.article, corpus.documents.values())


def written(corpus: Corpus, path: Path) -> tuple[Question, ...]:
    lines = write_starter(path, corpus)
    questions = load_questions(path)
    assert len(questions) == len(lines)
    assert check_questions(questions, texts_of(corpus)) == []
    return questions


def test_a_starter_set_of_each_packaged_corpus_fits_it(packaged: Corpus, tmp_path: Path) -> None:
    questions = written(packaged, tmp_path / "starter.jsonl")
    assert len(questions) >= 20
    assert all(question.tags[:2] == TAGS for question in questions)
    answerable = [q for q in questions if q.answerable]
    unanswerable = [q for q in questions if not q.answerable]
    assert 2 <= len(unanswerable) < len(answerable) / 2
    assert sum("infobox" in q.tags for q in answerable) >= 7
    assert sum(bool(q.references) for q in answerable) >= 10
    for question in answerable:
        for alternative in (a for group in question.answers for a in group):
            assert not contains_answer(question.text, alternative, question.language)
    words = " ".join(d.text for d in packaged.documents.values()).casefold()
    for question in unanswerable:
        assert question.reason in (RefusalReason.NOT_IN_CORPUS, RefusalReason.FALSE_PREMISE)
        assert not any(w in words for w in ("motto", "mascot", "anthem") if w in question.text)


def test_questions_of_the_invented_bridge_read_as_people_ask(tmp_path: Path) -> None:
    with Corpus.open(PACKAGED / "example") as corpus:
        asked = {q.text: q for q in written(corpus, tmp_path / "starter.jsonl")}
    opened = asked["When was the Sallowick Bridge opened?"]
    assert opened.answers == (("14 September 1911",),)
    assert asked["How many spans does the Sallowick Bridge have?"].answers == (("5",),)
    designed = asked["By whom or what was the Sallowick Bridge designed?"]  # the text says "It"
    assert designed.answers == (("Halda Merrowin",),)
    assert designed.references == ("2", "3")
    assert asked["How long is the bridge?"].answers == (("312 metres",),)


def test_the_same_corpus_gives_the_same_set(packaged: Corpus) -> None:
    assert starter_set(packaged) == starter_set(packaged)


def test_a_file_is_never_overwritten(packaged: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("edited by hand", "utf-8")
    with pytest.raises(UsageError, match="exists already") as caught:
        write_starter(path, packaged)
    assert path.read_text("utf-8") == "edited by hand"
    assert "new file" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="no folder"):
        write_starter(tmp_path / "nowhere" / "set.jsonl", packaged)
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "elsewhere.jsonl")  # dangling: nothing is written through it
    with pytest.raises(UsageError, match="exists already"):
        write_starter(link, packaged)
    assert not (tmp_path / "elsewhere.jsonl").exists()


def plain(folder: Path, *texts: str, language: str | None = None) -> Corpus:
    with writing(folder) as writer:
        documents = [PlainDocument(f"d{n}", f"Note {n}", text) for n, text in enumerate(texts)]
        publish_documents(documents, writer, "plain", now="2026-01-02T03:04:05Z", language=language)
    return Corpus.open(folder)


def test_documents_without_an_article_are_asked_too(tmp_path: Path) -> None:
    text = (
        "The tower was opened in 1888. "
        "How many lamps were lit on the first night, nobody knows. "
        "Forty lamps were broken by the storm of 1911."
    )
    with plain(tmp_path / "plain", text, language="en") as corpus:
        questions = written(corpus, tmp_path / "starter.jsonl")
        assert all(d.kind is Kind.DOCUMENT for d in corpus.documents.values())
    asked = {q.text: q for q in questions}
    assert asked["When was the tower opened?"].answers == (("1888",),)
    assert asked["When was the tower opened?"].references == ()
    assert asked["How many lamps were broken by the storm of 1911?"].answers == (("Forty",),)
    other = asked["How many lamps were broken by the storm of 1918?"]  # no text has that year
    assert other.reason is RefusalReason.FALSE_PREMISE
    assert len(questions) == 3


def test_another_language_gets_gaps(tmp_path: Path) -> None:
    text = "Die Brücke trägt seit langem 44 Lampen. Im Jahr 1911 kam ein Sturm über Varna."
    with plain(tmp_path / "plain", text, language="de") as corpus:
        questions = written(corpus, tmp_path / "starter.jsonl")
    assert [q.answers[0][0] for q in questions if q.answerable] == ["44", "1911"]
    assert all(GAP in q.text and "gap" in q.tags for q in questions)
    assert {q.language for q in questions} == {"de"}


def test_a_corpus_that_gives_no_question_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "starter.jsonl"
    with (
        plain(tmp_path / "plain", "Nothing was ever told here.", language="en") as corpus,
        pytest.raises(InputError, match="could be made a question"),
    ):
        write_starter(path, corpus)
    assert not path.exists()
