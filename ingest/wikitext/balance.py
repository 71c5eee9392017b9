"""Makes wikitext well-formed in linear time, so that a parser meets no opening without its end.

A wikitext parser tries each ``{{``, ``[[``, ``{|`` or tag, and starts again behind it when the end
is missing: some kilobytes of openings cost it minutes. Here one walk with a stack drops what has
no partner or lies too deep, and settles what MediaWiki's preprocessor does first (comments,
``<nowiki>`` and other verbatim tags, the attributes of ``<ref>``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from footnoted.ingest.wikitext.verbatim import VERBATIM, ref_attributes, verbatim

Kind: TypeAlias = Literal["template", "argument", "link", "external", "table", "ref", "references"]

_DEEPEST = 24  # mwparserfromhell gives up at 40, and a template within a table counts for more
_DEEPEST_TABLE = 4
_MOST_BARS = 50_000  # no page that MediaWiki stores (2 MiB) has a tenth of it in one template
_TOKEN = re.compile(
    r"(?P<comment><!--)"
    r"|<(?P<end>/?)(?P<tag>[A-Za-z][A-Za-z0-9]*)\b(?P<attributes>[^<>]*)>"
    r"|(?P<braces>\{\{+)|(?P<unbraces>\}\}+)|(?P<link>\[\[)|(?P<unlink>\]\])"
    r"|(?P<external>\[(?=(?:https?:|ftp:|mailto:)?//))|(?P<unexternal>\])"
    r"|(?m:^)(?P<indent>[ \t:]*)(?:(?P<table>\{\|)(?P<style>[^\n]*)|(?P<untable>\|\})"
    r"|(?P<row>\|-)[^\n]*|\|\+(?P<caption>[^\n]*))"
    r"|(?P<newline>\n[ \t]*\n?)|(?P<stray><)"
)
_HIDDEN = re.compile(r"<(span|div)\b[^<>]*\bdisplay\s*:\s*none[^<>]*>[^<>]*</\1\s*>", re.IGNORECASE)
_INSTEAD: Mapping[str, str] = {
    "br": "<br/>", "li": "\n* ", "dd": "\n* ", "dt": "\n* ", "td": " {{!}} ", "th": " {{!}} ",
    "p": "\n\n", "blockquote": "\n\n", "center": "\n\n", "tr": "\n\n", "table": "\n\n",
    "hr": "\n\n", "poem": "\n\n", "ul": "\n", "ol": "\n", "caption": "\n\n",
}  # fmt: skip
_CLOSING = {"template": "}}", "argument": "}}", "link": "]]", "external": "]", "table": "|}",
            "ref": "</ref>", "references": "</references>"}  # fmt: skip


def balance(text: str) -> str:
    """``text`` with every opening closed, nested at most some two dozen levels deep.

    ``{{{x|y}}}`` becomes the template ``#argument``; what lies deeper is left out.
    """
    return _Balancer(_HIDDEN.sub("", text)).run()


@dataclass(slots=True)
class _Search:
    """The next place of a pattern; asked for ascending positions, all answers cost one walk."""

    pattern: re.Pattern[str]
    text: str
    found: re.Match[str] | None = None
    over: bool = False

    def after(self, position: int) -> re.Match[str] | None:
        if not self.over and (self.found is None or self.found.start() < position):
            self.found = self.pattern.search(self.text, position)
            self.over = self.found is None
        return None if self.over else self.found


@dataclass(slots=True)
class _Frame:
    """What is open inside one ``<ref>`` (or the page); ``until`` ends a ``<ref>`` without end."""

    floor: int
    until: int | None = None
    open: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Balancer:
    text: str
    pieces: list[str] = field(default_factory=list)
    stack: list[tuple[Kind, int]] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=lambda: [_Frame(0)])
    searches: dict[str, _Search] = field(default_factory=dict)
    caption_open: bool = False

    def run(self) -> str:
        position = 0
        while match := _TOKEN.search(self.text, position):
            until = self.frames[-1].until
            if until is not None and match.start() >= until:
                self.pieces.append(self.text[position:until])
                position = until
                self._leave("ref")
                continue
            self.pieces.append(self.text[position : match.start()])
            position = self._token(match)
        self.pieces.append(self.text[position:])
        while len(self.frames) > 1:
            self._leave(self.stack[self.frames[-1].floor - 1][0])
        self._drop_to(0)
        return "".join(self.pieces)

    def _token(self, match: re.Match[str]) -> int:
        """Write down one token; the position behind it."""
        if match["comment"]:
            found = self._next("-->", match.end())
            return found.end() if found else match.end()
        if match["tag"]:
            return self._tag(match)
        if match["indent"] is not None:
            return self._table(match)
        if match["newline"]:
            self._newline(match)
        elif match["stray"]:
            self.pieces.append("&lt;")
        else:
            self._bracket(match)
        return match.end()

    def _bracket(self, match: re.Match[str]) -> None:
        if match["braces"]:
            self._braces(len(match["braces"]))
        elif match["unbraces"]:
            self._unbraces(len(match["unbraces"]))
        elif match["link"]:
            self._open("link", "[[")
        elif match["unlink"]:
            self._close("link")
        elif match["external"]:
            if self._top() == "external":
                self._drop_to(len(self.stack) - 1)
            self._open("external", "[")
        elif self._top() == "external":
            self._close("external")
        else:
            self.pieces.append("]")

    def _newline(self, match: re.Match[str]) -> None:
        """External links end with their line, other links with their paragraph."""
        paragraph = match[0].count("\n") > 1
        while (top := self._top()) == "external" or (top == "link" and paragraph):
            self._drop_to(len(self.stack) - 1)
        if self.caption_open and self._top() == "table":
            self.pieces.append("\n|-")
            self.caption_open = False
        self.pieces.append("\n\n" if paragraph else match[0])

    def _table(self, match: re.Match[str]) -> int:
        self.pieces.append(match["indent"])
        if match["table"]:
            style = re.search(r"class\s*=\s*[\"']?([\w -]*)", match["style"])
            self._open("table", f'{{| class="{style[1].strip() if style else ""}"')
            return match.end()
        if match["caption"] is not None:
            if self._top() == "table":
                self.pieces.append("|-\n| ")  # a row of its own; the parser knows no captions
                self.caption_open = True
            else:
                self.pieces.append("|+")
            return match.start("caption")
        if match["row"]:
            self.pieces.append("|-" if self._top() == "table" else "|")
            return match.end() if self._top() == "table" else match.end("indent") + 1
        if self._top() == "table":
            self._close("table")
            return match.end()
        self.pieces.append("|")  # of a template that ends here: "|}}"
        return match.end("indent") + 1

    def _braces(self, count: int) -> None:
        if count == 3:
            self._open("argument", "{{#argument|")
            return
        for _ in range(count // 2):
            self._open("template", "{{ ")

    def _unbraces(self, count: int) -> None:
        while count > 1:
            argument = self._top() == "argument"
            self._close("argument" if argument else "template")
            count -= 3 if argument else 2

    def _tag(self, match: re.Match[str]) -> int:
        name, attributes = match["tag"].lower(), match["attributes"]
        alone = attributes.rstrip().endswith("/")
        if name in ("ref", "references"):
            kind: Kind = "ref" if name == "ref" else "references"
            if match["end"]:
                self._leave(kind)
            else:
                self._enter(kind, match, alone)
            return match.end()
        if name in VERBATIM and not match["end"] and not alone:
            found = self._next(rf"</{name}\s*>", match.end())
            if found:
                shown = verbatim(name, self.text[match.end() : found.start()])
                self.pieces.append(balance(shown) if name == "gallery" else shown)
                return found.end()
        self.pieces.append(_INSTEAD.get(name, "") if not match["end"] or name != "li" else "")
        return match.end()

    def _enter(self, kind: Kind, match: re.Match[str], alone: bool) -> None:
        given = ref_attributes(match["attributes"])
        opening = f"<{kind}{given}>"
        if alone:
            self.pieces.append(f"<{kind}{given}/>")
            return
        end = self._next(rf"</{kind}\s*>", match.end())
        if kind == "references":
            inside = any(name == "references" for name, _ in self.stack)
            if end is None or inside:
                self.pieces.append(f"<{kind}{given}/>")
                return
            self._push(kind, opening)
            return
        another = self._next(r"<ref\b", match.end())
        unclosed = end is None or (another is not None and another.start() < end.start())
        if unclosed and "name=" in given:
            self.pieces.append(f"<{kind}{given}/>")  # a forgotten slash
            return
        if any(name == "ref" for name, _ in self.stack):
            return  # a footnote within a footnote: one of the two has no end
        self._push(kind, opening)
        if unclosed:
            line = self._next(r"\n", match.end())
            ends = [found.start() for found in (line, another) if found is not None]
            self.frames[-1].until = min(ends, default=len(self.text))

    def _push(self, kind: Kind, opening: str) -> None:
        self.stack.append((kind, len(self.pieces)))
        self.pieces.append(opening)
        self.frames.append(_Frame(len(self.stack)))

    def _leave(self, kind: Kind) -> None:
        """End a ``<ref>``: what is open inside it has no end there."""
        frame = self.frames[-1]
        if not frame.floor or self.stack[frame.floor - 1][0] != kind:
            return
        self._drop_to(frame.floor)
        self.frames.pop()
        self.stack.pop()
        self.pieces.append(_CLOSING[kind])

    def _top(self) -> Kind | None:
        return self.stack[-1][0] if len(self.stack) > self.frames[-1].floor else None

    def _open(self, kind: Kind, opening: str) -> None:
        self.stack.append((kind, len(self.pieces)))
        open_here = self.frames[-1].open
        open_here[kind] += 1
        deep = len(self.stack) > _DEEPEST or (kind == "table" and open_here[kind] > _DEEPEST_TABLE)
        self.pieces.append("" if deep else opening)

    def _close(self, kind: Kind) -> None:
        """Close the last opening of ``kind``; what was opened since then has no end."""
        if not self.frames[-1].open[kind]:
            return
        while self.stack[-1][0] != kind:
            self._drop_to(len(self.stack) - 1)
        _, at = self.stack.pop()
        self.frames[-1].open[kind] -= 1
        if not self.stack and sum(p.count("|") for p in self.pieces[at:]) > _MOST_BARS:
            del self.pieces[at:]
        elif self.pieces[at]:
            self.pieces.append(_CLOSING[kind])
        elif len(self.stack) == _DEEPEST:
            del self.pieces[at:]  # or thousands of stray bars would be parameters of what is around

    def _drop_to(self, depth: int) -> None:
        while len(self.stack) > depth:
            kind, at = self.stack.pop()
            self.frames[-1].open[kind] -= 1
            self.pieces[at] = ""

    def _next(self, pattern: str, position: int) -> re.Match[str] | None:
        search = self.searches.get(pattern)
        if search is None:
            search = _Search(re.compile(pattern, re.IGNORECASE), self.text)
            self.searches[pattern] = search
        return search.after(position)
