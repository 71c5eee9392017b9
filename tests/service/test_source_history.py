"""One source over the revisions of a corpus: its states, its captures, and what was forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footnoted import Assistant
from footnoted.domain import Span
from footnoted.errors import Gone, NotFound
from footnoted.ids import citation_id, text_sha256
from footnoted.settings import load_settings

ARTICLE = (
    "The mill stands at Aldwick.[1] It burned down in 1871.[2]\n\n"
    'References\n1. ^ "The mill". Aldwick Herald. https://herald.example/mill\n'
    '2. ^ "Fire". Aldwick Herald. https://herald.example/fire\n'
)
PAGES = {
    "first": "<html><body><h1>Fire</h1><p>The mill of Aldwick burned down in 1871, in one night. "
    "Nobody knew who had lit it, and the miller never came back to the town.</p></body></html>",
    "second": "<html><body><h1>Fire</h1><p>Corrected: the mill of Aldwick burned down in 1872. "
    "Nobody knew who had lit it, and the miller never came back to the town.</p></body></html>",
}


@pytest.fixture(scope="module")
def mill(commands, tmp_path_factory) -> Path:
    """A corpus of two revisions: the second has another text of reference 2."""
    folder = tmp_path_factory.mktemp("mill")
    (folder / "article.txt").write_text(ARTICLE, "utf-8")
    for name, page in PAGES.items():
        (folder / "fire.html").write_text(page, "utf-8")
        done = commands(
            *("ingest", folder / "article.txt", "--corpus", folder / "corpus", "--no-fetch"),
            *(f"--source=2={folder / 'fire.html'}", "--json"),
        )
        assert done.code == 0, (name, done.err)
    return folder / "corpus"


def opened(folder: Path) -> Assistant:
    settings = load_settings(reader=False)
    return Assistant.open(folder, settings=settings)


def test_states_and_captures_come_newest_first(mill: Path) -> None:
    with opened(mill) as assistant:
        row = assistant.sources()["references"][1]
        source = assistant.source(row["reference_id"])
        revisions = [info.revision_id for info in assistant.corpus.revisions()]
    assert [then["revision"] for then in source["history"]] == revisions
    assert len(revisions) == 2
    assert source["history"][0]["access"] == row["access"] == "supplied"
    assert len(source["captures"]) == 2
    assert {c["size"] for c in source["captures"]} == {len(p.encode()) for p in PAGES.values()}
    assert [c["origin"] for c in source["captures"]] == ["supplied"] * 2


def test_the_text_of_each_capture_can_be_had(mill: Path) -> None:
    with opened(mill) as assistant:
        reference_id = assistant.sources()["references"][1]["reference_id"]
        captures = assistant.source(reference_id)["captures"]
        texts = [assistant.capture(c["sha256"]) for c in captures]
    assert sorted("1872" in found.text for found in texts) == [False, True]
    assert {found.current: "1872" in found.text for found in texts} == {True: True, False: False}
    for found, capture in zip(texts, captures, strict=True):
        assert found.capture.sha256 == capture["sha256"]


def test_an_unread_reference_has_its_history_too(mill: Path) -> None:
    with opened(mill) as assistant:
        first = assistant.sources()["references"][0]["reference_id"]
        source = assistant.source(first)
        assert (source["access"], source["captures"]) == ("not_attempted", [])
        assert len(source["history"]) == 2
        with pytest.raises(NotFound, match="No reference has the id x"):
            assistant.source("x")


def test_a_citation_of_an_earlier_text_is_exported_with_its_words(mill: Path) -> None:
    with opened(mill) as assistant:
        reference_id = assistant.sources()["references"][1]["reference_id"]
        captures = assistant.source(reference_id)["captures"]
        found = [assistant.capture(c["sha256"]) for c in captures]
        old = next(one for one in found if not one.current)
        start = old.text.index("burned down in 1871")
        cited = citation_id(old.document_id, text_sha256(old.text), Span(start, start + 19))
        (work,) = json.loads(assistant.export(citations=[cited]))
    assert work["id"] == reference_id
    assert "“burned down in 1871”" in work["note"]
    assert cited in work["note"]


def test_what_was_forgotten_is_not_told_any_more(mill: Path, commands, tmp_path: Path) -> None:
    with opened(mill) as assistant:
        reference_id = assistant.sources()["references"][1]["reference_id"]
        captures = assistant.source(reference_id)["captures"]
        document = assistant.capture(captures[0]["sha256"]).document_id
    assert commands("forget", "2", "--corpus", mill, "--json").code == 0
    with opened(mill) as assistant:
        source = assistant.source(reference_id)
        assert source["captures"] == []
        assert all(then["document_id"] is None for then in source["history"])
        assert len(source["history"]) == 3
        for capture in captures:
            with pytest.raises(NotFound, match="This corpus has no capture"):
                assistant.capture(capture["sha256"])
        with pytest.raises(NotFound):
            assistant.export(citations=[f"{document}.{'0' * 16}.0-5"])
    changed = tmp_path / "article.txt"
    changed.write_text(ARTICLE.replace('"Fire"', '"The fire"'), "utf-8")
    assert commands("ingest", changed, "--corpus", mill, "--no-fetch", "--json").code == 0
    with opened(mill) as assistant, pytest.raises(Gone, match="another revision's"):
        assistant.source(reference_id)
