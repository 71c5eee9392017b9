"""Articles in WARC files: real files, written by warcio as crawlers write them."""

from __future__ import annotations

import asyncio
import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from footnoted.domain import Access, Origin
from footnoted.errors import InputError, UnreadableFile
from footnoted.ingest.captures import CaptureStore
from footnoted.ingest.fetching.responses import NoResponse, Response
from footnoted.ingest.warc.article import WarcArticle, article_in, is_warc

PAGE = b"<!doctype html><title>Lamp</title><p>The lamp burned herring oil.</p>"
AT = "https://lamp.example/article"
DATE = "2024-05-06T07:08:09Z"
HTML = ("Content-Type", "text/html; charset=utf-8")


class Crawl:
    """Writes a WARC, record by record."""

    def __init__(self, *, packed: bool = True) -> None:
        self.out = io.BytesIO()
        self.writer = WARCWriter(self.out, gzip=packed)

    def response(
        self,
        url: str,
        body: bytes = PAGE,
        *headers: tuple[str, str],
        status: str = "200 OK",
        kind: str = "response",
        **said: str,
    ) -> Crawl:
        http = StatusAndHeaders(status, list(headers or [HTML]), protocol="HTTP/1.1")
        named = {name.replace("_", "-"): value for name, value in said.items()}
        record = self.writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": DATE} | named,
        )
        self.writer.write_record(record)
        return self

    def other(self, kind: str, url: str, body: bytes, media_type: str) -> Crawl:
        record = self.writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), length=len(body), warc_content_type=media_type
        )
        self.writer.write_record(record)
        return self

    def done(self) -> bytes:
        return self.out.getvalue()


def read(body: bytes, url: str | None = None) -> WarcArticle:
    return article_in(body, name="lamp.warc.gz", url=url)


def found(article: WarcArticle, url: str) -> Response:
    captured = article.captures.find(url)
    assert not isinstance(captured, NoResponse), captured.reason
    return captured.response


def none(article: WarcArticle, url: str) -> NoResponse:
    captured = article.captures.find(url)
    assert isinstance(captured, NoResponse)
    return captured


@pytest.mark.parametrize("packing", ["records", "plain", "whole"])
def test_the_article_is_the_first_page(packing: str) -> None:
    crawl = Crawl(packed=packing == "records")
    crawl.other("warcinfo", "", b"software: crawler\r\n", "application/warc-fields")
    crawl.response(
        "https://lamp.example/robots.txt", b"User-agent: *", ("Content-Type", "text/plain")
    )
    crawl.response("https://lamp.example/gone", b"<p>gone", status="404 Not Found")
    crawl.response(AT).response("https://oil.example/", b"<p>Oil.</p>")
    body = gzip.compress(crawl.done()) if packing == "whole" else crawl.done()
    assert is_warc(body)
    article = read(body)
    assert (article.body, article.url, article.fetched_at) == (PAGE, AT, DATE)
    assert article.media_type == HTML[1]
    assert len(article.captures.addresses) == 4
    source = article.captures.find("https://oil.example")
    assert not isinstance(source, NoResponse)
    assert (source.response.body, source.response.status) == (b"<p>Oil.</p>", 200)
    assert source.fetched_at == DATE
    assert found(article, "https://lamp.example/gone").status == 404


def test_the_page_that_the_user_names() -> None:
    body = Crawl().response("https://lamp.example/").response(AT, b"<p>Named.</p>").done()
    assert read(body, "HTTPS://Lamp.example:443/article#oil").body == b"<p>Named.</p>"
    with pytest.raises(InputError, match="holds no response for https://no") as caught:
        read(body, "https://no.example/")
    assert "https://lamp.example/, https://lamp.example/article" in str(caught.value.hint)


def test_captures_answer_like_the_network() -> None:
    article = read(Crawl().response(AT).done())
    answer = asyncio.run(article.captures(AT, [("Accept", "text/html")]))
    assert isinstance(answer, Response)
    assert (answer.final_url, answer.hops, answer.header("content-type")) == (AT, (), HTML[1])
    missing = asyncio.run(article.captures("https://no.example/"))
    assert isinstance(missing, NoResponse)
    assert missing.access is Access.NOT_ATTEMPTED
    assert missing.reason == "lamp.warc.gz holds no response for https://no.example/."


def test_redirects_lead_through_the_file() -> None:
    crawl = Crawl().response(AT)
    to = ("Location", "/article")
    crawl.response(
        "http://lamp.example/a", b"", ("Location", "https://lamp.example/b"), status="301 M"
    )
    crawl.response("https://lamp.example/b", b"", to, status="302 Found")
    crawl.response(
        "https://lamp.example/out", b"", ("Location", "https://x.example/"), status="301 M"
    )
    crawl.response("https://lamp.example/loop", b"", ("Location", "/loop"), status="301 Moved")
    article = read(crawl.done())
    answer = found(article, "http://lamp.example/a")
    assert (answer.url, answer.final_url) == ("http://lamp.example/a", AT)
    assert answer.hops == ("http://lamp.example/a", "https://lamp.example/b")
    assert "redirected to https://x.example/" in none(article, "https://lamp.example/out").reason
    assert "without end" in none(article, "https://lamp.example/loop").reason


def test_the_last_good_capture_of_an_address_counts() -> None:
    crawl = (
        Crawl().response(AT, b"<p>old").response(AT, b"<p>new", WARC_Date="2025-01-01T00:00:00.5Z")
    )
    crawl.response(AT, b"<p>broken", status="503 Busy")
    article = read(crawl.done())
    assert (article.body, article.fetched_at) == (b"<p>new", "2025-01-01T00:00:00Z")


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    parts = [body[:half], body[half:], b""]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE, mtime=0), [("Content-Encoding", "gzip")]),
        (PAGE, [("Content-Encoding", "gzip")]),
        (zlib.compress(PAGE), [("Content-Encoding", "deflate")]),
        (zlib.compress(PAGE)[2:-4], [("content-encoding", "Deflate")]),
        (chunked(PAGE), [("Transfer-Encoding", "chunked")]),
        (chunked(gzip.compress(PAGE, mtime=0)),
         [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]),
        (gzip.compress(zlib.compress(PAGE), mtime=0), [("Content-Encoding", "deflate, gzip")]),
    ],
)  # fmt: skip
def test_codings_are_taken_off(body: bytes, headers: list[tuple[str, str]]) -> None:
    assert read(Crawl().response(AT, body, HTML, *headers).done()).body == PAGE


def test_a_status_without_end_is_none() -> None:
    http = f"HTTP/1.1 {'9' * 5000} OK\r\nContent-Type: text/html\r\n\r\nno".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://s.example/a\r\n"
        "WARC-Date: 2020-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    with pytest.raises(UnreadableFile, match="no web page"):
        read(head.encode() + http + b"\r\n\r\n")


def test_payloads_that_cannot_be_used_say_why() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(bomb.compress(bytes(2**20)) for _ in range(80)) + bomb.flush()
    crawl = Crawl().response(AT)
    crawl.response("https://b.example/", packed, HTML, ("Content-Encoding", "gzip"))
    crawl.response("https://r.example/", b"\x8b\x02", HTML, ("Content-Encoding", "br"))
    crawl.response("https://d.example/", b"<p>plain", HTML, ("Content-Encoding", "deflate"))
    crawl.response("https://t.example/", b"<p>begin", WARC_Truncated="length")
    article = read(crawl.done())
    for url, access, reason in [
        ("https://b.example/", Access.TOO_LARGE, "larger than 64 MiB"),
        ("https://r.example/", Access.UNSUPPORTED_TYPE, "packed as 'br'"),
        ("https://d.example/", Access.EXTRACTION_FAILED, "cannot be unpacked"),
        ("https://t.example/", Access.TOO_LARGE, "only the beginning"),
    ]:
        answer = none(article, url)
        assert answer.access is access
        assert reason in answer.reason
        assert url in answer.reason


def test_a_page_seen_again_has_the_words_of_the_first_time() -> None:
    crawl = Crawl().response(AT, PAGE, WARC_Payload_Digest="sha1:AAAA")
    crawl.response(
        "https://m.example/", b"", kind="revisit", WARC_Refers_To_Target_URI=AT,
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    )  # fmt: skip
    crawl.response("https://n.example/", b"", kind="revisit", WARC_Payload_Digest="sha1:AAAA")
    crawl.response("https://o.example/", b"", kind="revisit", WARC_Payload_Digest="sha1:BBBB")
    article = read(crawl.done())
    assert found(article, "https://m.example/").body == PAGE
    assert found(article, "https://n.example/").body == PAGE
    assert found(article, "https://n.example/").final_url == "https://n.example/"
    assert "does not hold it" in none(article, "https://o.example/").reason


def test_resources_are_pages_too() -> None:
    crawl = Crawl().other("request", AT, b"GET / HTTP/1.1\r\n\r\n", "application/http")
    crawl.other("resource", "urn:note", PAGE, "text/html").other("resource", AT, PAGE, "text/html")
    assert (read(crawl.done()).url, read(crawl.done()).body) == (AT, PAGE)


def test_a_page_without_a_type_is_known_by_its_words() -> None:
    crawl = Crawl().response("https://a.example/", b"plain words", ("Server", "x"))
    crawl.response(AT, PAGE, ("Server", "x"))
    assert read(crawl.done()).url == AT


def test_our_own_captures_are_read_back(tmp_path: Path) -> None:
    capture = CaptureStore(tmp_path).store(
        PAGE, url="http://lamp.example/old", final_url=AT, status=200, media_type="text/html",
        fetched_at=DATE, origin=Origin.LIVE, headers=[HTML],
    )  # fmt: skip
    article = read((tmp_path / capture.warc_path).read_bytes())
    assert (article.body, article.url, article.fetched_at) == (PAGE, AT, DATE)
    assert found(article, "http://lamp.example/old").final_url == AT
    assert found(article, "http://lamp.example/old").hops == ("http://lamp.example/old",)


def test_a_file_without_a_page() -> None:
    image = Crawl().response(AT, b"\x89PNG", ("Content-Type", "image/png")).done()
    with pytest.raises(UnreadableFile, match="no web page") as caught:
        read(image)
    assert AT in str(caught.value.hint)
    packed = Crawl().response(AT, b"x", HTML, ("Content-Encoding", "br")).done()
    with pytest.raises(UnreadableFile, match="packed as 'br'"):
        read(packed)


@pytest.mark.parametrize(
    "body",
    [b"", b"<p>no archive", b"WARC/1.0\r\n", b"\x1f\x8b\x08broken",
     gzip.compress(b"words", mtime=0),  # of now, it would have another id on another worker
     b"WARC/1.0\r\nWARC-Type: response\r\n\r\nx", b"PK\x03\x04"],
)  # fmt: skip
def test_what_is_no_web_archive(body: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^lamp\.warc\.gz (is|holds) ") as caught:
        read(body)
    assert caught.value.hint


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_was_cut_short(packed: bool) -> None:
    whole = Crawl(packed=packed).response(AT).response("https://b.example/", PAGE * 9).done()
    for cut in (30, 400, len(whole) - 60):
        with pytest.raises(UnreadableFile):
            read(whole[:cut])


WHOLE = Crawl().response(AT).response("https://b.example/", PAGE * 9).done()
PLAIN = Crawl(packed=False).response(AT).response("https://b.example/", PAGE * 9).done()


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([WHOLE, PLAIN]), st.data())
def test_a_damaged_file_is_read_or_refused(whole: bytes, data: Any) -> None:
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    try:
        article = read(bytes(damaged))
    except UnreadableFile:
        return
    for address in article.captures.addresses:
        article.captures.find(address)


def test_what_a_web_archive_looks_like() -> None:
    assert is_warc(WHOLE)
    assert is_warc(PLAIN)
    assert not is_warc(b"\x1f\x8bbroken")
    assert not is_warc(gzip.compress(b"<html>"))
    assert not is_warc(PAGE)
