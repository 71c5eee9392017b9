"""Packed bodies: gzip and deflate in any spelling, and nothing else; bombs stop at the cap."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scripted_server import Server, ask, given_back, refused, running

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import Unanswered
from footnoted.ingest.fetching.client import Limits
from footnoted.ingest.fetching.content_coding import Unpacker, codings_of

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip, identity": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": lambda data: zlib.compress(data)[2:-4],
    "gzip, deflate": lambda data: zlib.compress(gzip.compress(data)),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "gzip,gzip": lambda data: gzip.compress(gzip.compress(data)),
    "identity": lambda data: data,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_packed_pages_arrive_unpacked(coding: str) -> None:
    words = b"".join(b"%d words, " % number for number in range(30_000))

    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", PACKERS[coding](words), Content_Encoding=coding.strip())
        assert given_back(await ask(server, url)).body == words

    running(scenario)


@given(st.binary(max_size=300), st.integers(1, 9), st.sampled_from(sorted(PACKERS)))
@settings(max_examples=60, deadline=None)
def test_unpacking_does_not_depend_on_how_bytes_arrive(
    words: bytes, step: int, coding: str
) -> None:
    packed = PACKERS[coding](words)
    if coding in {"gzip", "x-gzip"}:  # further members, and the padding of old tools
        packed += PACKERS[coding](words) + b"\0\0"
        words += words
    unpacker = Unpacker(codings_of([coding]), 1000)
    found = [p for i in range(0, len(packed), step) for p in unpacker.feed(packed[i : i + step])]
    unpacker.finish()
    assert b"".join(found) == words


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
@settings(max_examples=60, deadline=None)
def test_damaged_bytes_never_raise_anything_else(garbage: bytes, coding: str) -> None:
    unpacker = Unpacker(codings_of([coding]), 1000)
    with suppress(Unanswered):
        found = list(unpacker.feed(garbage))
        unpacker.finish()
        assert sum(map(len, found)) <= 1000


@pytest.mark.parametrize(
    ("coding", "words"),
    [
        ("br", "packed as br"),
        ("zstd", "packed as zstd"),
        ("gzip, br", "packed as br"),
        ("compress", "packed as compress"),
        ("gzip, gzip, gzip", "packed 3 times"),
        ("\x1b[31m", "packed as"),
    ],
)
def test_other_codings_are_refused_unread(coding: str, words: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        if coding.isprintable():
            head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode()
            url = server.endless("/", head, b"\xcf\xff\xff\x7f\xf8\x27\x00\xe2" * 8192)
            refused(await ask(server, url), Access.UNSUPPORTED_TYPE, words)
            assert server.sent < 8_000_000, "the body is not read"
        with pytest.raises(Unanswered) as caught:
            codings_of([coding])
        assert caught.value.why.isprintable()

    running(scenario)


MEMBER = gzip.compress(bytes(2**24), 9)
BOMBS = {
    "gzip": MEMBER * 64,  # 1 GiB in 1 MB
    "gzip, gzip": gzip.compress(MEMBER * 64),  # 1 GiB in 5 kB
    "deflate": zlib.compress(bytes(2**26), 9),
    "gzip, deflate": zlib.compress(MEMBER * 64, 9),
    "deflate, gzip": gzip.compress(zlib.compress(b"")[:2] + b"\0\0\0\xff\xff" * 2**22),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_stops_at_the_cap(coding: str) -> None:
    cap = 2_000_000

    async def scenario(server: Server, _: Server) -> None:
        url = server.page("/", BOMBS[coding], Content_Encoding=coding)
        limits = Limits(body_bytes=cap, seconds=5)
        tracemalloc.start()
        try:
            answer = await ask(server, url, limits=limits)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        refused(answer, Access.TOO_LARGE, "2,000,000 bytes when unpacked")
        assert peak < 3 * cap + 2_000_000

    running(scenario)
