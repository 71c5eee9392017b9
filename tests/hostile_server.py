"""Servers on loopback that misbehave as a test tells them to, and listeners that nobody may reach.

Everything is sent as raw bytes, so that nothing of a well-behaved HTTP library stands between a
test and what it wants to break. One thread runs all servers of a test.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Parts = Callable[[], AsyncIterator[bytes]]
"""Makes the bytes of one answer, for as long as somebody reads them."""

MEGABYTE = 2**20


class Asked(NamedTuple):
    """A request: its path with the query, and when it came (``time.monotonic``)."""

    path: str
    at: float


class HostileSite:
    """One port of 127.0.0.1; ``answers`` maps a path to what is sent for it, else it sends 404."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self.answers: dict[str, Parts] = {}
        self.asked: list[Asked] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def raw(self, path: str, *parts: bytes, pause: float = 0.0) -> str:
        """Send these bytes, ``pause`` seconds before each part, and hang up; give the address."""

        async def answer() -> AsyncIterator[bytes]:
            for part in parts:
                await asyncio.sleep(pause)
                yield part

        self.answers[path] = answer
        return self.url(path)

    def endless(self, path: str, head: bytes, part: bytes, pause: float = 0.0) -> str:
        """Send ``head``, and then ``part`` for ever; give the address."""

        async def answer() -> AsyncIterator[bytes]:
            yield head
            while True:
                await asyncio.sleep(pause)
                yield part

        self.answers[path] = answer
        return self.url(path)

    def page(self, path: str, body: bytes, media_type: str = "text/html", **headers: str) -> str:
        """Send ``body`` as an ordinary page of its type; give the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.raw(path, head(len(body), named | {"Content-Type": media_type}), body)

    def packed(self, path: str, coding: str, body: Iterable[bytes]) -> str:
        """Send ``body`` as a page that is packed as ``coding``; give the address."""
        named = {"Content-Type": "text/html", "Content-Encoding": coding}
        return self.raw(path, head(None, named), *body)

    def redirect(self, path: str, location: str) -> str:
        """Send who asks for ``path`` to ``location``; give the address."""
        return self.raw(path, head(0, {"Location": location}, "302 Found"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that hangs up is what most of these answers are made for.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ")[1].decode()
            self.asked.append(Asked(path, time.monotonic()))
            if path not in self.answers:
                self.raw(path, head(0, {}, "404 Not Found"))
            async for part in self.answers[path]():
                writer.write(part)
                await writer.drain()
        writer.close()


class HostileWeb:
    """Any number of hostile sites; ``contacts`` are the connections that nobody may make."""

    def __init__(self) -> None:
        self.contacts: list[str] = []
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def site(self) -> HostileSite:
        """A new site, on a free port."""
        return self._run(self._open_site())

    def forbid(self, host: str, port: int) -> None:
        """Listen on an address that must never be connected to; ``OSError`` where it cannot be."""
        self._run(self._listen(host, port))

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _open_site(self) -> HostileSite:
        site = HostileSite(0)
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
        self._servers.append(server)
        site.port = int(server.sockets[0].getsockname()[1])
        site.address = f"127.0.0.1:{site.port}"
        return site

    async def _listen(self, host: str, port: int) -> None:
        async def contacted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.contacts.append(f"{host} port {port}")
            writer.close()

        self._servers.append(await asyncio.start_server(contacted, host, port))

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def head(size: int | None, headers: dict[str, str], status: str = "200 OK") -> bytes:
    """The head of an answer whose body has ``size`` bytes, or lasts until the connection ends."""
    length = {} if size is None else {"Content-Length": str(size)}
    lines = [f"{name}: {value}" for name, value in (length | headers).items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def gzip_bomb(megabytes: int) -> list[bytes]:
    """A gzip file of as many members of a megabyte each, all blanks (RFC 1952, 2.2)."""
    return [gzip.compress(b" " * MEGABYTE, mtime=0)] * megabytes


def deflate_bomb(megabytes: int) -> list[bytes]:
    """A bare deflate stream of as many megabytes of blanks (RFC 1951)."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return [*[block] * megabytes, b"\x03\x00"]


def zlib_bomb(block: bytes, times: int) -> bytes:
    """A zlib stream of ``block`` so many times over, packed once (RFC 1950)."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + packed * times + b"\x03\x00" + check.to_bytes(4, "big")


def deflate_in_gzip_bomb(megabytes: int) -> list[bytes]:
    """A deflate stream of as many megabytes, packed again as gzip: some kilobytes."""
    return [gzip.compress(b"".join(deflate_bomb(megabytes)), mtime=0)]


def brotli_bomb(blocks: int) -> bytes:
    """A brotli stream of as many meta-blocks of 16 MiB of blanks each (RFC 7932, 9.2).

    Each has one command that copies from four characters back, so it needs a few bytes only.
    """
    length = 2**24
    bits = [(0, 1)]  # a window of 64 KiB
    for _ in range(blocks):
        bits += [(0, 1), (2, 2), (length - 1, 24), (0, 1)]  # not the last; its length; packed
        bits += [(0, 1)] * 3 + [(0, 6), (0, 2), (0, 1), (0, 1)]  # one type of block and of tree
        for symbol, size in ((0x20, 8), (431, 10), (0, 6)):  # literal; insert 5, copy; distance
            bits += [(1, 2), (0, 2), (symbol, size)]  # a code of one symbol takes no bits
        bits += [(length - 5 - 2118, 24)]
    bits += [(3, 2)]  # the last meta-block, which is empty
    number = shift = 0
    for value, size in bits:
        number |= value << shift
        shift += size
    return number.to_bytes(shift // 8 + 1, "little")


def pdf_bomb(megabytes: int, *, twice: bool = False) -> bytes:
    """A PDF of one page, whose content unpacks to as many megabytes; packed twice it is tiny.

    The content shows words in a font, without which no reader would unpack it at all.
    """
    words = b"BT /F1 9 Tf (word) Tj ET\n"
    content, filters = zlib_bomb(words * (MEGABYTE // len(words)), megabytes), "/FlateDecode"
    if twice:
        content, filters = zlib.compress(content, 9), "[/FlateDecode /FlateDecode]"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} /Filter {filters} >>\nstream\n".encode()
        + content
        + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    made, offsets = b"%PDF-1.7\n", []
    for number, written in enumerate(objects, start=1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, written)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, entries)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + table + trailer
