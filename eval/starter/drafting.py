"""A starter eval set of any corpus: questions that rules could write, for a person to edit.

Infobox rows and cited sentences of the article (all sentences, of a corpus without one) become
questions with their evidence. A few more cannot be answered: what they ask about stands in no
text. Every line says by its tags that it is a draft, and which rule wrote it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Article, Claim, Json
from footnoted.errors import InputError, UsageError, storage_errors
from footnoted.eval.auto.claims import is_query, printed_label
from footnoted.eval.corpus_texts import ARTICLE, CorpusTexts, texts_of_corpus
from footnoted.eval.questions import Evidence
from footnoted.eval.starter.labels import DATED, label_question
from footnoted.eval.starter.questions import Draft, gap_question, sentence_question
from footnoted.eval.starter.unanswerable import unanswerable_questions
from footnoted.eval.tokens import answer_tokens
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.language import detect_language, script_of
from footnoted.service.answer_types import AnswerType, candidates

TAGS = ("starter", "draft-to-edit")

_MOST = 80
_FEWEST = 12  # below this many questions, gaps are asked too
_LONGEST_VALUE = 12  # words of an infobox value that is a short answer
_MOST_VALUES = 8
_QUALIFIED = re.compile(r"\s+\([^()]*\)$")


class _Sentence(NamedTuple):
    """A sentence, the name of its document, its language and the footnotes that it cites."""

    text: str
    document: str
    language: str
    references: tuple[str, ...] = ()
    it: str | None = None


def write_starter(path: Path, corpus: Corpus) -> list[Json]:
    """Write the starter set of ``corpus`` to a new JSONL file; returns what was written.

    ``UsageError`` where ``path`` exists: an edited set is never overwritten, or where its folder
    does not. ``InputError`` when no question can be drafted.
    """
    exists = UsageError(
        f"{path} exists already, and is left as it is.",
        about=str(path),
        hint="Name a new file: what you edited in this one would be lost.",
    )
    if path.exists():
        raise exists
    lines = starter_set(corpus)
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    try:
        with storage_errors(path), path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise exists from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"There is no folder {path.parent} to write {path.name} into.",
            about=str(path),
            hint="Make the folder first, or name another file.",
        ) from error
    return lines


def starter_set(corpus: Corpus) -> list[Json]:
    """The lines of a starter set: rows of the infobox, sentences, then what cannot be answered.

    At most 80 that can be answered. ``InputError`` when there is none at all.
    """
    texts = texts_of_corpus(corpus.article, corpus.documents.values())
    article = corpus.article
    rows = _row_lines(article, corpus, texts) if article else iter(())
    asked = _apart(rows, _sentence_lines(list(_sentences(corpus, texts)), corpus))
    answerable = list(islice(asked, _MOST))
    if not answerable:
        raise InputError(
            f"No sentence of {corpus.info.corpus_name} could be made a question.",
            about=corpus.info.corpus_name,
            hint="Write the set by hand; the head of footnoted/eval/questions.py shows the format.",
        )
    language = answerable[0]["language"]
    missing = (
        {
            "question": question,
            "language": language,
            "answerable": False,
            "reason": reason.value,
            "tags": [*TAGS, rule],
        }
        for question, reason, rule in unanswerable_questions(
            _spoken_title(article) if article else None,
            [line["question"] for line in answerable if "gap" not in line["tags"]],
            language,
            [(document.text, document.language) for document in corpus.documents.values()],
        )
    )
    lines = [*answerable, *_apart(missing)]
    return [{"id": f"s{n:03}"} | line for n, line in enumerate(lines, start=1)]


def _row_lines(article: Article, corpus: Corpus, texts: CorpusTexts) -> Iterator[Json]:
    english = article.language.startswith("en")
    labelled = (claim for claim in article.claims if claim.label is not None)
    for label, group in groupby(labelled, key=lambda claim: claim.label or ""):
        claims = list(group)
        values = [claim.text.removeprefix(f"{label}: ") for claim in claims]
        title = _spoken_title(article)
        question = label_question(label, title, len(values)) if english else f"{title}: {label}?"
        if label.lower().removesuffix("(s)") in DATED and english:
            values = _dates(values)
        if question is None or not values or not all(map(_is_short, values)):
            continue
        if len(values) > _MOST_VALUES or len(set(values)) < len(values):
            continue
        whole = article.text[claims[0].span.start : claims[-1].span.end]
        groups = [_alternatives(value) for value in values]
        answers = {"answers": groups[0]} if len(groups) == 1 else {"answers_all": groups}
        draft = Draft(question, (), "infobox")
        yield _line(draft, article.language, answers, Evidence(ARTICLE, whole)) | {
            "references": _cited(claims, corpus, texts)
        }


def _sentence_lines(sentences: Sequence[_Sentence], corpus: Corpus) -> Iterator[Json]:
    """Rules first; then, where they found little, the gaps of the sentences that they left."""
    common = frozenset(
        word
        for document in corpus.documents.values()
        for word in re.findall(r"\b[a-z]+\b", document.text)
    )
    left = []
    found = 0
    for sentence in sentences:
        english = sentence.language.startswith("en")
        draft = sentence_question(sentence.text, common, sentence.it) if english else None
        if draft is None:
            left.append(sentence)
        else:
            found += 1
            yield _drafted(draft, sentence)
    gaps = ((gap_question(s.text, s.language), s) for s in left)
    drafts = ((draft, sentence) for draft, sentence in gaps if draft is not None)
    for draft, sentence in islice(drafts, max(_FEWEST - found, 0)):
        yield _drafted(draft, sentence)


def _drafted(draft: Draft, sentence: _Sentence) -> Json:
    answers = {"answers": list(draft.answers)}
    line = _line(draft, sentence.language, answers, Evidence(sentence.document, sentence.text))
    return line | ({"references": list(sentence.references)} if sentence.references else {})


def _line(asked: Draft, language: str, answers: Json, evidence: Evidence) -> Json:
    return {
        "question": asked.question,
        "language": language,
        "answerable": True,
        **answers,
        "evidence": [{"document": evidence.document, "quote": evidence.quote}],
        "tags": [*TAGS, asked.rule],
    }


def _sentences(corpus: Corpus, texts: CorpusTexts) -> Iterator[_Sentence]:
    """The article's cited sentences; without an article, those of all documents."""
    article = corpus.article
    if article is None:
        for passage in corpus.passages.values():
            document = corpus.documents[passage.document_id]
            for span in passage.sentences:
                yield _Sentence(span.of(document.text), document.document_id, document.language)
        return
    script = script_of(article.text)
    body = [claim for claim in article.claims if claim.label is None]
    for before, claim in zip([None, *body], body, strict=False):
        if claim.reference_ids and is_query(claim):
            cited = tuple(_cited([claim], corpus, texts))
            it = (
                _spoken_title(article)
                if before and _is_of_subject(before, claim, article)
                else None
            )
            same = script_of(claim.text) == script
            language = article.language if same else detect_language(claim.text)
            yield _Sentence(claim.text, ARTICLE, language, cited, it)


def _is_of_subject(before: Claim, claim: Claim, article: Article) -> bool:
    """Whether "It" in ``claim`` is the article's subject: the sentence before begins with it."""
    title = _bare_title(article)
    named = before.text.removeprefix("The ").startswith(title)
    return named and claim.span.start - before.span.end <= 1


def _bare_title(article: Article) -> str:
    return _QUALIFIED.sub("", article.title)


def _spoken_title(article: Article) -> str:
    """The title inside a sentence: no remark in brackets, and "the" where it mostly has one."""
    title = _bare_title(article)
    body = " ".join(claim.text for claim in article.claims if claim.label is None)
    with_the = len(re.findall(rf"\b[Tt]he {re.escape(title)}\b", body))
    return f"the {title}" if 2 * with_the > body.count(title) else title


def _cited(claims: Sequence[Claim], corpus: Corpus, texts: CorpusTexts) -> list[str]:
    """The shortest names of the footnotes, each once."""
    cited = dict.fromkeys(chain.from_iterable(claim.reference_ids for claim in claims))
    return [printed_label(corpus.references[reference_id], texts) for reference_id in cited]


def _dates(values: Sequence[str]) -> list[str]:
    """The first date in each value; none where a value has no date with a number in it."""
    found = [
        [
            words
            for span in candidates(AnswerType.DATE, v, "")
            if re.search(r"\d", words := span.of(v))
        ]
        for v in values
    ]
    return [dates[0] for dates in found] if all(found) else []


def _is_short(value: str) -> bool:
    telling = not value.lower().startswith("see ") and not re.search(r"://|\w: ", value)
    return telling and len(value.split()) <= _LONGEST_VALUE and bool(answer_tokens(value, "und"))


def _alternatives(value: str) -> list[str]:
    """The value, and the value without a remark in brackets behind it."""
    bare = _QUALIFIED.sub("", value)
    return [value] if bare == value or not answer_tokens(bare, "und") else [value, bare]


def _apart(*lines: Iterator[Json]) -> Iterator[Json]:
    """The lines in order, no question twice."""
    seen: set[str] = set()
    for line in chain(*lines):
        if line["question"] not in seen:
            seen.add(line["question"])
            yield line
