"""Reads a digest: somebody's own-words notes on a source that could not be had itself.

The file may begin with ``Key: value`` lines that say what the notes are about and where they were
found; a blank line ends them. What follows is plain text or Markdown, and never counts as the
source's own words.
"""

from __future__ import annotations

from dataclasses import dataclass

from footnoted.domain import Section
from footnoted.errors import UnreadableFile
from footnoted.ingest.blocks import assemble
from footnoted.ingest.extract import ExtractionFailed
from footnoted.ingest.extract_limit import MOST_CHARACTERS
from footnoted.ingest.extract_text import decode, markdown_blocks
from footnoted.ingest.language import detect_language
from footnoted.ingest.normalise import normalise_line

DIGEST_READER = "footnoted-digest 1"

_KEYS = frozenset({"digest-of", "found-at", "relation", "confidence", "written"})
_HINT = "Write the notes as UTF-8 text or Markdown, after the optional `Found-At: …` lines."


@dataclass(frozen=True, slots=True)
class Digest:
    """The notes, normalised, and what their first lines say of them (``None`` where nothing).

    ``title`` is the work that they digest, ``relation`` how the page that the notes were taken
    from relates to the cited one, ``written`` the date of the notes.
    """

    text: str
    title: str | None = None
    found_at: str | None = None
    relation: str | None = None
    confidence: str | None = None
    written: str | None = None
    language: str = "und"
    headings: tuple[Section, ...] = ()


def read_digest(body: bytes, name: str) -> Digest:
    """The digest in ``body``, the content of the file ``name``.

    Raises ``UnreadableFile`` for one that is empty, binary or has nothing but first lines.
    """
    if not body.strip():
        raise UnreadableFile(f"The digest {name} is empty.", about=name, hint=_HINT)
    try:
        written = decode(body, about=name)
    except ExtractionFailed as error:
        raise UnreadableFile(f"The digest {name} is not text.", about=name, hint=_HINT) from error
    said, notes = _front_matter(written)
    text, headings = assemble(markdown_blocks(notes))
    if not text:
        raise UnreadableFile(f"The digest {name} has no notes in it.", about=name, hint=_HINT)
    if len(text) > MOST_CHARACTERS:
        raise UnreadableFile(
            f"The digest {name} has {len(text):,} characters, more than {MOST_CHARACTERS:,}.",
            about=name,
            hint="Supply the source itself with --source, or shorter notes.",
        )
    return Digest(
        text=text,
        title=said.get("digest-of"),
        found_at=said.get("found-at"),
        relation=said.get("relation"),
        confidence=said.get("confidence"),
        written=said.get("written"),
        language=detect_language(text),
        headings=headings,
    )


def _front_matter(written: str) -> tuple[dict[str, str], str]:
    """The known keys of the first lines, and the rest; a first line of prose has no key."""
    lines = written.lstrip().splitlines()
    said: dict[str, str] = {}
    for number, line in enumerate(lines):
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or key not in _KEYS:
            return said, "\n".join(lines[number:])
        if value := normalise_line(value):
            said[key] = value
    return said, ""
