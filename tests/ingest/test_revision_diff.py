"""What a diff of two revisions lists, and that nothing is listed where nothing changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted import ids
from footnoted.domain import Access, Article, Claim, Document, Identity, Kind, Span
from footnoted.errors import CorpusError, NotFound
from footnoted.ingest import passages
from footnoted.ingest.corpus import Corpus
from footnoted.ingest.forgetting.forgetting import find, forget
from footnoted.ingest.inputs import ArticleInput
from footnoted.ingest.pipeline import ingest
from footnoted.ingest.readings import OfflineReader
from footnoted.ingest.revision_diff import (
    Changes,
    CitedOtherwise,
    PassageCounts,
    changes,
    to_json,
)
from footnoted.ingest.store import Entry, writing
from footnoted.ingest.supplied import Supplied, SuppliedFile
from footnoted.service.changes import changes_document, newest_revision

NOW = "2026-01-02T03:04:05Z"
TEXT = (Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt").read_text("utf-8")
PAGE = [
    "The lamp of Grennock was lit on 3 May 1888, before a crowd of sixty people.",
    "Every window on the quay was dark that evening, so that it could be seen.",
    "The keeper's daughter carried the match up the stairs, as the paper tells.",
    "Nobody knows what became of the old lamp after the coast had its new one.",
]
LINKS = {"1": ("https://courier.example/1889",), "3": ("https://lights.example/3",)}


def make(folder: Path, text: str = TEXT, **sources: str) -> str:
    """The id of the revision that an ingest of the article with these sources publishes."""
    supplied = Supplied(
        links=LINKS,
        sources={
            key.removeprefix("n"): SuppliedFile("page.txt", words.encode())
            for key, words in sources.items()
        },
    )
    with writing(folder) as writer:
        return ingest(
            ArticleInput(SuppliedFile("lighthouse.txt", text.encode())),
            writer,
            "light",
            OfflineReader(),
            supplied=supplied,
            now=NOW,
        )


def test_the_same_revision_has_no_changes(tmp_path: Path) -> None:
    revision = make(tmp_path, n1="\n\n".join(PAGE))
    found = changes(tmp_path, revision, revision)
    assert found.none
    assert found == Changes(revision, revision, (), (), (), (), (), (), (), PassageCounts(0, 0, 0))


def test_a_claim_that_was_added_and_one_that_was_removed(tmp_path: Path) -> None:
    old = make(tmp_path)
    new = make(tmp_path, TEXT.replace("Work began in 1884.[3]", "Work began in 1885.[3]"))
    found = changes(tmp_path, old, new)
    assert found.claims_added == ("Work began in 1885.",)
    assert found.claims_removed == ("Work began in 1884.",)
    assert found.claims_cited_otherwise == ()
    assert (found.references_added, found.references_removed, found.states) == ((), (), ())
    (text,) = found.texts
    assert (text.kind, text.reference_ids) == (Kind.ARTICLE, ())
    with Corpus.open(tmp_path, old) as corpus:
        assert corpus.article is not None
        assert text.before == ids.text_sha256(corpus.article.text)
    assert 0.5 < text.kept < 1
    back = changes(tmp_path, new, old)
    assert (back.claims_added, back.claims_removed) == (found.claims_removed, found.claims_added)
    assert (back.passages.added, back.passages.removed) == (
        found.passages.removed,
        found.passages.added,
    )


def test_a_claim_that_cites_something_else(tmp_path: Path) -> None:
    old = make(tmp_path)
    new = make(tmp_path, TEXT.replace("Work began in 1884.[3]", "Work began in 1884.[3][4]"))
    found = changes(tmp_path, old, new)
    three, four = (find(tmp_path, label).reference_id for label in ("3", "4"))
    assert found.claims_cited_otherwise == (
        CitedOtherwise("Work began in 1884.", (three,), (three, four)),
    )
    assert (found.claims_added, found.claims_removed, found.texts) == ((), (), ())
    assert not found.none


def test_references_that_came_and_went(tmp_path: Path) -> None:
    old = make(tmp_path)
    new = make(tmp_path, TEXT.replace('"Storm of 1931"', '"Storms of 1931"'))
    found = changes(tmp_path, old, new)
    assert [(r.label, r.csl.get("title")) for r in found.references_added] == [
        ("4", "Storms of 1931")
    ]
    assert [(r.label, r.csl.get("title")) for r in found.references_removed] == [
        ("4", "Storm of 1931")
    ]
    (claim,) = found.claims_cited_otherwise
    assert (claim.before, claim.after) == (
        (found.references_removed[0].reference_id,),
        (found.references_added[0].reference_id,),
    )
    assert found.states == ()


def test_a_source_that_was_read_then_changed_then_was_forgotten(tmp_path: Path) -> None:
    unread = make(tmp_path)
    read = make(tmp_path, n1="\n\n".join(PAGE))
    (state,) = changes(tmp_path, unread, read).states
    assert state.reference.label == "1"
    assert state.before == (Access.NOT_ATTEMPTED, Identity.UNVERIFIED)
    assert state.after == (Access.SUPPLIED, Identity.UNVERIFIED)
    assert "page.txt" in state.reason

    later = [PAGE[0], "A sentence that is new here and was never printed before.", *PAGE[2:]]
    changed = make(tmp_path, n1="\n\n".join(later))
    found = changes(tmp_path, read, changed)
    assert found.states == ()
    (text,) = found.texts
    assert text.kind is Kind.SOURCE
    assert text.reference_ids == (state.reference.reference_id,)
    with Corpus.open(tmp_path, read) as corpus:
        assert corpus.documents[text.document_id].text_sha256 == text.before != text.after
    assert text.kept == pytest.approx(3 / 4)

    with writing(tmp_path) as writer:
        forget(writer, find(tmp_path, "1"), "2026-05-06T07:08:09Z")
    with Corpus.open(tmp_path) as corpus:
        gone = changes(tmp_path, changed, corpus.info.revision_id)
    assert gone.none, "what was forgotten is in no revision any more"


def document(sentences: list[str], language: str = "en") -> Document:
    text = "\n\n".join(sentences)
    return Document(
        ids.document_id(Kind.DOCUMENT, "notes"),
        Kind.DOCUMENT,
        "Notes",
        language,
        text,
        ids.text_sha256(text),
        extractor="t/1",
    )


def publish(folder: Path, sentences: list[str]) -> str:
    with writing(folder) as writer:
        doc = document(sentences)
        entry = Entry(doc, passages.cut(doc))
        return writer.publish("n", [entry], {}, article=None, cutter=passages.CUTTER, now=NOW)


def test_passages_that_moved(tmp_path: Path) -> None:
    long = [" ".join([words] * 12) for words in PAGE]
    old = publish(tmp_path, long)
    new = publish(tmp_path, ["A new beginning, which is quite short. " * 40, *long])
    with Corpus.open(tmp_path, old) as corpus:
        before = dict(corpus.passages)
    with Corpus.open(tmp_path, new) as corpus:
        after = dict(corpus.passages)
    counts = changes(tmp_path, old, new).passages
    both = before.keys() & after.keys()
    assert both
    assert counts == PassageCounts(len(after) - len(both), len(before) - len(both), len(both))
    assert counts.added >= 1


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(PAGE), min_size=1, max_size=6),
    st.lists(st.sampled_from(PAGE), min_size=1, max_size=6),
)
def test_the_share_kept_counts_each_sentence_as_often_as_it_stands(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    found = changes(folder, publish(folder, before), publish(folder, after))
    if before == after:
        assert found.none
        return
    (text,) = found.texts
    same = sum(min(before.count(words), after.count(words)) for words in PAGE)
    assert text.kept == pytest.approx(same / len(before))


def test_claims_of_the_same_words_are_counted(tmp_path: Path) -> None:
    revisions = []
    for times in (1, 3):
        words = "It was rebuilt."
        doc = replace(document([words] * times), kind=Kind.ARTICLE)
        claims = tuple(
            Claim(f"c{n}", Span(n * 17, n * 17 + len(words)), words) for n in range(times)
        )
        article = Article("T", None, "en", doc.text, (), (), claims, (), "plain_text")
        with writing(tmp_path) as writer:
            entry = Entry(doc, passages.cut(doc))
            revisions.append(
                writer.publish("n", [entry], {}, article=article, cutter=passages.CUTTER, now=NOW)
            )
    found = changes(tmp_path, *revisions)
    assert found.claims_added == ("It was rebuilt.", "It was rebuilt.")
    assert found.claims_removed == ()


def test_the_document(tmp_path: Path) -> None:
    assert newest_revision(tmp_path) is None
    with writing(tmp_path):
        assert newest_revision(tmp_path) is None
    with pytest.raises(NotFound):
        changes_document(tmp_path, "1-x")
    old = make(tmp_path, n1="\n\n".join(PAGE))
    assert newest_revision(tmp_path) == old
    edited = TEXT.replace("Work began in 1884.[3]", "Work began in 1885.[3][4]")
    new = make(tmp_path, edited, n3=PAGE[0])
    document = changes_document(tmp_path, old)
    assert document == {"unchanged": False} | to_json(changes(tmp_path, old, new))
    assert (document["old_revision"], document["new_revision"]) == (old, new)
    assert document["claims"]["added"] == ["Work began in 1885."]
    states = {row["label"]: row for row in document["states"]}
    assert states["1"]["before"] == {"access": "supplied", "identity": "unverified"}
    assert states["1"]["after"] == {"access": "not_attempted", "identity": "unverified"}
    assert states["3"]["after"]["access"] == "supplied"
    assert [row["kind"] for row in document["texts"]] == ["article"]
    assert 0 < document["texts"][0]["sentences_kept"] < 1
    assert document["passages"]["added"] >= 1
    assert changes_document(tmp_path, new)["unchanged"] is True
    with pytest.raises(CorpusError, match="no revision 9-nothing"):
        changes_document(tmp_path, "9-nothing")
