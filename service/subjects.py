"""Where the subject of a question ends, and its verb begins: "did the network | attack the base".

No parser: behind a pronoun the verb comes at once, behind a common noun it is one that a table
knows, behind a name also another small word.
"""

from __future__ import annotations

from footnoted.service.facts.wordings import listed
from footnoted.service.verb_forms import is_base, is_participle

ARTICLES = frozenset(
    listed(
        "the a an this that these those his her its their our my your some any both all each every "
        "no"
    )
)
PREPOSITIONS = frozenset(
    listed(
        "in on at by for to from of with about against under over into since until during towards "
        "through after before as among between behind within"
    )
)
PRONOUNS = frozenset({"it", "he", "she", "they", "we", "you", "i", "this", "that", "there"})
LINKS = frozenset(listed("of the de da di la le von van der den al el bin ibn and in for on at"))
_ADVERBS = frozenset(listed("also ever first finally then later actually really once still not"))
_CLAUSES = frozenset(
    listed("that which who whom when while because after before if and but to than , ; :")
)
_NOUNS_TOO = frozenset(
    listed(
        "attack strike report march plan vote order answer force fire attempt raid claim test "
        "group lead record design support study work play set end head state issue charge ban walk "
        "bomb shell view trade train rule rest result question act address aim approach base face "
        "call campaign change control cost count cut damage demand display fall feature fight hand "
        "help hold host interest land link list look mark match measure move murder name note "
        "offer present print protest purchase release repair request return review run score "
        "search share shift sign step target transfer turn use value visit witness wish wound "
        "guard guide hope lack stop"
    )
)


def verb_at(words: list[str]) -> int | None:
    """The place of the base form behind the subject that ``words`` begin with."""
    if words and words[0].lower() in PRONOUNS - {"this", "that"}:
        at = 1
        while at < len(words) and words[at].lower() in _ADVERBS:
            at += 1
        return at if at < len(words) else None
    known = _known_verb(words)
    return _behind_name(words) if known is None else known


def _known_verb(words: list[str]) -> int | None:
    for at in range(1, len(words)):
        word = words[at].lower()
        if word in _CLAUSES:
            return None
        if not _may_be_verb(words, at):
            continue
        following = words[at + 1].lower() if at + 1 < len(words) else ""
        if is_participle(word) and following == "by":
            continue
        if word in _NOUNS_TOO:  # "did the drone attack kill", "did the strike on the camp occur"
            later = _known_verb_behind(words, at, near=following not in PREPOSITIONS)
            return at if later is None else later
        return at
    return None


def _known_verb_behind(words: list[str], at: int, *, near: bool) -> int | None:
    for later in range(at + 1, min(len(words), at + 2) if near else len(words)):
        if words[later].lower() in _CLAUSES:
            return None
        if _may_be_verb(words, later) and words[later] not in _NOUNS_TOO:
            return later
    return None


def _may_be_verb(words: list[str], at: int) -> bool:
    before = words[at - 1].lower()
    after_noun = before not in ARTICLES | PREPOSITIONS
    return after_noun and words[at].islower() and is_base(words[at])


def _behind_name(words: list[str]) -> int | None:
    """The first small word behind a name, if that is what the subject is."""
    start = 1 if words and words[0].lower() in ARTICLES else 0
    if start >= len(words) or not words[start][0].isupper():
        return None
    small = [at for at in range(start + 1, len(words)) if _is_small(words[at])]
    # The last of several in a row: "did TIME magazine characterise the group".
    last = next((at for at in small if at + 1 not in small), None)
    return None if last is None or words[last + 1 : last + 2] == [","] else last


def _is_small(word: str) -> bool:
    """Whether a word is no name, no function word and no number."""
    return (
        word.islower()
        and word.isalpha()
        and word not in LINKS | _ADVERBS | PREPOSITIONS | (ARTICLES | _CLAUSES)
    )


def participle_at(words: list[str]) -> int | None:
    """The place of the participle that the auxiliary belongs to."""
    found = []
    for at in range(1, len(words)):
        word = words[at].lower()
        if word in _CLAUSES:
            break
        if words[at].islower() and words[at - 1].lower() not in ARTICLES:
            if word == "been":
                return at
            if is_participle(word):
                found.append(at)
    if not found:
        return None
    return found[-1] if found[-1] == len(words) - 1 else found[0]
