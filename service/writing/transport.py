"""The HTTP under the chat client: few headers out, the key added last, a limit on what comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

_SENT = ("host", "content-type", "content-length")


class TooLong(httpx2.TransportError):
    """The server sent more than was to be read."""


class Packed(httpx2.TransportError):
    """The server packed its answer although it was asked not to: a limit could not be kept."""


class KeyedTransport(httpx2.AsyncBaseTransport):
    """Sends requests through ``inner`` with ``key``, and reads at most ``most_bytes`` of each body.

    The key is put in here and nowhere else: no client above it can log it or take it along to
    another host. Headers that the client would add about this machine stay here.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, key: str, most_bytes: int) -> None:
        self._inner = inner
        self._key = key
        self._most_bytes = most_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response, its body counted while it is read: ``TooLong`` or ``Packed`` then."""
        headers = {name: request.headers[name] for name in _SENT if name in request.headers}
        headers |= {"accept-encoding": "identity", "user-agent": "Footnoted"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        response = await self._inner.handle_async_request(
            httpx2.Request(
                request.method,
                request.url,
                headers=headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )
        body = response.stream
        if not isinstance(body, httpx2.AsyncByteStream):
            raise TypeError("an asynchronous transport gives an asynchronous stream")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await body.aclose()
            raise Packed("its answer is packed", request=request)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(body, self._most_bytes),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, body: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._body = body
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            self._left -= len(part)
            if self._left < 0:
                raise TooLong("its answer has no end")
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()
