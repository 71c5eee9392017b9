"""The HTTP client: the documents and errors of the assistant that the server asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.loopback_server import listening

from footnoted import Assistant, Client, errors
from footnoted.settings import Settings

QUESTION = "When was the bridge opened?"


class Both(NamedTuple):
    """An assistant, and a client of the server that answers from it."""

    assistant: Assistant
    client: Client


@pytest.fixture(scope="module")
def settings(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    state = tmp_path_factory.mktemp("state")
    return Settings(cache_dir=cache_dir, state_dir=state, threads=1, fetch=False)


@pytest.fixture(scope="module")
def address(settings, embedder, bridge, light) -> Iterator[str]:
    from footnoted.service.app import create_app

    opened = [
        Assistant.open(folder, settings=settings, embedder=embedder)
        for folder in (bridge.folder, light)
    ]
    app = create_app({a.corpus.info.corpus_name: a for a in opened}, settings=settings)
    with listening(app) as found:
        yield found
    for assistant in opened:
        assistant.close()


@pytest.fixture(scope="module")
def both(address, settings, embedder, bridge) -> Iterator[Both]:
    with (
        Assistant.open(bridge.folder, settings=settings, embedder=embedder) as assistant,
        Client(address) as client,
    ):
        yield Both(assistant, client)


CALLS: dict[str, Callable[[Any], Any]] = {
    "ask": lambda asked: asked.ask(QUESTION),
    "ask, narrowed": lambda asked: asked.ask(QUESTION, 3, "sources", kind="source", since="1900"),
    "ask, with history": lambda asked: asked.ask("And when?", history=["Who built the bridge?"]),
    "ask, refused": lambda asked: asked.ask("Who is the president of Brazil?"),
    "steps": lambda asked: list(asked.ask_in_steps(QUESTION, 4)),
    "search": lambda asked: asked.search("flood 1931", 5, reference="9", language="en"),
    "sources": lambda asked: asked.sources(),
    "source": lambda asked: asked.source(asked.sources()["references"][0]["reference_id"]),
    "article": lambda asked: asked.article(),
    "passage": lambda asked: asked.passage(asked.search("toll", 1)["passages"][0]["id"]),
    "claim": lambda asked: asked.claim(asked.article()["claims"][5]["id"]),
    "verify": lambda asked: asked.verify(asked.ask(QUESTION)["citations"][0]["citation_id"]),
    "export": lambda asked: asked.export("bibtex"),
    "export, of a question": lambda asked: asked.export("ris", question=QUESTION),
    "export, of citations": lambda asked: asked.export(
        citations=[c["citation_id"] for c in asked.ask(QUESTION)["citations"]]
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_client_gives_what_the_assistant_gives(both, call) -> None:
    told, said = (_timeless(call(asked)) for asked in both)
    assert said == told
    assert said


def _timeless(told: Any) -> Any:
    """``told`` as JSON, without what differs from one asking to the next."""
    if isinstance(told, list | tuple):
        return [_timeless(part) for part in told]
    if isinstance(told, dict):
        return {name: _timeless(value) for name, value in told.items() if name != "timings_ms"}
    return told


def test_a_capture_is_the_text_that_offsets_count_in(both) -> None:
    answer = both.client.ask("Which flood damaged the bridge?", only="sources")
    citation = next(c for c in answer["citations"] if c["capture_sha256"])
    text = both.client.capture(citation["capture_sha256"])
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert text == both.assistant.capture(citation["capture_sha256"]).text


def test_a_corpus_is_named_once(address) -> None:
    with Client(address, corpus="light") as client:
        titles = {
            client.ask("When was it lit?")["corpus"]["name"],
            client.search("tower")["corpus"]["name"],
        }
        assert titles == {"light"}
        assert client.article()["title"] == "Grennock Light"
        assert client.corpora()["default"] == "bridge"


ERRORS: dict[str, Callable[[Any], Any]] = {
    "no words": lambda asked: asked.ask("?"),
    "half a surrogate pair": lambda asked: asked.ask("a \ud800"),
    "half a surrogate pair in a query": lambda asked: asked.search("a \ud800"),
    "too long": lambda asked: asked.ask("why " * 3000),
    "too many passages": lambda asked: asked.ask(QUESTION, 101),
    "a filter that cannot be": lambda asked: asked.search("toll", only="everything"),
    "a reference that is not there": lambda asked: asked.ask(QUESTION, reference="99"),
    "no such claim": lambda asked: asked.claim("0123456789abcdef"),
    "no such passage": lambda asked: asked.passage("../../healthz"),
    "a dot": lambda asked: asked.passage(".."),
    "no citation id": lambda asked: asked.verify("a/b?c#d%2e"),
    "no Unicode": lambda asked: asked.verify("\ud800"),
    "no such reference": lambda asked: asked.source("7 "),
    "no such capture": lambda asked: asked.capture("0" * 64),
    "no such format": lambda asked: asked.export("endnote"),
    "a stream of nothing": lambda asked: list(asked.ask_in_steps("?")),
}


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_the_client_raises_what_the_assistant_raises(both, call) -> None:
    with pytest.raises(errors.FootnotedError) as local:
        call(both.assistant)
    with pytest.raises(errors.FootnotedError) as remote:
        call(both.client)
    assert _family(remote.value) is _family(local.value)
    assert str(remote.value)
    assert remote.value.hint


def _family(error: errors.FootnotedError) -> type[errors.FootnotedError]:
    # FastAPI refuses some of what is said in the question before the corpus can.
    return errors.UsageError if isinstance(error, errors.UsageError) else type(error)


def test_a_corpus_that_is_not_served(address) -> None:
    with (
        Client(address, corpus="nowhere") as client,
        pytest.raises(errors.NotFound, match="nowhere") as e,
    ):
        client.sources()
    assert e.value.about == "nowhere"
    assert "bridge, light" in str(e.value.hint)


def test_a_closed_client_says_so(address) -> None:
    client = Client(address)
    client.close()
    with pytest.raises(errors.UsageError, match="closed"):
        client.sources()
