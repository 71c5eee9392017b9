"""A researcher's note over HTTP: written, read, changed by who saw it, kept when the article is."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from footnoted.service.operations.keys import Keys

FELL, REBUILT = "It fell in 1931.", "It was rebuilt."


def place(article, text):
    return f"/v1/claims/{article.id_of(text)}/note"


def test_a_note_is_written_read_changed_and_removed(serve, article):
    client, path = serve(), place(article, REBUILT)
    assert client.get(path).status_code == 404
    made = client.put(path, json={"verdict": "contradicted", "note": " It never was. "})
    assert made.status_code == 201
    note = made.json()
    assert (note["verdict"], note["note"], note["author"]) == (
        "contradicted",
        "It never was.",
        "local",
    )
    assert note["claim"] == REBUILT
    assert [r["label"] for r in note["references"]] == ["2", "3"]
    assert (note["state"], note["version"]) == ("current", 1)
    read = serve().get(path)
    assert read.json() == note
    assert read.headers["ETag"] == note["etag"] == made.headers["ETag"]
    changed = client.put(path, json={"verdict": "supported"}, headers={"If-Match": note["etag"]})
    assert changed.status_code == 200
    assert (changed.json()["note"], changed.json()["version"]) == ("", 2)
    assert changed.json()["created_at"] == note["created_at"]
    gone = client.delete(path, headers={"If-Match": changed.headers["ETag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(path).status_code == 404


def test_nobody_overwrites_what_they_did_not_see(serve, article):
    one, other, path = serve(), serve(), place(article, FELL)
    first = one.put(path, json={"note": "first"}).headers["ETag"]
    blind = other.put(path, json={"note": "blind"})
    assert blind.status_code == 428
    assert blind.json()["type"] == "urn:footnoted:problem:condition-missing"
    second = other.put(path, json={"note": "second"}, headers={"If-Match": first})
    late = one.put(path, json={"note": "late"}, headers={"If-Match": first})
    assert late.status_code == 412
    assert "local" in late.json()["detail"]
    assert one.delete(path, headers={"If-Match": first}).status_code == 412
    assert one.delete(path).status_code == 428
    assert one.put(path, json={"note": "n"}, headers={"If-None-Match": "*"}).status_code == 412
    assert one.get(path).json()["note"] == "second"
    # What a proxy that compresses makes of a tag is still that tag; a list may hold it.
    weak = f'"x", W/{second.headers["ETag"]}'
    assert one.put(path, json={"note": "third"}, headers={"If-Match": weak}).status_code == 200
    assert one.put(path, json={"note": "any"}, headers={"If-Match": "*"}).status_code == 200


def test_a_note_that_is_gone_is_not_changed_and_a_new_one_is_another(serve, article):
    client, path = serve(), place(article, FELL)
    tag = client.put(path, json={"note": "same"}).headers["ETag"]
    client.delete(path, headers={"If-Match": tag})
    assert client.put(path, json={"note": "x"}, headers={"If-Match": tag}).status_code == 412
    assert client.put(path, json={"note": "x"}, headers={"If-Match": "*"}).status_code == 412
    again = client.put(path, json={"note": "same"}, headers={"If-None-Match": "*"})
    assert again.status_code == 201
    assert again.headers["ETag"] != tag
    assert client.delete(path, headers={"If-Match": tag}).status_code == 412


def test_of_many_who_write_at_once_one_is_first(serve, article):
    workers, path = [serve() for _ in range(4)], place(article, FELL)
    for worker in workers:  # FastAPI makes its routes ready then, in a way not made for threads
        worker.get("/v1/notes")

    def write(n: int) -> int:
        return workers[n % 4].put(path, json={"note": f"by {n}"}).status_code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(write, range(16)))
    assert sorted(codes) == [201] + [428] * 15
    tag = workers[0].get(path).headers["ETag"]

    def change(n: int) -> int:
        body, condition = {"note": f"changed by {n}"}, {"If-Match": tag}
        return workers[n % 4].put(path, json=body, headers=condition).status_code

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(change, range(16))) == [200] + [412] * 15
    assert workers[1].get(path).json()["version"] == 2


def test_notes_are_listed_in_the_articles_order(serve, article):
    client = serve()
    client.put(place(article, "Alas."), json={"verdict": "uncited"})
    client.put(place(article, FELL), json={"note": "Look again."})
    found = client.get("/v1/notes").json()
    assert [note["claim"] for note in found["notes"]] == [FELL, "Alas."]
    assert found["counts"]["verdicts"] == {"uncited": 1}
    assert (found["counts"]["notes"], found["counts"]["current"]) == (2, 2)
    second = client.get("/v1/notes", params={"limit": 1, "offset": 1}).json()
    assert second == found | {"notes": found["notes"][1:]}


def test_a_new_revision_keeps_every_note_and_says_which_are_old(serve, article):
    client = serve()
    old = place(article, FELL)
    client.put(old, json={"verdict": "supported"})
    client.put(place(article, REBUILT), json={"verdict": "not_found"})
    tag = client.get(old).headers["ETag"]
    article.revision = "2-bbb"
    article.says(("It fell in 1932.", ["r1"]), (REBUILT, ["r2"]))
    notes = {note["claim"]: note for note in client.get("/v1/notes").json()["notes"]}
    assert notes[FELL]["state"] == "earlier_revision"
    assert "no longer" in notes[FELL]["in_words"]
    assert notes[FELL]["written_for"]["revision"] == "1-aaa"
    assert notes[FELL]["references"][0]["text"] == "Printed 1"
    assert notes[REBUILT]["state"] == "cited_otherwise"
    assert [r["label"] for r in notes[REBUILT]["references"]] == ["2", "3"]  # those judged
    # It is still found, and changed, by its old id; but not as what it was.
    assert client.get(old).json()["verdict"] == "supported"
    body = {"verdict": "contradicted"}
    assert client.put(old, json=body, headers={"If-Match": tag}).status_code == 412
    now = client.get(old).headers["ETag"]
    assert client.put(old, json=body, headers={"If-Match": now}).json()["claim"] == FELL
    # Written again, a note is about the footnotes of today.
    path = place(article, REBUILT)
    again = {"If-Match": client.get(path).headers["ETag"]}
    assert client.put(path, json={"note": "seen"}, headers=again).json()["state"] == "current"


def test_the_same_sentence_under_another_id_has_its_note(serve, article):
    client = serve()
    client.put(place(article, FELL), json={"verdict": "supported"})
    before = article.id_of(FELL)
    article.url += "?oldid=78"
    article.says(("New.", []), (FELL, ["r1"]))
    assert article.id_of(FELL) != before
    note = client.get(place(article, FELL)).json()
    assert (note["verdict"], note["state"]) == ("supported", "current")
    assert note["claim_id"] == article.id_of(FELL)
    assert note["written_for"]["claim_id"] == before
    assert client.get(f"/v1/claims/{before}/note").json() == note
    tag = {"If-Match": note["etag"]}
    changed = client.put(place(article, FELL), json={"note": "n"}, headers=tag).json()
    assert changed["written_for"]["claim_id"] == article.id_of(FELL)
    assert len(client.get("/v1/notes").json()["notes"]) == 1


def test_notes_stay_with_a_corpus_that_is_removed_and_made_again(serve, article):
    client, path = serve(), place(article, FELL)
    client.put(path, json={"note": "kept"})
    article.corpus_id = "c2"
    assert client.get(path).json()["note"] == "kept"
    article.url = "https://example.org/other"
    article.says((FELL, ["r1"]))
    assert client.get("/v1/notes").json()["notes"] == []  # another article of that name


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"note": "  "},
        {"verdict": None},
        {"verdict": "true"},
        {"note": 3},
        {"note": "x" * 4001},
        {"note": "\ud800"},
        {"note": "x", "author": "somebody else"},
        [],
    ],
)
def test_what_is_no_note_is_refused(serve, article, body):
    as_json = {"Content-Type": "application/json"}
    answer = serve().put(place(article, FELL), content=json.dumps(body), headers=as_json)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:footnoted:problem:invalid-request"


def test_hostile_words_are_kept_as_they_are(serve, article):
    words = "<img src=x onerror=alert(1)>\u202e\x00\n'; DROP TABLE notes; -- \U0001f309"
    client, path = serve(), place(article, FELL)
    client.put(path, json={"note": words})
    answer = client.get(path)
    assert answer.json()["note"] == words
    assert answer.headers["Content-Type"] == "application/json"


def test_a_claim_that_never_was_has_no_note(serve):
    client = serve()
    for method in ("GET", "PUT", "DELETE"):
        body = {"json": {"note": "x"}} if method == "PUT" else {}
        answer = client.request(method, "/v1/claims/nothing/note", **body)
        assert answer.status_code == 404
        assert answer.json()["about"] == "nothing"


def test_reading_notes_writes_no_file(serve, article, tmp_path):
    assert serve().get("/v1/notes").json()["counts"]["notes"] == 0
    assert not (tmp_path / "state" / "notes.sqlite").exists()


def test_labels_need_the_corpus_itself(serve):
    answer = serve().get("/v1/notes", params={"format": "jsonl"})
    assert answer.status_code == 400
    assert "texts" in answer.json()["detail"]


class TestWho:
    def test_a_key_reads_and_writes_and_names_the_author(
        self, serve, article, tmp_path: Path
    ) -> None:
        key = Keys(tmp_path / "state").add("ana@example.org", "read")
        client, path = serve(host="0.0.0.0"), place(article, FELL)
        client.headers["Host"] = "localhost"
        for answer in (
            client.get("/v1/notes"),
            client.get(path),
            client.put(path, json={"note": "x"}),
            client.delete(path),
        ):
            assert answer.status_code == 401
        bearer = {"Authorization": f"Bearer {key}"}
        written = client.put(path, json={"note": "mine"}, headers=bearer)
        assert (written.status_code, written.json()["author"]) == (201, "ana@example.org")
        assert client.get("/v1/notes", headers=bearer).json()["counts"]["notes"] == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:3000"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_another_sites_page_neither_writes_nor_removes(self, serve, article, headers) -> None:
        client, path = serve(), place(article, FELL)
        tag = client.put(path, json={"note": "x"}).headers["ETag"]
        condition = {"If-Match": tag} | headers
        assert client.put(path, json={"note": "y"}, headers=condition).status_code == 403
        assert client.delete(path, headers=condition).status_code == 403
        assert client.get(path).json()["note"] == "x"

    @pytest.mark.parametrize(
        ("headers", "settings"),
        [
            ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {}),
            ({"Sec-Fetch-Site": "none"}, {}),
            (
                {"Origin": "https://tools.example", "Sec-Fetch-Site": "cross-site"},
                {"cors_origins": "https://other.example, https://Tools.example/"},
            ),
        ],
    )
    def test_our_own_page_and_allowed_ones_write(self, serve, article, headers, settings) -> None:
        answer = serve(**settings).put(place(article, FELL), json={"note": "x"}, headers=headers)
        assert answer.status_code == 201

    def test_a_form_cannot_write(self, serve, article) -> None:
        client = serve()
        for kind in ("text/plain", "application/x-www-form-urlencoded", None):
            headers = {} if kind is None else {"Content-Type": kind}
            answer = client.put(place(article, FELL), content=b'{"note": "x"}', headers=headers)
            assert answer.status_code == 422
