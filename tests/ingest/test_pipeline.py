"""From an article and its sources to a revision: what is kept, said, and stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from footnoted import ids
from footnoted.domain import Access, Identity, Kind, Origin, Reference
from footnoted.errors import InputError, UsageError
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.extract import extract
from footnoted.ingest.extract_limit import MOST_CHARACTERS
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader, Reading, SourceReader, Unread
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import Supplied, SuppliedFile

NOW = "2026-01-02T03:04:05Z"
TEXT = (Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt").read_text("utf-8")
PAGE = "The lamp of Grennock was lit on 3 May 1888, before a crowd of sixty people."
TWO_ADDRESSES = ("https://courier.example/1889", "https://other.example/")


def make(
    folder: Path,
    text: str = TEXT,
    reader: SourceReader | None = None,
    now: str = NOW,
    supplied: Supplied | None = None,
) -> Corpus:
    article = ArticleInput(SuppliedFile("lighthouse.txt", text.encode()))
    with writing(folder) as writer:
        ingest(article, writer, "light", reader or OfflineReader(), supplied=supplied, now=now)
    return Corpus.open(folder)


def file(text: str, name: str = "page.txt") -> SuppliedFile:
    return SuppliedFile(name, text.encode())


class Web(OfflineReader):
    """A web that serves the same page for references 1 and 2, and nothing readable for 3."""

    def read(self, reference: Reference) -> Reading | Unread:  # type: ignore[override]
        if reference.label in ("1", "2"):
            return self._page(PAGE.encode(), "text/plain; reader=digest")
        if reference.label == "3":
            return self._page(b"\x89PNG\r\n\x1a\n....", "image/png")
        if reference.label == "4":
            return Unread(Access.DEAD, "The address answers 404 Not Found.")
        return OfflineReader().read(reference)

    def _page(self, body: bytes, media_type: str) -> Reading:
        return Reading(
            body=body,
            media_type=media_type,
            url="https://courier.example/1889",
            final_url="https://courier.example/1889/",
            origin=Origin.LIVE,
            access=Access.FETCHED,
            identity=Identity.EXACT,
            reason="Read on the web.",
        )


def test_every_reference_has_a_state_with_a_reason(tmp_path):
    with make(tmp_path, reader=Web()) as corpus:
        states = {r.label: corpus.states[r.reference_id] for r in corpus.references.values()}
        assert [(label, s.access) for label, s in states.items()] == [
            ("1", Access.FETCHED),
            ("2", Access.FETCHED),
            ("3", Access.EXTRACTION_FAILED),
            ("4", Access.DEAD),
            ("5", Access.URL_UNKNOWN),
        ]
        assert all(state.reason for state in states.values())
        assert states["1"].characters == len(PAGE)
        assert states["3"].captured_at == NOW  # its bytes are kept, though unreadable
        assert states["4"].document_id is None


def test_a_reader_declared_by_a_server_is_not_used(tmp_path):
    with make(tmp_path, reader=Web()) as corpus:
        captures = {c.media_type for c in corpus.captures.values()}
        assert captures == {"text/plain; reader=plain_text", "text/plain"}


def test_captures_give_their_texts_again(tmp_path):
    supplied = Supplied(
        sources={"1": file(f"<h1>Light</h1><p>{PAGE}</p>", "page.html")},
        digests={"2": file("Written: 2026-01-01\n\nThe lamps burned oil. \U0001f526")},
    )
    with make(tmp_path, supplied=supplied) as corpus:
        store = CaptureStore(tmp_path)
        assert len(corpus.captures) == len(corpus.documents) == 3
        for document_id, capture in corpus.captures.items():
            body = store.read(capture)
            document = corpus.documents[document_id]
            again = extract(body, capture.media_type, capture.final_url)
            assert (again.text, again.extractor) == (document.text, document.extractor)
            assert ids.text_sha256(document.text) == document.text_sha256


def test_supplied_sources_are_not_taken_for_the_cited_page(tmp_path):
    supplied = Supplied(sources={"1": file(PAGE)}, links={"1": TWO_ADDRESSES})
    with make(tmp_path, supplied=supplied) as corpus:
        reference = next(r for r in corpus.references.values() if r.label == "1")
        state = corpus.states[reference.reference_id]
        assert (state.access, state.identity) == (Access.SUPPLIED, Identity.UNVERIFIED)
        assert "page.txt" in state.reason
        assert state.readable
        document = corpus.documents[str(state.document_id)]
        assert document.document_id == ids.document_id(Kind.SOURCE, TWO_ADDRESSES[0])
        assert document.url == TWO_ADDRESSES[0]
        assert reference.urls == TWO_ADDRESSES
        assert corpus.coverage.readable == 1


def test_a_digest_is_its_own_document_and_never_readable(tmp_path):
    notes = file("Found-At: https://a.example/\nRelation: summary\nWritten: 2026-01-01\n\nOil.")
    both = Supplied(sources={"1": file(PAGE)}, digests={"1": notes, "2": notes})
    with make(tmp_path, supplied=both) as corpus:
        states = {r.label: corpus.states[r.reference_id] for r in corpus.references.values()}
        assert states["1"].identity is Identity.UNVERIFIED  # the source itself comes first
        assert states["2"].identity is Identity.DIGEST
        assert not states["2"].readable
        assert "Not the source's words" in states["2"].reason
        assert "https://a.example/ (summary)" in states["2"].reason
        digests = [d for d in corpus.documents.values() if d.identity is Identity.DIGEST]
        assert len(digests) == 2
        assert (corpus.coverage.readable, corpus.coverage.digests) == (1, 2)


def test_one_page_cited_twice_is_one_document(tmp_path):
    links = {"1": TWO_ADDRESSES[:1], "2": TWO_ADDRESSES[:1]}
    with make(tmp_path, reader=Web(), supplied=Supplied(links=links)) as corpus:
        by_label = {r.label: r.reference_id for r in corpus.references.values()}
        sources = [d for d in corpus.documents.values() if d.kind is Kind.SOURCE]
        assert len(sources) == 1
        assert sources[0].reference_ids == (by_label["1"], by_label["2"])
        states = [corpus.states[by_label[label]] for label in "12"]
        assert {s.document_id for s in states} == {sources[0].document_id}


def test_the_same_again_makes_no_new_revision(tmp_path):
    with make(tmp_path) as first, make(tmp_path) as second:
        assert second.info == first.info
        assert len(second.revisions()) == 1


def test_a_changed_article_keeps_what_was(tmp_path):
    with make(tmp_path) as first:
        old = {
            p.span.of(next(iter(first.documents.values())).text): i
            for i, p in first.passages.items()
        }
        old_text = next(iter(first.documents.values())).text
    changed = TEXT.replace("12.5 times", "13.5 times")
    with make(tmp_path, changed, now="2026-02-03T04:05:06Z") as second:
        document = next(iter(second.documents.values()))
        assert [r.number for r in second.revisions()] == [2, 1]
        assert "13.5 times" in document.text
        new = {p.span.of(document.text): i for i, p in second.passages.items()}
        # Passages whose words did not change keep their ids; the other one is gone, not another.
        assert {words: new[words] for words in old if words in new} == {
            words: passage_id for words, passage_id in old.items() if words in new
        }
        assert len(set(old) - set(new)) == 1
        assert second.text_with_prefix(document.document_id, ids.text_sha256(old_text)) == old_text
    with Corpus.open(tmp_path, first.info.revision_id) as earlier:
        assert next(iter(earlier.documents.values())).text == old_text


def test_a_wrong_key_or_article_publishes_nothing(tmp_path):
    with pytest.raises(UsageError, match="'9' names no reference"):
        make(tmp_path, supplied=Supplied(sources={"9": file(PAGE)}))
    with pytest.raises(InputError):
        make(tmp_path, "No references here.\n")
    with make(tmp_path) as corpus:
        assert [r.number for r in corpus.revisions()] == [1]


def test_progress_counts_the_sources(tmp_path):
    heard: list[tuple[str, int, int]] = []
    article = ArticleInput(SuppliedFile("lighthouse.txt", TEXT.encode()))
    with writing(tmp_path) as writer:
        ingest(
            article,
            writer,
            "light",
            OfflineReader(),
            now=NOW,
            progress=lambda *step: heard.append(step),
        )
    assert heard == [("sources", n, 5) for n in range(1, 6)]


def test_a_source_that_is_too_long_is_kept_in_part_and_says_so(tmp_path: Path) -> None:
    line = "The keeper entered the weight of cart {} and the toll that it paid in the ledger.\n\n"
    text = "".join(map(line.format, range(26_000)))
    supplied = Supplied(sources={"1": file(text, "ledger.txt")})
    with make(tmp_path, supplied=supplied) as corpus:
        state = next(s for s in corpus.states.values() if s.document_id)
        document = corpus.documents[str(state.document_id)]
        assert state.access is Access.PARTIAL
        assert f"{len(document.text):,} of its {len(text.strip()):,} characters" in state.reason
        assert 1_900_000 < len(document.text) <= MOST_CHARACTERS
        assert text.startswith(document.text)
        capture = corpus.captures[document.document_id]
        body = CaptureStore(tmp_path).read(capture)
        assert body == text.encode()
        assert extract(body, capture.media_type, None).text == document.text
