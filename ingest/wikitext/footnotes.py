"""The footnotes of an article in wikitext: found in the order of the page, named and numbered.

What MediaWiki's Cite does: a footnote is numbered by its first use within its group, a name means
the first footnote of that name in its group, and a printed list begins the count anew.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from footnoted.ingest.markers import Sign
from footnoted.ingest.mediawiki.labels import in_style
from footnoted.ingest.wikitext.balance import balance
from footnoted.ingest.wikitext.harvard import FOOTNOTES, print_short
from footnoted.ingest.wikitext.note_templates import (
    BODIES,
    LIST_GROUPS,
    LISTS,
    NOTE_GROUPS,
    OLD_NOTES,
    REUSES,
)
from footnoted.ingest.wikitext.words import Parameters, listed, name_of, parameters, plain

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Node, Tag, Template
    from mwparserfromhell.wikicode import Wikicode


@dataclass(slots=True)
class Footnote:
    """One footnote: its words as wikitext (or printed, for a short citation), and its label."""

    group: str
    name: str
    era: int
    body: Wikicode | None = None
    short: Template | None = None
    label: str = ""
    main: Footnote | None = None  # of which this one is a detail
    details: int = 0
    target: str = ""

    @property
    def empty(self) -> bool:
        return self.body is None and self.short is None


@dataclass(slots=True)
class Footnotes:
    """All footnotes; ``signs`` are those of a node of the page, by the node's ``id``."""

    notes: list[Footnote] = field(default_factory=list)
    signs: dict[int, list[Sign]] = field(default_factory=dict)


@dataclass(slots=True)
class _Use:
    node: int
    note: Footnote
    locator: str | None


@dataclass(slots=True)
class _Collector:
    notes: list[Footnote] = field(default_factory=list)
    by_name: dict[tuple[str, int, str], Footnote] = field(default_factory=dict)
    eras: Counter[str] = field(default_factory=Counter)
    used_in_era: set[str] = field(default_factory=set)
    uses: list[_Use] = field(default_factory=list)
    numbers: Counter[tuple[str, int]] = field(default_factory=Counter)
    later: list[Wikicode] = field(default_factory=list)

    def walk(self, nodes: Iterable[Node]) -> None:
        from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - heavy

        line = list(nodes)
        for place, node in enumerate(line):
            if isinstance(node, kinds.Tag):
                self._tag(node)
            elif isinstance(node, kinds.Template) and name_of(node) in OLD_NOTES:
                self._old_note(node, line, place + 1)
            elif isinstance(node, kinds.Template):
                self._template(node)
            elif isinstance(node, kinds.Wikilink):
                self._into(node.title, node.text)
            elif isinstance(node, kinds.ExternalLink | kinds.Heading):
                self._into(node.title)

    def _into(self, *codes: Wikicode | None) -> None:
        for code in codes:
            if code is not None:
                self.walk(code.nodes)

    def _tag(self, tag: Tag) -> None:
        kind = str(tag.tag).strip().lower()
        given = _attributes(tag)
        if kind == "ref":
            self._ref(tag, given)
        elif kind == "references":
            self._list(given.get("group", ""), None if tag.self_closing else tag.contents)
        else:
            self._into(tag.contents)

    def _ref(self, tag: Tag, given: dict[str, str]) -> None:
        """A ``<ref>``; ``details="p. 5"`` (once ``extends``) makes it a detail of another one."""
        import mwparserfromhell  # noqa: PLC0415 - heavy

        group, name = given.get("group", ""), given.get("name", "")
        body = None if tag.self_closing else tag.contents
        main = given.get("extends", "")
        if details := given.get("details", ""):
            self._noted(group, name, body)
            main, name = name, f"DETAIL {name} {details}"
            body = mwparserfromhell.parse(balance(details), skip_style_tags=True)
        self._use(tag, group, name, body, main=self._noted(group, main, None) if main else None)

    def _template(self, template: Template) -> None:
        name = name_of(template)
        given = parameters(template)
        if name.startswith("#tag:ref") and not name.startswith("#tag:references"):
            self._note(template, "", given)
        elif name in NOTE_GROUPS and name != "footnote":
            self._note(template, NOTE_GROUPS[name], given)
        elif name in FOOTNOTES:
            printed = print_short(template)
            self._use(template, plain(given.get("group")), f"FOOTNOTE {printed}", None, template)
        elif name in REUSES:
            self._reuse(template, given)
        elif name in ("ref", "ref label") and listed(given):
            self._use(template, "note", f"note {plain(listed(given)[0])}", None)
        elif name in LISTS:
            group = plain(given.get("group") or given.get("groupe")) or LIST_GROUPS.get(name, "")
            bodies = [given[key] for key in BODIES if key in given]
            self._list(group, *[b for b in bodies if "<ref" in str(b) or "{{" in str(b)])
        else:
            self._into(*given.values())

    def _note(self, template: Template, group: str, given: Parameters) -> None:
        group = plain(given.get("group")) or plain(given.get("groupe")) or group
        body = given.get("1") or given.get("text") or given.get("texte") or given.get("content")
        name = plain(given.get("name") or given.get("nom"))
        self._into(body)  # footnotes within come first: a template's words are expanded before it
        self._use(template, group, name, body, deferred=False)

    def _old_note(self, template: Template, nodes: Sequence[Node], behind: int) -> None:
        """``{{note|a}} words``: its line is the footnote of ``{{ref|a}}``; or it holds its own."""
        given = parameters(template)
        places = listed(given)
        if "texte" in given or "text" in given or (places and " " in plain(places[0])):
            self._note(template, "note", given)
        elif places:
            self._noted("note", f"note {plain(places[0])}", _rest_of_line(nodes, behind))

    def _reuse(self, template: Template, given: Parameters) -> None:
        group = plain(given.get("group") or given.get("g"))
        for place, value in enumerate(listed(given), 1):
            keys = (f"page{place}", f"p{place}", f"pp{place}", f"pages{place}", *(
                ("page", "p", "pp", "pages", "loc", "at") if place == 1 else ()
            ))  # fmt: skip
            locator = next((v for key in keys if (v := plain(given.get(key)))), None)
            if name := plain(value):
                self._use(template, group, name, None, locator=locator)

    def _use(
        self,
        node: Node,
        group: str,
        name: str,
        body: Wikicode | None,
        short: Template | None = None,
        *,
        locator: str | None = None,
        deferred: bool = True,
        main: Footnote | None = None,
    ) -> None:
        self.used_in_era.add(group)
        note = self._noted(group, name, body, short, deferred=deferred)
        if main is not None and not note.label:
            self._number(main)
            main.details += 1
            note.main, note.label = main, f"{main.label}.{main.details}"
        self._number(note)
        self.uses.append(_Use(id(node), note, locator))

    def _number(self, note: Footnote) -> None:
        if not note.label:
            era = (note.group, note.era)
            self.numbers[era] += 1
            note.label = in_style(self.numbers[era], note.group)

    def _noted(
        self,
        group: str,
        name: str,
        body: Wikicode | None,
        short: Template | None = None,
        *,
        deferred: bool = True,
    ) -> Footnote:
        if body is not None and not str(body).strip():
            body = None
        name = _normal(name)
        key = (group, self.eras[group], name)
        note = self.by_name.get(key) if name else None
        if note is None:
            note = Footnote(group, name, self.eras[group])
            self.notes.append(note)
            if name:
                self.by_name[key] = note
        if note.empty and (body is not None or short is not None):
            note.body, note.short = body, short
        if body is not None and deferred:
            self.later.append(body)
        return note

    def _list(self, group: str, *bodies: Wikicode | None) -> None:
        """A printed list: define what it holds, and begin the group anew behind it."""
        for body in bodies:
            if body is None:
                continue
            for tag in body.filter_tags(recursive=False, matches=_is_ref):
                given = _attributes(tag)
                self._noted(given.get("group", group), given.get("name", ""), tag.contents)
            for template in body.filter_templates(recursive=False):
                name, said = name_of(template), parameters(template)
                if name in NOTE_GROUPS:
                    self._noted(
                        plain(said.get("group")) or NOTE_GROUPS[name] or group,
                        plain(said.get("name")), said.get("1") or said.get("text"),
                    )  # fmt: skip
        if group in self.used_in_era:
            self.eras[group] += 1
            self.used_in_era.discard(group)


def _rest_of_line(nodes: Sequence[Node], behind: int) -> Wikicode:
    from mwparserfromhell import nodes as kinds  # noqa: PLC0415 - heavy
    from mwparserfromhell.wikicode import Wikicode as Code  # noqa: PLC0415

    line: list[Node] = []
    for place in range(behind, len(nodes)):
        node = nodes[place]
        words, end, _ = str(node).partition("\n") if isinstance(node, kinds.Text) else ("", "", "")
        line.append(kinds.Text(words) if end else node)
        if end:
            break
    return Code(line)


def _attributes(tag: Tag) -> dict[str, str]:
    """The attributes of a ``<ref>``, as ``balance`` wrote them: quoted and with entities."""
    return {
        str(a.name).strip(): html.unescape(str(a.value)).strip()
        for a in tag.attributes
        if a.value is not None
    }


def _is_ref(tag: Tag) -> bool:
    return str(tag.tag).strip().lower() == "ref"


def _normal(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).strip()


def read_footnotes(nodes: Sequence[Node]) -> Footnotes:
    """The footnotes of the page ``nodes``, with the signs that stand for them."""
    collector = _Collector()
    collector.walk(nodes)
    while collector.later:  # footnotes within footnotes are numbered when the list is printed
        waiting, collector.later = collector.later, []
        for body in waiting:
            collector.walk(body.nodes)
    return _joined(collector)


def _joined(collector: _Collector) -> Footnotes:
    """Signs joined to footnotes; one that its own list lacks may stand in an earlier one."""
    defined = [note for note in collector.notes if not note.empty]
    known: dict[tuple[str, str], Footnote] = {}
    for note in defined:
        if note.name:
            known.setdefault((note.group, note.name), note)
    footnotes = Footnotes(defined)
    for number, note in enumerate(defined):
        note.target = str(number)
        if not note.label:  # a footnote that no sign uses
            era = (note.group, note.era)
            collector.numbers[era] += 1
            note.label = in_style(collector.numbers[era], note.group)
    for use in collector.uses:
        meant = known.get((use.note.group, use.note.name)) if use.note.empty else use.note
        label = meant.label if meant is not None else use.note.label
        targets = (meant.target,) if meant is not None else ()
        sign = Sign(label, use.note.group, targets, use.locator)
        footnotes.signs.setdefault(use.node, []).append(sign)
    return footnotes
