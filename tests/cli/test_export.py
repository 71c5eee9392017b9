"""`footnoted export`: a bibliography on standard output or in a file."""

from __future__ import annotations

import json
from pathlib import Path

import rispy


def test_the_references_on_standard_output_and_in_a_file(commands, bridge, tmp_path: Path) -> None:
    done = commands("export", "--corpus", bridge.folder)
    assert done.code == 0, done.err
    works = json.loads(done.out)
    assert [work["id"] for work in works] == [
        row["reference_id"] for row in bridge.document["references"]
    ]
    file = tmp_path / "references.ris"
    written = commands("export", "-c", bridge.folder, "--format", "ris", "--output", file)
    assert (written.code, written.out) == (0, "")
    assert str(file) in written.err
    assert b"\r\nER  - \r\n" in file.read_bytes()
    assert len(rispy.loads(file.read_text("utf-8"))) == len(works)


def test_the_citations_of_an_answer(commands, bridge) -> None:
    question = "Who designed the bridge?"
    asked = commands("ask", question, "-c", bridge.folder, "--fast", "--json").document
    ids = [f"--citation={citation['citation_id']}" for citation in asked["citations"]]
    by_id = commands("export", "-c", bridge.folder, "--format", "markdown", *ids)
    assert by_id.code == 0
    assert f"“{asked['citations'][0]['title']}”" in by_id.out
    assert by_id.out.startswith("1. ")
    by_question = commands(
        "export", "-c", bridge.folder, "-f", "markdown", "--question", question, "--fast"
    )
    assert by_question.out == by_id.out


def test_what_is_wrong_is_said(commands, bridge, tmp_path: Path) -> None:
    unknown = commands("export", "-c", bridge.folder, "--format", "endnote")
    assert unknown.code == 2
    assert "csl-json, bibtex, ris, markdown" in unknown.err
    assert commands("export", "-c", bridge.folder, "--citation", "x").code == 2
    nowhere = commands("export", "-c", bridge.folder, "-o", tmp_path / "no" / "x.json")
    assert nowhere.code == 2
    assert "Traceback" not in nowhere.err
