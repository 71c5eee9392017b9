"""An ingest over HTTP with the real thing: a web server, processes, and a corpus at the end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest
from tests.service.jobs.conftest import SECONDS, events_of, until

from footnoted.ingest.corpus import Corpus
from footnoted.service.jobs.store import FILE_NAME

WORKER = """
import sys, time
from footnoted.service.jobs.runner import Runner
from footnoted.service.jobs.store import JobStore
from footnoted.service.jobs.workers import Workers
from footnoted.settings import load_settings
settings = load_settings()
workers = Workers(settings.state_dir)
Runner(JobStore(settings.state_dir, workers.lives), workers, settings).start()
"""


def post(client, source, corpus, **options):
    return client.post("/v1/ingest", json={"source": source, "corpus": corpus} | options)


def pid_of(settings, job):
    """The process that works on a job, once there is one."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with closing(sqlite3.connect(settings.state_dir / FILE_NAME)) as connection:
            (pid,) = connection.execute("SELECT pid FROM jobs WHERE job_id = ?", (job,)).fetchone()
        if pid is not None:
            return pid
        time.sleep(0.02)
    raise AssertionError(f"no process works on {job}")


def asked_for(web, path, before=0):
    """Wait until an ingest has come as far as to ask for this, once more than ``before``."""
    end = time.monotonic() + SECONDS
    while web.asked(path) <= before:
        assert time.monotonic() < end, web.requests
        time.sleep(0.02)


def gone(*processes):
    """Whether all of these end within seconds."""
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_an_article_is_read_and_everything_on_the_way_is_told(serve, settings, web):
    client = serve(run=True)
    made = post(client, web.url("/article"), "old-bridge")
    assert made.status_code == 202
    job = made.json()["id"]
    assert made.headers["Location"] == f"/v1/ingest/{job}"
    assert (made.json()["author"], made.json()["served"]) == ("ana", False)
    streamed = client.get(f"/v1/ingest/{job}/events")
    assert streamed.headers["Content-Type"].startswith("text/event-stream")
    events = events_of(streamed.text)
    states = [data["state"] for _, kind, data in events if kind == "state"]
    assert states == ["queued", "running", "done"]
    assert {"sources", "sources read"} <= {d["stage"] for _, k, d in events if k == "progress"}
    found = client.get(f"/v1/ingest/{job}").json()
    assert (found["state"], found["problem"]) == ("done", None)
    assert found["result"] == events[-1][2]["result"]
    assert found["result"]["counts"]["access"] == {"fetched": 1}
    assert {"stage": "sources", "done": 1, "total": 1} in found["progress"]
    assert str(settings.data_dir) not in str(found)
    with Corpus.open(settings.data_dir / "corpora" / "old-bridge") as corpus:
        assert corpus.article.title == "Old Bridge"
        assert found["result"]["corpus"]["revision"] == corpus.info.revision_id
    # What came before is not told again; after the end there is nothing to come back for.
    numbers = [number for number, *_ in events]
    middle = {"Last-Event-ID": str(numbers[1])}
    rest = events_of(client.get(f"/v1/ingest/{job}/events", headers=middle).text)
    assert rest[-1] == events[-1]
    assert set(map(str, rest)) <= set(map(str, events[2:]))  # of progress, the newest alone
    last = {"Last-Event-ID": str(numbers[-1])}
    assert client.get(f"/v1/ingest/{job}/events", headers=last).status_code == 204


def test_an_article_that_cannot_be_read_says_why(serve, web):
    client = serve(run=True)
    job = post(client, web.url("/nowhere"), "nowhere").json()["id"]
    found = until(client, job, "failed")
    assert found["problem"]["type"] == "urn:footnoted:problem:fetch-error"
    assert "404" in found["problem"]["detail"]
    assert client.delete(f"/v1/ingest/{job}").status_code == 409


def test_cancelling_really_ends_what_runs_in_another_worker(serve, settings, web):
    here, there = serve(), serve(run=True)
    job = post(here, web.url("/slow"), "slow").json()["id"]
    process = psutil.Process(pid_of(settings, job))
    asked_for(web, "/endless")
    family = [process, *process.children(recursive=True)]
    assert until(here, job, "running")["progress"] is not None
    assert post(there, web.url("/slow"), "slow").status_code == 409
    cancelled = here.delete(f"/v1/ingest/{job}")
    assert cancelled.status_code in (200, 202)
    assert until(there, job, "cancelled")["problem"] is None
    assert gone(*family)
    assert here.delete(f"/v1/ingest/{job}").status_code == 200
    before = web.asked("/endless")
    again = post(here, web.url("/slow"), "slow").json()["id"]
    asked_for(web, "/endless", before)  # the corpus is not left locked
    here.delete(f"/v1/ingest/{again}")
    until(here, again, "cancelled")


def test_only_some_run_at_once_and_one_that_waits_is_cancelled_at_once(serve, settings, web):
    client = serve(run=True)
    jobs = [post(client, web.url("/slow"), f"slow-{n}").json()["id"] for n in range(4)]
    for job in jobs[:2]:
        pid_of(settings, job)
    listed = client.get("/v1/ingest").json()
    assert [job["id"] for job in listed["jobs"]] == jobs[::-1]
    assert (listed["counts"]["running"], listed["counts"]["queued"]) == (2, 2)
    cancelled = client.delete(f"/v1/ingest/{jobs[2]}")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    client.delete(f"/v1/ingest/{jobs[0]}")
    until(client, jobs[3], "running")
    for job in (jobs[1], jobs[3]):
        client.delete(f"/v1/ingest/{job}")
        until(client, job, "cancelled")


def test_a_killed_worker_loses_its_job_which_can_be_started_again(serve, settings, web):
    here = serve()
    job = post(here, web.url("/slow"), "slow").json()["id"]
    environment = os.environ | {
        "FOOTNOTED_STATE_DIR": str(settings.state_dir),
        "FOOTNOTED_DATA_DIR": str(settings.data_dir),
        "FOOTNOTED_CACHE_DIR": str(settings.cache_dir),
        "FOOTNOTED_FETCH_ALLOW": settings.fetch_allow,
        "FOOTNOTED_ARCHIVE_URL": settings.archive_url,
        "FOOTNOTED_ARCHIVE_API": settings.archive_api,
        "FOOTNOTED_PACE": "0",
    }
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment) as worker:
        process = psutil.Process(pid_of(settings, job))
        asked_for(web, "/endless")
        family = [process, *process.children(recursive=True)]
        worker.send_signal(signal.SIGKILL)
    lost = here.get(f"/v1/ingest/{job}").json()
    assert lost["state"] == "lost"
    assert "killed" in lost["problem"]["detail"]
    assert gone(*family)
    events = events_of(here.get(f"/v1/ingest/{job}/events").text)
    assert events[-1][2]["state"] == "lost"
    web.replies["/endless"] = web.replies["/source"]
    again = here.post("/v1/ingest", json=lost["request"])
    assert again.status_code == 202
    assert until(serve(run=True), again.json()["id"], "done", "failed")["state"] == "done"


def test_a_process_that_is_killed_fails_its_job_alone(serve, settings, web):
    client = serve(run=True)
    job = post(client, web.url("/slow"), "slow").json()["id"]
    os.killpg(pid_of(settings, job), signal.SIGKILL)
    found = until(client, job, "failed")
    assert "SIGKILL" in found["problem"]["detail"]
    assert "again" in found["problem"]["hint"]


def test_a_worker_that_ends_in_good_order_gives_its_job_back(serve, settings, web):
    here = serve()
    with serve() as ending:
        job = post(ending, web.url("/slow"), "slow").json()["id"]
        process = psutil.Process(pid_of(settings, job))
        asked_for(web, "/endless")
    assert gone(process)
    assert here.get(f"/v1/ingest/{job}").json()["state"] == "queued"
    before = web.asked("/endless")
    other = serve(run=True)
    asked_for(web, "/endless", before)
    other.delete(f"/v1/ingest/{job}")
    until(here, job, "cancelled")


@pytest.mark.parametrize("given", ["x", "-1", "1e3", "9" * 40, "٣"])
def test_a_last_event_that_never_was_is_refused(serve, web, given):
    client = serve()
    job = post(client, web.url("/article"), "a").json()["id"]
    headers = {"Last-Event-ID": given.encode()}
    assert client.get(f"/v1/ingest/{job}/events", headers=headers).status_code == 422
