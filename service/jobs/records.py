"""A job as it is kept: its states, its tables, and between the rows and what they mean."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from footnoted.domain import Json

_V1 = (
    """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL UNIQUE,
    corpus TEXT NOT NULL,
    folder TEXT NOT NULL,
    request TEXT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL,
    worker TEXT,
    pid INTEGER,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    result TEXT,
    problem TEXT
) STRICT""",
    "CREATE INDEX jobs_by_state ON jobs (state)",
    """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL REFERENCES jobs (job_id),
    kind TEXT NOT NULL,
    stage TEXT,
    data TEXT NOT NULL
) STRICT""",
    "CREATE INDEX events_by_job ON events (job_id, number)",
)
MIGRATIONS = (_V1,)


class JobState(StrEnum):
    """``cancelling`` is running, and to be ended; ``lost`` is one whose worker was killed."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def active(self) -> bool:
        """Whether it is still to end."""
        return self in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


@dataclass(frozen=True, slots=True)
class Job:
    """One ingest of ``author``'s: ``request`` as it was posted, into ``corpus`` in ``folder``.

    ``worker`` runs it; ``problem`` is the problem document of one that did not come to its end.
    """

    job_id: str
    corpus: str
    folder: Path
    request: Json
    author: str
    state: JobState
    worker: str | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    result: Json | None
    problem: Json | None


class Event(NamedTuple):
    """Something that happened to a job; the numbers of later ones are higher."""

    number: int
    kind: str
    data: Json


def job_of(row: sqlite3.Row) -> Job:
    return Job(
        job_id=row["job_id"],
        corpus=row["corpus"],
        folder=Path(row["folder"]),
        request=json.loads(row["request"]),
        author=row["author"],
        state=JobState(row["state"]),
        worker=row["worker"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        result=row["result"] and json.loads(row["result"]),
        problem=row["problem"] and json.loads(row["problem"]),
    )
