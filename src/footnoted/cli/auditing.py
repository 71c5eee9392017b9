"""The command that asks of every claim whether its cited sources say it: audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from footnoted.cli import render
from footnoted.cli.options import (
    CorpusOption,
    FastOption,
    JsonOption,
    ModelOption,
    add_command,
    notify,
    without_reader,
)
from footnoted.errors import storage_errors
from footnoted.settings import load_settings

_STYLES = {
    "contradicted": "red",
    "not_found": "red",
    "partly_supported": "yellow",
    "supported": "green",
    "source_unreadable": "dim",
    "uncited": "dim",
}
_COLUMNS = (
    "claim_id",
    "claim",
    "verdict",
    "score",
    "reference",
    "source",
    "source_verdict",
    "source_score",
    "finding",
    "quote",
    "start",
    "end",
    "citation_id",
    "url",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    add_command(app, audit)


def audit(
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Also write a row for each claim and source."),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write one readable page."),
    ] = None,
    fast: FastOption = False,
    model: ModelOption = None,
) -> None:
    """Ask of every claim of the article whether the sources that it cites say it.

    Example: footnoted audit --html audit.html
    """
    from footnoted.service.assistant import Assistant
    from footnoted.service.audit_page import audit_page
    from footnoted.service.auditing import audit as audited

    settings = load_settings(corpus=corpus, model=model, reader=without_reader(fast))
    with Assistant.open(settings=settings, notify=notify) as assistant:
        assistant.load()
        document = audited(assistant)
    if csv_file is not None:
        _write(csv_file, table(document))
    if html_file is not None:
        _write(html_file, audit_page(document))
    if as_json:
        render.print_json(document)
        return
    print_audit(render.console(), document)
    for path in (csv_file, html_file):
        if path is not None:
            notify(f"Written: {path}")


def table(document: Mapping[str, Any]) -> str:
    """An audit document as CSV (RFC 4180): a row for each claim and each source that it cites."""
    from footnoted.service.audit_document import source_in_words

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for claim in document["claims"]:
        start = [claim["id"], claim["text"], claim["verdict"], claim["score"]]
        for row in claim["evidence"]:
            citation = row["citation"] or {}
            cells = [
                row["label"],
                render.describe(row["csl"]) or row["text"],
                row["verdict"],
                row["score"],
                source_in_words(row),
                *(citation.get(key) for key in ("quote", "start", "end", "citation_id", "url")),
            ]
            writer.writerow([_cell(cell) for cell in (*start, *cells)])
        if not claim["evidence"]:
            writer.writerow([_cell(cell) for cell in start] + [""] * (len(_COLUMNS) - len(start)))
    return out.getvalue()


def print_audit(out: Console, document: Mapping[str, Any]) -> None:
    """The claims under their verdicts, the doubtful first; then the counts and the accuracy."""
    from footnoted.service.audit_document import VERDICT_IN_WORDS
    from footnoted.service.audit_page import ORDER

    for verdict in ORDER:
        claims = [claim for claim in document["claims"] if claim["verdict"] == verdict]
        if not claims:
            continue
        words = VERDICT_IN_WORDS[verdict]
        heading = f"\n{words[0].upper()}{words[1:]} ({len(claims)})"
        out.print(Text(heading, style=f"bold {_STYLES[verdict]}"))
        for claim in claims:
            _print_claim(out, claim)
    counts = document["counts"]
    rows = [(VERDICT_IN_WORDS[verdict], counts[verdict.value]) for verdict in ORDER]
    out.print()
    render.print_rows(out, ("Verdict", "Claims"), [row for row in rows if row[1]])
    out.print(
        f"\n{counts['claims']} claims, {counts['conflicts']} conflicts. "
        f"{counts['references']} references: {counts['readable']} read, "
        f"{counts['digests']} known by a digest."
    )
    out.print(Text(document["accuracy"]["in_words"], style="dim"))


def _print_claim(out: Console, claim: Mapping[str, Any]) -> None:
    from footnoted.service.audit_document import source_in_words

    line = Text(render.printable(claim["text"]))
    for marker in claim["markers"]:
        line.append(f"[{render.printable(marker)}]", style="cyan")
    if claim["score"] is not None:
        line.append(f"  {claim['score']:.2f}", style="dim")
    out.print(Padding(line, (0, 0, 0, 2)))
    for row in claim["evidence"]:
        quiet = "dim" if row["verdict"] == "source_unreadable" else ""
        style = "red" if row["conflicts"] else quiet
        found = Text(render.printable(source_in_words(row)), style=style)
        out.print(Padding(found, (0, 0, 0, 4)))
        if row["citation"] is not None:
            quote = f"“{render.printable(row['citation']['quote'])}”"
            out.print(Padding(Text(quote, style="italic dim"), (0, 0, 0, 6)))


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _write(path: Path, text: str) -> None:
    with storage_errors(path):
        path.write_bytes(text.encode("utf-8", "replace"))
