"""Answers, passages and sources as a person reads them on a terminal.

Everything from a corpus or a user is printed without markup and with its control characters made
visible: rich would take ``[a]`` for markup, and a terminal would obey escape sequences.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from footnoted.csl import issued, names
from footnoted.domain import Access, Identity, Json
from footnoted.service.wording import ACCESS_IN_WORDS, CAVEATS, IDENTITY_IN_WORDS, REFUSALS

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LABELS_SHOWN = 12  # references of a state; the table above has all of them
_PASSAGE_SHOWN = 1_500  # characters; `footnoted passage` has all of them
_CHANGES_SHOWN = 10  # of a kind; the document has all of them
_STEERING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the program: that `| head` has read enough is no failure (rich exits 1)."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console that takes every string literally."""
    return _Console(
        stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=False, safe_box=True
    )


def printable(text: object) -> str:
    """``text`` with control and direction-steering characters replaced by visible signs."""
    return "".join(
        f"\\x{ord(c):02x}"
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or c in _STEERING
        else c
        for c in str(text)
    )


def print_answer(out: Console, document: Mapping[str, Any]) -> None:
    """The answer with superscript numbers, then its citations, then how sure we are and of what."""
    if document["status"] == "refused":
        _print_refusal(out, document)
    else:
        if written := document.get("written"):
            out.print(Text(printable(written["text"]), style="bold"))
            out.print(
                Text(
                    f"Written by {printable(written['model'])} from these statements:", style="dim"
                )
            )
        for statement in document["statements"]:
            numbers = "⁺".join(str(n).translate(_SUPERSCRIPTS) for n in statement["citations"])
            line = Text(printable(statement["text"]), style="bold")
            if statement["span"]:
                line.highlight_words([printable(statement["span"])], style="bold underline")
            out.print(line.append(numbers, style="cyan"))
        out.print()
        for citation in document["citations"]:
            print_citation(out, citation, str(citation["number"]).translate(_SUPERSCRIPTS))
        for caveat in document["caveats"]:
            out.print(Text(f"Note: {CAVEATS[caveat]}", style="yellow"))
    _print_footer(out, document)


def _print_refusal(out: Console, document: Mapping[str, Any]) -> None:
    out.print(Text(f"No answer: {REFUSALS[document['reason']]}", style="bold yellow"))
    if document["passages"]:
        out.print("\nThe closest passages, which do not answer the question:")
        for passage in document["passages"][:3]:
            print_passage(out, passage)


def print_passage(out: Console, passage: Mapping[str, Any]) -> None:
    """One passage, its rank, and its citation."""
    heading = " › ".join(passage["heading"])
    out.print(Text(f"\n{passage['rank']}. {printable(heading)}".rstrip(), style="dim"))
    out.print(Padding(Text(printable(_beginning(passage))), (0, 0, 0, 3)))
    print_citation(out, passage["citation"], "  ")


def _beginning(passage: Mapping[str, Any]) -> str:
    """A passage's words; of an endless sentence as many as a terminal can take."""
    text: str = passage["text"]
    if len(text) <= _PASSAGE_SHOWN:
        return text
    kept = text[:_PASSAGE_SHOWN].rsplit(" ", 1)[0]
    return f"{kept} … ({len(text):,} characters: footnoted passage {passage['id']})"


def print_citation(out: Console, citation: Mapping[str, Any], mark: str) -> None:
    """Whose words a quote is, where it stands, and the footnotes of an article sentence."""
    line = Text(f"{mark} ", style="cyan").append(_source_name(citation), style="not dim")
    page = f" · page {citation['page']}" if citation["page"] else ""
    line.append(f"{page} · characters {citation['start']}–{citation['end']}", style="dim")
    out.print(line)
    if citation["url"]:
        out.print(
            Padding(Text(printable(citation["url"]), style="dim", overflow="fold"), (0, 0, 0, 3))
        )
    for footnote in citation["references"]:
        name = printable(describe(footnote["csl"]) or footnote["reference_id"])
        state = _state(footnote["access"], footnote["identity"])
        text = Text(f"[{footnote['label']}] ", style="cyan").append(name, style="not dim")
        out.print(Padding(text.append(f" ({state})", style="dim"), (0, 0, 0, 3)))


def _source_name(citation: Mapping[str, Any]) -> str:
    if citation["kind"] == "article":
        return f"The article, {printable(citation['title'])}"
    name = printable(describe(citation["csl"]) or citation["title"])
    label = f"[{citation['label']}] " if citation["label"] else ""
    return f"{label}{name} ({_state(citation['access'], citation['identity'])})"


def _state(access: str, identity: str) -> str:
    if identity == Identity.DIGEST:
        return IDENTITY_IN_WORDS[Identity.DIGEST]
    return ACCESS_IN_WORDS[Access(access)]


def describe(csl: Json) -> str:
    """A CSL item on one line: author, title, publisher, year."""
    authors = names(csl)
    parts = [
        f"{authors[0]} and others" if len(authors) > 2 else " and ".join(authors),
        f"“{csl['title']}”" if csl.get("title") else "",
        csl.get("container-title") or csl.get("publisher") or "",
        issued(csl) or "",
    ]
    return ", ".join(part for part in parts if part)


def _print_footer(out: Console, document: Mapping[str, Any]) -> None:
    counts = document["coverage"]
    words = f"Confidence {document['confidence']:.2f}"
    if counts["references"]:
        words += f" · {counts['references']} references: {counts['readable']} read"
        words += f", {counts['digests']} known by a digest" if counts["digests"] else ""
    article = document["corpus"]["article"]
    if article:
        words += f" · {printable(article['title'])}"
        words += f" · {printable(article['licence'])}" if article["licence"] else ""
    out.print(Text(f"\n{words}", style="dim"))


def print_sources(out: Console, document: Mapping[str, Any]) -> None:
    """A table of the references with their states, then how many there are of each state."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for name in ("", "Source", "State"):
        table.add_column(name, overflow="fold")
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for row in document["references"]:
        label = f"{row['group']} {row['label']}".strip()
        state = Text(_state(row["access"], row["identity"]))
        if row["characters"]:
            state.append(f", {row['characters']:,} characters", style="dim")
        table.add_row(Text(label), Text(printable(describe(row["csl"]) or row["text"])), state)
        labels[_state(row["access"], row["identity"])].append(label)
    out.print(table)
    out.print()
    by_state = sorted(labels.items(), key=lambda entry: -len(entry[1]))
    rows = [(state, len(of_it), _abridged(of_it)) for state, of_it in by_state]
    print_rows(out, ("State", "References", ""), rows)
    counts = document["counts"]
    out.print(
        f"\n{counts['references']} references: {counts['readable']} read, "
        f"{counts['digests']} known by a digest."
    )


def print_plan(out: Console, document: Mapping[str, Any]) -> None:
    """What an ingest would do about each reference."""
    rows = [
        (
            f"{row['group']} {row['label']}".strip(),
            describe(row["csl"]) or row["text"],
            row["reason"],
        )
        for row in document["references"]
    ]
    print_rows(out, ("", "Source", "What would happen"), rows)
    out.print(f"\n{len(rows)} references. Nothing was asked for, and nothing was written.")


def _abridged(labels: Sequence[str]) -> str:
    more = len(labels) - _LABELS_SHOWN
    return ", ".join(labels[:_LABELS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def print_changes(out: Console, document: Mapping[str, Any]) -> None:
    """What a refresh changed: claims, references, sources and texts, then the passages' counts."""
    if document["unchanged"]:
        out.print("\nNothing has changed since the last ingest.")
        return
    out.print("\nChanged since the last ingest:")
    claims, references = document["claims"], document["references"]
    cited = [claim["text"] for claim in claims["cited_otherwise"]]
    _print_changed(out, "New claim", claims["added"])
    _print_changed(out, "Claim gone", claims["removed"])
    _print_changed(out, "Other footnotes", cited)
    _print_changed(out, "New reference", map(_changed_source, references["added"]))
    _print_changed(out, "Reference gone", map(_changed_source, references["removed"]))
    _print_changed(out, "Source", (_changed_state(row) for row in document["states"]))
    _print_changed(
        out,
        "Other words",
        (
            f"{row['title']} ({row['sentences_kept']:.0%} of its sentences kept)"
            for row in document["texts"]
        ),
    )
    counts = document["passages"]
    out.print(
        f"  {counts['added']} passages are new, {counts['removed']} are gone, "
        f"{counts['moved']} stand elsewhere."
    )


def _print_changed(out: Console, what: str, rows: Iterable[str]) -> None:
    found = list(rows)
    for row in found[:_CHANGES_SHOWN]:
        line = Text(f"  {what}: ", style="cyan").append(printable(row), style="not dim default")
        out.print(line)
    if len(found) > _CHANGES_SHOWN:
        out.print(Text(f"  {what}: and {len(found) - _CHANGES_SHOWN} more", style="dim"))


def _changed_source(row: Mapping[str, Any]) -> str:
    label = f"{row['group']} {row['label']}".strip()
    return f"[{label}] {describe(row['csl']) or row['text']}"


def _changed_state(row: Mapping[str, Any]) -> str:
    before, after = (_state(**row[side]) for side in ("before", "after"))
    if before == after:
        before, after = (
            IDENTITY_IN_WORDS[Identity(row[side]["identity"])] for side in ("before", "after")
        )
    return f"{_changed_source(row)}: {before} → {after}"


def print_article(out: Console, document: Mapping[str, Any]) -> None:
    """The claims in order, each with its footnote signs."""
    out.print(Text(printable(document["title"]), style="bold"))
    for claim in document["claims"]:
        line = Text(printable(claim["text"]))
        for marker in claim["markers"]:
            line.append(f"[{printable(marker)}]", style="cyan")
        for flag in claim["flags"]:
            line.append(f" ({flag.replace('_', ' ')})", style="yellow")
        out.print(line)
    counts = document["counts"]
    out.print(
        f"\n{counts['claims']} claims, {counts['markers']} footnote signs "
        f"({counts['orphan_markers']} without a footnote), {counts['references']} references."
    )


def print_single_passage(out: Console, document: Mapping[str, Any]) -> None:
    """One passage between the words around it, and its citation."""
    text = Text(printable(document["before"]), style="dim")
    text.append(printable(document["text"]), style="not dim bold")
    out.print(text.append(printable(document["after"]), style="dim"))
    out.print()
    print_citation(out, document["citation"], "")


def print_checks(out: Console, document: Mapping[str, Any]) -> None:
    """Each check with what it looked at, and what failed."""
    for check in document["checks"]:
        sign = "✗" if check["failed"] else "✓"
        words = f"{sign} {check['name']}: {check['checked']} checked"
        if check["not_rechecked"]:
            words += f", {check['not_rechecked']} of another extractor's version not rechecked"
        out.print(Text(words, style="red" if check["failed"] else "green"))
        for failure in check["failed"]:
            out.print(Text(f"  {printable(failure['id'])}: {printable(failure['problem'])}"))
    if document.get("quote"):
        out.print(Text(f"\n“{printable(document['quote'])}”"))
    out.print("Everything holds." if document["ok"] else "Something does not hold.")


def print_rows(out: Console, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A plain table of anything."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    out.print(table)


def print_json(document: Mapping[str, Any]) -> None:
    """The one document of a command with ``--json``."""
    sys.stdout.write(json_text(document, indent=2) + "\n")


def json_text(document: Mapping[str, Any], indent: int | None = None) -> str:
    """``document`` as JSON in characters that standard output can encode."""
    only_ascii = "utf" not in (sys.stdout.encoding or "utf-8").lower()
    return json.dumps(document, ensure_ascii=only_ascii, indent=indent)
