"""A corpus in which the words of one source are everywhere they can be, and looking for them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.forgetting.forgetting import Forgotten, find, forget
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader, Reading, SourceReader, Unread
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import Supplied, SuppliedFile
from footnoted.service.verify import verify

NOW = "2026-01-02T03:04:05Z"
LATER = "2026-05-06T07:08:09Z"
TEXT = (Path(__file__).parent / "fixtures" / "articles" / "lighthouse.txt").read_text("utf-8")
HTML = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>The {word} of Grennock was "
    "seen by sixty people on the quay that evening, and the keeper wrote it down with care.</p>"
    "<p>Nobody on the skerry had ever seen a second {word} in so short a time.</p></body></html>"
)
SECRET = "Zanthorrel"  # the telling word of the source of reference 1
OTHERS = ("Quibberly", "Murrowick", "Pellandor")
LINKS = {
    "1": ("https://courier.example/1889", "https://courier.example/preview"),
    "2": ("https://lights.example/lamps",),
    "3": ("https://lights.example/colza",),
    "4": ("https://courier.example/1889#storm",),
}


def page(word: str) -> bytes:
    return HTML.format(title=f"On the {word}", word=word).encode()


class Web(OfflineReader):
    """Serves a page with a telling word for references 1 to 3; 1 and 4 cite the same page."""

    def __init__(self, secret: str = SECRET) -> None:
        self.words = {"1": secret, "2": OTHERS[0], "3": OTHERS[1], "4": secret}

    def read(self, reference: Reference) -> Reading | Unread:  # type: ignore[override]
        if reference.label not in self.words:
            return OfflineReader().read(reference)
        url = reference.urls[0].partition("#")[0]
        return Reading(
            body=page(self.words[reference.label]),
            media_type="text/html",
            url=url,
            final_url=url,
            origin=Origin.LIVE,
            access=Access.FETCHED,
            identity=Identity.EXACT,
            reason=f"Found there under the title “On the {self.words[reference.label]}”.",
        )


def make(folder: Path, reader: SourceReader, **digests: str) -> None:
    supplied = Supplied(
        links=LINKS,
        digests={
            key.removeprefix("n"): SuppliedFile("notes.md", words.encode())
            for key, words in digests.items()
        },
    )
    article = ArticleInput(SuppliedFile("lighthouse.txt", TEXT.encode()))
    with writing(folder) as writer:
        ingest(article, writer, "light", reader, supplied=supplied, now=NOW)


def keep(folder: Path, url: str, body: bytes, *, noted: bool) -> None:
    """A response that no document was read from; not ``noted``: its writer was killed just then."""
    with writing(folder) as writer:
        capture = writer.captures.store(
            body,
            url=url,
            final_url=url,
            status=403,
            media_type="text/html",
            fetched_at=NOW,
            origin=Origin.LIVE,
            hops=[url],
        )
        if noted:
            writer.add_capture(capture)


def make_original(folder: Path) -> Path:
    """A corpus of two revisions in which the words of source 1 are everywhere they can be."""
    make(folder, Web(f"{SECRET} {SECRET}"))
    make(folder, Web())
    keep(folder, "https://courier.example/preview", page(SECRET) + b"cut", noted=True)
    copy = "https://web.archive.org/web/20190602000000id_/https://courier.example/1889"
    keep(folder, copy, page(SECRET) + b"archived", noted=True)
    asked = "https://archive.org/wayback/available?url=https%3A%2F%2Fcourier.example%2F1889"
    keep(folder, asked, f'{{"about": "{SECRET}"}}'.encode(), noted=True)
    keep(folder, "https://courier.example/1889", page(SECRET) + b"unnamed", noted=False)
    keep(folder, "https://other.example/wall", page(OTHERS[2]), noted=True)
    torn = page(SECRET).replace(b"quay", bytes(range(256)))
    packed = zlib.compressobj(wbits=31)
    rest = packed.compress(torn) + packed.flush(zlib.Z_SYNC_FLUSH)
    with min(folder.glob("captures-*")).open("ab") as file:
        file.write(rest)
    return folder


def plain(path: Path) -> bytes:
    """What is in a file; of gzip members all that can be inflated, torn or not."""
    data = rest = path.read_bytes()
    if path.suffix != ".gz":
        return data
    found = b""
    while rest:
        inflater = zlib.decompressobj(31)
        found += inflater.decompress(rest)
        if not inflater.eof:
            break
        rest = inflater.unused_data
    return found


def where(folder: Path, word: str) -> set[str]:
    """The files in which the word stands."""
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file() and word.encode().lower() in plain(path).lower()
    }


def check(folder: Path) -> dict[str, Any]:
    """``verify`` of the newest revision, which must hold."""
    with Corpus.open(folder) as corpus:
        document = verify(corpus, folder / "index")
        assert document["ok"], document
        for capture in corpus.captures.values():
            CaptureStore(folder).read(capture)
        return {r.label: corpus.states[r.reference_id] for r in corpus.references.values()}


def forget_one(folder: Path, key: str = "1", now: str = LATER) -> Forgotten:
    with writing(folder) as writer:
        return forget(writer, find(folder, key), now)
