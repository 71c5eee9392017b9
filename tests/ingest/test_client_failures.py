"""Broken answers, unknown names and certificates: each failure in words of its own."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpcore2
import pytest
from tests.scripted_server import AGENT, QUICK, Server, ask, given_back, refused, running, serving

from footnoted.domain import Access
from footnoted.ingest.fetching.addresses import AddressRules
from footnoted.ingest.fetching.client import Limits, SafeClient
from footnoted.ingest.fetching.network_failures import FAILURES, translated
from footnoted.ingest.fetching.responses import NoResponse, Response


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "broke off or is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "broke off or is not HTTP"),
        (b"\x16\x03\x01\x02\x00", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc", "broke off or is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "not HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(b"abc", mtime=0)[:-6],
            "broke off before the end",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain words", "content is damaged"),
    ],
)
def test_broken_answers_say_what_happened(sent: bytes, words: str) -> None:
    async def scenario(server: Server, _: Server) -> None:
        answer = refused(await ask(server, server.bytes("/", sent)), Access.DEAD, words)
        assert answer.transient
        assert answer.reason.isprintable()

    running(scenario)


def test_nobody_listens_and_unknown_names() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def scenario(server: Server, _: Server) -> None:
        async with serving() as other:
            closed = other
        answer = refused(await ask(closed, closed.url("/")), Access.DEAD, "accepts no connection")
        assert answer.transient
        async with SafeClient(AddressRules(), user_agent=AGENT, resolver=unknown) as client:
            lost = refused(await client.get("https://lost.example/"), Access.DEAD, "lost.example")
        assert lost.transient

    running(scenario)


def test_no_failure_of_the_http_library_is_unmapped() -> None:
    raised = [
        getattr(httpcore2, name)
        for name in httpcore2.__all__
        if isinstance(getattr(httpcore2, name), type)
        and issubclass(getattr(httpcore2, name), Exception)
    ]
    assert len(raised) >= 14
    for kind in raised:
        if kind is not httpcore2.ConnectionNotAvailable:  # handled inside its pool
            assert issubclass(kind, FAILURES)
    for error in (ssl.SSLError(1, "bad record"), ConnectionResetError(104, "reset"), OSError()):
        assert isinstance(error, FAILURES)
        assert translated(error).transient
    causes = {translated(kind("x")).why for kind in raised}
    assert len(causes) >= 5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-made certificate for ``site.example`` with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subject = ["-subj", "/CN=site.example", "-addext", "subjectAltName=DNS:site.example"]
    usage = ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    files = ["-keyout", str(key), "-out", str(cert), "-nodes", "-days", "2"]
    try:
        subprocess.run([*request, *subject, *usage, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl on this computer")
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


def test_certificates_are_verified_for_the_name_in_the_address(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    asked: list[str | None] = []
    own.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def run() -> None:
        async with serving(ssl=own) as server:
            server.page("/", b"secure")

            async def secure(host: str, context: ssl.SSLContext | None) -> Response | NoResponse:
                url = server.url("/", host).replace("http:", "https:")
                return await ask(server, url, context=context)

            assert given_back(await secure("site.example", trusting)).body == b"secure"
            assert asked == ["site.example"], "the server name is the name's, not the number's"
            for host, context, words in (
                ("other.example", trusting, "not valid for 'other.example'"),
                ("site.example", None, "self"),
                ("127.0.0.1", trusting, "not valid for '127.0.0.1'"),
            ):
                answer = refused(
                    await secure(host, context), Access.DEAD, f"certificate of {host}", words
                )
                assert not answer.transient
            assert server.paths() == ["/"], "nothing is asked of a server that is not verified"

    asyncio.run(run())


def test_a_client_that_is_given_no_certificates_trusts_the_systems(certificate: Path) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)

    async def run() -> None:
        async with serving(ssl=own) as server:
            server.page("/", b"secure")
            rules = AddressRules.parse(f"127.0.0.1:{server.port}")
            async with SafeClient(rules, user_agent=AGENT, limits=QUICK) as client:
                answer = await client.get(server.url("/").replace("http:", "https:"))
            refused(answer, Access.DEAD, "certificate of 127.0.0.1 was not accepted")
            assert server.paths() == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("greeting", "words", "transient"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "(wrong version number)", False),
        (b"", "", True),
    ],
)
def test_a_server_that_speaks_no_tls_is_said_to(
    greeting: bytes, words: str, transient: bool
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    async def run() -> None:
        listener = await asyncio.start_server(greet, "127.0.0.1")
        async with listener:
            server = Server()
            server.port = listener.sockets[0].getsockname()[1]
            answer = await ask(server, server.url("/").replace("http:", "https:"))
        found = refused(answer, Access.DEAD, "no secure connection to 127.0.0.1", words)
        assert found.transient is transient

    asyncio.run(run())


def test_a_silent_server_gets_no_secure_connection() -> None:
    async def scenario(server: Server, _: Server) -> None:
        limits = Limits(connect_seconds=0.2)
        url = server.url("/").replace("http:", "https:")
        answer = await ask(server, url, limits=limits)
        assert refused(answer, Access.DEAD, "secure connection", "in time").transient

    running(scenario)
