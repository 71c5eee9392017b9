from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.errors import InputError, UnreadableFile, UsageError
from footnoted.eval.measures import strict_run
from footnoted.eval.trec import is_trec_run, read_trec_run, write_trec_run

RUN = {"q1": [("p2", 0.75), ("p1", 0.5)], "q2": [("p9", -1.5)]}


def test_a_run_is_six_columns(tmp_path):
    path = tmp_path / "run"
    write_trec_run(path, RUN, tag="mine")
    assert path.read_text("utf-8").splitlines() == [
        "q1 Q0 p2 1 0.75 mine",
        "q1 Q0 p1 2 0.5 mine",
        "q2 Q0 p9 1 -1.5 mine",
    ]


def test_trec_eval_s_reader_takes_it(tmp_path):
    import ir_measures

    path = tmp_path / "run"
    write_trec_run(path, RUN)
    read = [tuple(doc)[:3] for doc in ir_measures.read_trec_run(str(path))]
    assert read == [("q1", "p2", 0.75), ("q1", "p1", 0.5), ("q2", "p9", -1.5)]


@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2"]),
        st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(-100, 100)), min_size=1),
    )
)
def test_what_is_written_is_read_again(tmp_path_factory, ranked):
    run = {query_id: strict_run(hits) for query_id, hits in ranked.items()}
    path = tmp_path_factory.mktemp("trec") / "run"
    write_trec_run(path, run)
    assert read_trec_run(path) == run


def test_scores_rule_and_ranks_take_ties_apart(tmp_path):
    path = tmp_path / "run"
    # Ranks that say nothing, or something else than the scores: trec_eval reads scores alone.
    path.write_text("q Q0 a 0 1.0 x\n\nq Q0 z 0 3.0 x\nq Q0 m -7 2.0 x\r\n", "utf-8")
    assert read_trec_run(path) == {"q": [("z", 3.0), ("m", 2.0), ("a", 1.0)]}
    path.write_text("q Q0 b 2 1.0 x\nq Q0 a 1 1.0 x\n", "utf-8")
    (best, other) = read_trec_run(path)["q"]
    assert (best, other[0]) == (("a", 1.0), "b")
    assert 0.999 < other[1] < 1.0


def test_what_cannot_be_written_or_read_is_told(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(UsageError, match="'p 1'"):
        write_trec_run(path, {"q": [("p 1", 1.0)]})
    with pytest.raises(UsageError, match="'my tag'"):
        write_trec_run(path, RUN, tag="my tag")
    with pytest.raises(InputError, match="strictly decrease"):
        write_trec_run(path, {"q": [("a", 1.0), ("b", 1.0)]})
    assert not path.exists()
    for nowhere in (tmp_path, tmp_path / "absent" / "run"):
        with pytest.raises(UsageError, match="cannot be written"):
            write_trec_run(nowhere, RUN)
    with pytest.raises(UnreadableFile):
        read_trec_run(path)
    path.write_text("q Q0 a 1 1.0 x\nq Q0 a one 1.0 x\n", "utf-8")
    with pytest.raises(InputError, match="line 2 is not"):
        read_trec_run(path)
    path.write_text("q Q0 a 1 nan x\n", "utf-8")
    with pytest.raises(InputError, match=r"line 1 is not .* no finite number"):
        read_trec_run(path)


@pytest.mark.parametrize(
    ("text", "is_run"),
    [
        ("\n q Q0 d 1 0.5 tag\n{", True),
        ("q\tQ0\td\t1\t-3\ttag", True),
        ("q 0 d 1", False),
        ("q Q0 d 1 high tag", False),
        ('{"id": "a", "b": 1, "c": 2}', False),
        ("", False),
    ],
)
def test_a_run_is_known_by_its_six_columns(tmp_path, text, is_run):
    path = tmp_path / "run"
    path.write_text(text, "utf-8")
    assert is_trec_run(path) is is_run
    assert not is_trec_run(tmp_path / "absent")
