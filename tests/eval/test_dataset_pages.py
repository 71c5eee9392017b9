"""Article pages with stated counts: compared by hand, read from files, and real ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footnoted.errors import InputError
from footnoted.eval.datasets.lines import Line
from footnoted.eval.datasets.pages import Counted, compare_counts, evaluate_pages, stated_counts

WIKITEXT = (
    "'''Skerry Light''' was lit in 1884.<ref>Harbour log, p. 3.</ref> It has three lamps."
    '<ref name="holm">Holm, Lamps, 1990.</ref> Seals rest below.<ref name="holm" />\n\n'
    "== References ==\n<references>\n"
    '<ref name="unused">Kept for later.</ref>\n</references>\n'
)  # fmt: skip


def silent(*_: object) -> None:
    """No progress."""


def folder_of(path: Path, *lines: dict[str, Any], **pages: str) -> Path:
    for name, text in pages.items():
        (path / f"{name}.txt").write_text(text, "utf-8")
    rows = "".join(json.dumps(line) + "\n" for line in lines)
    (path / "expected.jsonl").write_text(rows, "utf-8")
    return path


def test_counts_are_compared_by_hand() -> None:
    stated = Counted(references=4, markers=8, targets=4, with_address=None)
    assert compare_counts(stated, Counted(3, 10, 2, 1)) == {
        "pages_read": 1.0,
        "references_exact": 0.0,
        "reference_recall": 0.75,
        "marker_recall": 1.0,
        "target_recall": 0.5,
    }
    failed = compare_counts(stated, None)
    assert set(failed.values()) == {0.0}
    assert len(failed) == 5
    assert compare_counts(Counted(0, 3, None, None), Counted(0, 0, 0, 0)) == {"pages_read": 1.0}


def test_wikitext_is_counted_without_repeated_and_listed_notes() -> None:
    expected = {"ref_tags_with_body": 4, "ref_tags_reused": 1, "cite_templates": 0}
    line = Line(Path("expected.jsonl"), 1, {"file": "a.txt", "expected": expected})
    body = WIKITEXT.replace("Kept", "Kept").encode() + b'<ref name="holm">Again.</ref>'
    assert stated_counts(line, body) == Counted(3, 4, None, None)
    markers = {"references": 5, "markers": 9, "markers_without_target": 2}
    line = Line(Path("expected.jsonl"), 1, {"file": "a.html", "expected": markers})
    assert stated_counts(line, b"") == Counted(5, 7, None, None)


def test_a_folder_of_pages(tmp_path: Path) -> None:
    said = {"ref_tags_with_body": 3, "ref_tags_reused": 1}
    folder = folder_of(
        tmp_path,
        {"file": "light.txt", "expected": said},
        {"file": "none.txt", "expected": {"references": 2}},
        light=WIKITEXT,
        none="Only words, and no list of references anywhere.",
    )
    found = evaluate_pages(folder, seed=1, progress=silent)
    values = found.report.values
    assert values["pages_read"] == {"light.txt": 1.0, "none.txt": 0.0}
    assert values["marker_recall"] == {"light.txt": 1.0}
    assert values["reference_recall"]["none.txt"] == 0.0
    assert [failure.name for failure in found.failures] == ["none.txt"]
    assert found.report.measures["pages_read"].value == 0.5


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"file": "gone.txt", "expected": {"references": 1}}, "line 1: the page 'gone.txt' is not"),
        ({"file": "a.txt", "expected": {"paragraphs": 1}}, "line 1: 'expected' states neither"),
        ({"file": "a.txt"}, "line 1: 'expected' is an object"),
        ({"file": "../a.txt", "expected": {"references": 1}}, "line 1: the page"),
    ],
)
def test_broken_expectations_name_their_line(
    tmp_path: Path, line: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        evaluate_pages(folder_of(tmp_path, line, a=WIKITEXT), seed=1, progress=silent)


def test_real_pages(shared: Path, tmp_path: Path) -> None:
    pages = shared / "bench" / "wikipages"
    chosen = ("fr-Team_Bentley-parse.html", "en-Cat-pcs.html", "en-tSNE-fullpage.html")
    rows = map(json.loads, (pages / "expected.jsonl").read_text("utf-8").splitlines())
    for name in chosen:
        (tmp_path / name).symlink_to(pages / name)
    folder = folder_of(tmp_path, *(row for row in rows if row["file"] in chosen))
    found = evaluate_pages(folder, seed=1, progress=silent)
    assert found.failures == ()
    assert found.report.value_of("references_exact") == 1.0
    assert found.report.measures["pages_read"].n == 3
    assert found.report.measures["marker_recall"].value >= 0.99
