"""Reading pages with our reader and with plain trafilatura, each in a process of its own.

Pages are hostile: one that a system fails on, or that kills its process, is an empty text and a
failure with its reason, and stops nothing. This module imports little, for every process does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from footnoted.eval.extraction.gold import GoldPage

OURS = "footnoted"
PLAIN = "plain trafilatura"


class Failure(NamedTuple):
    """A page that a system could not read, and so read as an empty text."""

    page_id: str
    system: str
    problem: str


def read_pages(
    pages: Sequence[GoldPage], *, workers: int, progress: Callable[[str, int, int], None]
) -> tuple[dict[str, dict[str, str]], tuple[Failure, ...]]:
    """System to page id to text, and the failures, in the order of the pages.

    Every page is read in a process of a small pool: a page that kills its process fails alone.
    """
    readings = [(page, system) for page in pages for system in (OURS, PLAIN)]
    texts: dict[str, dict[str, str]] = {system: {} for system in (OURS, PLAIN)}
    problems: dict[tuple[str, str], str] = {}
    suspects: list[tuple[GoldPage, str]] = []
    done = 0
    with _pool(workers) as pool:
        submitted = {_submit(pool, *reading): reading for reading in readings}
        for future in as_completed(submitted):
            page, system = submitted[future]
            # When a process dies, every page that waits for the pool is lost with it.
            if isinstance(future.exception(), BrokenProcessPool):
                suspects.append((page, system))
                continue
            texts[system][page.page_id], problem = _outcome(future)
            if problem:
                problems[page.page_id, system] = problem
            done += 1
            progress("pages", done, len(readings))
    for page, system in suspects:
        with _pool(1) as pool:
            texts[system][page.page_id], problem = _outcome(_submit(pool, page, system))
        if problem:
            problems[page.page_id, system] = problem
        done += 1
        progress("pages", done, len(readings))
    ordered = [(page.page_id, system) for page, system in readings]
    return texts, tuple(Failure(*key, problems[key]) for key in ordered if key in problems)


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


def _submit(pool: Executor, page: GoldPage, system: str) -> Future[str]:
    return pool.submit(_read_ours if system == OURS else _read_plain, page.path, page.url)


def _outcome(future: Future[str]) -> tuple[str, str]:
    """The text and the problem of a reading, one of them empty."""
    error = future.exception()
    return (future.result(), "") if error is None else ("", f"{type(error).__name__}: {error}")


def _read_ours(path: Path, url: str | None) -> str:
    from footnoted.ingest.extract import extract_text  # noqa: PLC0415

    return extract_text(path.read_bytes(), "text/html", url)


def _read_plain(path: Path, url: str | None) -> str:  # noqa: ARG001
    from trafilatura import extract  # noqa: PLC0415

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    return extract(path.read_bytes(), include_comments=False) or ""
