"""Builds the packaged corpora from their texts: ``python -m footnoted.ingest.packaging``.

Each folder under ``packaged/`` holds ``article.html``, and perhaps ``digests/LABEL.md``,
``links.json`` and ``site.json``; ``corpus.sqlite`` and a WARC are made from these. The time is
fixed, so that the same texts always give the same corpus, and a test can tell a stale one.
``site.json`` describes an invented web site: what a reader of each cited address would meet.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.locations import PACKAGED
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader, Reading, SourceReader, Unread
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import Supplied, SuppliedFile, read_links

_DIGESTS = frozenset({"default"})  # our own words on somebody else's article
BUILT_AT = "2026-11-22T12:00:00Z"
_SERVED = {
    "live": (Access.FETCHED, Identity.EXACT, Origin.LIVE),
    "archive": (Access.ARCHIVED_COPY, Identity.EXACT, Origin.ARCHIVE),
}
_NOT_SERVED = {
    "dead": (Access.DEAD, "The address answers 404 Not Found, and no archive holds a copy."),
    "never_online": (Access.NOT_ONLINE, "A printed work without an address."),
}


class SiteReader:
    """Reads the files of an invented web site, as ``site.json`` describes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        entries = json.loads((folder / "site.json").read_text("utf-8"))
        self._entries = {entry["reference"]: entry for entry in entries}

    def prepare(self, references: Sequence[Reference]) -> None:
        """Files need no preparation."""

    def read(self, reference: Reference) -> Reading | Unread:
        entry = self._entries.get(reference.label) if not reference.group else None
        if entry is None:
            return OfflineReader().read(reference)
        if entry["served"] in _NOT_SERVED:
            return Unread(*_NOT_SERVED[entry["served"]])
        access, identity, origin = _SERVED[entry["served"]]
        return Reading(
            body=(self._folder / entry["file"]).read_bytes(),
            media_type=entry["media_type"],
            url=entry["url"],
            final_url=entry["archive_url"] if origin is Origin.ARCHIVE else entry["url"],
            origin=origin,
            access=access,
            identity=identity,
            reason="Fiction: read from the invented web site of this example.",
        )


def build(texts: Path, folder: Path) -> None:
    """Build the corpus of ``texts`` into ``folder``, which may be the same."""
    (folder / FILE_NAME).unlink(missing_ok=True)
    for warc in folder.glob("captures-*.warc.gz"):
        warc.unlink()
    reader: SourceReader = OfflineReader()
    if (texts / "site.json").is_file():
        reader = SiteReader(texts)
    links = texts / "links.json"
    supplied = Supplied(
        links=read_links(_file(links)) if links.is_file() else {},
        digests={path.stem: _file(path) for path in sorted(texts.glob("digests/*.md"))},
    )
    identity = Identity.DIGEST if texts.name in _DIGESTS else Identity.EXACT
    article = ArticleInput(_file(texts / "article.html"), identity=identity)
    with writing(folder) as writer:
        ingest(article, writer, texts.name, reader, supplied=supplied, now=BUILT_AT)
    shutil.rmtree(folder / "index", ignore_errors=True)
    (folder / "writer.lock").unlink(missing_ok=True)


def _file(path: Path) -> SuppliedFile:
    return SuppliedFile(path.name, path.read_bytes())


def main() -> None:
    for texts in sorted(path.parent for path in PACKAGED.glob("*/article.html")):
        build(texts, texts)
        sys.stdout.write(f"built {texts.relative_to(PACKAGED.parent)}/{FILE_NAME}\n")


if __name__ == "__main__":
    main()
