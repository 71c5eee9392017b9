"""The Sources view: every reference, what became of it, and what one can do about it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from footnoted.domain import Access, Identity, Json
from footnoted.errors import NotFound, UsageError
from footnoted.service.display import is_digest, is_read
from footnoted.service.shelf import Answers, Told
from footnoted.service.wording import ACCESS_IN_WORDS, ADVICE, Advice


class Row(NamedTuple):
    """A reference with its state, the claims that cite it, and what can be done about it.

    ``command`` is what one would type; ``None`` where there is nothing to do.
    """

    source: Mapping[str, Any]
    claims: Sequence[str]
    advice: Advice | None
    command: str | None


class Choice(NamedTuple):
    """A state by which the list can be narrowed, in words, and how many references are in it."""

    value: str
    words: str
    size: int


_GROUPS: dict[str, tuple[str, Callable[[Mapping[str, Any]], bool]]] = {
    "read": ("read", is_read),
    "digest": ("known by a digest", is_digest),
    "unread": ("not read", lambda row: not is_read(row) and not is_digest(row)),
}


def listing(answers: Answers, state: str) -> Json:
    """The rows in ``state`` (a group, an access, or all for an empty one), and the choices.

    ``UsageError`` for a state that does not exist.
    """
    wanted = _wanted(state)
    with answers.held() as told:
        sources = told.sources()["references"]
        cited = _cited(told)
        info = told.info()
    return {
        "sources": sources,
        "rows": [_row(row, cited, info) for row in sources if wanted(row)],
        "choices": _choices(sources),
        "state": state,
    }


def _wanted(state: str) -> Callable[[Mapping[str, Any]], bool]:
    if not state:
        return lambda _: True
    if state in _GROUPS:
        return _GROUPS[state][1]
    if state in set(Access):
        return lambda row: bool(row["access"] == state) and not is_digest(row)
    raise UsageError(
        f"No source can be in the state {state[:40]!r}.",
        about="state",
        hint="Choose one of the states above the list.",
    )


def _choices(sources: Sequence[Mapping[str, Any]]) -> list[Choice]:
    """The three groups, then each access that several kinds of unread source are in."""
    groups = [
        Choice(name, words, sum(map(fits, sources))) for name, (words, fits) in _GROUPS.items()
    ]
    unread = Counter(row["access"] for row in sources if _GROUPS["unread"][1](row))
    states = [Choice(name, ACCESS_IN_WORDS[Access(name)], n) for name, n in unread.most_common()]
    return [choice for choice in groups if choice.size] + (states if len(states) > 1 else [])


def _cited(told: Told) -> dict[str, list[str]]:
    """For each reference, the claims that cite it, in the order of the text."""
    found: dict[str, list[str]] = {}
    try:
        claims = told.article()["claims"]
    except NotFound:  # a corpus of plain documents
        return found
    for claim in claims:
        for reference_id in claim["reference_ids"]:
            found.setdefault(reference_id, []).append(claim["id"])
    return found


def _row(source: Mapping[str, Any], cited: dict[str, list[str]], info: Mapping[str, Any]) -> Row:
    advice = advice_for(source)
    command = _command(advice, source, info) if advice and advice.options else None
    return Row(source, cited.get(source["reference_id"], ()), advice, command)


def advice_for(source: Mapping[str, Any]) -> Advice | None:
    """What can be done about a source; ``None`` where nothing needs to be."""
    if is_digest(source):
        return ADVICE[Identity.DIGEST]
    if "note" in source["csl"] and "title" not in source["csl"]:
        return None  # a remark of the article, and no source
    of_access = ADVICE.get(Access(source["access"]))
    return of_access or (ADVICE.get(Identity(source["identity"])) if is_read(source) else None)


def _command(advice: Advice, source: Mapping[str, Any], info: Mapping[str, Any]) -> str:
    """The command line that follows the advice, its own words in capitals left to fill in."""
    article = info["article"] or {}
    # A label alone may be that of another group's footnote as well.
    key = source["reference_id"] if source["group"] else source["label"]
    options = advice.options.format(key=shlex.quote(key))
    name = shlex.quote(info["name"])
    return f"footnoted ingest {shlex.quote(article.get('url') or 'ARTICLE')} -c {name} {options}"
