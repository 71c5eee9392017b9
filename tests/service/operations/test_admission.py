"""Keys, privacy, limits and origins, as a client of the whole application meets them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from footnoted.service.app import create_app
from footnoted.service.operations.keys import FILE_NAME, Keys
from footnoted.service.operations.stack import is_local
from footnoted.settings import Settings

ASK = "/v1/ask?q=bridge"


@pytest.fixture
def client_of(standin, tmp_path: Path):
    """Makes a client of an application with these settings, in the test's own state folder."""

    def make(**settings: object) -> TestClient:
        app = create_app({"town": standin()}, settings=Settings(state_dir=tmp_path, **settings))
        return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    return make


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anyone:{key}".encode()).decode()}


def test_without_keys_a_key_that_is_sent_is_no_mistake(client_of) -> None:
    assert client_of().get(ASK, headers=bearer("sk-what-chat-clients-send")).status_code == 200


def test_a_wrong_key_is_401_wherever_it_is_sent(client_of, tmp_path: Path) -> None:
    client = client_of()
    right = Keys(tmp_path).add("ana", "read")
    for headers in (bearer("fn_wrong"), bearer(right[:-1]), basic("fn_wrong")):
        for path in (ASK, "/", "/metrics", "/nowhere"):
            response = client.get(path, headers=headers)
            assert response.status_code == 401
            challenge = response.headers["WWW-Authenticate"]
            assert 'error="invalid_token"' in challenge
            again = "a browser asks its user again"
            assert ("Basic realm=" in challenge) == (headers == basic("fn_wrong")), again
            assert response.json()["status"] == 401
            assert response.headers["X-Request-Id"]
        assert client.get("/healthz", headers=headers).status_code == 200
    for headers in (bearer(right), basic(right), bearer(f"  {right} "), {}):
        assert client.get(ASK, headers=headers).status_code == 200


def test_metrics_need_a_key_unless_only_this_machine_can_ask(client_of, tmp_path: Path) -> None:
    key = Keys(tmp_path).add("prometheus", "read")
    local = client_of()
    assert local.get("/metrics").status_code == 200
    for beyond in (
        {"host": "0.0.0.0"},
        {"public_url": "https://answers.example.org"},
        {"trusted_proxies": "127.0.0.1"},
        {"allowed_hosts": "answers.example.org"},
    ):
        assert not is_local(Settings(**beyond))
    beyond = client_of(host="0.0.0.0")
    assert beyond.get("/metrics").status_code == 401
    assert beyond.get("/metrics", headers=bearer(key)).status_code == 200
    assert beyond.get(ASK).status_code == 200
    for forwarded in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        response = local.get("/metrics", headers={forwarded: "198.51.100.7"})
        assert response.status_code == 401, "a proxy that nobody told us of"


def test_private_closes_everything_but_the_probes(client_of, tmp_path: Path) -> None:
    client = client_of(private=True)
    key = Keys(tmp_path).add("ana", "read")
    for path in ("/", ASK, "/docs", "/openapi.json", "/static/footnoted.css", "/nowhere"):
        response = client.get(path)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="footnoted", Basic ')
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status_code == 200
    assert client.get(ASK, headers=bearer(key)).status_code == 200
    assert client.get("/docs", headers=basic(key)).status_code == 200, "a browser can be let in"
    Keys(tmp_path).remove("ana")
    assert client.get(ASK, headers=bearer(key)).status_code == 401, "from the next request on"


def test_what_a_browser_sends_by_itself_never_grants_admin(standin, tmp_path: Path) -> None:
    from fastapi import Depends

    from footnoted.service.access import needs

    app = create_app({"town": standin()}, settings=Settings(state_dir=tmp_path))

    def change() -> dict[str, str]:
        return {}

    app.add_api_route("/v1/change", change, dependencies=[Depends(needs("admin"))])
    client = TestClient(app, base_url="http://localhost")
    admin, reader = Keys(tmp_path).add("a", "admin"), Keys(tmp_path).add("r", "read")
    assert client.get("/v1/change").status_code == 401
    assert client.get("/v1/change", headers=bearer(reader)).status_code == 403
    assert client.get("/v1/change", headers=basic(admin)).status_code == 403
    assert client.get("/v1/change", headers=bearer(admin)).status_code == 200


def test_broken_keys_close_the_server_to_keys_and_tell_no_path(client_of, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{broken")
    client = client_of()
    response = client.get(ASK, headers=bearer("fn_any"))
    assert response.status_code == 503
    assert response.json()["type"] == "urn:footnoted:problem:storage-error"
    assert str(tmp_path) not in response.text
    assert client.get(ASK).status_code == 200


def test_the_rate_limit_is_told_kept_and_for_each_its_own(client_of, tmp_path: Path) -> None:
    client = client_of(rate_limit=3)
    key = Keys(tmp_path).add("ana", "read")
    told = [client.get(ASK) for _ in range(4)]
    assert [response.status_code for response in told] == [200, 200, 200, 429]
    assert told[0].headers["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert [response.headers["RateLimit"].split(";")[1] for response in told] == [
        *("r=2", "r=1", "r=0", "r=0")
    ]
    last = told[3]
    assert last.headers["Content-Type"] == "application/problem+json"
    assert 15 <= int(last.headers["Retry-After"]) <= 20
    assert "at most 3 in a minute" in last.json()["detail"]
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    assert client.get("/static/footnoted.css").status_code == 200
    assert client.get(ASK, headers=bearer(key)).status_code == 200, "a key has its own"
    wrong = [client.get(ASK, headers=bearer("fn_wrong")).status_code for _ in range(3)]
    assert wrong == [429, 429, 429], "guessing keys counts as well"


def test_servers_with_workers_share_the_limit(client_of) -> None:
    one, two = client_of(rate_limit=4, workers=2), client_of(rate_limit=4, workers=2)
    told = [client.get(ASK).status_code for client in (one, two, one, two, one, two)]
    assert told == [200, 200, 200, 200, 429, 429]


def test_pages_of_named_origins_may_ask_and_others_may_not(client_of) -> None:
    client = client_of(cors_origins="https://reader.example/, http://localhost:3000", private=True)
    asked = {
        "Origin": "https://reader.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = client.options("/v1/ask", headers=asked)
    assert preflight.status_code == 200, "asked without a key, as browsers do"
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://reader.example"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    refused = client.get(ASK, headers={"Origin": "http://localhost:3000"})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    foreign = client.options("/v1/ask", headers=asked | {"Origin": "https://evil.example"})
    assert foreign.status_code == 400
    assert "Access-Control-Allow-Origin" not in foreign.headers
    nowhere = client_of().get(ASK, headers={"Origin": "https://reader.example"})
    assert "Access-Control-Allow-Origin" not in nowhere.headers
