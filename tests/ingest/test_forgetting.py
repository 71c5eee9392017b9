"""A forgotten source is nowhere on disk, all others are as before, and a kill breaks nothing."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from footnoted.domain import Access, Capture, Identity, Origin, Reference
from footnoted.errors import CorpusError, NotFound, UsageError
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.forgetting import forgetting
from footnoted.ingest.forgetting import remains as forgetting_remains
from footnoted.ingest.forgetting.forgetting import find, forget, forgotten, lift
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader, Reading, SourceReader, Unread
from footnoted.ingest.store import writing
from footnoted.ingest.supplied import Supplied, SuppliedFile
from footnoted.ingest.warc import rewriting as warc_rewriting
from footnoted.ingest.warc.rewriting import Place, plan_rewriting, rewrite
from footnoted.service.verify import verify

NOW = "2026-01-02T03:04:05Z"
LATER = "2026-05-06T07:08:09Z"
TEXT = (Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt").read_text("utf-8")
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


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two revisions in which the words of source 1 are everywhere they can be."""
    folder = tmp_path_factory.mktemp("forgetting") / "light"
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


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "light"))


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


def forget_one(folder: Path, key: str = "1", now: str = LATER) -> forgetting.Forgotten:
    with writing(folder) as writer:
        return forget(writer, find(folder, key), now)


def test_no_word_of_it_is_left(folder: Path) -> None:
    before = where(folder, SECRET)
    assert FILE_NAME in before
    assert len(before) >= 5, "the database and the captures hold it"
    done = forget_one(folder)
    assert where(folder, SECRET) == set()
    assert {r.label for r in done.references} == {"1", "4"}
    assert (done.documents, done.texts, done.captures) == (2, 2, 5)
    assert done.passages >= 2
    for word in OTHERS[:2]:
        assert FILE_NAME in where(folder, word)
    for word in OTHERS:
        assert any(name.endswith(".warc.gz") for name in where(folder, word))
    assert not (folder / forgetting_remains.NOTE).exists()


def test_the_others_are_as_before_and_it_has_an_honest_state(folder: Path) -> None:
    with Corpus.open(folder) as corpus:
        first = corpus.info
        kept = {d.document_id: d for d in corpus.documents.values() if SECRET not in d.text}
    before = check(folder)
    forget_one(folder)
    after = check(folder)
    with Corpus.open(folder) as corpus:
        assert corpus.info.number == first.number + 1
        assert corpus.info.created_at == LATER
        assert corpus.documents == kept
        assert set(corpus.captures) == set(kept)
    for label in ("1", "4"):
        state = after.pop(label)
        del before[label]
        assert (state.access, state.identity) == (Access.NOT_ATTEMPTED, Identity.UNVERIFIED)
        assert (state.document_id, state.characters, state.captured_at) == (None, 0, None)
        assert state.reason.startswith("Forgotten on 2026-05-06 at the user's wish")
        assert "--source" in state.reason
    assert after == before
    for number in range(1, first.number + 1):
        with Corpus.open(folder) as corpus:
            old = next(r for r in corpus.revisions() if r.number == number)
        with Corpus.open(folder, old.revision_id) as corpus:
            assert {d.document_id for d in corpus.documents.values()} <= set(kept)


def test_its_digest_goes_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "light"
    make(folder, Web(), n1=f"Own words on the {SECRET}.\n", n5=f"Also on {OTHERS[2]}.\n")
    assert FILE_NAME in where(folder, SECRET)
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert FILE_NAME in where(folder, OTHERS[2])
    assert check(folder)["1"].identity is Identity.UNVERIFIED


class Twice(Web):
    """Serves one page at one address for references 1 and 2, which cite different addresses."""

    def read(self, reference: Reference) -> Reading | Unread:  # type: ignore[override]
        if reference.label not in ("1", "2"):
            return OfflineReader().read(reference)
        return Reading(
            body=page(OTHERS[0]),
            media_type="text/html",
            url="https://syndicate.example/",
            final_url="https://syndicate.example/",
            origin=Origin.LIVE,
            access=Access.FETCHED,
            identity=Identity.EXACT,
            reason="Read.",
        )


def test_what_another_source_needs_stays(tmp_path: Path) -> None:
    folder = tmp_path / "light"
    make(folder, Twice())
    with Corpus.open(folder) as corpus:
        assert len(corpus.documents) == 3
        assert len({c.warc_offset for c in corpus.captures.values()}) == 2
    done = forget_one(folder)
    assert (done.documents, done.texts, done.captures) == (1, 0, 0)
    states = check(folder)
    assert states["2"].access is Access.FETCHED
    assert states["2"].document_id is not None
    assert states["1"].access is Access.NOT_ATTEMPTED
    assert FILE_NAME in where(folder, OTHERS[0])


def test_a_copy_does_not_name_the_forgotten_title(tmp_path: Path) -> None:
    folder = tmp_path / "light"
    make(folder, Web())
    with sqlite3.connect(folder / FILE_NAME) as connection:
        words = f"Read. Its words are those of “On the {SECRET}”, another source of it."
        connection.execute(
            "UPDATE source_states SET reason = ? WHERE reference_id = ?",
            (words, find(folder, "2").reference_id),
        )
    connection.close()
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert "a source that was forgotten" in check(folder)["2"].reason


def test_a_key_is_a_label_a_group_or_an_id(folder: Path) -> None:
    reference = find(folder, "1")
    assert find(folder, reference.reference_id) == reference
    assert reference.urls == LINKS["1"]
    for key in ("99", "note:1", ""):
        with pytest.raises(UsageError, match="names no reference"):
            find(folder, key)
    with sqlite3.connect(folder / FILE_NAME) as connection:
        connection.execute(
            "INSERT INTO articles (version, fingerprint, form)"
            " SELECT version, 'older', form FROM articles LIMIT 1"
        )
        connection.execute(
            "INSERT INTO reference_entries SELECT max(a.article_id), 0, 'anolderreference',"
            " '1', '', 'Older words.', '{}', '[]', NULL, 'unknown', NULL FROM articles a"
        )
    connection.close()
    assert find(folder, "anolderreference").text == "Older words."
    assert find(folder, "1") == reference


def test_the_next_ingest_knows_what_was_forgotten(folder: Path) -> None:
    with Corpus.open(folder) as corpus:
        references = list(corpus.references.values())
    assert forgotten(folder, references) == {}
    assert forgotten(folder / "none", references) == {}
    done = forget_one(folder)
    one, four = find(folder, "1"), find(folder, "4")
    reasons = forgotten(folder, references)
    assert reasons == {one.reference_id: done.reason, four.reference_id: done.reason}
    reworded = Reference("new", "8", "", "Holm (1889), other words", {}, one.urls)
    elsewhere = Reference("newer", "9", "", "Holm (1889)", {}, ("https://b.example/",))
    assert forgotten(folder, [reworded, elsewhere]) == {"new": done.reason}

    class Heedful(Web):
        def read(self, reference: Reference) -> Reading | Unread:  # type: ignore[override]
            if reason := reasons.get(reference.reference_id):
                return Unread(forgetting.ACCESS, reason)
            return super().read(reference)

    with Corpus.open(folder) as corpus:
        states, documents = corpus.states, corpus.documents
    make(folder, Heedful())
    with Corpus.open(folder) as corpus:
        assert (corpus.states, corpus.documents) == (states, documents)
    assert where(folder, SECRET) == set()


def test_a_tombstone_can_be_lifted(folder: Path) -> None:
    with Corpus.open(folder) as corpus:
        references = list(corpus.references.values())
    one, two, four = (find(folder, label) for label in ("1", "2", "4"))
    with writing(folder) as writer:
        forget(writer, one, LATER)
        with pytest.raises(NotFound, match="was not forgotten"):
            lift(writer, two)
        forget(writer, two, LATER)
        assert lift(writer, four) == sorted([one.reference_id, four.reference_id])
    assert set(forgotten(folder, references)) == {two.reference_id}
    make(folder, Web())
    assert FILE_NAME in where(folder, SECRET)
    assert check(folder)["1"].access is Access.FETCHED


def test_lifting_ends_what_was_interrupted(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgetting_remains, "remove_files", dying(print, before=True))
        with pytest.raises(Killed):
            forget_one(folder)
    assert any(name.endswith(".warc.gz") for name in where(folder, SECRET))
    with writing(folder) as writer:
        lift(writer, find(folder, "1"))
    assert where(folder, SECRET) == set()
    check(folder)


def test_forgetting_twice_and_everything(folder: Path) -> None:
    forget_one(folder)
    again = forget_one(folder, now="2026-07-08T00:00:00Z")
    assert (again.documents, again.texts, again.captures) == (0, 0, 0)
    for label in ("2", "3", "5"):
        forget_one(folder, label)
    assert not any(where(folder, word) for word in (SECRET, *OTHERS[:2]))
    assert check(folder)["1"].reason.startswith("Forgotten on 2026-07-08")
    with Corpus.open(folder) as corpus:
        assert len(corpus.documents) == 1


class Killed(BaseException):
    """Not an error: nobody may catch it."""


class Dying:
    """A connection that fails before or after one statement."""

    def __init__(self, connection: sqlite3.Connection, statement: str, *, before: bool) -> None:
        self._connection, self._statement, self._before = connection, statement, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == self._statement and self._before:
            raise Killed
        done = self._connection.execute(sql, *values)
        if sql == self._statement:
            raise Killed
        return done


def dying(real: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def step(*values: Any, **named: Any) -> Any:
        if not before:
            real(*values, **named)
        raise Killed

    return step


STEPS: list[tuple[object, str]] = [
    (forgetting_remains, "note"),
    (forgetting_remains.os, "replace"),
    (forgetting, "rewrite"),
    (warc_rewriting, "_copy"),
    (forgetting, "_delete"),
    (forgetting, "_repoint"),
    (forgetting, "_say_so"),
    (forgetting, "_bury"),
    (forgetting_remains, "remove_files"),
    (forgetting, "_publish"),
]


def die_at(patch: pytest.MonkeyPatch, step: int, *, before: bool) -> None:
    if step < len(STEPS):
        module, name = STEPS[step]
        patch.setattr(module, name, dying(getattr(module, name), before=before))
        return
    statement = ("BEGIN IMMEDIATE", "COMMIT", "VACUUM")[step - len(STEPS)]
    real = forgetting.connect_for_writing
    patch.setattr(
        forgetting,
        "connect_for_writing",
        lambda folder: Dying(real(folder), statement, before=before),
    )


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS) + 3))
def test_a_kill_at_any_step_leaves_a_whole_corpus(folder: Path, step: int, before: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        die_at(patch, step, before=before)
        with pytest.raises(Killed):
            forget_one(folder)
    states = check(folder)
    assert states["2"].access is Access.FETCHED
    committed = states["1"].access is Access.NOT_ATTEMPTED
    with writing(folder) as writer:
        assert find(folder, "1").reference_id
        connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
        connection.row_factory = sqlite3.Row
        forgetting_remains.clear(writer.folder, connection)
        connection.close()
    check(folder)
    assert not (folder / forgetting_remains.NOTE).exists()
    assert not list(folder.glob("*.tmp"))
    if committed:
        assert where(folder, SECRET) == set(), "clearing up ended it"
    else:
        assert FILE_NAME in where(folder, SECRET)
        with Corpus.open(folder) as corpus:
            assert forgotten(folder, list(corpus.references.values())) == {}
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert check(folder)["1"].access is Access.NOT_ATTEMPTED


def test_new_files_that_an_ingest_came_to_use_stay(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgetting, "_delete", dying(forgetting._delete, before=True))
        with pytest.raises(Killed):
            forget_one(folder)
    make(folder, Web(), n5=f"Notes on {OTHERS[2]}.\n")  # finds its captures in the new files
    forget_one(folder)
    check(folder)
    assert where(folder, SECRET) == set()


def test_a_process_killed_within_the_transaction(folder: Path) -> None:
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from footnoted.ingest.forgetting import forgetting
        from footnoted.ingest.store import writing
        forgetting._say_so = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        folder = Path({str(folder)!r})
        with writing(folder) as writer:
            forgetting.forget(writer, forgetting.find(folder, "1"), {LATER!r})
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (folder / forgetting_remains.NOTE).exists()
    assert check(folder)["1"].access is Access.FETCHED
    forget_one(folder)
    assert where(folder, SECRET) == set()
    assert check(folder)["1"].access is Access.NOT_ATTEMPTED


@pytest.mark.parametrize(
    "words",
    [
        "{",
        "[]",
        '{"reference_id": "a"}',
        json.dumps({"reference_id": "a", "forgotten_at": "", "old": ["../x"], "new": []}),
    ],
)
def test_a_strange_note_is_an_error(folder: Path, words: str) -> None:
    (folder / forgetting_remains.NOTE).write_text(words)
    with pytest.raises(CorpusError, match="interrupted `footnoted forget`"):
        forget_one(folder)
    check(folder)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.binary(max_size=40), st.sampled_from("abc"), st.booleans(), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_rewriting_keeps_exactly_what_stays(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[bytes, str, bool, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    stored: list[tuple[Capture, bytes, bool]] = []
    store = CaptureStore(folder)
    for body, host, new_file, goes in given_:
        store = CaptureStore(folder) if new_file else store
        url = f"https://{host}.example/"
        capture = store.store(
            body,
            url=url,
            final_url=url,
            status=200,
            media_type="text/plain",
            fetched_at=NOW,
            origin=Origin.LIVE,
            hops=[url] if new_file else [],
        )
        stored.append((capture, body, goes))
    gone = {Place(c.warc_path, c.warc_offset) for c, _, goes in stored if goes}
    plans = plan_rewriting(folder, lambda place, _: place in gone)
    assert {plan.old.name for plan in plans} == {place.file for place in gone}
    moved = rewrite(plans)
    warc_rewriting.remove_files(folder, [plan.old.name for plan in plans])
    places = set()
    for capture, body, _ in stored:
        place = Place(capture.warc_path, capture.warc_offset)
        if place in gone:
            assert place not in moved
            continue
        path, offset = moved.get(place, place)
        places.add((path, offset))
        fields = {f: getattr(capture, f) for f in Capture.__dataclass_fields__}
        there = Capture(**fields | {"warc_path": path, "warc_offset": offset})
        assert store.read(there) == body
    for path in folder.iterdir():
        kinds = []
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                if record.rec_type != "metadata":
                    kinds.append(record.rec_type)
                record.content_stream().read()
        assert kinds == ["request", "response"] * len(
            {o for name, o in places if name == path.name}
        )
    assert {path.name for path in folder.iterdir()} >= {name for name, _ in places}
    assert not plan_rewriting(folder, lambda *_: False)
