"""`footnoted forget`: what it prints, and that a question no longer finds the source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(bridge, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bridge.folder, tmp_path / "bridge"))


def cited(commands, folder: Path) -> set[str]:
    """The labels of the sources that a search in the sources finds."""
    found = commands(
        "search", "toll horse penny", "--only", "sources", "-k", "50", "--corpus", folder, "--json"
    )
    assert found.code == 0, found.err
    return {citation["label"] for citation in found.document["citations"]}


def test_a_forgotten_source_is_found_no_more(commands, folder):
    assert {"6", "1"} <= cited(commands, folder)
    done = commands("forget", "6", "--corpus", folder, "--json")
    assert done.code == 0, done.err
    assert [row["label"] for row in done.document["references"]] == ["6"]
    assert done.document["removed"]["documents"] == 1
    assert cited(commands, folder) & {"6", "1"} == {"1"}
    assert commands("verify", "--corpus", folder).code == 0
    rows = commands("sources", "--corpus", folder, "--json").document["references"]
    (row,) = (row for row in rows if row["label"] == "6")
    assert (row["access"], row["document_id"]) == ("not_attempted", None)
    assert row["reason"] == done.document["reason"]
    assert row["reason"].startswith("Forgotten on ")


def test_a_person_is_told_what_is_gone(commands, folder):
    shutil.rmtree(folder / "index")
    done = commands("forget", "9", "--corpus", folder)
    assert done.code == 0, done.err
    assert "Forgotten source" in done.out
    assert "Removed 2 documents" in done.out, "the page and the digest on it"
    lifted = commands("forget", "9", "--lift", "--corpus", folder)
    assert lifted.code == 0, lifted.err
    assert "may read it again" in lifted.out
    again = commands("forget", "9", "--lift", "--corpus", folder, "--json")
    assert again.code == 2
    assert "was not forgotten" in again.document["detail"]


@pytest.mark.parametrize(("corpus", "code"), [("example", 6), ("nowhere-at-all", 2)])
def test_refusals(commands, corpus, code):
    assert commands("forget", "1", "--corpus", corpus).code == code


def test_an_unknown_key(commands, folder):
    done = commands("forget", "99", "--corpus", folder, "--json")
    assert done.code == 2
    assert "names no reference" in done.document["detail"]
