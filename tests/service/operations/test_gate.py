"""The gate: so many at once, so many in line, each in turn, and nobody beyond."""

from __future__ import annotations

import asyncio
import time

import pytest

from footnoted.service.operations.gate import Full, Gate


def test_the_line_is_kept_and_has_an_end() -> None:
    async def run() -> None:
        seen = []
        gate = Gate(2, 3, lambda working, waiting: seen.append((working, waiting)))
        assert gate.enter() is None
        assert gate.enter() is None
        turns = [gate.enter() for _ in range(3)]
        assert all(turn is not None and not turn.done() for turn in turns)
        with pytest.raises(Full) as full:
            gate.enter()
        assert full.value.retry_after == 1
        assert (gate.working, gate.in_line) == (2, 3)
        gate.leave(time.monotonic())
        assert [turn.done() for turn in turns] == [True, False, False]
        gate.give_up(turns[1])
        gate.leave(time.monotonic())
        assert turns[2].done(), "who gave up is passed over"
        assert (gate.working, gate.in_line) == (2, 0)
        gate.leave(time.monotonic())
        gate.leave(time.monotonic())
        assert gate.enter() is None
        assert seen == [
            *((1, 0), (2, 0), (2, 1), (2, 2), (2, 3)),
            *((2, 2), (2, 1), (2, 0), (1, 0), (0, 0), (1, 0)),
        ]

    asyncio.run(run())


def test_a_place_given_to_who_is_gone_goes_to_the_next() -> None:
    async def run() -> None:
        gate = Gate(1, 5)
        gate.enter()
        first, second = gate.enter(), gate.enter()
        gate.leave(time.monotonic())
        assert first.done()
        gate.give_up(first)
        assert second.done()
        assert gate.working == 1
        gate.leave(time.monotonic())
        assert gate.working == 0

    asyncio.run(run())


def test_retry_after_grows_with_what_answers_take() -> None:
    async def run() -> None:
        gate = Gate(1, 10)
        gate.enter()
        for _ in range(9):
            gate.enter()
        assert gate.retry_after == 1
        for _ in range(60):
            gate.leave(time.monotonic() - 2.0)
            gate.enter()
        assert gate.retry_after == 20, "ten requests of two seconds, one at a time"
        for _ in range(60):
            gate.leave(time.monotonic() - 100.0)
            gate.enter()
        assert gate.retry_after == 60

    asyncio.run(run())
