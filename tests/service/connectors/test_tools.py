"""The tools over in-memory corpora: shapes, ids, several corpora at once, addresses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from footnoted.errors import NotFound, UsageError
from footnoted.service.connectors import schemas, tools
from footnoted.service.connectors.addresses import Addresses, base_address
from footnoted.service.shelf import Shelf

BASE = "https://answers.example"


@pytest.fixture
def shelf(standin):
    return Shelf({"town": standin(), "other: one": standin()})


def call(name, shelf, base=BASE, **arguments):
    tool = next(tool for tool in tools.TOOLS if tool.name == name)
    document = tool.answer(shelf, base, tool.takes.model_validate(arguments))
    tool.gives.model_validate(document, strict=True)
    return document


def test_search_gives_exactly_what_connectors_read_from_every_corpus(shelf):
    found = call("search", shelf, query="bridge")
    assert list(found) == ["results"]
    assert [row["id"] for row in found["results"]] == ["town:p1", "other: one:p1"]
    assert {frozenset(row) for row in found["results"]} == {frozenset({"id", "title", "url"})}
    one = call("search", shelf, query="bridge", corpus="other: one")
    assert [row["id"] for row in one["results"]] == ["other: one:p1"]


def test_what_search_finds_fetch_reads(shelf):
    for result in call("search", shelf, query="bridge")["results"]:
        fetched = call("fetch", shelf, id=result["id"])
        assert list(fetched) == ["id", "title", "url", "text", "metadata"]
        assert {key: fetched[key] for key in result} == result
        assert fetched["text"].startswith("A town on a river.")
        assert fetched["metadata"]["footnotes"] == "7, 8, a, 9"
        assert fetched["metadata"]["article_licence"] == "CC BY-SA 4.0"
        assert all(isinstance(v, str | int) for v in fetched["metadata"].values())


@pytest.fixture
def finding(standin):
    """Makes corpora whose searches find passages with these late-interaction and BM25 scores."""

    class Finding(standin):
        def __init__(self, *scores, copies=()):
            super().__init__()
            self.scores, self.copies = scores, copies

        def search(self, query, k=None, *_):
            (passage,) = super().search(query)["passages"]
            return {
                "passages": [
                    {
                        **passage,
                        "id": f"p{n}",
                        "signals": {"maxsim": maxsim, "bm25": bm25},
                        "duplicate_of": "p0" if n in self.copies else None,
                    }
                    for n, (maxsim, bm25) in enumerate(self.scores[:k])
                ]
            }

    return Finding


def found(corpora):
    return [row["id"] for row in call("search", Shelf(corpora), query="x")["results"]]


def test_the_nearest_of_all_corpora_come_first_and_each_keeps_its_order(finding):
    far = finding((0.4, 0.0), (0.5, 0.0))
    near = finding((0.8, 1.0), (0.7, 9.0), (0.9, 0.0), (0.3, 0.0))
    assert found({"far": far, "near": near}) == [
        *("near:p0", "near:p1", "near:p2"),
        *("far:p0", "far:p1", "near:p3"),
    ]


def test_where_the_model_cannot_read_shared_words_decide(finding):
    corpora = {"far": finding((None, 0.0), (None, None)), "near": finding((None, 8.0), (None, 0.0))}
    assert found(corpora) == ["near:p0", "far:p0", "far:p1", "near:p1"]


def test_copies_further_down_are_left_out_and_results_are_few(finding):
    many = [(1.0, 0.0)] * 30
    ids = found({"a": finding(*many, copies=(1, 2)), "b": finding(*many)})
    assert ids[:2] == ["a:p0", "a:p3"]
    assert len(ids) == tools.MOST_RESULTS


def test_an_answer_has_its_citations_and_the_passages_they_stand_in(shelf):
    answer = call("ask", shelf, question="When did the bridge fall?")
    assert (answer["status"], answer["corpus"]) == ("answered", "town")
    first, second = answer["citations"]
    assert first["quote"] in call("fetch", shelf, id=first["id"])["text"]
    assert [row["state"] for row in first["footnotes"]][2] == "dead: the address does not answer"
    assert second["kind"] == "Digest – not the source’s words"
    assert answer["caveats"] == ["this rests on a digest, somebody's own-words notes on a source."]
    assert answer["article"]["revision"] == "77"


def test_a_refusal_is_an_answer_that_says_why(shelf):
    refused = call("ask", shelf, question="Who rules Brazil?")
    assert (refused["status"], refused["reason"]) == ("refused", "not_in_corpus")
    assert refused["explanation"].startswith("neither the article nor")
    assert (refused["statements"], refused["citations"]) == ([], [])
    assert [row["id"] for row in refused["nearest"]] == ["town:p1"]


def test_every_argument_reaches_the_corpus(standin):
    calls = []

    class Recorder(standin):
        def ask(self, question, k=None, only=None, reference=None, **more):
            calls.append((question, k, only, reference, more))
            return super().ask(question, k, only, reference)

    given = {"question": "bridge?", "history": ["Who?"], "only": "sources", "reference": "7"}
    call("ask", Shelf({"a": standin(), "b": Recorder()}), corpus="b", **given)
    assert calls == [("bridge?", None, "sources", "7", {"history": ("Who?",)})]


def test_sources_come_in_parts(shelf):
    first = call("sources", shelf, limit=3)
    assert [row["label"] for row in first["sources"]] == ["7", "8", "a"]
    assert first["corpora"] == ["town", "other: one"]
    assert first["counts"] == {"references": 4, "readable": 1, "digests": 1}
    last = call("sources", shelf, limit=3, offset=first["next_offset"])
    assert [row["label"] for row in last["sources"]] == ["9"]
    assert last["next_offset"] is None
    assert call("sources", shelf, offset=100)["sources"] == []


def test_no_address_is_one_that_runs_and_no_title_turns_round(shelf):
    answer = call("ask", shelf, question="bridge")
    listed = call("sources", shelf)["sources"]
    urls = [row["url"] for row in (*answer["citations"], *answer["nearest"], *listed)]
    assert all(url is None or url.startswith(("https://", "http://")) for url in urls)
    assert [row["url"] for row in listed[1:]] == [None, None, None]
    titles = [row["title"] for row in (*answer["citations"], *answer["nearest"])]
    assert not any("\u202e" in title for title in titles)


def test_a_quote_without_an_address_has_a_page_of_ours_or_a_name():
    citation = {"citation_id": "c.d.0-5", "fragment_url": None, "url": None, "archive_url": None}
    here = Addresses(base_address("", "http://localhost:8321/"), "a corpus/ü")
    assert here.of(citation) == "http://localhost:8321/shared?c=c.d.0-5&corpus=a+corpus%2F%C3%BC"
    public = Addresses(base_address("https://answers.example/", "http://localhost/"), "c")
    assert public.of(citation) == "https://answers.example/shared?c=c.d.0-5&corpus=c"
    nowhere = Addresses(base_address(""), "a corpus/ü")
    assert nowhere.of(citation) == "urn:footnoted:citation:a%20corpus%2F%C3%BC:c.d.0-5"
    archived = citation | {"url": "javascript:x", "archive_url": "https://archive.example/1"}
    assert nowhere.of(archived) == "https://archive.example/1"
    marked = archived | {
        "url": "https://a.example/",
        "fragment_url": "https://a.example/#:~:text=x",
    }
    assert nowhere.of(marked) == "https://a.example/#:~:text=x"


def test_ids_that_mean_nothing_say_what_an_id_is(shelf):
    for wrong in ("", "p1", ":p1", "town:", "x" * 10_000):
        with pytest.raises(UsageError, match="is not the id") as caught:
            call("fetch", shelf, id=wrong)
        assert len(str(caught.value)) < 200
    with pytest.raises(NotFound, match="No corpus named lost"):
        call("fetch", shelf, id="lost:p1")
    with pytest.raises(NotFound, match="No passage"):
        call("fetch", shelf, id="town:p2")


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        (schemas.SearchArguments, {}),
        (schemas.SearchArguments, {"query": "a \ud800"}),
        (schemas.SearchArguments, {"query": "a", "querry": "b"}),
        (schemas.AskArguments, {"question": "a", "only": "web"}),
        (schemas.AskArguments, {"question": "a", "history": ["b"] * 21}),
        (schemas.SourcesArguments, {"limit": 0}),
        (schemas.SourcesArguments, {"limit": 201}),
        (schemas.SourcesArguments, {"offset": -1}),
    ],
)
def test_wrong_arguments_are_refused(shape, arguments):
    with pytest.raises(ValidationError):
        shape.model_validate(arguments)
