"""A polite client over a plain one, and real servers that note when they are asked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx2
from tests.web_server import Reply, Request, WebServer

from footnoted.domain import Access
from footnoted.ingest.fetching.politeness import PoliteGet
from footnoted.ingest.fetching.redirects import NOTHING, Redirect, Spent
from footnoted.ingest.fetching.responses import NoResponse, Response

PACE = 0.15
AGENT = "Footnoted/0.1"
SLACK = 0.02  # a server's thread may note one request late and the next one early
PAGE = Reply(b"<p>Words.", 200, {"Content-Type": "text/html"})


class Client:
    """Asks once, without any manners; ``most`` is how many requests it had under way at once."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._under_way = 0
        self.most = 0

    async def __call__(
        self, url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect:
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        try:
            answer = await self._client.get(url, headers=list(headers))
        except httpx2.TransportError as error:
            return NoResponse(url, Access.DEAD, f"{url} broke: {error!r}.", transient=True)
        finally:
            self._under_way -= 1
        if answer.has_redirect_location:
            return Redirect(url, str(answer.url.join(answer.headers["location"])), spent)
        found = tuple(answer.headers.multi_items())
        return Response(url, str(answer.url), answer.status_code, found, answer.content)


def ask(
    *urls: str, headers: Sequence[tuple[str, str]] = (), most: list[int] | None = None, **options
) -> list[Response | NoResponse]:
    """What a polite client gets from all these addresses, asked for at once."""

    async def run() -> list[Response | NoResponse]:
        limits = httpx2.Limits(max_connections=None)
        async with httpx2.AsyncClient(
            trust_env=False, verify=False, timeout=10, limits=limits
        ) as plain:
            client = Client(plain)
            polite = PoliteGet(client, AGENT, **{"pace": PACE, **options})
            found = await asyncio.gather(*(polite(url, headers) for url in urls))
        if most is not None:
            most.append(client.most)
        return list(found)

    return asyncio.run(run())


def status(answer: Response | NoResponse) -> int:
    assert isinstance(answer, Response), answer
    return answer.status


def gaps(server: WebServer) -> list[float]:
    times = [request.at for request in server.requests]
    return [after - before for before, after in itertools.pairwise(times)]


def replies(server: WebServer, path: str, *in_turn: Reply) -> str:
    """Serve these replies to ``path`` one after the other, the last one for ever."""
    left = list(in_turn)

    def reply(_: Request) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    server.replies[path] = reply
    return server.url(path)


def quietly(server: WebServer) -> None:
    """Connections will break, and the server's threads need not say so on standard error."""
    server._server.handle_error = lambda *_: None


@contextmanager
def servers(n: int) -> Iterator[list[WebServer]]:
    started = [WebServer() for _ in range(n)]
    try:
        yield started
    finally:
        for server in started:
            server.close()
