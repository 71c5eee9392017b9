"""Retrieval's stages on a made-up set: fusion by hand, tests over sets, and the whole table."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from footnoted.errors import InputError, UsageError
from footnoted.eval.bench.stages import (
    BM25,
    CONVEX,
    DENSE,
    PLAIN_BM25,
    RECIPROCAL,
    SETS,
    SHIPPED,
    STAGES,
    StagedSet,
    default_folders,
    ranked_documents,
    stage_set,
)
from footnoted.eval.bench.stages_candidates import Candidates
from footnoted.eval.bench.stages_plain import plain_tokens
from footnoted.eval.bench.stages_report import MEASURES, measure_stages, report_stages
from footnoted.eval.bench.stages_sweep import sweep
from footnoted.eval.bench.stages_tests import macro_differences, macro_mean, set_differences
from footnoted.settings import Settings, load_settings

CORPUS = [
    {"_id": "light", "title": "Skerry Light", "text": "Skerry Light was lit in 1884."},
    {"_id": "mill", "title": "Brook Mill", "text": "Brook Mill grinds oats for the village."},
    {"_id": "ferry", "title": "Sandrey Ferry", "text": "The ferry carries forty sheep."},
    {"_id": "inn", "title": "Crown Inn", "text": "The inn was built of granite."},
]
QUERIES = [
    {"_id": "q1", "text": "When was Skerry Light lit?"},
    {"_id": "q2", "text": "What do they grind at the mill?"},
    {"_id": "q3", "text": "How many animals does the boat transport?"},
    {"_id": "q4", "text": "Nobody judged this."},
]
GOLD = {"q1": "light", "q2": "mill", "q3": "ferry"}


def found(**given: Any) -> Candidates:
    """Rows 2, 5, 7 and 9: dense prefers 5 then 2, BM25 prefers 7 then 2, MaxSim prefers 9."""
    values = {
        "rows": np.array([2, 5, 7, 9]),
        "dense": np.float32([0.6, 0.8, 0.2, 0.4]),
        "bm25": np.float32([9, 0, 12, 3]),
        "maxsim": np.float32([0.5, 0.3, 0.4, 0.9]),
        "by_dense": np.array([5, 2, 9]),
        "by_bm25": np.array([7, 2, 9]),
        "legible": 1.0,
    }
    return Candidates(**values | given)


def test_reciprocal_ranks_put_what_both_found_before_what_one_liked_best() -> None:
    # 2: 2/62; 9: 2/63; 5 and 7: 1/61 each, in the order of the rows.
    assert found().reciprocal().tolist() == [2, 9, 5, 7]


@pytest.mark.parametrize(
    ("weight", "ranking"),
    [
        # dense scaled: 2/3, 1, 0, 1/3; BM25 scaled: 3/4, 0, 1, 1/4
        (0.5, [2, 5, 7, 9]),  # .708, .5, .5, .292
        (0.0, [7, 2, 9, 5]),
        (1.0, [5, 2, 9, 7]),
    ],
)
def test_convex_fusion_by_hand(weight: float, ranking: list[int]) -> None:
    assert found().convex(weight).tolist() == ranking


@pytest.mark.parametrize(
    ("weight", "depth", "ranking"),
    [
        (0.5, 4, [9, 2, 7, 5]),  # MaxSim scaled: 1/3, 0, 1/6, 1; mixed: .646, .521, .333, .25
        (0.0, 4, [2, 5, 7, 9]),
        (1.0, 4, [9, 2, 7, 5]),
        (0.5, 2, [2, 5, 7, 9]),  # of the first two only: 2 has 1, 5 has 0; 7 keeps half of .5
    ],
)
def test_maxsim_is_mixed_into_the_first_rows(weight: float, depth: int, ranking: list[int]) -> None:
    assert found().mixed(0.5, weight, depth).tolist() == ranking


def test_what_the_model_cannot_read_is_left_to_bm25() -> None:
    unread = found(legible=0.0)
    assert unread.mixed(0.5, 0.5, 4).tolist() == [7, 2, 9, 5]
    assert found(maxsim=np.zeros(0, np.float32)).mixed(0.5, 0.5, 4).tolist() == [2, 5, 7, 9]


def test_a_document_ranks_where_its_best_row_does() -> None:
    documents = ["a", "b", "a", "c"]
    assert [name for name, _ in ranked_documents([3, 2, 0, 1], documents)] == ["c", "a", "b"]


def test_plain_tokens_are_lower_case_words_of_two_letters_or_more() -> None:
    assert plain_tokens("A Müller's café, 70,000") == ["müller", "café", "70", "000"]


def test_a_macro_average_weighs_sets_not_queries() -> None:
    ours = {"big": {f"q{n}": 1.0 for n in range(30)}, "small": {f"p{n}": 0.0 for n in range(10)}}
    other = {name: dict.fromkeys(reversed(of_set), 0.2) for name, of_set in ours.items()}
    assert macro_mean(ours, seed=1) == (0.5, 0.5, 0.5, 40)
    difference = macro_differences(ours, {"other": other}, seed=1)["other"]
    assert difference.interval.value == pytest.approx(0.3)  # (.8 - .2) / 2, not (24 - 2) / 40
    assert difference.interval.low == pytest.approx(0.3)
    assert difference.p < 0.001
    by_set = set_differences(ours, other, seed=1)
    assert by_set["big"].interval.value == pytest.approx(0.8)
    assert by_set["small"].interval.value == pytest.approx(-0.2)
    with pytest.raises(ValueError, match="at least one set"):
        macro_mean({}, seed=1)


def test_two_comparisons_are_corrected_and_pairs_are_those_of_a_query() -> None:
    ours = {"a": {"q1": 1.0, "q2": 0.0}}
    turned = {"a": {"q2": 0.0, "q1": 1.0}}
    worse = {"a": {"q1": 0.0, "q2": 0.0}}
    differences = macro_differences(ours, {"same": turned, "worse": worse}, seed=1)
    assert differences["same"].interval[:3] == (0, 0, 0)
    assert differences["worse"].p == 1.0  # one query of two: either sign is as far
    assert differences["worse"].p_holm == 1.0
    values = {"a": {f"q{n}": float(n < 6) for n in range(6)}}
    none = {"a": dict.fromkeys(values["a"], 0.0)}
    both = macro_differences(values, {"x": none, "y": none}, seed=1)
    assert both["x"].p == pytest.approx(2 / 2**6)
    assert both["x"].p_holm == pytest.approx(4 / 2**6)


def staged(name: str, ours: float, bm25: float, dense: float, *, legible: bool) -> StagedSet:
    """A set of 12 queries in which every stage has one value of every measure."""
    values = dict.fromkeys(STAGES, ours) | {BM25: bm25, DENSE: dense, PLAIN_BM25: 0.1}
    return StagedSet(
        name,
        "en",
        legible,
        {s: {m: {f"q{n}": v for n in range(12)} for m in MEASURES} for s, v in values.items()},
        SimpleNamespace(),  # type: ignore[arg-type]
        {},
        (),
    )


def test_a_set_on_which_the_better_ranker_wins_is_shown_as_lost() -> None:
    report = report_stages(
        [
            staged("won", 0.9, 0.5, 0.6, legible=True),
            staged("lost", 0.5, 0.6, 0.2, legible=True),
            staged("unread", 0.4, 0.4, 0.0, legible=False),
        ],
        seed=1,
    )
    won, lost, unread = report.sets
    assert (won.better, lost.better, unread.better) == (DENSE, BM25, BM25)
    assert (won.lost, lost.lost, unread.lost) == (False, True, False)
    assert lost.against_better.interval.value == pytest.approx(-0.1)
    assert won.folding.interval.value == pytest.approx(0.4)
    assert report.macro[SHIPPED].value == pytest.approx(0.7)
    assert report.differences[BM25].interval.value == pytest.approx(0.15)
    assert not report.ok
    unread_alone = report_stages([staged("unread", 0.4, 0.4, 0.0, legible=False)], seed=1)
    assert (unread_alone.macro, unread_alone.differences) == ({}, {})


@pytest.fixture(scope="module")
def settings(cache_dir: Path) -> Settings:
    return load_settings(cache_dir=cache_dir, threads=1)


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages") / "island"
    folder.mkdir()
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")
    judged = "".join(f"{query}\t{document}\t1\n" for query, document in GOLD.items())
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return folder


def test_a_folder_is_searched_by_every_stage_and_swept(island: Path, settings: Settings) -> None:
    one = stage_set(island, settings, progress=lambda *_: None, notify=lambda _: None)
    assert set(one.values) == set(STAGES)
    assert all(set(one.values[stage]["nDCG@10"]) == set(GOLD) for stage in STAGES)
    assert one.legible
    # Only folding knows that "grind" is "grinds", and no word of q3 but "the" is in its document.
    assert one.values[BM25]["hit@1"]["q2"] == 1
    assert one.values[BM25]["hit@1"]["q3"] == 0
    for stage in (DENSE, RECIPROCAL, CONVEX, SHIPPED):
        assert one.values[stage]["hit@1"]["q3"] == 1, stage
    (as_shipped,) = sweep([one], (0.5,), (0.5,), (30,))
    assert as_shipped.sets["island"] == pytest.approx(
        np.mean(list(one.values[SHIPPED]["nDCG@10"].values()))
    )
    settings_tried = [one[:3] for one in sweep([one], (0.3, 0.5), (0.0, 0.5), (20, 30))]
    assert len(settings_tried) == len(set(settings_tried)) == 6


def test_the_report_is_json_and_tables_of_text(island: Path, settings: Settings) -> None:
    report = measure_stages([island], settings, seed=3, swept=True)
    document = json.loads(json.dumps(report.to_json()))
    assert document["macro"]["sets"] == ["island"]
    assert document["sets"][0]["measures"][SHIPPED]["hit@1"]["value"] == 1.0
    assert document["sets"][0]["measures"][SHIPPED]["hit@1"]["n"] == 3
    tables = {title: (header, rows) for title, header, rows in report.tables()}
    header, rows = tables["nDCG@10"]
    assert [row[0] for row in rows] == ["island", "macro-average"]
    assert rows[0][header.index(SHIPPED)] == "1.000 [1.000, 1.000]"
    assert all(len(row) == len(head) for head, rows in tables.values() for row in rows)
    with pytest.raises(UsageError, match="same name"):
        measure_stages([island, island], settings)
    with pytest.raises(UsageError, match="No dataset"):
        measure_stages([], settings)


def test_missing_sets_and_sets_without_judgements_are_refused(
    island: Path, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(InputError, match=SETS[0]) as caught:
        default_folders(tmp_path)
    assert caught.value.about == str(tmp_path / SETS[0])
    for name in ("corpus.jsonl", "queries.jsonl"):
        (tmp_path / name).write_bytes((island / name).read_bytes())
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n", "utf-8")
    with pytest.raises(InputError, match="judges nothing"):
        stage_set(tmp_path, settings, progress=lambda *_: None, notify=lambda _: None)
