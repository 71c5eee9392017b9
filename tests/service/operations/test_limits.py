"""The rate limit: a minute's requests at once, then each at its pace, counted once for all."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.errors import StorageError, UsageError
from footnoted.service.operations.limits import RateLimit, client_of


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_requests_may_come_at_once_and_then_each_at_its_pace() -> None:
    clock = Clock()
    limit = RateLimit(6, clock=clock)
    told = [limit.take("ana") for _ in range(6)]
    assert all(taken.allowed for taken in told)
    assert [taken.remaining for taken in told] == [5, 4, 3, 2, 1, 0]
    assert [taken.seconds for taken in told] == [10, 20, 30, 40, 50, 60]
    assert limit.take("ana") == (False, 0, 10)
    assert limit.take("bob").allowed, "another's requests are another's"
    clock.now += 9.5
    assert limit.take("ana") == (False, 0, 1)
    clock.now += 0.5
    assert limit.take("ana") == (True, 0, 60)
    assert not limit.take("ana").allowed
    clock.now += 60
    assert limit.take("ana") == (True, 5, 10)


def test_a_clock_set_back_shuts_nobody_out_for_longer_than_a_minute() -> None:
    clock = Clock()
    limit = RateLimit(2, clock=clock)
    limit.take("ana")
    limit.take("ana")
    clock.now -= 86_400
    assert not limit.take("ana").allowed
    clock.now += 30
    assert limit.take("ana").allowed


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 50), st.lists(st.floats(0, 20), min_size=1, max_size=80))
def test_no_minute_has_more_than_twice_the_limit_and_waiting_as_told_is_enough(most, pauses):
    clock = Clock()
    limit = RateLimit(most, clock=clock)
    allowed = []
    for pause in pauses:
        clock.now += pause
        taken = limit.take("ana")
        if taken.allowed:
            allowed.append(clock.now)
        else:
            assert taken.seconds >= 1
            clock.now += taken.seconds
            assert limit.take("ana").allowed, "Retry-After was kept to"
            allowed.append(clock.now)
    for start in allowed:
        assert sum(start <= moment < start + 60 for moment in allowed) <= 2 * most
    limit.close()


def _take(path: Path, times: int, answers: multiprocessing.SimpleQueue) -> None:
    limit = RateLimit(40, path, clock=lambda: 5000.0)
    answers.put(sum(limit.take("ana").allowed for _ in range(times)))


def test_processes_that_share_a_file_share_the_limit(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    path = tmp_path / "state" / "limits.sqlite"
    workers = [context.Process(target=_take, args=(path, 30, answers)) for _ in range(3)]
    for worker in workers:
        worker.start()
    counts = [answers.get() for _ in workers]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert sum(counts) == 40


def test_what_cannot_be_counted_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "limits.sqlite"
    file.write_bytes(b"no database, but as long as one's header is" * 100)
    with pytest.raises(StorageError, match="cannot be counted"):
        RateLimit(5, file)
    with pytest.raises(UsageError, match="a file in its way"):
        RateLimit(5, file / "limits.sqlite")
    with pytest.raises(UsageError, match="a file in its way"):
        RateLimit(5, file / "below-a-file" / "limits.sqlite")


def test_old_clients_are_forgotten() -> None:
    clock = Clock()
    limit = RateLimit(60, clock=clock)
    for n in range(999):
        limit.take(f"c{n}")
    clock.now += 61
    limit.take("new")
    (left,) = limit._counts.execute("SELECT count(*) FROM clients").fetchone()
    assert left == 1


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_one_line_of_ipv6_is_one_client(address: str, client: str) -> None:
    assert client_of(address) == client
