"""Relevance judgements in BEIR's three columns or TREC's four, read; TREC's written.

BEIR (Thakur et al. 2021): ``query-id``, ``corpus-id``, ``score``, tabs between them, one line of
headings. TREC: query, iteration, document, relevance, white space between them, no headings.
"""

from __future__ import annotations

from pathlib import Path

from footnoted.errors import InputError, UsageError, storage_errors
from footnoted.eval.datasets.lines import read_text
from footnoted.eval.measures import Qrels

_PLACES = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels.txt")


def qrels_file(folder: Path) -> Path | None:
    """The judgements of a BEIR folder: its own file, or the test or development split's."""
    return next((folder / place for place in _PLACES if (folder / place).is_file()), None)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id to document id to relevance, which may be 0.

    Raises ``UnreadableFile`` for no such text; ``InputError``, with the line, for other columns, a
    relevance that is no whole number, and a pair that is judged twice.
    """
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip() or (number == 1 and line.lower().startswith("query-id")):
            continue
        try:
            query, document, relevance = _columns(line)
            if document in found.get(query, {}):
                raise ValueError(f"{query!r} and {document!r} are judged a second time")
            found.setdefault(query, {})[document] = int(relevance)
        except ValueError as error:
            raise InputError(
                f"{path}, line {number}: {error}.",
                about=f"{path}:{number}",
                hint="Write `query<tab>document<tab>score` (BEIR) or TREC's four columns.",
            ) from error
    if not found:
        raise InputError(f"{path} judges nothing.", about=str(path), hint="Name another folder.")
    return found


def write_qrels(path: Path, qrels: Qrels) -> None:
    """Write ``qrels`` in TREC's four columns; ``UsageError`` for an id with white space."""
    names = [*qrels, *(document for judged in qrels.values() for document in judged)]
    if spaced := [name for name in names if name.split() != [name]]:
        raise UsageError(
            f"TREC qrels cannot hold the name {spaced[0]!r}.",
            about=spaced[0],
            hint="Give every query and document a name without white space.",
        )
    lines = [
        f"{query} 0 {document} {relevance}\n"
        for query, judged in qrels.items()
        for document, relevance in judged.items()
    ]
    with storage_errors(path):
        path.write_text("".join(lines), "utf-8")


def _columns(line: str) -> tuple[str, str, str]:
    tabbed = line.rstrip("\r").split("\t")
    if len(tabbed) == 3:
        return tabbed[0], tabbed[1], tabbed[2]
    columns = line.split()
    if len(columns) != 4:
        raise ValueError(f"it has {len(columns)} columns, neither BEIR's three nor TREC's four")
    return columns[0], columns[2], columns[3]
