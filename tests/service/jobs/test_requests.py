"""What may not be ingested over HTTP, and by whom: refused before anything is queued."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from tests.conftest import EXAMPLE

from footnoted.ingest.corpus import Corpus
from footnoted.service.operations.keys import Keys

PAGE = "https://example.org/article"


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "article.html",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "--help",
        "-c",
        "http://127.0.0.1/",
        "http://localhost:8321/v1/ask?q=x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://10.0.0.1/",
        "https://example.org:22/",
        "https://user:secret@example.org/",
        "HTTP://127.1/",
        "https://example.org/\r\nHost: evil",
        "wikipedia:",
        "   ",
    ],
)
def test_what_is_no_article_that_may_be_read_is_refused(serve, source):
    client = serve()
    answer = client.post("/v1/ingest", json={"source": source, "corpus": "x"})
    assert answer.status_code == 400, answer.json()
    assert answer.json()["type"] == "urn:footnoted:problem:usage-error"
    assert client.get("/v1/ingest").json()["jobs"] == []


NO_NAMES = [
    *("../x", "a/b", "/tmp/x", "a\\b", ".hidden", "..", "-c", "~", "a b"),
    *("", "x\n", "x\x00", "x" * 61, "\U00020000" * 60),  # the last has 240 bytes
]


@pytest.mark.parametrize("corpus", NO_NAMES)
def test_what_is_no_name_of_a_corpus_is_refused(serve, corpus):
    answer = serve().post("/v1/ingest", json={"source": PAGE, "corpus": corpus})
    assert (answer.status_code, answer.json()["about"]) == (400, "corpus")


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"corpus": None}, "corpus"),
        ({"corpus": "default"}, "corpus"),
        ({"revision": "12"}, "revision"),
        ({"source": "wikipedia:Apamea", "revision": "12; x"}, "revision"),
        ({"form": "nothing"}, "form"),
        ({"refresh": True, "from_captures": True}, "--refresh"),
        ({"links": {"7": "file:///etc/passwd"}}, "links"),
        ({"links": {"7": ["http://169.254.169.254/"]}}, "links"),
    ],
)
def test_options_that_make_no_sense_are_refused(serve, changes, about):
    answer = serve().post("/v1/ingest", json={"source": PAGE, "corpus": "x"} | changes)
    assert (answer.status_code, answer.json()["about"]) == (400, about)


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], {"source": 3}, {"source": ""}, {"source": "x" * 2001}),
        *({"source": PAGE, "jobs": 0}, {"source": PAGE, "links": {"7": 3}}),
        {"source": PAGE, "digest": "7=/etc/passwd"},
    ],
)
def test_bodies_of_another_shape_are_refused(serve, body):
    assert serve().post("/v1/ingest", json=body).status_code == 422


def test_a_wikipedia_page_names_its_corpus(serve, settings):
    made = serve().post("/v1/ingest", json={"source": "wikipedia:ar:جسر قديم"}).json()
    assert made["corpus"] == "جسر-قديم"
    assert made["request"] == {"source": "wikipedia:ar:جسر قديم", "corpus": "جسر-قديم"}


def test_a_served_corpus_is_written_where_it_lies_unless_it_is_the_packages(serve, tmp_path):
    class Served:
        def __init__(self, corpus):
            self.corpus = corpus

        @contextmanager
        def held(self):
            yield self

    with Corpus.open(EXAMPLE) as packaged:
        client = serve(corpora={"sallowick": Served(packaged)})
        answer = client.post("/v1/ingest", json={"source": PAGE, "corpus": "sallowick"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:footnoted:problem:read-only"


def test_of_many_who_start_the_same_one_does(serve):
    workers = [serve() for _ in range(4)]
    for worker in workers:  # FastAPI makes its routes ready then, in a way not made for threads
        worker.get("/v1/ingest")

    def start(n):
        body = {"source": PAGE, "corpus": "x"}
        return workers[n % 4].post("/v1/ingest", json=body).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(start, range(12))) == [202] + [409] * 11


def test_the_queue_has_an_end(serve):
    client = serve()
    codes = [
        client.post("/v1/ingest", json={"source": PAGE, "corpus": f"x{n}"}).status_code
        for n in range(22)
    ]
    assert codes == [202] * 20 + [409] * 2
    part = client.get("/v1/ingest", params={"limit": 3, "offset": 3})
    assert [job["corpus"] for job in part.json()["jobs"]] == ["x16", "x15", "x14"]
    assert part.json()["counts"]["queued"] == 20
    assert 'rel="next"' in part.headers["Link"]


def test_a_job_that_never_was_is_not_found(serve):
    client = serve()
    for answer in (
        client.get("/v1/ingest/none"),
        client.get("/v1/ingest/none/events"),
        client.delete("/v1/ingest/none"),
    ):
        assert answer.status_code == 404
        assert answer.json()["about"] == "none"


ROUTES = [
    ("POST", "/v1/ingest"),
    ("GET", "/v1/ingest"),
    ("GET", "/v1/ingest/x"),
    ("GET", "/v1/ingest/x/events"),
    ("DELETE", "/v1/ingest/x"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_an_administrator_may(serve, settings, method, path):
    client = serve()
    admin = client.headers.pop("Authorization")
    reader = Keys(settings.state_dir).add("reader", "read")
    assert client.request(method, path).status_code == 401  # though it is local
    bearer = {"Authorization": f"Bearer {reader}"}
    assert client.request(method, path, headers=bearer).status_code == 403
    Keys(settings.state_dir).remove("ana")
    off = client.request(method, path, headers=bearer)
    assert off.status_code == 403
    assert "footnoted keys add NAME --scope admin" in off.json()["detail"]
    assert client.request(method, path, headers={"Authorization": admin}).status_code == 401


def test_another_sites_page_starts_and_cancels_nothing(serve):
    client = serve()
    body, evil = {"source": PAGE, "corpus": "x"}, {"Origin": "https://evil.example"}
    assert client.post("/v1/ingest", json=body, headers=evil).status_code == 403
    job = client.post("/v1/ingest", json=body).json()["id"]
    assert client.delete(f"/v1/ingest/{job}", headers=evil).status_code == 403
    assert client.get(f"/v1/ingest/{job}").json()["state"] == "queued"
