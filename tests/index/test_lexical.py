"""BM25 against a plain calculation of its formula."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.errors import IndexBroken
from footnoted.index.lexical import LexicalIndex, build_lexical
from footnoted.index.tokens import fold, query_tokens

WORDS = st.sampled_from([*"abcdefgh", "2023-10-25", "中国", "محمد", "a:b", "+x", "or", '"q"'])
NAMED = ["the lantern", "a harbour", "NOT and OR", "row 0", "terms"]
PASSAGES = st.lists(st.lists(WORDS, max_size=30), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    folder = tmp_path_factory.mktemp("named")
    build_lexical(folder, [fold(text, "en") for text in NAMED])
    return LexicalIndex(folder)


def bm25(passages: list[list[str]], query: list[str]) -> np.ndarray:
    mean = sum(map(len, passages)) / len(passages)
    scores = np.zeros(len(passages))
    for term in dict.fromkeys(query):
        holders = sum(term in passage for passage in passages)
        idf = math.log(1 + (len(passages) - holders + 0.5) / (holders + 0.5))
        for row, passage in enumerate(passages):
            if count := Counter(passage)[term]:
                norm = 1.2 * (1 - 0.75 + 0.75 * len(passage) / mean)
                scores[row] += idf * count * 2.2 / (count + norm)
    return scores


@settings(max_examples=25, deadline=None)
@given(PASSAGES, st.lists(WORDS, max_size=6), st.data())
def test_scores_are_bm25(
    tmp_path_factory: pytest.TempPathFactory,
    passages: list[list[str]],
    query: list[str],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("lexical")
    build_lexical(folder, passages)
    index = LexicalIndex(folder)
    expected = bm25(passages, query)
    assert len(index) == len(passages)

    scores, rows = index.search(query, len(passages))
    assert sorted(rows.tolist()) == np.flatnonzero(expected).tolist()
    assert np.allclose(scores, expected[rows], rtol=1e-4)
    assert np.all(np.diff(scores) <= 0)

    every = np.arange(len(passages))[::-1]
    assert np.allclose(index.scores_for(query, every), expected[every], rtol=1e-4)

    allowed = np.array(
        data.draw(st.lists(st.integers(0, len(passages) - 1), unique=True)), np.int64
    )
    scores, rows = index.search(query, len(passages), allowed)
    assert set(rows.tolist()) == set(np.flatnonzero(expected).tolist()) & set(allowed.tolist())
    assert np.allclose(scores, expected[rows], rtol=1e-4)


SYNTAX = (
    *("lantern", "harbour", "terms:", "row:", "*", "~2", "^9", "+", "-", "(", ")", '"', "AND"),
    *("NOT", "OR", "[a TO z]", "{", "/.*/", "\\", "IN", "<", "\0", "\n", "0"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SYNTAX), max_size=8), st.sampled_from(["", " "]))
def test_no_character_of_a_query_has_a_meaning_of_its_own(
    named: LexicalIndex, parts: list[str], between: str
) -> None:
    tokens = query_tokens(between.join(parts), ["en"])
    found = named.search(tokens, 10)[1].tolist()
    assert sorted(found) == [
        row for row, text in enumerate(NAMED) if set(fold(text, "en")) & set(tokens)
    ]


def test_a_query_of_many_words_is_asked_whole_up_to_its_cap(named: LexicalIndex) -> None:
    many = " ".join(f"nothing{n}" for n in range(300))
    assert named.search(query_tokens(f"{many} harbour", ["en"]), 10)[1].tolist() == [1]


def test_long_passages_are_scored_within_the_rounding_of_their_length(tmp_path: Path) -> None:
    passages = [["x", *["filler"] * n] for n in (30, 100, 333, 1000)]
    build_lexical(tmp_path, passages)
    scores, rows = LexicalIndex(tmp_path).search(["x"], 4)
    assert rows.tolist() == [0, 1, 2, 3]
    assert np.allclose(scores, bm25(passages, ["x"])[rows], rtol=0.1)


def test_the_best_k_are_the_first_k_and_ties_come_in_row_order(tmp_path: Path) -> None:
    build_lexical(tmp_path, [["b"], ["a"], ["a"], ["a", "a"], ["a"]])
    index = LexicalIndex(tmp_path)
    assert index.search(["a"], 3)[1].tolist() == [3, 1, 2]
    assert index.search(["a"], 99)[1].tolist() == [3, 1, 2, 4]
    assert index.search(["a"], 0)[1].tolist() == []
    assert index.search(["zz"], 3)[1].tolist() == []
    assert index.document_frequency("a") == 4


@pytest.mark.parametrize("damage", ["missing", "empty", "meta"])
def test_a_damaged_folder_is_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "lexical"
    if damage != "missing":
        folder.mkdir()
    if damage == "meta":
        build_lexical(folder, [["a"]])
        (folder / "meta.json").write_text("{")
    with pytest.raises(IndexBroken) as caught:
        LexicalIndex(folder)
    assert caught.value.about == str(folder)
    assert "index rebuild" in str(caught.value.hint)


def test_every_file_can_be_read_by_those_who_may_read_new_files(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    folder = tmp_path / "lexical"
    folder.mkdir()
    build_lexical(folder, [["a", "b"], ["a"]])
    usual = (tmp_path / "usual").stat().st_mode
    assert {path.name: path.stat().st_mode for path in folder.iterdir()} == {
        path.name: usual for path in folder.iterdir()
    }


READER = """
import os, sys
from pathlib import Path
from footnoted.index.lexical import LexicalIndex
folder = Path(sys.argv[1])
LexicalIndex(folder)  # root leaves its lock file
os.setuid(65534)
index = LexicalIndex(folder)
print(index.search(["a"], 5)[1].tolist(), os.listdir(sys.argv[2]), index.document_frequency("b"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who owns nothing")
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_folder_of_another_users_is_opened_and_nothing_is_left(mode: int) -> None:
    with TemporaryDirectory() as place:
        folder, links = Path(place) / "lexical", Path(place) / "links"
        for path, access in ((Path(place), 0o755), (folder, mode), (links, 0o777)):
            path.mkdir(exist_ok=True)
            path.chmod(access)
        build_lexical(folder, [["a", "b"], ["a"]])
        done = subprocess.run(
            [sys.executable, "-c", READER, str(folder), str(links)],
            env=os.environ | {"TMPDIR": str(links)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.stdout, done.stderr) == ("[1, 0] [] 1\n", "")
