from __future__ import annotations

import pytest

from footnoted.errors import UsageError
from footnoted.service.assistant import Assistant
from footnoted.service.retrieving import EVERYTHING, Filter, PassageRetriever
from footnoted.service.texts import CorpusTexts
from footnoted.settings import Settings


@pytest.fixture(scope="module")
def assistant(bridge, cache_dir, commands):
    options = Settings(cache_dir=cache_dir, data_dir=commands.data_dir, threads=1)
    with Assistant.open(bridge.folder, settings=options) as opened:
        yield opened


def found(assistant, **filters):
    return assistant.search("the bridge and the flood", k=100, **filters)["passages"]


def test_filters_combine_and_leave_only_what_fits(assistant):
    documents = assistant.corpus.documents
    arabic = next(d for d in documents.values() if d.language == "ar")
    assert {p["document_id"] for p in found(assistant, language="ar")} == {arabic.document_id}
    assert {p["citation"]["kind"] for p in found(assistant, kind="article")} == {"article"}
    assert found(assistant, language="ar", kind="article") == []
    by_id = found(assistant, source=arabic.document_id)
    assert {p["document_id"] for p in by_id} == {arabic.document_id}
    (reference,) = [assistant.corpus.references[r] for r in arabic.reference_ids]
    assert found(assistant, source=reference.urls[0] + "#part") == by_id
    dated = found(assistant, since="1900", until="1999")
    assert dated
    assert all(p["citation"]["published"][:2] == "19" for p in dated)
    undated = [p for p in found(assistant) if not p["citation"]["published"]]
    assert undated


def test_what_the_corpus_does_not_have_is_said_with_what_it_has(assistant):
    with pytest.raises(UsageError, match="in the language 'fr'") as caught:
        found(assistant, language="fr")
    assert "ar, en" in caught.value.hint
    with pytest.raises(UsageError, match="id or address 'https://nowhere") as caught:
        found(assistant, source="https://nowhere.example/")
    assert "It has: " in caught.value.hint


def test_a_filter_that_leaves_nothing_says_so(assistant):
    document = assistant.search("the flood", kind="article", language="ar")
    assert document["passages"] == []
    assert document["notes"] == [
        "The filter leaves no passage of this corpus: kind article, language ar."
    ]
    refusal = assistant.ask("Who built it?", until="1700")
    assert (refusal["status"], refusal["passages"]) == ("refused", [])
    assert refusal["notes"][0].endswith("documents have no known date and were left out.")
    assert refusal["notes"][1].endswith("until 1700.")


def test_hidden_documents_do_not_exist(assistant):
    retriever = PassageRetriever(
        assistant.corpus, assistant.searcher, dict.fromkeys(assistant.corpus.passages, "")
    )
    every = set(assistant.corpus.documents)
    shown = min(every)
    wanted = Filter(hidden=frozenset(every - {shown}))
    hits = retriever.retrieve("the flood", 100, wanted)
    assert {hit.passage.document_id for hit in hits} == {shown}


def test_hits_name_the_words_that_match(assistant):
    (passage,) = assistant.search("Who designed the bridge?", k=1)["passages"]  # Designer: …
    assert {m["query"] for m in passage["matches"]} == {"designed"}
    for match in passage["matches"]:
        assert passage["text"][match["start"] : match["end"]] == match["passage"]
        assert 0.65 <= match["cosine"] <= 1


def test_sentences_of_copies_are_alike_and_numbers_stay_apart(assistant):
    texts = CorpusTexts(assistant.corpus, {})
    passage = next(iter(assistant.corpus.passages))
    assert all(" " not in s and s == s.casefold() for s in texts.sentences(passage))
    assert texts.origin(passage).voice == "article"


@pytest.mark.parametrize("only", ["", "both", "Article", "source"])
def test_only_has_two_words(only):
    with pytest.raises(UsageError, match="only can be article or sources"):
        Filter(only)


def test_a_filter_without_anything_is_everything():
    assert Filter() == EVERYTHING
    assert Filter("article") != EVERYTHING
    assert Filter(reference="7") != EVERYTHING
