"""The API hands each request to the right corpus and passes its document on unchanged."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from tests.described import check_described

from footnoted import Assistant, documents
from footnoted.service import schemas
from footnoted.service.app import create_app
from footnoted.settings import Settings

QUESTION = "When did the bridge fall?"


@pytest.fixture
def recorder(standin):
    """An in-memory corpus that remembers what it was asked."""

    class Recorder(standin):
        def __init__(self):
            super().__init__()
            self.calls = []

        def ask(self, question, k=None, only=None, reference=None, **more):
            self.calls.append((question, k, only, reference))
            self.more = more
            return super().ask(question, k, only, reference)

        def search(self, query, k=None, only=None, reference=None):
            self.calls.append((query, k, only, reference))
            return super().search(query, k, only, reference)

    return Recorder()


def client_of(corpora, **options):
    return TestClient(create_app(corpora, **options), base_url="http://localhost")


def test_answers_and_refusals_are_both_200(client):
    answered = client.post("/v1/ask", json={"question": QUESTION})
    refused = client.post("/v1/ask", json={"question": "Who rules Brazil?"})
    assert (answered.status_code, answered.json()["status"]) == (200, "answered")
    assert answered.json()["statements"][0]["span"] == "1931"
    assert (refused.status_code, refused.json()["reason"]) == (200, "not_in_corpus")


def test_every_parameter_arrives_by_body_and_by_address(recorder):
    client = client_of({"town": recorder})
    body = {"question": QUESTION, "k": 3, "only": "article", "reference": "ref7"}
    by_body = client.post("/v1/ask", json=body).json()
    query = {"q": QUESTION, "k": 3, "only": "article", "reference": "ref7"}
    by_address = client.get("/v1/ask", params=query).json()
    client.get("/v1/search", params=query)
    assert recorder.calls == [(QUESTION, 3, "article", "ref7")] * 3
    assert by_body == by_address


def test_a_corpus_is_chosen_by_name_and_the_first_is_the_default(recorder, standin):
    client = client_of({"town": standin(), "other": recorder})
    client.get("/v1/ask", params={"q": "one"})
    client.get("/v1/ask", params={"q": "two", "corpus": "other"})
    client.post("/v1/ask", json={"question": "three", "corpus": "other"})
    client.post("/v1/ask?corpus=other", json={"question": "four"})
    assert [question for question, *_ in recorder.calls] == ["two", "three", "four"]


def test_the_default_can_be_another(recorder, standin):
    client = client_of({"town": standin(), "other": recorder}, default="other")
    client.get("/v1/ask", params={"q": "one"})
    assert len(recorder.calls) == 1
    listing = client.get("/v1/corpora").json()
    assert listing["default"] == "other"
    assert [(row["name"], row["default"]) for row in listing["corpora"]] == [
        ("town", False),
        ("other", True),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/ask?q=x&",
        "/v1/search?q=x&",
        "/v1/passages/p1?",
        "/v1/sources?",
        "/v1/article?",
        "/v1/verify/x?",
    ],
)
def test_every_route_takes_a_corpus(client, path):
    assert client.get(f"{path}corpus=other").status_code in (200, 404)
    response = client.get(f"{path}corpus=lost")
    assert response.status_code == 404
    assert (response.json()["about"], response.json()["hint"]) == (
        "lost",
        "Served here: town, other.",
    )


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (f"/v1/ask?q={QUESTION}", documents.AnswerDocument),
        ("/v1/ask?q=other", documents.AnswerDocument),
        ("/v1/search?q=x", documents.SearchDocument),
        ("/v1/passages/p1", documents.PassageDocument),
        ("/v1/sources", documents.SourcesDocument),
        ("/v1/article", documents.ArticleDocument),
        ("/v1/corpora", documents.Corpora),
        ("/healthz", schemas.Health),
        ("/readyz", schemas.Health),
        ("/v1/claims/none", schemas.Problem),
        ("/nowhere", schemas.Problem),
        ("/v1/search", schemas.Problem),
    ],
)
def test_documents_are_exactly_what_openapi_describes(client, path, shape):
    document = client.get(path).json()
    check_described(shape, document)


def test_openapi_describes_every_route_its_document_and_its_problems(client):
    openapi = client.get("/openapi.json").json()
    assert openapi["openapi"].startswith("3.1")
    ours = {
        "/v1/ask",
        "/v1/search",
        "/v1/passages/{passage_id}",
        "/v1/sources",
        "/v1/sources/{reference_id}",
        "/v1/captures/{sha256}",
        "/v1/article",
        "/v1/claims/{claim_id}",
        "/v1/verify/{citation_id}",
        "/v1/export",
        "/v1/corpora",
        "/healthz",
        "/readyz",
    }
    assert ours <= set(openapi["paths"])
    files = {
        "/v1/captures/{sha256}": ["text/plain"],
        "/v1/export": [
            "application/vnd.citationstyles.csl+json",
            "application/x-bibtex",
            "application/x-research-info-systems",
            "text/markdown",
        ],
    }
    for path in ours:
        for operation in openapi["paths"][path].values():
            content = operation["responses"]["200"]["content"]
            if path in files:
                assert [media_type for media_type in content if media_type in files[path]]
                assert "application/json" not in content
            else:
                assert "$ref" in content["application/json"]["schema"]
            problem = operation["responses"]["422"]["content"]
            assert list(problem) == ["application/problem+json"]
            assert operation["description"]
    for methods in openapi["paths"]["/v1/ask"].values():
        assert "text/event-stream" in methods["responses"]["200"]["content"]
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


def test_hostile_ids_are_just_not_found(client):
    for identity in ("%00", "..%2F..%2Fetc", "%E2%80%AE", "<script>", "a" * 5000, "%ff"):
        for route in ("passages", "claims", "verify"):
            assert client.get(f"/v1/{route}/{identity}").status_code == 404


@pytest.fixture(scope="module")
def packaged():
    """A client of the application with the packaged corpora and their real assistants."""
    with Assistant.open("default") as default, Assistant.open("example") as example:
        yield client_of({"default": default, "example": example})


@pytest.mark.parametrize("corpus", ["default", "example"])
def test_real_documents_are_what_openapi_describes_and_lead_to_one_another(packaged, corpus):
    def get(path, shape, **parameters):
        response = packaged.get(path, params=parameters | {"corpus": corpus})
        assert response.status_code == 200, response.text
        check_described(shape, response.json())
        return response.json()

    article = get("/v1/article", documents.ArticleDocument)
    claim = next(c for c in article["claims"] if c["markers"] and c["label"] is None)
    assert article["text"][claim["start"] : claim["end"]] == claim["text"]
    found = get("/v1/search", documents.SearchDocument, q=claim["text"], k=3)
    assert len(found["passages"]) == 3
    for passage in found["passages"]:
        again = get(f"/v1/passages/{passage['id']}", documents.PassageDocument)
        assert again["text"] == passage["text"]
        citation = passage["citation"]["citation_id"]
        verified = get(f"/v1/verify/{citation}", documents.VerifyDocument)
        assert (verified["ok"], verified["quote"]) == (True, passage["text"])
    assert any(claim["text"] in passage["text"] for passage in found["passages"])
    sources = get("/v1/sources", documents.SourcesDocument)
    assert sources["counts"]["references"] == len(sources["references"]) > 0
    answer = get("/v1/ask", documents.AnswerDocument, q=claim["text"], k=2)
    assert len(answer["passages"]) <= 2
    assert answer["coverage"]["references"] == len(sources["references"])
    only = get("/v1/search", documents.SearchDocument, q=claim["text"], only="sources")
    assert {p["citation"]["kind"] for p in only["passages"]} == {"source"}


def test_the_real_assistant_answers_and_refuses_and_explains(packaged):
    jordan = "How many US soldiers were killed in Jordan on 28 January 2024?"
    answered = packaged.post("/v1/ask", json={"question": jordan}).json()
    assert answered["status"] == "answered"
    assert "three US soldiers" in answered["answer"]
    labels = [row["label"] for row in answered["citations"][0]["references"]]
    assert labels == ["7", "8", "9", "10", "11"]
    refused = packaged.post("/v1/ask", json={"question": "Who is the president of Brazil?"}).json()
    assert (refused["status"], refused["reason"]) == ("refused", "not_in_corpus")
    for question, status in (("", 422), ("?!", 422), ("x " * 20_000, 422)):
        response = packaged.post("/v1/ask", json={"question": question})
        assert response.status_code == status
        assert response.json()["type"] == "urn:footnoted:problem:question-error"
    gone = packaged.get("/v1/verify/0123456789abcdef.0123456789abcdef.0-5")
    assert gone.status_code == 404
    assert packaged.get("/readyz").status_code == 200


def test_filters_are_parameters_and_keys_of_the_body(packaged):
    question = {"question": "Who built the bridge?", "k": 50, "language": "ar", "corpus": "example"}
    passages = packaged.post("/v1/ask", json=question).json()["passages"]
    assert {p["citation"]["language"] for p in passages} == {"ar"}
    asked = {"q": "Who built the bridge?", "k": 50, "language": "ar", "corpus": "example"}
    for route in ("ask", "search"):
        found = packaged.get(f"/v1/{route}", params=asked).json()["passages"]
        assert [p["id"] for p in found] == [p["id"] for p in passages]
    wrong = (("kind", "book", 422), ("since", "soon", 400), ("source", "https://no.example/", 400))
    for name, value, status in wrong:
        response = packaged.get("/v1/search", params=asked | {name: value})
        assert (response.status_code, response.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
    nothing = packaged.get("/v1/search", params=asked | {"kind": "article"}).json()
    assert nothing["passages"] == []
    assert "leaves no passage" in nothing["notes"][0]


def test_no_stranger_has_answers_phrased(recorder):
    """That costs whoever runs the server; nor may a page of another site, in a reader's browser."""
    asked = {"q": QUESTION, "write": "true"}
    stranger = client_of(
        {"town": recorder}, settings=Settings(public_url="https://answers.example")
    )
    assert stranger.get("/v1/ask", params=asked).status_code == 401
    assert stranger.post("/v1/ask", json={"question": QUESTION, "write": True}).status_code == 401
    assert stranger.get("/v1/ask", params={"q": QUESTION}).status_code == 200
    local = client_of({"town": recorder})
    other_site = {"Sec-Fetch-Site": "cross-site"}
    assert local.get("/v1/ask", params=asked, headers=other_site).status_code == 403
    assert local.get("/v1/ask", params=asked).status_code == 200


def test_history_and_writing_reach_the_corpus(recorder):
    client = client_of({"town": recorder})
    body = {"question": QUESTION, "history": ["Who?"], "write": True}
    assert client.post("/v1/ask", json=body).status_code == 200
    assert recorder.more == {"history": ("Who?",), "write": True}
    asked = {"q": QUESTION, "history": ["Who?", "And when?"]}
    assert client.get("/v1/ask", params=asked).status_code == 200
    assert recorder.more == {"history": ("Who?", "And when?"), "write": False}
    too_many = ["Who?"] * 21
    for refused in (
        client.post("/v1/ask", json=body | {"history": too_many}),
        client.get("/v1/ask", params={"q": QUESTION, "history": too_many}),
    ):
        assert refused.status_code == 422
