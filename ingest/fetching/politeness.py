"""A ``Get`` that keeps to each site's rules and pace, and asks again where that may help."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from footnoted.domain import Access
from footnoted.ingest.fetching.redirects import NOTHING, Once, Redirect, Spent, follow
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.fetching.robots import Robots, site_of

_AGAIN = frozenset({429, 500, 502, 503, 504})
_FIRST_BACKOFF = 2.0  # seconds; each further retry may wait twice as long as the one before
_LONGEST_BACKOFF = 30.0
_TOO_OFTEN = 20  # failed requests in a row, after which a host is left alone for this run


@dataclass(slots=True)
class _Host:
    """One host's queue, and what its answers so far ask of us. Times are the clock's seconds."""

    pace: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # first come, first served
    free_at: float = 0.0
    waited: float = 0.0  # by its own Retry-After, since it last answered
    failures: int = 0  # in a row
    last_failure: str = ""


class PoliteGet:
    """Asks as ``once`` does, one request at a time to each host, and only what robots.txt allows.

    Redirects are followed, and each of them is a request like the first: in its own host's turn
    and pace, tried again by itself, and made only where the robots.txt of its own site allows it.
    A robots.txt may redirect anywhere (RFC 9309, 2.3.1.2) and needs nobody's leave for it.

    Between the end of one request and the next to the same host pass at least ``pace`` seconds,
    or its crawl-delay; requests for robots.txt and retries are requests like others. A host is a
    name with its port (``127.0.0.1:8080``; the scheme's own port is left out). At most ``jobs``
    requests are under way at once, and none of them is one that waits for its host.

    Connections that break and 429, 500, 502, 503, 504 are tried up to ``attempts`` times. A
    Retry-After holds the whole host back; when a host's waits would come to more than ``patience``
    seconds without an answer in between, the response is returned as it is. A host that fails 20
    times in a row is not asked again.

    ``exempt`` names hosts whose robots.txt is not asked, because what is asked there is an
    interface offered to programs.
    """

    def __init__(
        self,
        once: Once,
        user_agent: str,
        *,
        jobs: int = 8,
        pace: float = 1.0,
        attempts: int = 3,
        patience: float = 60.0,
        exempt: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``user_agent`` begins with the product token that sites name in their robots.txt.

        ``jobs`` and ``attempts`` count from 1; ``pace`` and ``patience`` are in seconds.
        ``clock`` and ``sleep`` measure and pass the time between requests; the random wait before
        a retry is stamina's, which ``stamina.set_testing`` shortens.
        """
        self._once = once
        self._robots = Robots(self._robots_txt, user_agent)
        self._jobs = asyncio.Semaphore(jobs)
        self._pace = pace
        self._attempts = attempts
        self._patience = patience
        self._exempt = exempt
        self._clock = clock
        self._sleep = sleep
        self._hosts: defaultdict[str, _Host] = defaultdict(lambda: _Host(pace))

    async def __call__(
        self, url: str, headers: Sequence[tuple[str, str]] = ()
    ) -> Response | NoResponse:
        """``headers`` are sent with ``url`` and its redirects, not with requests for robots.txt."""
        return await follow(self._allowed, url, headers)

    async def _robots_txt(
        self, url: str, headers: Sequence[tuple[str, str]] = ()
    ) -> Response | NoResponse:
        return await follow(self._ask, url, headers)

    async def _allowed(
        self, url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect:
        """The answer to a request that robots.txt allows, else that it does not."""
        host = _host_of(url)
        if host not in self._exempt:
            refusal = await self._robots.allows(url)
            if refusal is not None:
                return refusal
            delay = await self._robots.delay(url)
            self._hosts[host].pace = max(self._pace, delay or 0.0)
        return await self._ask(url, headers, spent)

    async def _ask(
        self, url: str, headers: Sequence[tuple[str, str]] = (), spent: Spent = NOTHING
    ) -> Response | NoResponse | Redirect:
        """The answer to a request, or to the last of its retries."""
        import stamina  # noqa: PLC0415 - only a fetching command needs it

        host = self._hosts[_host_of(url)]
        tries = stamina.retry_context(on=_backoff, attempts=self._attempts, timeout=None)
        try:
            async for attempt in tries:
                with attempt:
                    return await self._take_turn(url, headers, spent, host, attempt.num)
        except _AskAgain as last:
            return last.answer
        raise AssertionError("stamina ends with an answer or an error")

    async def _take_turn(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        spent: Spent,
        host: _Host,
        attempt: int,
    ) -> Response | NoResponse | Redirect:
        """One request, in this host's turn; raises ``_AskAgain`` for an answer worth another."""
        async with host.turn:
            if host.failures >= _TOO_OFTEN:
                return _left_alone(url, host)
            if (wait := host.free_at - self._clock()) > 0:
                await self._sleep(wait)
            # Only now: a request that waits for its host must not keep others from theirs.
            async with self._jobs:
                try:
                    answer = await self._once(url, headers, spent)
                finally:
                    host.free_at = self._clock() + host.pace
            if isinstance(answer, Redirect) or not (failure := _failure(answer)):
                host.failures, host.waited = 0, 0.0
                return answer
            host.failures, host.last_failure = host.failures + 1, failure
            asked = retry_after(answer) if isinstance(answer, Response) else None
            if asked is not None and host.waited + asked > self._patience:
                return answer
            if asked is not None:
                host.waited += asked
                host.free_at = max(host.free_at, self._clock() + asked)
            raise _AskAgain(answer, attempt, asked)


class _AskAgain(Exception):
    """Carries an answer that is worth another request to stamina, which retries exceptions."""

    def __init__(self, answer: Response | NoResponse, attempt: int, wait: float | None) -> None:
        super().__init__(answer.url)
        self.answer = answer
        self.attempt = attempt
        self.wait = wait


def _backoff(error: Exception) -> bool | float:
    """How long to wait before the next attempt, in seconds: a hook for stamina.

    Full jitter, where stamina's own formula adds its jitter to a fixed part. Where the server
    said how long, its host's turn comes no earlier, for all of its addresses.
    """
    if not isinstance(error, _AskAgain):
        return False
    if error.wait is not None:
        return 0.0
    most = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2 ** (error.attempt - 1))
    return random.uniform(0.0, most)  # noqa: S311 - spreads requests, guards nothing


def _failure(answer: Response | NoResponse) -> str:
    """In words, what may be better another time; empty for an answer that stands."""
    if isinstance(answer, NoResponse):
        return answer.reason if answer.transient else ""
    if answer.status not in _AGAIN:
        return ""
    return f"It answered {answer.status} {HTTPStatus(answer.status).phrase}."


def retry_after(response: Response) -> float | None:
    """The seconds that a Retry-After (RFC 9110, 10.2.3) asks to wait; ``None`` without a valid one.

    A date counts from the response's own Date, so that a wrong clock on either side does not
    matter; from now when it has none.
    """
    value = (response.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = _instant(value)
    if until is None:
        return None
    since = _instant(response.header("date") or "") or datetime.now(UTC)
    return max(0.0, (until - since).total_seconds())


def _instant(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _left_alone(url: str, host: _Host) -> NoResponse:
    return NoResponse(
        url,
        Access.BLOCKED_BY_SITE,
        f"Not read: {_host_of(url)} failed {host.failures} times in a row, so {url} was not asked "
        f"for again. The last time: {host.last_failure} Run the ingest again later with "
        "--refresh, or supply the page with --source.",
        transient=True,
    )


def _host_of(url: str) -> str:
    """What requests are paced by; empty for an address that no client will connect to."""
    site = site_of(url)
    return site.host if site is not None else ""
