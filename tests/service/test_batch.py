from __future__ import annotations

import pytest

from footnoted.errors import UnreadableFile
from footnoted.service.batch import BatchQuestion, read_batch


def test_lines_are_objects_or_strings(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text('{"id": "q1", "question": "Who?"}\n\n"من؟"\n{"question": "Why?", "x": 1}\n')
    assert read_batch(path) == [
        BatchQuestion("q1", "Who?"),
        BatchQuestion("3", "من؟"),
        BatchQuestion("4", "Why?"),
    ]
    path.write_text("")
    assert read_batch(path) == []


@pytest.mark.parametrize("line", ["{", "[]", "3", "null", '{"question": 3}', '{"id": "q"}'])
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "batch.jsonl"
    path.write_text(f'"Who?"\n{line}\n')
    with pytest.raises(UnreadableFile, match="Line 2 of") as caught:
        read_batch(path)
    assert caught.value.about == f"{path}:2"


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_bytes(b"\xff\xfe")
    for wrong in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(UnreadableFile, match="cannot be read") as caught:
            read_batch(wrong)
        assert caught.value.about == str(wrong)


def test_a_line_may_set_the_filters_of_ask(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text('{"question": "Who?", "language": "ar", "since": "1931", "only": null}\n"Who?"')
    first, second = read_batch(path)
    assert first.narrowing == {"language": "ar", "since": "1931", "only": None}
    assert second.narrowing == {}
    path.write_text('{"question": "Who?", "since": 1931}')
    with pytest.raises(UnreadableFile, match=r"Line 1 of .* has since 1931, which is no text"):
        read_batch(path)
