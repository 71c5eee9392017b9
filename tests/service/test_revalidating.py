"""Documents that are kept and asked for again, lists in parts, and what a key is needed for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient
from tests.described import check_described

from footnoted import Assistant, documents
from footnoted.service.api.paging import Page
from footnoted.service.app import create_app
from footnoted.service.server import Settings

LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


@pytest.fixture(scope="module")
def packaged() -> Iterator[TestClient]:
    with Assistant.open("default") as default, Assistant.open("example") as example:
        default.load()
        example.load()
        app = create_app({"default": default, "example": example})
        yield TestClient(app, base_url="http://localhost")


def links(response) -> dict[str, str]:
    found = LINK.findall(response.headers.get("link", ""))
    return {name: urljoin(str(response.url), target) for target, name in found}


def some_paths(packaged: TestClient) -> list[str]:
    claim = packaged.get("/v1/article").json()["claims"][0]["id"]
    passage = packaged.get("/v1/search?q=Iraq").json()["passages"][0]
    sources = packaged.get("/v1/sources").json()["references"]
    captured = packaged.get(f"/v1/sources/{sources[6]['reference_id']}").json()["captures"]
    return [
        "/v1/sources",
        "/v1/sources?limit=2",
        f"/v1/sources/{sources[0]['reference_id']}",
        "/v1/article",
        f"/v1/passages/{passage['id']}",
        f"/v1/claims/{claim}",
        f"/v1/captures/{captured[0]['sha256']}",
        "/v1/corpora",
    ]


def test_what_is_kept_is_not_sent_again(packaged: TestClient) -> None:
    tags = set()
    for path in some_paths(packaged):
        first = packaged.get(path)
        assert first.status_code == 200, path
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        assert re.fullmatch(r'W/"[0-9a-f]{32}"', tag)
        tags.add(tag)
        for kept in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = packaged.get(path, headers={"If-None-Match": kept})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == tag
        for other in ('W/"other"', "", tag[:-3]):
            assert packaged.get(path, headers={"If-None-Match": other}).status_code == 200
    assert len(tags) == len(some_paths(packaged))


def test_another_edition_and_another_corpus_have_other_validators(standin) -> None:
    town = standin()
    client = TestClient(create_app({"town": town, "other": standin()}), base_url="http://localhost")
    before = client.get("/v1/sources").headers["etag"]
    assert client.get("/v1/sources?corpus=other").headers["etag"] != before
    town.edition = "edition-2"
    changed = client.get("/v1/sources", headers={"If-None-Match": before})
    assert changed.status_code == 200
    assert changed.headers["etag"] != before


def test_an_edition_is_named_by_all_that_it_depends_on(tmp_path: Path) -> None:
    def edition(corpus: str, **settings: object) -> str:
        with Assistant.open(corpus, settings=Settings(**settings)) as assistant:  # type: ignore[arg-type]
            return assistant.edition

    same = edition("default", reader=False)
    assert edition("default", reader=False, port=1, state_dir=tmp_path) == same
    others = [edition("default"), edition("example", reader=False)]
    others.append(edition("default", reader=False, refuse_below=0.5))
    assert len({same, *others}) == 4
    with Assistant.open("default", settings=Settings(reader=False)) as assistant:
        assistant.load()
        assert assistant.edition != same  # the generation has a part in it


@pytest.mark.parametrize(
    ("path", "key"), [("/v1/sources", "references"), ("/v1/article", "claims")]
)
def test_a_list_in_parts_is_the_list(packaged: TestClient, path: str, key: str) -> None:
    whole = packaged.get(path)
    assert "link" not in whole.headers
    parts = []
    page = packaged.get(path, params={"limit": 5, "corpus": "default"})
    last = links(page)["last"]
    while True:
        document = page.json()
        assert document["counts"] == whole.json()["counts"]
        assert len(document[key]) <= 5
        parts += document[key]
        if "next" not in links(page):
            break
        page = packaged.get(links(page)["next"])
    assert parts == whole.json()[key]
    assert str(page.url) == last
    assert packaged.get(links(page)["prev"]).json()[key] == parts[-5 - len(page.json()[key]) :][:5]
    beyond = packaged.get(path, params={"corpus": "default", "limit": 5, "offset": 10_000})
    assert beyond.json()[key] == []
    assert links(beyond)["prev"] == last
    for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": "x"}):
        assert packaged.get(path, params=wrong).status_code == 422


def test_a_page_without_a_limit_has_the_rest() -> None:
    assert Page(None, 2).of(list("abcd")) == ["c", "d"]
    assert Page(2, 3).of(list("abcd")) == ["d"]


def test_a_captures_text_is_a_download_that_citations_count_in(packaged: TestClient) -> None:
    answer = packaged.get("/v1/ask", params={"q": "How many US soldiers were killed?"}).json()
    citation = next(p["citation"] for p in answer["passages"] if p["citation"]["kind"] == "source")
    got = packaged.get(f"/v1/captures/{citation['capture_sha256']}")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="capture-[0-9a-f]{16}\.txt"', got.headers["content-disposition"]
    )
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.content.decode()[citation["start"] : citation["end"]] == citation["quote"]
    for unknown in ("0" * 64, "x", "%00", citation["capture_sha256"].upper(), "..%2Fx"):
        missing = packaged.get(f"/v1/captures/{unknown}")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"


def test_a_captures_text_needs_a_key_unless_the_server_is_local(tmp_path: Path) -> None:
    with Assistant.open("default") as assistant:
        citation = assistant.search("Iraq")["passages"][0]["citation"]
        away = Settings(host="0.0.0.0", state_dir=tmp_path)
        client = TestClient(create_app({"default": assistant}, settings=away))
        client.base_url = "http://localhost"
        refused = client.get(f"/v1/captures/{citation['capture_sha256']}")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert citation["quote"] not in refused.text
        assert client.get("/v1/sources").status_code == 200


def test_a_source_has_its_history_and_its_captures(packaged: TestClient) -> None:
    listed = packaged.get("/v1/sources").json()["references"]
    for row in listed:
        source = packaged.get(f"/v1/sources/{row['reference_id']}").json()
        check_described(documents.SourceDocument, source)
        assert {key: source[key] for key in row} == row
        assert source["history"][0]["reason"] == row["reason"]
        article = packaged.get("/v1/article").json()
        assert source["claims"] == [
            c["id"] for c in article["claims"] if row["reference_id"] in c["reference_ids"]
        ]
    assert packaged.get("/v1/sources/none").status_code == 404


def test_answers_carry_the_articles_licence_revision_and_address(packaged: TestClient) -> None:
    for corpus, question in (("example", "Who built it?"), ("default", "Who leads the group?")):
        article = packaged.get("/v1/article", params={"corpus": corpus}).json()
        answer = packaged.get("/v1/ask", params={"q": question, "corpus": corpus}).json()
        named = answer["corpus"]["article"]
        keys = ("title", "url", "revision", "licence")
        assert named == {key: article[key] for key in keys}
    assert named["licence"]
