"""From an infobox label to the English question that its row answers.

Most labels are nouns ("Material") and ask for themselves; those that are verbs, participles or
counts get the question that they shorten. A label that is none of these as far as its form shows
gives no question.
"""

from __future__ import annotations

import re

_FIXED = {
    "carries": "What does {title} carry?",
    "crosses": "What does {title} cross?",
    "location": "Where is {title}?",
    "locale": "Where is {title}?",
    "headquarters": "Where is the headquarters of {title}?",
    "also known as": "By which other names is {title} known?",
    "named after": "What or whom is {title} named after?",
    "part of": "What is {title} part of?",
    "traded as": "Under which symbol is {title} traded?",
    "native to": "Where is {title} native to?",
    "area served": "Which area does {title} serve?",
    "key people": "Who are the key people of {title}?",
    "cost": "How much did {title} cost?",
    "dates of operation": "When has {title} been active?",
    "years active": "In which years was {title} active?",
    "construction start": "When did the construction of {title} begin?",
    "died": "When did {title} die?",
}
"""Questions of labels that do not ask for themselves; also of ``died``, which is no passive."""

_DATES = (
    "born died opened founded formed established built completed launched released created "
    "published inaugurated introduced dissolved disbanded destroyed closed commissioned signed"
)
DATED = frozenset(_DATES.split())
"""Labels whose rows answer "when" with the date that they hold, if they hold one."""

_BY = re.compile(r"(?P<done>\w+(?:ed|ten|ilt)) by")
_COUNT = re.compile(r"(?:no\.|number) of (?P<counted>.+)")
_PEOPLE = (
    "allies architect artist author captain chairman chairperson chancellor child children "
    "coach commander composer designer developer director editor engineer founder governor "
    "head illustrator leader lyricist manager mayor monarch mother father opponent owner parent "
    "partner perpetrator predecessor president principal producer secretary sculptor speaker "
    "spokesman spokesperson spouse successor translator victim winner writer"
)
_PERSONS = frozenset(_PEOPLE.split())
_PLURALS = frozenset({"people", "children"})
_SINGULAR_ENDS = ("ss", "us", "is", "ics")
_TECHNICAL = "name website url image flag signature logo coordinates caption iso issn isbn"
_NOT_ASKED = frozenset(_TECHNICAL.split())
_NO_NOUN = re.compile(
    r".*(?:ed|ing)|(?:next|previous|last|active|follows|uses|worn|laid)\b.*|.*chronology"
)


def label_question(label: str, title: str, count: int) -> str | None:
    """The question that an infobox row of ``count`` values answers; ``None`` for an unclear label.

    ``title`` is the subject as it stands inside a sentence.
    """
    spoken = _spoken(label)
    key = spoken.lower()
    if key in _FIXED:
        return _FIXED[key].format(title=title)
    if key in DATED:
        return f"When was {title} {key}?"
    if by := _BY.fullmatch(key):
        return f"By whom or what was {title} {by['done']}?"
    if counted := _COUNT.fullmatch(key):
        return f"How many {counted['counted']} does {title} have?"
    return _noun_question(spoken, title, several=count > 1 and label.endswith("(s)"))


def _noun_question(spoken: str, title: str, *, several: bool) -> str | None:
    """The question of a label that is a noun; ``several`` says that it stands for more of it."""
    if title.removeprefix("the ") in spoken:
        return None
    before_of = spoken.lower().split(" of ", maxsplit=1)[0]
    if spoken.lower() in _NOT_ASKED or _NO_NOUN.fullmatch(before_of):
        return None
    head = before_of.split(" in ", maxsplit=1)[0].split()[-1]
    person = head in _PERSONS or head.removesuffix("s") in _PERSONS
    plural = head in _PLURALS or (head.endswith("s") and not head.endswith(_SINGULAR_ENDS))
    if several and not plural:
        spoken, plural = f"{spoken}s", True
    return f"{'Who' if person else 'What'} {'are' if plural else 'is'} the {spoken} of {title}?"


def _spoken(label: str) -> str:
    """The label inside a sentence: without ``(s)``, its first letter small but for ``GDP``."""
    bare = label.removesuffix("(s)").strip()
    others = bare[1:]
    return bare if others != others.lower() else bare[:1].lower() + others
