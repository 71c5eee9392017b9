"""robots.txt: what it forbids, what its absence means, and that each site is asked once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Access
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.fetching.robots import Robots, Site, site_of

AGENT = "Footnoted/0.1 (+https://example.org/about; mailto:us@example.org)"
# No certificates are needed here, and reading them takes longer than all the rest.
CLIENT = {"follow_redirects": True, "trust_env": False, "timeout": 5, "verify": False}


async def plain(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response | NoResponse:
    """A ``Get`` without any manners."""
    async with httpx2.AsyncClient(**CLIENT) as client:
        try:
            answer = await client.get(url, headers=list(headers))
        except httpx2.TransportError as error:
            return NoResponse(url, Access.DEAD, f"{url}: {error}", transient=True)
    found = tuple(answer.headers.multi_items())
    return Response(url, str(answer.url), answer.status_code, found, answer.content)


def with_robots(ask: Callable[[Robots], Awaitable[object]]) -> object:
    async def run() -> object:
        return await ask(Robots(plain, AGENT))

    return asyncio.run(run())


def allowed(web, *paths: str) -> list[bool]:
    """Which of the server's paths its robots.txt allows."""

    async def ask(robots: Robots) -> list[bool]:
        return [await robots.allows(web.url(path)) is None for path in paths]

    found = with_robots(ask)
    assert isinstance(found, list)
    return found


def refusal(url: str, get=plain) -> NoResponse:
    found = asyncio.run(Robots(get, AGENT).allows(url))
    assert isinstance(found, NoResponse)
    assert found.url == url
    return found


def rules(web, text: str) -> None:
    web.page("/robots.txt", text)


def test_a_refusal_names_the_host_and_a_way_out(web):
    rules(web, "User-agent: *\nDisallow: /private/\n")
    found = refusal(web.url("/private/page"))
    assert found.access is Access.BLOCKED_BY_ROBOTS
    assert not found.transient
    assert web.address in found.reason
    assert "--source" in found.reason
    assert web.asked("/private/page") == 0
    assert allowed(web, "/public") == [True]


@pytest.mark.parametrize(
    ("pattern", "path", "may"),
    [
        ("/*.pdf$", "/a/b.pdf", False),
        ("/*.pdf$", "/a/b.pdf?page=1", True),
        ("/*.pdf$", "/a/b.pdfs", True),
        ("/*/print", "/a/b/print-me", False),
        ("/*/print", "/print", True),
        ("/exact$", "/exact", False),
        ("/exact$", "/exactly", True),
        ("/*?sort=", "/list?sort=up", False),
        ("/*?sort=", "/list?page=2", True),
        ("/%E4%B8%AD", "/中文", False),
        ("/a%3Cd%3E", "/a%3cd%3e", False),
        ("", "/anything", True),
    ],
)
def test_wildcards_and_ends(web, pattern, path, may):
    rules(web, f"User-agent: *\nDisallow: {pattern}\n")
    assert allowed(web, path) == [may]


def test_the_longest_rule_wins_and_allow_wins_a_tie(web):
    rules(
        web,
        "User-agent: *\nDisallow: /\nAllow: /open/\nDisallow: /open/not\n"
        "Allow: /tie\nDisallow: /tie\n",
    )
    assert allowed(web, "/x", "/open/a", "/open/not/a", "/tie/a") == [False, True, False, True]


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: footnoted\nDisallow: /other\n", True),
        ("User-agent: *\nDisallow: /other\n\nUser-agent: FootNoted\nDisallow: /\n", False),
        ("User-agent: Footnoted/9.9 (any)\nDisallow: /\n", False),
        ("useragent: footnoted # us\nDisallow: /\n", False),
        ("User-agent footnoted\nDisallow: /\n", False),
        # One group for several agents; the same agent's groups are one.
        ("User-agent: somebody\nUser-agent: footnoted\nDisallow: /\n", False),
        ("User-agent: footnoted\nDisallow: /other\n\nUser-agent: footnoted\nDisallow: /\n", False),
        # Others' groups, names that only begin like ours, and words of our header's comment.
        ("User-agent: somebody\nDisallow: /\n", True),
        ("User-agent: *\nDisallow: /other\n\nUser-agent: somebody\nDisallow: /\n", True),
        ("User-agent: foot\nDisallow: /\n", True),
        ("User-agent: footnoted-images\nDisallow: /\n", True),
        ("User-agent: example\nDisallow: /\n", True),
        ("\ufeffUser-agent: footnoted\nDisallow: /\n", False),
        ("<!doctype html><title>Not found</title><p>User-agent: of change</p>", True),
        ("", True),
    ],
)
def test_groups_of_agents(web, text, may):
    rules(web, text)
    assert allowed(web, "/page") == [may]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_no_robots_allows_everything(web, status):
    web.page("/robots.txt", "User-agent: *\nDisallow: /\n", status)
    assert allowed(web, "/page") == [True]


@pytest.mark.parametrize("status", [500, 503, 599])
def test_a_server_error_forbids_everything_for_the_time_being(web, status):
    web.page("/robots.txt", "", status)
    found = refusal(web.url("/page"))
    assert found.access is Access.BLOCKED_BY_SITE
    assert found.transient
    assert str(status) in found.reason
    assert web.url("/robots.txt") in found.reason


def test_a_site_that_cannot_be_reached_forbids_everything_for_the_time_being(web):
    web.close()
    found = refusal(web.url("/page"))
    assert (found.access, found.transient) == (Access.DEAD, True)


def test_what_the_client_refuses_is_left_to_its_own_words():
    async def refusing(url: str, headers: Sequence[tuple[str, str]] = ()) -> NoResponse:
        return NoResponse(url, Access.UNSAFE, "the client's own words")

    assert asyncio.run(Robots(refusing, AGENT).allows("http://127.0.0.2/page")) is None


@pytest.mark.parametrize("access", [Access.DEAD])
def test_what_the_client_says_of_the_site_is_passed_on(access):
    asked: list[str] = []

    async def refusing(url: str, headers: Sequence[tuple[str, str]] = ()) -> NoResponse:
        asked.append(url)
        return NoResponse(url, access, "the client's own words")

    found = refusal("http://user:secret@example.org:80/page?a=b#c", refusing)
    assert (found.access, found.reason) == (access, "the client's own words")
    assert asked == ["http://example.org/robots.txt"]


def test_a_robots_txt_that_the_client_will_not_read_is_the_sites_matter():
    async def refusing(url: str, headers: Sequence[tuple[str, str]] = ()) -> NoResponse:
        return NoResponse(url, Access.TOO_LARGE, "more than 20 MB")

    found = refusal("https://example.org/page", refusing)
    assert (found.access, found.transient) == (Access.BLOCKED_BY_SITE, False)
    assert "more than 20 MB" in found.reason


def test_a_redirected_robots_txt_speaks_for_the_site_that_was_asked(web):
    web.page("/moved", "User-agent: *\nDisallow: /private\n")
    web.page("/robots.txt", "", 301, Location="/moved")
    assert allowed(web, "/private", "/public") == [False, True]


def test_one_request_for_many_tasks_at_once(web):
    from tests.web_server import Reply

    web.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /no\n", delay=0.1)

    async def ask(robots: Robots) -> list[NoResponse | None]:
        urls = [web.url(f"/{'no' if n % 2 else 'yes'}/{n}") for n in range(20)]
        return await asyncio.gather(*(robots.allows(url) for url in urls))

    found = with_robots(ask)
    assert isinstance(found, list)
    assert [one is None for one in found] == [True, False] * 10
    assert web.asked("/robots.txt") == 1


def test_when_the_first_to_ask_is_cancelled_the_others_get_their_answer(web):
    async def ask(robots: Robots) -> NoResponse | None:
        web.page("/robots.txt", "User-agent: *\nDisallow: /\n")
        first = asyncio.create_task(robots.allows(web.url("/a")))
        second = asyncio.create_task(robots.allows(web.url("/b")))
        await asyncio.sleep(0)
        first.cancel()
        return await asyncio.wait_for(second, 5)

    found = with_robots(ask)
    assert isinstance(found, NoResponse)
    assert found.url == web.url("/b")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 2.5\n", 2.5),
        ("User-agent: *\nCrawl-delay: 86400\n", 30.0),
        ("User-agent: *\nCrawl-delay: 1\n\nUser-agent: footnoted\nCrawl-delay: 7\n", 7.0),
        ("User-agent: *\nCrawl-delay: soon\n", None),
        ("User-agent: *\nCrawl-delay: nan\n", None),
        ("User-agent: *\nDisallow: /x\n", None),
    ],
)
def test_crawl_delay(web, text, delay):
    rules(web, text)
    assert with_robots(lambda robots: robots.delay(web.url("/page"))) == delay
    assert web.asked("/robots.txt") == 1


def test_no_delay_where_nothing_was_read(web):
    web.page("/robots.txt", "", 500)
    assert with_robots(lambda robots: robots.delay(web.url("/page"))) is None
    assert with_robots(lambda robots: robots.delay("mailto:us@example.org")) is None


def test_only_whole_lines_of_the_first_500_kib_count(web):
    head = "User-agent: *\nDisallow: /no\n"
    padding = "#" * (500 * 1024 - len(head) - len("\nDisallow: /"))
    rules(web, f"{head}{padding}\nDisallow: /cut\nDisallow: /late\n")
    assert allowed(web, "/no", "/yes", "/cut", "/late") == [False, True, True, True]


def test_thousands_of_agents_with_thousands_of_rules_cost_nothing(web):
    agents = "".join(f"User-agent: a{n}\n" for n in range(5_000))
    lines = "".join(f"Disallow: /{n}/\n" for n in range(5_000))
    rules(web, f"{agents}User-agent: *\n{lines}")
    started = time.process_time()  # a rule set for each agent would take a minute
    assert allowed(web, "/4999/x", "/x") == [False, True]
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("HTTP://Example.ORG/a", Site("http", "example.org")),
        ("http://example.org:80/", Site("http", "example.org")),
        ("https://example.org:443?q", Site("https", "example.org")),
        ("https://example.org:80/", Site("https", "example.org:80")),
        ("http://[2001:DB8::1]:8080/", Site("http", "[2001:db8::1]:8080")),
        ("https://user:secret@example.org/", Site("https", "example.org")),
        ("ftp://example.org/", None),
        ("file:///etc/passwd", None),
        ("http:///path", None),
        ("http://[::1/", None),
        ("http://example.org:99999/", None),
        ("http://example.org/\ud800", None),
        ("", None),
    ],
)
def test_the_site_of_an_address(url, site):
    assert site_of(url) == site


@given(st.text() | st.builds("http://{}".format, st.text()))
def test_any_words_have_a_site_or_none(url):
    site = site_of(url)
    assert site is None or (site.scheme in {"http", "https"} and site.host)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_of_a_robots_txt_raise(body, path):
    async def served(url: str, headers: Sequence[tuple[str, str]] = ()) -> Response:
        return Response(url, url, 200, (), b"User-agent: *\nDisallow: " + body)

    url = f"http://example.org/{path}"
    found = asyncio.run(Robots(served, AGENT).allows(url))
    assert found is None or found.access is Access.BLOCKED_BY_ROBOTS


def test_an_address_without_a_site_is_left_to_the_client():
    async def never(url: str, headers: Sequence[tuple[str, str]] = ()) -> NoResponse:
        raise AssertionError(url)

    for url in ("file:///etc/passwd", "http://[::1/"):
        assert asyncio.run(Robots(never, AGENT).allows(url)) is None
