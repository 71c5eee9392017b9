"""Claims judged ahead: behind all requests, each once, and of nothing that is withdrawn."""

from __future__ import annotations

import gc
import json
import re
import signal
import threading
import time
import urllib.request
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from footnoted.domain import Claim
from footnoted.ingest.corpus import Corpus
from footnoted.service import forgetting, housekeeping, judging_ahead
from footnoted.service.app import create_app
from footnoted.service.judging_ahead import RESTS, JudgingAhead
from footnoted.service.ledger.building import Ledger
from footnoted.service.served import ServedCorpus
from footnoted.settings import Settings

QUESTION = "How many times brighter is the lamp than its predecessor?"


class Panic(BaseException):
    """As the one that a library in Rust raises: it is no ``Exception``."""


class Judged:
    """Whatever the claim ledger is asked: the revision, the claim's id, when it began and ended."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.failing: dict[str, BaseException] = {}
        self.before: Callable[[str], object] = lambda _: None
        self.told: list[tuple[str, str]] = []
        self.times: list[tuple[float, float]] = []

    def instead(self, real: Callable[[Ledger, Claim], object]) -> Callable[[Ledger, Claim], object]:
        def finding(ledger: Ledger, claim: Claim) -> object:
            self.told.append((ledger.corpus.info.revision_id, claim.claim_id))
            begun = time.monotonic()
            self.before(claim.claim_id)
            time.sleep(self.seconds)
            if claim.claim_id in self.failing:
                raise self.failing[claim.claim_id]
            found = real(ledger, claim)
            self.times.append((begun, time.monotonic()))
            return found

        return finding

    @property
    def ids(self) -> list[str]:
        return [claim_id for _, claim_id in self.told]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judged:
    found = Judged()
    monkeypatch.setattr(Ledger, "finding", found.instead(Ledger.finding))
    monkeypatch.setattr(judging_ahead, "QUIET_SECONDS", 0.05)
    return found


@pytest.fixture
def options(copied: Callable[[], Path], cache_dir: Path, tmp_path: Path) -> Settings:
    """Settings for a copy of the small corpus with its index."""
    return Settings(corpus=str(copied()), cache_dir=cache_dir, data_dir=tmp_path, threads=1)


@pytest.fixture
def corpus(options: Settings, embedder: Any) -> Iterator[ServedCorpus]:
    opened = ServedCorpus.open(options.corpus, options, embedder, quiet)
    yield opened
    opened.close()


def quiet(_: str) -> None:
    pass


def cited(folder: str | Path) -> list[str]:
    """The ids of the claims that cite anything, in the order of the text."""
    with Corpus.open(Path(folder)) as corpus:
        assert corpus.article is not None
        found = [claim.claim_id for claim in corpus.article.claims if claim.reference_ids]
        assert len(found) < len(corpus.article.claims)
    return found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def judging() -> bool:
    return any(thread.name == "judging ahead" for thread in threading.enumerate())


def test_no_answer_judges_what_was_judged_ahead(corpus, options, judged):
    claims = cited(options.corpus)
    client = TestClient(create_app({"light": corpus}), base_url="http://localhost")
    with JudgingAhead([corpus]):
        assert client.get("/readyz").json() == {"status": "ready"}
        until(lambda: len(judged.times) == len(claims))
        assert judged.ids == claims, "in the order of the text, each once, and none without sources"
        shown = [client.get(f"/v1/claims/{claim_id}").json() for claim_id in claims]
        answer = client.get("/v1/ask", params={"q": QUESTION}).json()
    assert [one["id"] for one in shown] == claims
    assert any(s["corroboration"]["cited"] for s in answer["statements"])
    assert judged.ids == claims, "no request judged any again"


def test_one_claim_at_a_time_and_rests_between(corpus, judged):
    judged.seconds = 0.02
    with JudgingAhead([corpus]):
        until(lambda: len(judged.times) >= 4)
    for (begun, ended), (next_begun, _) in zip(judged.times, judged.times[1:], strict=False):
        assert next_begun - ended >= RESTS * (ended - begun) * 0.99


def test_it_gives_way_to_the_requests_of_every_corpus(corpus, options, embedder, judged):
    other = ServedCorpus.open(options.corpus, options, embedder, quiet)
    try:
        with JudgingAhead([corpus, other]):
            with other.reading():
                time.sleep(0.3)
                assert judged.told == []
            until(lambda: len(judged.told) >= 2)
            with corpus.reading():
                time.sleep(0.05)  # the claim that it was at
                before = len(judged.told)
                time.sleep(0.3)
                assert len(judged.told) == before
            until(lambda: len(judged.times) == 2 * len(cited(options.corpus)))
    finally:
        other.close()


def test_a_request_just_ended_is_no_quiet(corpus, judged, monkeypatch):
    monkeypatch.setattr(judging_ahead, "QUIET_SECONDS", 0.4)
    with JudgingAhead([corpus]):
        for _ in range(15):
            corpus.sources()
            time.sleep(0.05)
        assert judged.told == []
        until(lambda: judged.told != [])


def test_claims_that_fail_are_told_and_the_others_judged(corpus, options, judged, caplog):
    claims = cited(options.corpus)
    error = Panic("index out of range")
    judged.failing = {
        claims[0]: RuntimeError("no"),
        claims[2]: error,
        claims[3]: error,
    }
    with JudgingAhead([corpus]):
        until(lambda: len(judged.times) == len(claims) - 3)
        assert judged.ids == claims
        assert corpus.search("lamp")["passages"]
        assert judging()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", f"light: claim {claims[0]} was not judged ahead: RuntimeError: no"),
        ("ERROR", f"light: claim {claims[2]} was not judged ahead: Panic: index out of range"),
        ("ERROR", f"light: claim {claims[3]} was not judged ahead: Panic: index out of range"),
    ]
    assert [record.exc_info is not None for record in caplog.records] == [True, True, False]


def test_it_ends_after_the_claim_it_is_at(corpus, judged):
    begun = threading.Event()
    judged.before = lambda _: begun.set()
    judged.seconds = 0.3
    with JudgingAhead([corpus]):
        assert begun.wait(20)
    assert not judging()
    assert len(judged.told) == len(judged.times) == 1


@pytest.mark.parametrize("waiting", ["QUIET_SECONDS", "RESTS"])
def test_it_ends_at_once_while_it_waits(corpus, judged, monkeypatch, waiting):
    monkeypatch.setattr(judging_ahead, waiting, 1e6)
    with JudgingAhead([corpus]):
        if waiting == "RESTS":
            until(lambda: judged.times != [])
    assert not judging()
    assert len(judged.told) == (waiting == "RESTS")


def test_a_claim_without_end_does_not_keep_the_server(corpus, judged, monkeypatch, caplog):
    monkeypatch.setattr(judging_ahead, "_LEAVE_SECONDS", 0.1)
    go_on, begun = threading.Event(), threading.Event()

    def stuck(_: str) -> None:
        begun.set()
        go_on.wait(20)

    judged.before = stuck
    with JudgingAhead([corpus]):
        assert begun.wait(20)
    assert "A claim is still being judged ahead" in caplog.text
    go_on.set()
    until(lambda: not judging())


def test_a_thread_that_cannot_be_started_is_told(corpus, judged, caplog, monkeypatch):
    def failing(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", failing)
        with JudgingAhead([corpus]):
            assert corpus.ask(QUESTION)["question"] == QUESTION
    assert "No claim is judged ahead: no thread could be started" in caplog.text


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Python collects no garbage of its own accord meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_replaced_generation_is_let_go_of_and_the_new_one_judged(corpus, options, judged):
    claims = cited(options.corpus)
    with corpus.reading() as assistant:
        old = [weakref.ref(assistant), weakref.ref(assistant.searcher.generation.dense)]
    del assistant
    with JudgingAhead([corpus]):
        until(lambda: len(judged.times) == len(claims))
        new = housekeeping.rebuild(options, quiet)
        until(lambda: corpus.ask(QUESTION)["corpus"]["generation"] == new)
        until(lambda: len(judged.times) == 2 * len(claims))
        assert [one() for one in old] == [None, None]
    assert sorted(judged.ids) == sorted([*claims, *claims])


@pytest.mark.usefixtures("uncollected")
def test_nothing_more_of_a_withdrawn_generation_is_judged(corpus, options, judged, monkeypatch):
    """A source is forgotten while a claim is judged: what was read with it goes with the claim."""
    monkeypatch.setattr(judging_ahead, "RESTS", 0)
    with corpus.reading() as assistant:
        old = [weakref.ref(assistant), weakref.ref(assistant.searcher.generation.dense)]
        first = assistant.corpus.info.revision_id
    del assistant
    go_on, begun = threading.Event(), threading.Event()

    def slow(_: str) -> None:
        begun.set()
        assert go_on.wait(20)

    judged.before = slow
    with JudgingAhead([corpus]):
        assert begun.wait(20)
        second = forgetting.forget("1", options, quiet)["corpus"]["revision"]
        go_on.set()
        time.sleep(0.3)
        assert [revision for revision, _ in judged.told] == [first], "nothing more, unasked"
        until(lambda: corpus.info()["revision"] == second)
        claims = cited(options.corpus)
        until(lambda: len(judged.times) == 1 + len(claims))
    assert judged.told[1:] == [(second, claim_id) for claim_id in claims]
    assert [one() for one in old] == [None, None]


SERVING = """
import sys
from footnoted.cli.main import run
from footnoted.service.ledger.building import Ledger

real = Ledger.finding

def finding(ledger, claim):
    with open(sys.argv[1], "a") as file:
        print(claim.claim_id, file=file)
    return real(ledger, claim)

Ledger.finding = finding
sys.exit(run(["serve", "--port", "0", *sys.argv[2:]]))
"""


@pytest.mark.parametrize("ahead", ["on", "off"])
def test_a_server_judges_ahead_unless_it_is_told_not_to(commands, light, tmp_path, ahead):
    told = tmp_path / "judged"
    told.touch()
    process = commands.start(
        *(told, "--corpus", light), python=("-c", SERVING), FOOTNOTED_JUDGE_AHEAD=ahead
    )
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert address
        with urllib.request.urlopen(f"{address[0]}/readyz", timeout=30) as response:
            assert json.load(response) == {"status": "ready"}
        if ahead == "on":
            until(lambda: told.read_text().split() == cited(light))
        else:
            time.sleep(1.0)
            assert told.read_text() == ""
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
