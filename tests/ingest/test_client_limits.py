"""Caps on headers, bytes, pieces and seconds, just below and just above."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc

import pytest
from tests.scripted_server import Server, ask, given_back, refused, running

from footnoted.domain import Access
from footnoted.ingest.fetching.client import Limits


def test_a_body_of_just_the_cap_is_read_and_one_byte_more_is_not() -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(body_bytes=5000, seconds=5)
        for body in (b"x" * 5000, b"x" * 5001):
            for coding, sent in (("identity", body), ("gzip", gzip.compress(body))):
                url = server.page("/", sent, Content_Encoding=coding)
                answer = await ask(server, url, limits=limits)
                if len(body) == 5000:
                    assert given_back(answer).body == body
                else:
                    refused(answer, Access.TOO_LARGE)
        head = b"HTTP/1.0 200 OK\r\n\r\n"
        wire = Limits(wire_bytes=len(head) + 1000)
        url = server.bytes("/exact", head + b"y" * 1000)
        assert given_back(await ask(server, url, limits=wire)).body == b"y" * 1000
        url = server.bytes("/more", head + b"y" * 1001)
        refused(await ask(server, url, limits=wire), Access.TOO_LARGE, "1,019 bytes")

    running(scenario)


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"x" * 65_536 + b"\r\n",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"", mtime=0) * 1000),
    ],
)
def test_an_endless_body_stops_at_the_cap(head: bytes, part: bytes) -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(wire_bytes=500_000, seconds=5)
        tracemalloc.start()
        try:
            answer = await ask(server, server.endless("/", head, part), limits=limits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        refused(answer, Access.TOO_LARGE, "500,000 bytes")
        assert peak < 6_000_000

    running(scenario)


def test_a_body_of_single_bytes_stops_before_it_costs_much() -> None:
    async def scenario(server: Server, _: Server) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        url = server.endless("/", head, b"1\r\nx\r\n" * 1000)
        limits = Limits(pieces=5000, seconds=5)
        refused(await ask(server, url, limits=limits), Access.TOO_LARGE, "than 5,000 pieces")
        whole = head + b"1\r\nx\r\n" * 4999 + b"0\r\n\r\n"
        answer = given_back(await ask(server, server.bytes("/whole", whole), limits=limits))
        assert answer.body == b"x" * 4999

    running(scenario)


def test_an_announced_size_is_believed() -> None:
    async def scenario(server: Server, _: Server) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
        url = server.endless("/", head, b"x", pause=0.01)
        refused(await ask(server, url), Access.TOO_LARGE, "announces 99,999,999,999 bytes")

    running(scenario)


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"y" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000),
        (b"", b"y" * 1000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20),
    ],
)
def test_huge_headers_stop_at_the_cap(head: bytes, part: bytes) -> None:
    async def scenario(server: Server, _: Server) -> None:
        answer = await ask(server, server.endless("/", head, part))
        refused(answer, Access.TOO_LARGE, "headers are longer than 65,536 bytes")

    running(scenario)


def test_headers_below_the_cap_are_read() -> None:
    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", b"z" * 100_000, X_Long="y" * 60_000)
        answer = given_back(await ask(server, url))
        assert len(answer.header("x-long") or "") == 60_000
        assert answer.body == b"z" * 100_000

    running(scenario)


def test_dripping_and_silent_servers_end_in_time() -> None:
    async def scenario(server: Server, _: Server) -> None:
        loop = asyncio.get_running_loop()
        drip = server.endless("/drip", b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.05)
        slow_head = server.endless("/head", b"", b"H", pause=0.05)
        silent = server.bytes("/silent", b"", pause=30)
        half = server.bytes("/half", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", pause=30)
        limits = Limits(seconds=0.8, idle_seconds=0.4)
        began = loop.time()
        answers = await asyncio.gather(
            *(ask(server, url, limits=limits) for url in (drip, slow_head, silent, half))
        )
        assert loop.time() - began < 3
        for answer in answers[:2]:
            assert not refused(answer, Access.DEAD, "not arrived whole after 0.8 sec").transient
        for answer in answers[2:]:
            assert refused(answer, Access.DEAD, "fell silent").transient

    running(scenario)
