"""Jobs and their events as they are kept: ``jobs.sqlite`` in the state folder, for all workers.

A job is queued, then running in one worker, then done, failed, cancelled or lost. Only the worker
that runs it writes what becomes of it, and only while it is known to live (``workers``): whoever
looks and finds it gone makes the job ``lost``. Each change of state is an event; of the progress
of a stage only the latest is kept, so that a job of hours has a short history.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from footnoted.domain import Json
from footnoted.errors import Conflict, NotFound, problem
from footnoted.ingest.records import dumps
from footnoted.service.jobs.records import MIGRATIONS, Event, Job, JobState, job_of
from footnoted.service.state_files import StateFile

FILE_NAME = "jobs.sqlite"
MOST_WAITING = 20
MOST_KEPT = 200


_IN_WORK = f"('{JobState.RUNNING}', '{JobState.CANCELLING}')"
_ACTIVE = f"('{JobState.QUEUED}', '{JobState.RUNNING}', '{JobState.CANCELLING}')"


class JobStore:
    """Every job of the servers with this state folder.

    ``lives`` tells whether the worker of this name still runs; those that do not lose their jobs.
    """

    def __init__(self, state_dir: Path, lives: Callable[[str], bool]) -> None:
        self._file = StateFile(state_dir / FILE_NAME, MIGRATIONS)
        self._lives = lives

    def add(self, corpus: str, folder: Path, request: Json, author: str) -> Job:
        """Queue a job that writes ``corpus`` in ``folder``.

        ``Conflict`` where one for this corpus has not ended, or too many wait.
        """
        self.find_lost()
        with self._file.transaction() as connection:
            active = connection.execute(
                f"SELECT job_id, corpus, state FROM jobs WHERE state IN {_ACTIVE}"  # noqa: S608
            ).fetchall()
            for row in active:
                if row["corpus"] == corpus:
                    raise Conflict(
                        f"The corpus {corpus} is being ingested already.",
                        about=row["job_id"],
                        hint=f"Wait for that job, or cancel it: /v1/ingest/{row['job_id']}",
                    )
            waiting = sum(row["state"] == JobState.QUEUED for row in active)
            if waiting >= MOST_WAITING:
                raise Conflict(
                    f"{waiting} jobs wait already, and no more may.",
                    about="ingest",
                    hint="Try again when one has ended, or cancel one: GET /v1/ingest lists them.",
                )
            job_id = secrets.token_hex(8)
            connection.execute(
                "INSERT INTO jobs (job_id, corpus, folder, request, author, state, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (job_id, corpus, str(folder), dumps(request), author, JobState.QUEUED, _now()),
            )
            _tell_state(connection, job_id, JobState.QUEUED)
            _forget_old(connection)
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        """The job of this id; ``NotFound``."""
        self.find_lost()
        rows = self._file.rows("SELECT * FROM jobs WHERE job_id = ?", job_id)
        if not rows:
            raise NotFound(
                f"There is no job {job_id}.",
                about=job_id,
                hint=f"GET /v1/ingest lists the last {MOST_KEPT}.",
            )
        return job_of(rows[0])

    def jobs(self) -> list[Job]:
        """Every job that is kept, the newest first."""
        self.find_lost()
        return [job_of(row) for row in self._file.rows("SELECT * FROM jobs ORDER BY number DESC")]

    def events(self, job_id: str, after: int = 0) -> list[Event]:
        """What happened to a job after the event of this number."""
        rows = self._file.rows(
            "SELECT * FROM events WHERE job_id = ? AND number > ? ORDER BY number", job_id, after
        )
        return [Event(row["number"], row["kind"], json.loads(row["data"])) for row in rows]

    def cancel(self, job_id: str) -> Job:
        """Cancel a job that waits, or have its worker end it; ``Conflict`` for one that ended."""
        self.find_lost()
        with self._file.transaction() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
            state = None if row is None else JobState(row["state"])
            if state is JobState.QUEUED:
                _end(connection, job_id, JobState.CANCELLED)
            elif state is JobState.RUNNING:
                connection.execute(
                    "UPDATE jobs SET state = ? WHERE job_id = ?", (JobState.CANCELLING, job_id)
                )
                _tell_state(connection, job_id, JobState.CANCELLING)
            elif state is not None and not state.active and state is not JobState.CANCELLED:
                raise Conflict(
                    f"The job {job_id} has ended: it is {state}.",
                    about=job_id,
                    hint="There is nothing to cancel. POST its `request` again to repeat it.",
                )
        return self.job(job_id)

    def waiting(self) -> bool:
        """Whether any job waits; asked often, and cheap."""
        waits = "SELECT 1 FROM jobs WHERE state = ? LIMIT 1"
        return bool(self._file.rows(waits, JobState.QUEUED))

    def is_cancelled(self, job_id: str) -> bool:
        """Whether the job that runs here is to be ended."""
        rows = self._file.rows("SELECT state FROM jobs WHERE job_id = ?", job_id)
        return bool(rows) and rows[0]["state"] == JobState.CANCELLING

    def take(self, worker: str, at_once: int) -> Job | None:
        """The job that waits longest, from now on run by ``worker``.

        ``None`` where none waits, or ``at_once`` run already, in whatever worker.
        """
        self.find_lost()
        with self._file.transaction() as connection:
            running = connection.execute(
                f"SELECT count(*) FROM jobs WHERE state IN {_IN_WORK}"  # noqa: S608 our words
            ).fetchone()[0]
            row = connection.execute(
                "SELECT job_id FROM jobs WHERE state = ? ORDER BY number LIMIT 1",
                (JobState.QUEUED,),
            ).fetchone()
            if running >= at_once or row is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = ?, worker = ?, started_at = ? WHERE job_id = ?",
                (JobState.RUNNING, worker, _now(), row["job_id"]),
            )
            _tell_state(connection, row["job_id"], JobState.RUNNING)
        return self.job(row["job_id"])

    def began(self, job_id: str, pid: int) -> None:
        """The process of this number works on the job."""
        with self._file.transaction() as connection:
            connection.execute("UPDATE jobs SET pid = ? WHERE job_id = ?", (pid, job_id))

    def tell(self, job_id: str, told: list[tuple[str, Json]]) -> None:
        """Keep events, kind and data each; of a stage's ``progress`` the newest alone."""
        with self._file.transaction() as connection:
            for kind, data in told:
                stage = str(data["stage"]) if kind == "progress" else None
                if stage is not None:
                    connection.execute(
                        "DELETE FROM events WHERE job_id = ? AND kind = 'progress' AND stage = ?",
                        (job_id, stage),
                    )
                _tell(connection, job_id, kind, data, stage)

    def end(
        self,
        job_id: str,
        state: JobState,
        *,
        result: Json | None = None,
        problem: Json | None = None,
    ) -> None:
        """What became of a job that a worker ran."""
        with self._file.transaction() as connection:
            _end(connection, job_id, state, result, problem)

    def queue_again(self, job_id: str) -> None:
        """Put a job back at its place: its worker ends in good order, and another may take it."""
        with self._file.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, worker = NULL, pid = NULL, started_at = NULL"
                " WHERE job_id = ?",
                (JobState.QUEUED, job_id),
            )
            _tell_state(connection, job_id, JobState.QUEUED)

    def find_lost(self) -> None:
        """Say of jobs whose worker is gone that they are lost, or cancelled if that was wanted."""
        in_work = f"SELECT job_id, state, worker FROM jobs WHERE state IN {_IN_WORK}"  # noqa: S608
        if not (rows := self._file.rows(in_work)):
            return
        dead = {row["worker"] for row in rows if not self._lives(row["worker"])}
        if not dead:
            return
        with self._file.transaction() as connection:
            for row in connection.execute(in_work).fetchall():
                if row["worker"] not in dead:
                    continue
                if row["state"] == JobState.CANCELLING:
                    _end(connection, row["job_id"], JobState.CANCELLED)
                else:
                    _end(connection, row["job_id"], JobState.LOST, problem=_lost(row["job_id"]))

    def close(self) -> None:
        self._file.close()


def _lost(job_id: str) -> Json:
    return problem(
        Conflict(
            "The server process that ran this job was killed, and the job with it.",
            about=job_id,
            hint="POST its `request` again: what was read is kept, and it goes on from there.",
        )
    )


def _end(
    connection: sqlite3.Connection,
    job_id: str,
    state: JobState,
    result: Json | None = None,
    problem: Json | None = None,
) -> None:
    connection.execute(
        "UPDATE jobs SET state = ?, ended_at = ?, result = ?, problem = ?, pid = NULL"
        " WHERE job_id = ?",
        (state, _now(), result and dumps(result), problem and dumps(problem), job_id),
    )
    told = {"result": result, "problem": problem}
    _tell_state(connection, job_id, state, **{k: v for k, v in told.items() if v is not None})


def _tell_state(connection: sqlite3.Connection, job_id: str, state: JobState, **more: Json) -> None:
    _tell(connection, job_id, "state", {"state": state.value, **more})


def _tell(
    connection: sqlite3.Connection, job_id: str, kind: str, data: Json, stage: str | None = None
) -> None:
    connection.execute(
        "INSERT INTO events (job_id, kind, stage, data) VALUES (?, ?, ?, ?)",
        (job_id, kind, stage, dumps(data)),
    )


def _forget_old(connection: sqlite3.Connection) -> None:
    ended = (
        f"SELECT job_id FROM jobs WHERE state NOT IN {_ACTIVE}"  # noqa: S608 our own words
        " AND number <= (SELECT max(number) FROM jobs) - ?"
    )
    for table in ("events", "jobs"):
        connection.execute(
            f"DELETE FROM {table} WHERE job_id IN ({ended})",  # noqa: S608 our own words
            (MOST_KEPT,),
        )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
