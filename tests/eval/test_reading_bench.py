"""The reader's benchmark on a made-up set: real searches at every depth, both sides timed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from footnoted.eval.bench import reading
from footnoted.eval.bench.measures import Row
from footnoted.eval.bench.reading import DEPTHS, DepthRow, ReadingReport, measure_reading
from footnoted.eval.comparisons import Difference
from footnoted.eval.statistics import Interval
from footnoted.service.indexing import READ_AGAIN
from footnoted.settings import Settings

PLACES = ("Skerry", "Brook", "Sandrey", "Crown", "Hallow", "Tarn", "Merrow", "Oxley")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Each place's mill and harbour; a question names neither place nor year of another."""
    corpus = [
        {"_id": f"{place}{n}", "title": place, "text": text}
        for place in PLACES
        for n, text in enumerate(
            (
                f"{place} Mill was built of granite in 18{len(place)}4 by the Harker family.",
                f"The harbour of {place} silted up, and its ferries left for the south.",
            )
        )
    ]
    queries = [
        {"_id": f"q{n}", "text": f"When was the mill of {place} built?"}
        for n, place in enumerate(PLACES)
    ]
    made = tmp_path / "mills"
    made.mkdir()
    (made / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    (made / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    gold = "".join(f"q{n}\t{place}0\t1\n" for n, place in enumerate(PLACES))
    (made / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + gold)
    (made / "meta.json").write_text(json.dumps({"name": "mills"}))
    return made


def test_every_depth_is_searched_and_both_sides_are_timed(
    folder: Path, cache_dir: Path, tmp_path: Path
) -> None:
    settings = replace(Settings(cache_dir=cache_dir, data_dir=tmp_path, threads=2), reader=True)
    found = measure_reading([folder], settings, weight=0.5, seed=1)
    assert [row.depth for row in found.depths] == list(DEPTHS)
    assert found.depths[0].gain is None
    assert all(row.gain is not None for row in found.depths[1:])
    for row in found.depths:
        assert row.macro.n == len(PLACES)
        assert row.macro.value == pytest.approx(row.sets["mills"])
    times = [row.milliseconds for row in found.depths]
    assert times[0] < times[-1] / 10, "nothing is read at depth 0"
    (cost,) = found.costs
    assert cost.at_most == reading.COST_AT_MOST
    assert min(*cost.footnoted, *cost.plain) > 0
    document = found.to_json()
    assert json.loads(json.dumps(document)) == document


def row(depth: int, low: float) -> DepthRow:
    gain = Difference(Interval(0.02, low, 0.03, 9), 0.01, 0.01)
    return DepthRow(depth, Interval(0.9, 0.8, 1.0, 9), {}, gain if depth else None, 1.0)


@pytest.mark.parametrize(
    ("low", "plain", "ok"), [(0.01, 10.0, True), (-0.01, 10.0, False), (0.01, 5.0, False)]
)
def test_a_reader_that_gains_nothing_or_costs_too_much_fails(
    low: float, plain: float, ok: bool
) -> None:
    rows = tuple(row(depth, low) for depth in sorted({0, READ_AGAIN}))
    cost = Row("read", "ms", (4.0,), (plain,), at_most=reading.COST_AT_MOST)
    assert ReadingReport(0.3, rows, (cost,)).ok is ok
