"""Real connections: only to checked numbers, with the name's own Host and server name."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpcore2
import httpx2
import pytest

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import AddressRules, Unanswered
from footnoted.ingest.fetching.network import CheckedBackend, CheckedTransport, Meter, resolve

ROOM = 10_000


class Listener:
    """Answers every connection with one small page, and counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.heads: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(host: str, port: int = 0) -> AsyncIterator[tuple[Listener, int]]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, host, port)
    async with server:
        yield listener, server.sockets[0].getsockname()[1]


class Names:
    """A resolver that gives its answers one after the other, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def fetch(rules: AddressRules, names: Names, url: str) -> bytes:
    backend = CheckedBackend(rules, Meter(ROOM, ROOM), names)
    async with CheckedTransport(backend, ssl.create_default_context()) as transport:
        response = await transport.handle_async_request(httpx2.Request("GET", url))
        return await response.aread()


def test_the_checked_number_is_connected_to_under_the_names_own_host() -> None:
    async def run() -> None:
        async with listening("127.0.0.1") as (server, port):
            names = Names(["127.0.0.1"])
            rules = AddressRules.parse(f"127.0.0.1:{port}")
            assert await fetch(rules, names, f"http://site.example:{port}/page") == b"hello"
            assert names.asked == [("site.example", port)]
            assert server.heads[0].startswith(b"GET /page HTTP/1.1\r\n")
            assert f"\r\nHost: site.example:{port}\r\n".encode() in server.heads[0]

    asyncio.run(run())


def test_a_name_that_changes_its_number_never_leads_to_a_forbidden_one() -> None:
    async def run() -> None:
        async with (
            listening("127.0.0.1") as (server, port),
            listening("127.0.0.2", port) as (forbidden, _),
        ):
            names = Names(["127.0.0.1"], ["127.0.0.2"])
            rules = AddressRules.parse(f"127.0.0.1:{port}")
            url = f"http://rebinding.example:{port}/"
            assert await fetch(rules, names, url) == b"hello"
            assert len(names.asked) == 1, "the checked answer is the one that is used"
            with pytest.raises(Unanswered) as caught:
                await fetch(rules, names, url)
            assert caught.value.access is Access.UNSAFE
            assert (server.connections, forbidden.connections) == (1, 0)

    asyncio.run(run())


@pytest.mark.parametrize("order", [1, -1])
def test_a_name_with_one_forbidden_number_is_refused_whole(order: int) -> None:
    async def run() -> None:
        async with (
            listening("127.0.0.1") as (server, port),
            listening("127.0.0.2", port) as (forbidden, _),
        ):
            names = Names(["127.0.0.1", "127.0.0.2"][::order])
            with pytest.raises(Unanswered, match=r"mixed\.example leads to 127\.0\.0\.2"):
                await fetch(
                    AddressRules.parse(f"127.0.0.1:{port}"), names, f"http://mixed.example:{port}/"
                )
            assert (server.connections, forbidden.connections) == (0, 0)

    asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["127.0.0.2", "[::ffff:127.0.0.2]", "[::127.0.0.2]", "0x7f000002", "127.2", "localhost"]
)
def test_the_backend_refuses_by_itself(host: str) -> None:
    """Even where nobody has looked at the address before."""

    async def run() -> None:
        async with listening("127.0.0.2") as (forbidden, port):
            backend = CheckedBackend(AddressRules.parse("127.0.0.1:9"), Meter(ROOM, ROOM))
            with pytest.raises(Unanswered):
                await backend.connect_tcp(host.strip("[]"), port, 5)
            assert forbidden.connections == 0

    asyncio.run(run())


def test_the_next_number_is_tried_when_one_refuses() -> None:
    async def run() -> None:
        async with listening("127.0.0.1") as (server, port):
            names = Names(["127.0.0.3", "127.0.0.1"])  # nobody listens on the first
            rules = AddressRules.parse(f"127.0.0.0/8:{port}")
            assert await fetch(rules, names, f"http://two.example:{port}/") == b"hello"
            assert server.connections == 1

    asyncio.run(run())


def test_a_refused_connection_says_so() -> None:
    async def run() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            with pytest.raises(Unanswered) as caught:
                await fetch(
                    AddressRules.parse(f"127.0.0.1:{port}"),
                    Names(["127.0.0.1"]),
                    f"http://closed.example:{port}/",
                )
        assert caught.value.access is Access.DEAD
        assert caught.value.transient
        assert f"closed.example accepts no connection on port {port} (Connect" in caught.value.why

    asyncio.run(run())


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
        (OSError("resolver broken"), True),
    ],
)
def test_names_that_cannot_be_looked_up(error: OSError, transient: bool) -> None:
    async def broken(host: str, port: int) -> Sequence[str]:
        raise error

    backend = CheckedBackend(AddressRules(), Meter(ROOM, ROOM), broken)
    with pytest.raises(Unanswered, match=r"gone\.example could not be looked up") as caught:
        asyncio.run(backend.connect_tcp("gone.example", 80, 5))
    assert (caught.value.access, caught.value.transient) == (Access.DEAD, transient)


def test_a_name_without_numbers_and_a_silent_resolver() -> None:
    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    backend = CheckedBackend(AddressRules(), Meter(ROOM, ROOM), Names([]))
    with pytest.raises(Unanswered, match="no address"):
        asyncio.run(backend.connect_tcp("empty.example", 80, 5))
    backend = CheckedBackend(AddressRules(), Meter(ROOM, ROOM), silent)
    with pytest.raises(httpcore2.ConnectTimeout, match=r"silent\.example"):
        asyncio.run(backend.connect_tcp("silent.example", 80, 0.05))


def test_the_systems_resolver_gives_numbers() -> None:
    assert set(asyncio.run(resolve("localhost", 80))) <= {"127.0.0.1", "::1"}
    assert asyncio.run(resolve("127.1", 80)) == ("127.0.0.1",)


def test_a_socket_of_this_computer_is_no_web_server(tmp_path: Path) -> None:
    async def run() -> None:
        contacts: list[str] = []

        async def contacted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            contacts.append("contacted")
            writer.close()

        path = str(tmp_path / "docker.sock")
        async with await asyncio.start_unix_server(contacted, path):
            backend = CheckedBackend(AddressRules(), Meter(ROOM, ROOM))
            with pytest.raises(Unanswered, match=r"docker\.sock is a socket of") as caught:
                await backend.connect_unix_socket(path)
        assert caught.value.access is Access.UNSAFE
        assert contacts == []

    asyncio.run(run())


def test_the_meter_lets_exactly_its_caps_through() -> None:
    meter = Meter(head_bytes=100, wire_bytes=150)
    assert meter.room() == 100
    meter.count(100)
    with pytest.raises(Unanswered, match="headers are longer than 100"):
        meter.room()
    meter.end_head()
    assert meter.room() == 51, "one byte more, to notice an overflow"
    meter.count(50)
    assert meter.room() == 1
    meter = Meter(head_bytes=100, wire_bytes=150, wire=meter.wire)
    assert meter.room() == 1, "the wire cap holds across redirects"
    with pytest.raises(Unanswered) as caught:
        meter.count(1)
    assert caught.value.access is Access.TOO_LARGE
