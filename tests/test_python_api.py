"""The Python API: its names, its documented examples, and its documents' types."""

from __future__ import annotations

import doctest
import inspect
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_overloads, get_type_hints

import pytest
from tests.documented_examples import PRINTED
from tests.loopback_server import listening

import footnoted
from footnoted import Assistant, Client, documents
from footnoted.settings import Settings

CHECKOUT = Path(__file__).parents[1]
WITH_EXAMPLES = ("footnoted", "footnoted.client")


@pytest.fixture
def environment(commands, monkeypatch) -> None:
    """The settings of this process are those of the tests' commands."""
    kept = commands.environment()
    for name in set(os.environ) - set(kept):
        monkeypatch.delenv(name)
    for name, value in kept.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def address(cache_dir, embedder, tmp_path_factory) -> Iterator[str]:
    from footnoted.service.app import create_app

    settings = Settings(cache_dir=cache_dir, state_dir=tmp_path_factory.mktemp("state"), threads=1)
    opened = {
        name: Assistant.open(name, settings=settings, embedder=embedder)
        for name in ("default", "example")
    }
    with listening(create_app(opened, settings=settings)) as found:
        yield found
    for assistant in opened.values():
        assistant.close()


def _examples(text: str, name: str, address: str) -> doctest.DocTest:
    return doctest.DocTestParser().get_doctest(text.replace(PRINTED, address), {}, name, name, 0)


@pytest.mark.parametrize("name", [*WITH_EXAMPLES, "docs/python.md"])
def test_the_documented_examples_hold(name, address, environment, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name.endswith(".md"):
        text = (CHECKOUT / name).read_text("utf-8").replace("```", "\n\n")
    else:
        text = import_module(name).__doc__ or ""
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    result = runner.run(_examples(text, name, address), out=told.append)
    assert result.attempted > 2
    assert result.failed == 0, "".join(told)


def test_every_exported_name_is_there_and_documented() -> None:
    for name in footnoted.__all__:
        found = getattr(footnoted, name)
        assert name.startswith("__") or inspect.getdoc(found), name
    assert set(footnoted.__all__) == set(dir(footnoted))
    with pytest.raises(AttributeError, match="no attribute 'Asistant'"):
        footnoted.Asistant  # noqa: B018


def _parameters(function: Any) -> dict[str, tuple[Any, Any]]:
    found = inspect.signature(function).parameters.values()
    return {p.name: (p.kind, p.default) for p in found}


ONLY_HERE = {"info", "load", "held", "finding", "features", "ask_or_problem", "check_writing"}
"""What needs the corpus itself; a server's `corpora` tells what `info` does."""


OTHERS_HERE = {"close", "ask_in_steps", "capture", "verify"}
"""What gives something else than the client's method, or nothing."""


def _methods(kind: type) -> dict[str, Any]:
    """The public methods of this class, its bases' included."""
    return {
        name: method
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


def test_the_client_has_the_methods_of_the_assistant() -> None:
    methods = _methods(Assistant)
    for name, method in methods.items():
        if name not in ONLY_HERE | {"close", "verify"}:
            assert _parameters(getattr(Client, name)) == _parameters(method), name
    assert list(_parameters(Client.verify)) == ["self", "citation_id"]
    assert set(methods) >= ONLY_HERE, "a method is gone: it need not be named any more"


def _hints(function: Any) -> dict[str, Any]:
    """Its annotations; those that name documents are for type checkers and load none."""
    return get_type_hints(function, localns=dict(vars(documents)))


def test_both_give_the_same_documents() -> None:
    told = set()
    for name, method in _methods(Assistant).items():
        if name not in ONLY_HERE | OTHERS_HERE:
            given = _hints(method)
            assert _hints(getattr(Client, name)) == given, name
            told.add(given["return"])
    assert told >= {
        documents.AnswerDocument,
        documents.SearchDocument,
        documents.SourcesDocument,
        documents.SourceDocument,
        documents.ArticleDocument,
        documents.PassageDocument,
        documents.ClaimDocument,
    }
    assert _hints(Assistant.info)["return"] is documents.CorpusState


def test_one_citation_is_verified_to_the_same_document_and_a_corpus_to_its_checks() -> None:
    told = {hints["citation_id"]: hints for hints in map(_hints, get_overloads(Assistant.verify))}
    assert told[str] == _hints(Client.verify)
    assert told[type(None)]["return"] is documents.ChecksDocument
