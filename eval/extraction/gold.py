"""Pages with human gold: the set that the extraction of main text is measured on.

A set is a folder of pages with a ``gold.jsonl``: each line names a page's ``file``, ``_id``,
``url`` and ``source``, and holds either its whole main ``text`` or the segments that must
(``with``) and must not (``without``) stand in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from footnoted.errors import InputError, UnreadableFile

GOLD = "gold.jsonl"
WORD = re.compile(r"\w+")


class GoldPage(NamedTuple):
    """A page and its gold: ``text``, or else segments; ``source`` is the set it was taken from."""

    page_id: str
    path: Path
    url: str | None
    source: str
    text: str | None
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


def is_extraction_set(folder: Path) -> bool:
    """Whether ``folder`` is a set of pages with gold, not one of questions."""
    return (folder / GOLD).is_file()


def load_gold(folder: Path) -> tuple[GoldPage, ...]:
    """The pages of ``folder`` in the order of its gold.

    Raises ``UnreadableFile`` without a ``gold.jsonl`` in UTF-8; ``InputError``, with the line, for
    a page without gold, named twice, or not there.
    """
    path = folder / GOLD
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"{path} cannot be read: {error}.",
            about=str(path),
            hint="Name the folder that holds the pages and their gold.jsonl with --dataset.",
        ) from error
    pages: dict[str, GoldPage] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            page = _gold_page(folder, json.loads(line))
            if page.page_id in pages:
                raise ValueError(f"the page {page.page_id!r} already has its gold")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{path}, line {number}: {error}.",
                about=f"{path}:{number}",
                hint="Each line needs _id, file, and either text or with and without.",
            ) from error
        pages[page.page_id] = page
    if not pages:
        raise InputError(f"{path} holds no page.", about=str(path), hint="Name another folder.")
    return tuple(pages.values())


def _gold_page(folder: Path, line: Mapping[str, Any]) -> GoldPage:
    text = line.get("text")
    wanted, unwanted = tuple(line.get("with") or ()), tuple(line.get("without") or ())
    if not (wanted or unwanted) if text is None else not WORD.search(text):
        raise ValueError("there is neither a text nor a segment to compare with")
    if not all(isinstance(segment, str) and segment.strip() for segment in (*wanted, *unwanted)):
        raise ValueError("a segment is no text")
    name = line["file"]
    if not (folder / name).is_file() or Path(name).name != name:
        raise ValueError(f"the page {name!r} is not in the folder")
    source = str(line.get("source") or "")
    return GoldPage(line["_id"], folder / name, line.get("url"), source, text, wanted, unwanted)
