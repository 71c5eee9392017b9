"""From a stretch of a page to the text directive that makes a browser find it, and nothing else.

``#:~:text=[prefix-,]start[,end][,-suffix]`` as in https://wicg.github.io/scroll-to-text-fragment/:
each part lies within one block, begins and ends with a word where it must, and is compared by base
letters. The parts are taken from the page as it writes them, so that they are found by any
comparison; that nothing else is found is proven on a text folded further than any browser does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple
from urllib.parse import quote as percent_encode

from footnoted.domain import Span
from footnoted.ingest.folding import fold
from footnoted.ingest.visible_text import BLOCK_END, OBJECT
from footnoted.service.quoted_places import Page
from footnoted.service.word_edges import is_word_edge

_SHORT = 80  # characters; a longer quote is named by its two ends
_LONGEST = 400
_REACH = 240  # characters of an end, or of its context
_FEWEST_WORDS, _FEWEST_LETTERS = 3, 12
_MOST_ENDS, _MOST_CONTEXTS = 8, 8
_PARTS = BLOCK_END + OBJECT
# Marks of direction and of where a word may be broken: searches pass over them.
_IGNORED = dict.fromkeys(
    [0xAD, 0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A)]
)


class _Option(NamedTuple):
    """A directive's parts, as spans of the page."""

    start: Span
    prefix: Span | None = None
    end: Span | None = None
    suffix: Span | None = None


def text_directive(page: Page, target: Span) -> str | None:
    """The directive (``text=…``) that finds ``page.text[target]`` alone; ``None`` if none does."""
    option = _option(page, target)
    if option is None:
        return None
    start = _written(page.text, option.start)
    parts = [start] if option.end is None else [start, _written(page.text, option.end)]
    if option.prefix is not None:
        parts.insert(0, f"{_written(page.text, option.prefix)}-")
    if option.suffix is not None:
        parts.append(f"-{_written(page.text, option.suffix)}")
    return f"text={','.join(parts)}"


def _option(page: Page, target: Span) -> _Option | None:
    text = page.text
    in_one_block = not any(part in target.of(text) for part in _PARTS)
    length = target.end - target.start
    if in_one_block and length <= _SHORT and (found := _exact(page, target)):
        return found
    if found := _range(page, target):
        return found
    return _exact(page, target) if in_one_block and _SHORT < length <= _LONGEST else None


def _exact(page: Page, target: Span) -> _Option | None:
    """The whole target as one part, with as little context as makes it the only one."""
    starts = is_word_edge(page.text, target.start)
    ends = is_word_edge(page.text, target.end)
    for prefix, suffix in _contexts(page.text, target):
        if (prefix is None and not starts) or (suffix is None and not ends):
            continue
        if _is_sole(page, Span((prefix or target).start, (suffix or target).end)):
            return _Option(target, prefix, None, suffix)
    return None


def _contexts(text: str, target: Span) -> Iterator[tuple[Span | None, Span | None]]:
    """None, words before it, words behind it, both; most targets need none."""
    yield None, None
    prefixes = list(islice(_prefixes(text, target.start), _MOST_CONTEXTS))
    yield from ((prefix, None) for prefix in prefixes)
    suffixes = list(islice(_suffixes(text, target.end), _MOST_CONTEXTS))
    yield from ((None, suffix) for suffix in suffixes)
    yield from zip(prefixes, suffixes, strict=False)


def _range(page: Page, target: Span) -> _Option | None:
    """The first words and the last ones, each with as little context as it needs."""
    text = page.text
    first = target.start
    for prefix in chain([None], islice(_prefixes(text, first), _MOST_CONTEXTS)):
        if prefix is None and not is_word_edge(text, first):
            continue
        for start in _beginnings(text, target):
            if not _is_sole(page, Span((prefix or start).start, start.end)):
                continue
            rest = Span(start.end, target.end)
            for suffix in chain([None], islice(_suffixes(text, target.end), _MOST_CONTEXTS)):
                if suffix is None and not is_word_edge(text, target.end):
                    continue
                for end in _endings(text, rest):
                    if _is_next(page, start.end, Span(end.start, (suffix or end).end)):
                        return _Option(start, prefix, end, suffix)
    return None


def _is_sole(page: Page, words: Span) -> bool:
    needle = fold(words.of(page.text))
    return bool(needle) and all(
        len(searched.occurrences(needle, 2)) == 1 for searched in page.searched
    )


def _is_next(page: Page, after: int, words: Span) -> bool:
    """Whether ``words`` occur behind ``after`` for the first time where they stand."""
    needle = fold(words.of(page.text))
    return bool(needle) and all(
        searched.text.find(needle, searched.offset(after)) == searched.offset(words.start)
        for searched in page.searched
    )


def _beginnings(text: str, target: Span) -> Iterator[Span]:
    """Ever longer first words of ``target``, within its first block."""
    stop = _first_part(text, target.start, min(target.end, target.start + _REACH))
    ends = (
        Span(target.start, at)
        for at in range(target.start + 1, stop + 1)
        if not text[at - 1].isspace() and is_word_edge(text, at)
    )
    return _by_length(text, ends)


def _endings(text: str, rest: Span) -> Iterator[Span]:
    """Ever longer last words of ``rest``, within its last block."""
    stop = _last_part(text, max(rest.start, rest.end - _REACH), rest.end)
    starts = (
        Span(at, rest.end)
        for at in range(rest.end - 1, stop - 1, -1)
        if not text[at].isspace() and is_word_edge(text, at)
    )
    return _by_length(text, starts)


def _by_length(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Ever longer ``spans``; last those that are too short to last when the page changes."""
    short: list[Span] = []
    left = _MOST_ENDS
    for span in spans:
        words = span.of(text)
        if len(words.split()) < _FEWEST_WORDS and len(fold(words)) < _FEWEST_LETTERS:
            short.append(span)
            continue
        yield span
        left -= 1
        if not left:
            break
    yield from short[: -_MOST_ENDS - 1 : -1]


def _prefixes(text: str, start: int) -> Iterator[Span]:
    """Ever longer words directly before ``start``, within one block: this one or the one before."""
    end = start
    while end and text[end - 1].isspace():
        end -= 1
    stop = _last_part(text, max(0, end - _REACH), end)
    for at in range(end - 1, stop - 1, -1):
        if not text[at].isspace() and is_word_edge(text, at) and fold(text[at:end]):
            yield Span(at, end)


def _suffixes(text: str, end: int) -> Iterator[Span]:
    """Ever longer words directly behind ``end``, within one block: this one or the next."""
    start = end
    while start < len(text) and text[start].isspace():
        start += 1
    stop = _first_part(text, start, min(len(text), start + _REACH))
    for at in range(start + 1, stop + 1):
        if not text[at - 1].isspace() and is_word_edge(text, at) and fold(text[start:at]):
            yield Span(start, at)


def _first_part(text: str, start: int, end: int) -> int:
    """Where the first of the parts ends that ``text[start:end]`` lies in."""
    found = [at for part in _PARTS if (at := text.find(part, start, end)) >= 0]
    return min(found, default=end)


def _last_part(text: str, start: int, end: int) -> int:
    return max(text.rfind(part, start, end) + 1 or start for part in _PARTS)


def _written(text: str, span: Span) -> str:
    words = span.of(text).translate(_IGNORED).strip()
    return percent_encode(words, safe="").replace("-", "%2D")
