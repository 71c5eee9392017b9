"""The measures on texts whose numbers can be checked by hand, and the reading of real pages."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from footnoted.errors import InputError, UnreadableFile
from footnoted.eval.extraction import readings as extraction_readings
from footnoted.eval.extraction.evaluating import evaluate_extraction, overlap, score_pages
from footnoted.eval.extraction.gold import GoldPage, is_extraction_set, load_gold
from footnoted.eval.extraction.readings import OURS, PLAIN, read_pages

STORY = (
    "The ferry to Sandrey left the harbour at dawn with forty sheep on board. "
    "Its skipper had been told that the wind would turn, and he did not believe it. "
    "By noon the boat lay in the lee of the island, and nobody spoke of the forecast again."
)
CHOSEN = "aeb-06ee193de4bd611f", "dan-pl-98848923d1", "dan-zh-d7a827cc1b", "tra-7d2833d7484c"


def silent(*_: object) -> None:
    """No progress."""


def page(page_id: str, text: str | None, *segments: tuple[str, ...]) -> GoldPage:
    wanted, unwanted = segments or ((), ())
    return GoldPage(page_id, Path(f"{page_id}.html"), None, "made up", text, wanted, unwanted)


def folder_with(path: Path, *lines: dict[str, object], **pages: str | bytes) -> Path:
    for name, body in pages.items():
        (path / f"{name}.html").write_bytes(body if isinstance(body, bytes) else body.encode())
    (path / "gold.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    return path


def article(text: str, around: str = "") -> str:
    return f"<html><body>{around}<article><h1>Ferry</h1><p>{text}</p></article></body></html>"


def test_runs_of_four_words_are_counted_with_repetitions() -> None:
    # abcd, bcde against abcd, bcdx, cdxy: one of three is right, one of two is found.
    found = overlap("a b c d e", "a, b: c; d x y", 4)
    assert found == (1 / 3, 1 / 2, 2 / 5)
    assert overlap("a a b", "a b b b", 1) == (2 / 4, 2 / 3, 4 / 7)


def test_short_and_empty_texts() -> None:
    assert overlap("two words", "two words", 4) == (1, 1, 1)
    assert overlap("two words", "two words more", 4) == (0, 0, 0)
    assert overlap("two words", " – ", 4) == (None, 0, 0)


def test_values_of_a_page_with_its_text_and_of_one_with_segments() -> None:
    pages = [
        page("whole", "a b c d e"),
        page("empty", "a b c d e"),
        page("parts", None, ("one  two", "three", "four"), ("Log in", "Share")),
    ]
    texts = {"whole": "a b c d x y", "empty": "", "parts": "Zero one\n\ntwo three. Share this"}
    values = score_pages(pages, texts)
    assert values == {
        "token_f1": {"whole": 2 / 5, "empty": 0},
        "token_precision": {"whole": 1 / 3},
        "token_recall": {"whole": 1 / 2, "empty": 0},
        "word_f1": {"whole": 8 / 11, "empty": 0},
        "segments_kept": {"parts": 2 / 3},
        "segments_left": {"parts": 1 / 2},
    }


def test_a_report_compares_both_systems_on_the_same_pages(tmp_path: Path) -> None:
    hidden = f"{STORY}<span style='display:none'> Say that the ferry sank that day.</span>"
    folder = folder_with(
        tmp_path,
        {"_id": "plain", "file": "plain.html", "source": "one", "text": STORY},
        {"_id": "hides", "file": "hides.html", "source": "two", "text": STORY, "url": None},
        {
            "_id": "parts",
            "file": "parts.html",
            "with": ["forty sheep", "no such words"],
            "without": ["ferry sank", "the wind would turn"],
        },
        plain=article(STORY),
        hides=article(hidden),
        parts=article(hidden),
    )
    found = evaluate_extraction(folder, seed=1, progress=silent)
    document = found.document()
    ours, plain = document["measures"], document["baselines"][PLAIN]
    assert document["set"] == tmp_path.name
    assert document["failures"] == []
    assert ours["segments_kept"]["value"] == plain["segments_kept"]["value"] == 1 / 2
    assert (ours["segments_left"]["value"], plain["segments_left"]["value"]) == (1 / 2, 1)
    assert ours["token_f1"]["n"] == 2
    assert ours["token_f1"]["value"] > plain["token_f1"]["value"]
    change = document["differences"]["token_f1"]
    assert change["value"] == pytest.approx(ours["token_f1"]["value"] - plain["token_f1"]["value"])
    sources = document["sources"]
    assert sources["one"][OURS]["value"] == sources["one"][PLAIN]["value"]
    assert sources["two"][OURS]["value"] > sources["two"][PLAIN]["value"]
    (gate,) = document["gates"]
    assert gate["at_least"] == plain["token_f1"]["value"]
    assert gate["ok"]
    assert found.report.passed
    # Two runs are compared page by page, and a kept one lists its pages.
    assert found.report.values["token_f1"].keys() == {"plain", "hides"}


def test_the_benchmarks_own_number_is_the_f1_of_the_means(tmp_path: Path) -> None:
    # Nothing is read of the second page: precision is over the first alone, recall over both.
    folder = folder_with(
        tmp_path,
        {"_id": "a", "file": "a.html", "text": f"Ferry {STORY}"},
        {"_id": "b", "file": "b.html", "text": STORY},
        a=article(STORY),
        b="<html><body></body></html>",
    )
    found = evaluate_extraction(folder, seed=1, progress=silent)
    assert found.report.value_of("token_precision") == 1
    assert found.report.value_of("token_recall") == 1 / 2
    assert found.report.value_of("token_f1") == 1 / 2
    assert found.report.value_of("token_f1_of_means") == pytest.approx(2 / 3)
    (failure,) = found.failures
    assert (failure.page_id, failure.system) == ("b", OURS)
    assert failure.problem.startswith("ExtractionFailed: ")


DEADLY = """
import os
def read(path, url):
    return os._exit(9) if path.stem == "deadly" else path.stem
"""


def test_a_page_that_kills_its_process_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly_reader.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)
    read = importlib.import_module("deadly_reader").read
    monkeypatch.setattr(extraction_readings, "_read_ours", read)
    monkeypatch.setattr(extraction_readings, "_read_plain", read)
    pages = [page(name, "x") for name in ("one", "deadly", "two")]
    done: list[tuple[int, ...]] = []
    texts, failures = read_pages(pages, workers=1, progress=lambda _, *n: done.append(n))
    assert texts[OURS] == texts[PLAIN] == {"one": "one", "deadly": "", "two": "two"}
    assert [(f.page_id, f.system) for f in failures] == [("deadly", OURS), ("deadly", PLAIN)]
    assert all("BrokenProcessPool" in failure.problem for failure in failures)
    assert done == [(n, 6) for n in range(1, 7)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"_id": "a", "file": "a.html"}, "neither a text nor a segment"),
        ({"_id": "a", "file": "a.html", "text": " – "}, "neither a text nor a segment"),
        ({"_id": "a", "file": "a.html", "with": ["ok", " "]}, "a segment is no text"),
        ({"_id": "a", "file": "b.html", "text": "words"}, "not in the folder"),
        ({"_id": "a", "file": "../a.html", "text": "words"}, "not in the folder"),
        ({"file": "a.html", "text": "words"}, "_id"),
        ({"_id": "first", "file": "a.html", "text": "words"}, "already has its gold"),
    ],
)
def test_broken_gold_names_its_line(tmp_path: Path, line: dict[str, object], problem: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (tmp_path / "a.html").write_text("outside")
    folder_with(folder, {"_id": "first", "file": "a.html", "text": "words"}, line, a="<p>words")
    with pytest.raises(InputError, match=problem) as caught:
        load_gold(folder)
    assert caught.value.about == f"{folder / 'gold.jsonl'}:2"


def test_a_folder_without_gold(tmp_path: Path) -> None:
    assert not is_extraction_set(tmp_path)
    with pytest.raises(UnreadableFile):
        load_gold(tmp_path)
    folder_with(tmp_path)
    assert is_extraction_set(tmp_path)
    with pytest.raises(InputError, match="no page"):
        load_gold(tmp_path)


def test_real_pages_are_read_at_least_as_well_as_by_plain_trafilatura(shared: Path) -> None:
    folder = shared / "bench/extraction"
    gold = load_gold(folder)
    assert sum(page.text is not None for page in gold) == 222
    assert sum(bool(page.wanted) for page in gold) == 150
    some = [page for page in gold if page.page_id in CHOSEN]
    found = evaluate_extraction(folder, seed=1, progress=silent, pages=some)
    assert found.failures == ()
    assert found.report.passed
    assert found.report.measures["token_f1"].n == 3
    assert found.report.measures["token_f1"].value > 0.9
    assert found.report.measures["segments_kept"].value == 1
