"""Keys are shown once and kept as hashes; a running server follows what is added and removed."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from pathlib import Path

import pytest

from footnoted.errors import NotFound, StorageError, UsageError
from footnoted.service.operations.keys import FILE_NAME, Keys


def test_a_key_is_long_random_and_known_by_its_hash_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "state")
    first, second = keys.add("ana@example.org", "read"), keys.add("nightly", "admin")
    assert first != second
    assert first.startswith("fn_")
    assert len(first) >= 3 + 43, "256 bits in base 64"
    file = tmp_path / "state" / FILE_NAME
    written = file.read_text()
    assert first not in written
    assert first[3:] not in written
    assert json.loads(written)[0]["sha256"] == hashlib.sha256(first.encode()).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_key_leads_to_its_holder_and_nothing_else_does(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    given = keys.add("nightly", "admin")
    other = keys.add("ana", "read")
    assert (keys.holder(given).name, keys.holder(given).scope) == ("nightly", "admin")
    assert keys.holder(other).name == "ana"
    hashed = hashlib.sha256(given.encode()).hexdigest()
    for wrong in ("", given[:-1], given + "x", given.upper(), hashed, "\udcff", "é"):
        assert keys.holder(wrong) is None


def test_a_server_that_runs_sees_what_another_process_does(tmp_path: Path) -> None:
    server, console = Keys(tmp_path), Keys(tmp_path)
    assert server.all() == ()
    given = console.add("ana", "read")
    assert server.holder(given).name == "ana"
    assert console.remove("ana").scope == "read"
    assert server.holder(given) is None


def test_names_are_plain_and_taken_once(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.add("ana", "read")
    with pytest.raises(UsageError, match="already") as taken:
        keys.add("ana", "admin")
    assert "footnoted keys remove ana" in taken.value.hint
    for hostile in ("", "two words", "line\nfeed", "-option", "x" * 65, "\u202eana"):
        with pytest.raises(UsageError, match="cannot be named"):
            keys.add(hostile, "read")
    with pytest.raises(NotFound, match="no key named bob"):
        keys.remove("bob")
    assert [key.name for key in keys.all()] == ["ana"]


@pytest.mark.parametrize("broken", ["", "{", "[1]", '[{"name": "a", "scope": "root"}]'])
def test_a_broken_file_opens_nothing(tmp_path: Path, broken: str) -> None:
    (tmp_path / FILE_NAME).write_text(broken)
    with pytest.raises(StorageError, match="keys of this server cannot be read") as error:
        Keys(tmp_path).holder("fn_anything")
    assert str(tmp_path) not in f"{error.value} {error.value.hint}", "clients see it"


def test_keys_added_at_once_are_all_kept(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=Keys(tmp_path).add, args=(f"k{n}", "read")) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in Keys(tmp_path).all()} == {f"k{n}" for n in range(8)}


def test_the_commands_show_a_key_once(commands, tmp_path: Path) -> None:
    state = {"FOOTNOTED_STATE_DIR": str(tmp_path)}
    made = commands("keys", "add", "ana", "--scope", "admin", **state)
    assert made.code == 0
    given = made.out.strip()
    assert Keys(tmp_path).holder(given).scope == "admin"
    listed = commands("keys", "list", **state)
    assert ("ana" in listed.out, "admin" in listed.out, given in listed.out) == (True, True, False)
    document = commands("keys", "list", "--json", **state).document
    assert [(key["name"], key["scope"]) for key in document["keys"]] == [("ana", "admin")]
    assert "sha256" not in document["keys"][0]
    assert commands("keys", "add", "bob", "--scope", "root", **state).code == 2
    assert commands("keys", "remove", "ana", **state).code == 0
    assert commands("keys", "remove", "ana", **state).code == 2
