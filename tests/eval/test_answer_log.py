from __future__ import annotations

import json
import subprocess
import sys

import pytest

from footnoted.errors import InputError, LockedError
from footnoted.eval.answer_log import AnswerLog, answer_line, json_line, open_log


def test_an_answer_is_on_disk_at_once_without_its_times(tmp_path):
    with open_log(tmp_path) as log:
        log.add("q1", {"answer": "Zoë", "timings_ms": {"total": 1}}, 12.34567)
        assert (tmp_path / "answers.jsonl").read_text("utf-8") == '{"id": "q1", "answer": "Zoë"}\n'
        assert (tmp_path / "timings.jsonl").read_text("utf-8") == '{"id": "q1", "ms": 12.346}\n'
        assert log.documents == {"q1": {"id": "q1", "answer": "Zoë"}}
        assert log.milliseconds == {"q1": 12.346}


def test_a_log_without_a_folder_keeps_the_same():
    log = AnswerLog()
    log.add("q1", {"id": "theirs", "answer": "x", "timings_ms": {}}, 1.0)
    assert log.documents == {"q1": {"id": "q1", "answer": "x"}}
    assert answer_line("q1", {"answer": "x"}) == {"id": "q1", "answer": "x"}


def test_a_torn_line_is_dropped_and_whole_ones_stay(tmp_path):
    (tmp_path / "answers.jsonl").write_bytes(b'{"id": "q1"}\n{"id": "q2"}\n{"id": "\xd8')
    (tmp_path / "timings.jsonl").write_bytes(b'{"id": "q1", "ms": 1')
    with open_log(tmp_path) as log:
        assert (list(log.documents), log.milliseconds) == (["q1", "q2"], {})
        log.add("q3", {}, 2)
    assert (tmp_path / "answers.jsonl").read_bytes().count(b"\n") == 3
    assert json.loads((tmp_path / "timings.jsonl").read_text("utf-8")) == {"id": "q3", "ms": 2}


def test_a_line_broken_in_the_middle_is_an_error(tmp_path):
    (tmp_path / "answers.jsonl").write_bytes(b'{"id": "q1"\n{"id": "q2"}\n')
    with pytest.raises(InputError, match=r"answers\.jsonl:1"), open_log(tmp_path):
        pass


def test_another_process_is_kept_out(tmp_path):
    code = (
        "import sys; from pathlib import Path; from footnoted.eval.answer_log import open_log\n"
        "with open_log(Path(sys.argv[1])): print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(LockedError, match="Another process"), open_log(tmp_path):
            pass
        other.communicate()
    with open_log(tmp_path) as log:
        assert log.documents == {}


def test_every_text_fits_on_a_line():
    value = {"text": "a\u2028b\n\ud800 é"}
    assert json_line(value).count("\n") == 1
    assert json.loads(json_line(value).encode()) == value
