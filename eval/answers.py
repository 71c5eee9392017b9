"""From an answer and what was expected to exact match, token F1 and answer recall.

Exact match and F1 follow SQuAD (Rajpurkar et al. 2016) over the answer's spans, or over the
statements' texts when no statement has a span. Answer recall asks whether the expected words
stand in the statements at all (as ALCE's exact-match recall does, Gao et al. 2023, but by whole
tokens).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from footnoted.eval.answer_documents import GivenAnswer
from footnoted.eval.questions import Question
from footnoted.eval.tokens import answer_tokens, contains_answer

Tokens = tuple[str, ...]


class AnswerScores(NamedTuple):
    """Three values in [0, 1]; all 0 for a refusal."""

    exact_match: float
    token_f1: float
    answer_recall: float


def score_answer(question: Question, answer: GivenAnswer) -> AnswerScores:
    """The scores of one answer to an answerable question.

    For a list question exact match and recall are the share of its items found, and F1 compares
    all predicted words with the words of all items, whatever their order.
    """
    texts = [statement.text for statement in answer.statements]
    predictions = _predictions(answer, question.language)
    groups = [
        [answer_tokens(alternative, question.language) for alternative in group]
        for group in question.answers
    ]
    # A list's items are spans of their own; the one answer of another question is all of them.
    exact = set(predictions) if len(groups) > 1 else {tuple(chain.from_iterable(predictions))}
    return AnswerScores(
        exact_match=_share(any(a in exact for a in group) for group in groups),
        token_f1=_best_f1(list(chain.from_iterable(predictions)), groups),
        answer_recall=_share(
            any(contains_answer(t, a, question.language) for t in texts for a in group)
            for group in question.answers
        ),
    )


def token_f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of a bag of tokens; 1 when both are empty."""
    if not predicted or not expected:
        return float(predicted == expected)
    common = sum((Counter(predicted) & Counter(expected)).values())
    return 2 * common / (len(predicted) + len(expected))


def expected_text(question: Question) -> str:
    """What a reader of a report is shown as the right answer."""
    if not question.answerable:
        return f"refusal: {question.reason}"
    return "; ".join(group[0] for group in question.answers)


def given_text(answer: GivenAnswer) -> str:
    """What a reader of a report is shown as the answer that was given."""
    if not answer.answered:
        return f"refusal: {answer.reason}"
    return " / ".join(statement.span or statement.text for statement in answer.statements)


def _predictions(answer: GivenAnswer, language: str) -> list[Tokens]:
    """The answer's distinct spans, as tokens: sources that agree do not say it twice."""
    spans = [statement.span for statement in answer.statements if statement.span]
    texts = spans or [statement.text for statement in answer.statements]
    return list(dict.fromkeys(answer_tokens(text, language) for text in texts))


def _best_f1(predicted: list[str], groups: Sequence[Sequence[Tokens]]) -> float:
    if len(groups) == 1:
        return max(token_f1(predicted, list(alternative)) for alternative in groups[0])
    closest = [max(group, key=lambda a: _share(t in predicted for t in a)) for group in groups]
    return token_f1(predicted, list(chain.from_iterable(closest)))


def _share(found: Iterable[bool]) -> float:
    flags = list(found)
    return sum(flags) / len(flags)
