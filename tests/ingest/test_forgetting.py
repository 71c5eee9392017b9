"""A forgotten source is nowhere on disk, all others are as before, and it stays forgotten."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.forgetting_corpus import (
    LATER,
    LINKS,
    OTHERS,
    SECRET,
    Web,
    check,
    forget_one,
    make,
    make_original,
    page,
    where,
)

from footnoted.domain import Access, Identity, Origin, Reference
from footnoted.errors import NotFound, UsageError
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.database import FILE_NAME
from footnoted.ingest.forgetting import forgetting
from footnoted.ingest.forgetting import remains as forgetting_remains
from footnoted.ingest.forgetting.forgetting import find, forget, forgotten, lift
from footnoted.ingest.readings import OfflineReader, Reading, Unread
from footnoted.ingest.store import writing


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_original(tmp_path_factory.mktemp("forgetting") / "light")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "light"))


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
