"""What a dataset's folder is, told from its files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.datasets.lines import HINT, read_lines
from footnoted.eval.datasets.qrels import qrels_file
from footnoted.eval.extraction.gold import is_extraction_set

CORPUS, QUERIES, EVIDENCE = "corpus.jsonl", "queries.jsonl", "evidence.jsonl"
PAIRS, EXPECTED = "pairs.jsonl", "expected.jsonl"
WORDS = ("claim_tokens", "non_supported_spans", "evidence")


class DatasetKind(StrEnum):
    """What a dataset measures: retrieval and answers, or one step of reading and checking."""

    RETRIEVAL = "retrieval"
    PAIRS = "pairs"
    WORDS = "words"
    PAGES = "pages"
    EXTRACTION = "extraction"


def kind_of(folder: Path) -> DatasetKind:
    """The kind of the dataset in ``folder``.

    Raises ``UnreadableFile`` for no folder, ``InputError`` for one that is none of the kinds.
    """
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder.", about=str(folder), hint=HINT)
    if is_extraction_set(folder):
        return DatasetKind.EXTRACTION
    if (folder / EXPECTED).is_file():
        return DatasetKind.PAGES
    if (folder / PAIRS).is_file():
        return DatasetKind.PAIRS
    beir = [(folder / CORPUS).is_file(), (folder / QUERIES).is_file(), qrels_file(folder)]
    if all(beir):
        return DatasetKind.RETRIEVAL
    if any(beir):
        names = (CORPUS, QUERIES, "qrels.tsv")
        lacking = ", ".join(name for name, there in zip(names, beir, strict=True) if not there)
        raise InputError(f"{folder} lacks {lacking}.", about=str(folder), hint=HINT)
    if word_files(folder):
        return DatasetKind.WORDS
    raise InputError(
        f"{folder} is no dataset that Footnoted knows: it holds neither {CORPUS} with {QUERIES} and"
        f" qrels.tsv, nor {PAIRS}, gold.jsonl, {EXPECTED}, or claims with marked words.",
        about=str(folder),
        hint=HINT,
    )


def word_files(folder: Path) -> tuple[Path, ...]:
    """The files of ``folder`` whose first line is a claim with marked words, by name."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        first = next(read_lines(path), None)
        if first is not None and all(name in first.fields for name in WORDS):
            found.append(path)
    return tuple(found)
