"""A cited web page gets a new paragraph and loses an old one: what its passages' ids then mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Commands

ARTICLE = """Ostlow Weir

The weir was built by the millers.[1]

References
1. ^ "The weir". Ostlow Society. https://ostlow.example/weir
"""
FILLER = " ".join(
    f"Stone number {n} was laid by a mason whose name the ledger gives as Mason {n} of Ostlow."
    for n in range(30)
)
OPENING = "The weir at Ostlow was begun in the spring of 1804 by the four millers of the valley."
DOOMED = (
    "The lock keeper kept a goose that could count to nine, and lent it to the school in winter."
)
NEW = "A second sluice was added in 1911, when the river had found a way around the first of them."


def page(*paragraphs: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><html><title>Weir</title><body><main><h1>The weir</h1>{body}</main>"


@pytest.fixture(scope="module")
def reread(commands: Commands) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """The corpus after its source was read twice, and what each reading's search showed."""
    folder = commands.folder / "reread"
    article, source = commands.folder / "weir.txt", commands.folder / "weir.html"
    article.write_text(ARTICLE, "utf-8")
    shown = []
    for paragraphs in (
        (OPENING, FILLER, DOOMED, FILLER[::-1]),
        (NEW, OPENING, FILLER, FILLER[::-1]),
    ):
        source.write_text(page(*paragraphs), "utf-8")
        done = commands("ingest", article, "--corpus", folder, "--no-fetch", f"--source=1={source}")
        assert done.code == 0, done.err
        found = commands(
            "search", "weir stone goose", "--corpus", folder, "-k", 50, "--only=sources", "--json"
        )
        shown.append({p["id"]: p for p in found.document["passages"]})
    return folder, shown[0], shown[1]


def shown_as(commands: Commands, folder: Path, passage_id: str) -> tuple[int, Any]:
    done = commands("passage", passage_id, "--corpus", folder, "--json")
    return done.code, done.document


def test_ids_of_words_that_stayed_mean_these_words_and_the_others_say_so(
    commands: Commands, reread: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    folder, before, after = reread
    meant = {"current": 0, "moved": 0, "gone": 0}
    shifts = set()
    for passage_id, old in before.items():
        code, now = shown_as(commands, folder, passage_id)
        if code != 0:
            assert "no longer in document" in now["detail"]
            assert now["type"] == "urn:footnoted:problem:gone"
            meant["gone"] += 1
            continue
        assert now["text"] == old["text"]
        assert (passage_id in after) == (now["status"] == "current")
        shifts.add(now["citation"]["start"] - old["citation"]["start"])
        meant[now["status"]] += 1
    assert shifts - {0}, "the new paragraph moved what follows it"
    assert meant["current"] > 0
    assert meant["gone"] > 0
    gone = next(key for key, old in before.items() if DOOMED in old["text"])
    assert shown_as(commands, folder, gone)[0] != 0


def test_a_moved_passage_has_a_fragment_on_the_page_as_it_is_now(
    commands: Commands, reread: tuple[Path, dict[str, Any], dict[str, Any]]
) -> None:
    folder, before, _ = reread
    kept = [shown_as(commands, folder, key) for key in before]
    urls = [now["citation"]["fragment_url"] for code, now in kept if code == 0]
    assert urls
    assert all(url.startswith("https://ostlow.example/weir#:~:text=") for url in urls)
    checked = commands("verify", "--corpus", folder, "--json").document
    assert checked["ok"] is True
