"""From a researcher's verdict to what `footnoted eval` measures, on a real corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from footnoted import Assistant
from footnoted.eval.claims import Label
from footnoted.eval.datasets.claim_sets import load_pairs
from footnoted.eval.datasets.kinds import DatasetKind, kind_of
from footnoted.service.app import create_app
from footnoted.settings import Settings


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@pytest.fixture
def judged(bridge, state, cache_dir):
    """The bridge's claims, some judged over HTTP by the name of their verdict; and the client."""
    settings = Settings(state_dir=Path(state), cache_dir=cache_dir, threads=1)
    with Assistant.open(bridge.folder, settings=settings) as assistant:
        corpus = assistant.corpus
        texts = {
            r: corpus.documents[s.document_id].text
            for r, s in corpus.states.items()
            if s.document_id in corpus.documents
        }
        claims = corpus.article.claims
        read = [c for c in claims if set(c.reference_ids) & texts.keys()]
        unread = [c for c in claims if c.reference_ids and not set(c.reference_ids) & texts.keys()]
        uncited = [c for c in claims if not c.reference_ids]
        given = {
            "supported": read[0],
            "partly_supported": read[1],
            "contradicted": read[2],
            "not_found": unread[0],  # its source was never read: no label
            "uncited": uncited[0],
            None: read[3],
        }
        client = TestClient(
            create_app({"bridge": assistant}, settings=settings), base_url="http://localhost"
        )
        for verdict, claim in given.items():
            body = {"verdict": verdict, "note": "“Seen” \u2028 \U0001f309"}
            put = client.put(f"/v1/claims/{claim.claim_id}/note", json=body)
            assert put.status_code == 201, put.text
        yield given, texts, client


def test_labels_are_a_dataset_that_eval_measures(judged, commands, bridge, state, tmp_path):
    given, texts, client = judged
    out = tmp_path / "labels"
    done = commands(
        *("notes", "export", "--corpus", bridge.folder, "--out", out, "--json"),
        FOOTNOTED_STATE_DIR=state,
    )
    assert (done.code, done.document["labels"]) == (0, 3), done.err
    assert sum(done.document["left_out"].values()) == 3
    assert kind_of(out) is DatasetKind.PAIRS
    loaded = {claim.claim_id: claim for claim in load_pairs(out)}
    wanted = {
        "supported": Label.SUPPORTED,
        "partly_supported": Label.PARTLY,
        "contradicted": Label.NOT,
    }
    for verdict, label in wanted.items():
        claim = given[verdict]
        found = loaded[claim.claim_id]
        assert (found.text, found.label, found.part) == (claim.text, label, "bridge")
        assert set(found.documents) == {texts[r] for r in claim.reference_ids if r in texts}
    served = client.get("/v1/notes", params={"format": "jsonl"})
    assert served.headers["Content-Type"] == "application/jsonl"
    assert "attachment" in served.headers["Content-Disposition"]
    assert served.text == (out / "pairs.jsonl").read_text("utf-8")
    # A program's verdicts are measured against them, and so is our own ledger.
    answers = tmp_path / "verdicts.jsonl"
    answers.write_text(
        "".join(json.dumps({"id": key, "verdict": "supported"}) + "\n" for key in loaded)
    )
    scored = commands("eval", "--dataset", out, "--answers", answers, "--json")
    measures = scored.document["measures"]
    assert measures["verdict_accuracy"]["value"] == pytest.approx(1 / 3)
    ours = commands("eval", "--dataset", out, "--json")
    assert ours.document["measures"]["support_auroc"]["n"] == 3


def test_labels_are_printed_and_never_overwrite(judged, commands, bridge, state, tmp_path):
    printed = commands("notes", "export", "-c", bridge.folder, FOOTNOTED_STATE_DIR=state)
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line["label"] for line in lines] == ["supported", "partly_supported", "contradicted"]
    assert lines[0]["author"] == "local"
    assert "Left out: 1 without a verdict." in printed.err
    (tmp_path / "pairs.jsonl").write_text("mine")
    refused = commands(
        *("notes", "export", "-c", bridge.folder, "--out", tmp_path), FOOTNOTED_STATE_DIR=state
    )
    assert refused.code == 2
    assert (tmp_path / "pairs.jsonl").read_text() == "mine"
