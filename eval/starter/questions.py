"""From a sentence or an infobox row to a question about it, by plain rules of English grammar.

A rule speaks up only where the order of the words need not change much: a passive, a measure, a
number at the head. What no rule fits gives no question; ``gap_question`` then leaves a gap in the
sentence, which needs no grammar and works in any language.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from footnoted.domain import Span
from footnoted.eval.auto.specifics import other_spellings
from footnoted.eval.tokens import contains_answer
from footnoted.service.answer_types import AnswerType, candidates

_MOST_WORDS = 40
GAP = "___"

# Words that mean something only beside the sentence before.
_ANAPHORA = re.compile(
    r"\b(?:it|its|they|their|them|he|she|his|her|hers|him|this|these|that|those|such|same"
    r"|following|latter|former|also|however|therefore|another|others?|former|thus)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:its?|they|theirs?|them|s?he|his|hers?|him|this|these)\b", re.IGNORECASE
)
_GLUED_BEFORE = re.compile(
    r"[\w'’\-–—/]$"
    r"|\b(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December) $"
)
_GLUED_BEHIND = re.compile(r"[\w'’\-–—/]")
_TO = r"\s?(?:to|and|or|-|–|/)\s?"
_RANGE_BEFORE = re.compile(rf"\d{_TO}$")
_RANGE_BEHIND = re.compile(rf"{_TO}\d")
_IRREGULAR = (
    "begun|born|bought|broken|brought|built|chosen|cut|drawn|driven|fought|found|given|held|hit"
    "|kept|laid|led|left|lit|lost|made|put|rebuilt|run|seen|sent|set|shot|shown|sold|struck"
    "|taken|thrown|told|won|written"
)
_PARTICIPLE = (
    rf"(?:(?:first|then|later|finally|officially|formally) )?(?:\w+ed|{_IRREGULAR})\b"
    r"(?:(?! and )[^,;:])*?"
)
_SUBJECT = r"(?P<subject>[^\s,;:]+(?: [^\s,;:]+){0,8}?)"
_PASSIVE = rf"{_SUBJECT} (?P<verb>was|were) (?P<done>{_PARTICIPLE})"
_ROUGHLY = r"(?:about|around|nearly|almost|some|over|roughly|approximately) "
_REST = re.compile(
    r"(?P<rest>(?: (?:by|at|after|before|for|to|as|under|with|during|when|in|on) [^,;:]*)?)"
    r"(?:(?:,|;)? (?:and|but|while|although|after which) .*)?[.!]",
    re.DOTALL,
)
_NOT_SUBJECT = re.compile(
    r"(?:in|on|at|by|from|for|when|while|after|before|since|until|if|as|although|though|because"
    r"|there|during|under|with|according|both|neither|not)\b"
    r"|.*\b(?:was|were|is|are|has|have|had|that|which|who|whom|whose|where|when|and|but)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(rf"{_PASSIVE} (?:on|in)(?: the)? ")
_BY_WHOM = re.compile(rf"{_PASSIVE} by (?:(?:the|an|a) )?(?:[a-z]+ ){{0,2}}")
_PLACED = "located|situated|based|headquartered|held|born|buried|filmed|stationed|signed|performed"
_WHERE = re.compile(
    rf"{_SUBJECT} (?P<verb>is|are|was|were) (?P<done>(?:first )?(?:{_PLACED}))"
    r" (?:in|at|near) (?:the )?"
)
_COST = re.compile(rf"{_SUBJECT} cost (?:{_ROUGHLY})?")
_HAS = re.compile(rf"{_SUBJECT} (?P<verb>has|have|had) (?:{_ROUGHLY})?")
_IS = re.compile(rf"{_SUBJECT} (?P<verb>is|are|was|were) (?:{_ROUGHLY})?")
_MEASURED = re.compile(
    r" (?P<unit>[a-z]+) (?P<how>long|high|wide|tall|deep|thick|heavy|old)\b(?:[.,;]| and\b)"
)
_COUNTED = re.compile(
    r" (?P<counted>(?:[a-z]+[- ]){0,3}?(?:[a-z]{2,}s|people|men|women|children))"
    r"(?P<rest>(?: [^,;:]+)?)(?:(?:,|;)? (?:and|but|while|of which) .*|, .*)?[.!]",
    re.DOTALL,
)
_PREDICATE = re.compile(r"\b(?:was|were|is|are|has|have|had|make|made|took|died|\w{2,}ed)\b")


class Draft(NamedTuple):
    """A question, the alternatives of its answer, and the name of the rule that made it."""

    question: str
    answers: tuple[str, ...]
    rule: str


def sentence_question(
    sentence: str, common: Collection[str], it: str | None = None
) -> Draft | None:
    """A question about an English sentence; ``None`` where no rule fits.

    ``common`` are words known to be written small, for the head of the sentence; ``it`` is what a
    sentence that begins with "It" speaks of, where that is certain.
    """
    if len(sentence.split()) > _MOST_WORDS:
        return None
    if it is not None and sentence.startswith("It "):
        sentence = it[:1].upper() + it[1:] + sentence[2:]
    for draft in _drafts(sentence, common):
        given_away = any(contains_answer(draft.question, a, "en") for a in draft.answers)
        if not (given_away or _ANAPHORA.search(draft.question)):
            return draft
    return None


def gap_question(sentence: str, language: str) -> Draft | None:
    """The sentence with a date, a number or a name left out; ``None`` where it has none.

    What is left out stands in the sentence once; dates come before numbers, these before names of
    several words.
    """
    english = language.startswith("en")
    if len(sentence.split()) > _MOST_WORDS or (english and _PRONOUN.search(sentence)):
        return None
    for kind in (AnswerType.DATE, AnswerType.NUMBER, AnswerType.NAME):
        for span in candidates(kind, sentence, ""):
            answer = span.of(sentence)
            before, behind = sentence[: span.start], sentence[span.end :]
            left = f"{before}{GAP}{behind}"
            alone = not (_GLUED_BEFORE.search(before) or _GLUED_BEHIND.match(behind))
            once = not contains_answer(left, answer, language)
            if alone and once and _tells(kind, span, sentence, language):
                asked = f"What belongs in the gap? {left}" if english else left
                return Draft(asked, other_spellings(answer), "gap")
    return None


def _tells(kind: AnswerType, span: Span, sentence: str, language: str) -> bool:
    """Whether the words of ``span`` are worth a gap: with a digit, or a name of several words.

    What begins a sentence begins large, name or not; a name with "of" may go on behind it.
    """
    answer = span.of(sentence)
    if not _is_whole(span, sentence, language):
        return False
    if kind is AnswerType.NAME:
        several = " " in answer and " of " not in answer
        return several and span.start > 0 and any(letter.isupper() for letter in answer)
    return any(character.isdigit() for character in answer)


def _is_whole(span: Span, sentence: str, language: str) -> bool:
    """Whether no word, and no range of numbers, is cut at either end of ``span``."""
    in_range = _RANGE_BEFORE.search(sentence[: span.start]) or _RANGE_BEHIND.match(
        sentence[span.end :]
    )
    return not in_range and contains_answer(sentence, span.of(sentence), language)


def _drafts(sentence: str, common: Collection[str]) -> Iterator[Draft]:
    for date in candidates(AnswerType.DATE, sentence, ""):
        if any(c.isdigit() for c in date.of(sentence)) and _is_whole(date, sentence, "en"):
            yield from _around(_WHEN, "When {verb} {subject} {done}{rest}?", sentence, date, common)
    for money in candidates(AnswerType.MONEY, sentence, ""):
        yield from _around(_COST, "How much did {subject} cost{rest}?", sentence, money, common)
    for name in candidates(AnswerType.NAME, sentence, ""):
        asked = "By whom or what {verb} {subject} {done}{rest}?"
        yield from _around(_BY_WHOM, asked, sentence, name, common)
        yield from _around(_WHERE, "Where {verb} {subject} {done}{rest}?", sentence, name, common)
    for number in candidates(AnswerType.NUMBER, sentence, ""):
        yield from _counts(sentence, number, common)


def _around(
    before: re.Pattern[str], question: str, sentence: str, answer: Span, common: Collection[str]
) -> Iterator[Draft]:
    """The question from what stands before and behind its answer."""
    head = _with_subject(before, sentence[: answer.start])
    tail = _REST.fullmatch(sentence[answer.end :])
    if head is None or tail is None:
        return
    words = head.groupdict() | {
        "subject": small_headed(head["subject"], common),
        "rest": tail["rest"],
    }
    rule = question.split(" {", maxsplit=1)[0].lower().replace(" ", "-")
    yield Draft(question.format(**words), other_spellings(answer.of(sentence)), rule)


def _counts(sentence: str, number: Span, common: Collection[str]) -> Iterator[Draft]:
    """The question of what is counted or measured, where nothing else stands before it."""
    words, before, behind = number.of(sentence), sentence[: number.start], sentence[number.end :]
    counted = _COUNTED.fullmatch(behind)
    if not before and counted and _PREDICATE.search(counted["rest"]):
        asked = f"How many {counted['counted']}{counted['rest']}?"
        yield Draft(asked, other_spellings(words), "how-many")
    is_long, measured = _with_subject(_IS, before), _MEASURED.match(behind)
    if is_long and measured:
        owner = small_headed(is_long["subject"], common)
        asked = f"How {measured['how']} {is_long['verb']} {owner}?"
        yield Draft(asked, (f"{words} {measured['unit']}",), f"how-{measured['how']}")
    has = _with_subject(_HAS, before)
    if has and counted and not _PREDICATE.search(counted["rest"]):
        does = {"has": "does", "have": "do", "had": "did"}[has["verb"]]
        owner = small_headed(has["subject"], common)
        asked = f"How many {counted['counted']}{counted['rest']} {does} {owner} have?"
        yield Draft(asked, other_spellings(words), "how-many")


def _with_subject(pattern: re.Pattern[str], before: str) -> re.Match[str] | None:
    """The match of all that stands before an answer, if it begins with one plain subject."""
    head = pattern.fullmatch(before)
    return None if head is None or _NOT_SUBJECT.match(head["subject"]) else head


def small_headed(phrase: str, common: Collection[str]) -> str:
    """``phrase`` as it stands inside a sentence: its first word small if it is no name.

    It is none where ``common`` has it, and where it is a number.
    """
    first, space, rest = phrase.partition(" ")
    small = first.lower() in common or any(candidates(AnswerType.NUMBER, first, ""))
    return f"{first.lower()}{space}{rest}" if small else phrase
