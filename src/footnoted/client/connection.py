"""One server and the requests to it: what goes wrong is raised in our own words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

import footnoted
from footnoted import errors
from footnoted.client.addresses import address, authorization, is_local
from footnoted.client.problems import error_of
from footnoted.domain import Json

MOST_BYTES = 256 * 1024 * 1024
"""The largest response that is read, unpacked."""
_BUSY = (429, 503)
_LEAST_PAUSE = 0.1  # seconds; a server may say 0 for ever
_STRANGE = "Is this the address that `footnoted serve` prints, without any path behind it?"


class Connection:
    """Requests to the API of one server; threads may share it."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        timeout: float,
        wait: float,
        transport: httpx2.BaseTransport | None,
    ) -> None:
        url = address(base_url)
        self.where = str(url).rstrip("/")
        self._timeout = timeout
        self._wait = wait
        self._http = httpx2.Client(
            base_url=url,
            headers={"User-Agent": f"footnoted/{footnoted.__version__}", **authorization(key)},
            timeout=timeout,
            transport=transport,
            trust_env=not is_local(url.host),
        )

    def close(self) -> None:
        """Close what is open; nothing can be asked any more."""
        self._http.close()

    def document(
        self, method: str, path: str, asked: Mapping[str, Any], body: Json | None = None
    ) -> Json:
        """The JSON document that the server answers with."""
        with self.response(method, path, "application/json", asked, body) as response:
            return self.parsed(self.read(response), response)

    def text(self, path: str, asked: Mapping[str, Any]) -> str:
        """The text that the server sends as a file, in UTF-8."""
        with self.response("GET", path, "*/*", asked) as response:
            try:
                return self.read(response).decode("utf-8")
            except UnicodeDecodeError as error:
                raise self._stranger(response) from error

    def events(self, path: str, body: Json) -> Iterator[tuple[str, Json]]:
        """Each event that the server sends, with its document; a problem is raised."""
        with self.response("POST", path, "text/event-stream", {}, body) as response:
            for event in httpx2.EventSource(response, MOST_BYTES):
                document = self.parsed(event.data, response)
                if event.event in ("problem", "error"):
                    raise error_of(document, int(document.get("status", 500)), self.where)
                yield event.event, document

    @contextmanager
    def response(
        self,
        method: str,
        path: str,
        accept: str,
        asked: Mapping[str, Any],
        body: Json | None = None,
    ) -> Iterator[httpx2.Response]:
        """A response that succeeded, to be read in the block; waits for a busy server."""
        request = self._request(method, path, accept, asked, body)
        left = self._wait
        while True:
            with self._translated():
                response = self._http.send(request, stream=True)
            try:
                pause = _pause(response)
                if pause is None or pause > left:
                    with self._translated():
                        self._check(response)
                        yield response
                    return
            finally:
                response.close()
            left -= pause
            time.sleep(pause)

    def _request(
        self, method: str, path: str, accept: str, asked: Mapping[str, Any], body: Json | None
    ) -> httpx2.Request:
        if self._http.is_closed:
            raise errors.UsageError(
                "This client was closed.", about=self.where, hint="Make another one."
            )
        given = {name: value for name, value in asked.items() if value is not None}
        try:
            return self._http.build_request(
                method, f"v1/{path}", params=given, json=body, headers={"Accept": accept}
            )
        except (UnicodeEncodeError, httpx2.InvalidURL) as error:
            raise errors.QuestionError(
                f"This cannot be sent: {error}.",
                hint="Give valid Unicode, and what is very long in parts.",
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what goes wrong on the way as a ``FetchError``."""
        where = self.where
        try:
            yield
        except httpx2.TimeoutException as error:
            raise errors.FetchError(
                f"{where} did not answer within {self._timeout:g} s.",
                about=where,
                hint="Give a longer timeout, or look whether the server is overloaded.",
            ) from error
        except httpx2.ConnectError as error:
            raise errors.FetchError(
                f"Nothing answers at {where} ({error}).",
                about=where,
                hint="Start it with `footnoted serve`, and give the address that it prints.",
            ) from error
        except httpx2.HTTPError as error:
            raise errors.FetchError(
                f"The connection to {where} failed ({str(error) or type(error).__name__}).",
                about=where,
                hint="Ask again; if it goes on, look into the server's log.",
            ) from error

    def read(self, response: httpx2.Response) -> bytes:
        """The whole body, unpacked; ``FetchError`` for one that is too large to be ours."""
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise errors.FetchError(
                    f"{self.where} sends more than {MOST_BYTES // 2**20} MB.",
                    about=self.where,
                    hint=_STRANGE,
                )
        return b"".join(parts)

    def _check(self, response: httpx2.Response) -> None:
        """Raise the error that the response tells of, if it does."""
        if response.is_success:
            return
        if response.is_redirect:
            raise errors.FetchError(
                f"{self.where} sends its clients on to {response.headers.get('location')!r}.",
                about=self.where,
                hint="Give that server's address, if you trust it: a key is sent nowhere else.",
            )
        data = self.read(response)
        if "json" not in response.headers.get("content-type", ""):
            raise self._stranger(response)
        raise error_of(self.parsed(data, response), response.status_code, self.where)

    def parsed(self, data: bytes | str, response: httpx2.Response) -> Json:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._stranger(response) from error
        if not isinstance(document, dict):
            raise self._stranger(response)
        return document

    def _stranger(self, response: httpx2.Response) -> errors.FetchError:
        kind = response.headers.get("content-type", "no media type")
        return errors.FetchError(
            f"{self.where} does not answer as Footnoted does (status {response.status_code}, "
            f"{kind}).",
            about=self.where,
            hint=_STRANGE,
        )


def _pause(response: httpx2.Response) -> float | None:
    """Seconds after which a busy server wants to be asked again (RFC 9110, 10.2.3)."""
    after = response.headers.get("retry-after", "")
    if response.status_code not in _BUSY or not after.isdecimal():
        return None
    return max(float(after), _LEAST_PAUSE)
