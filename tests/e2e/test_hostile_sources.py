"""One article that cites the worst of the web: each source gets its state, and all others live.

The servers are real ones on loopback, and the ingest is a process of its own. Its allow-list names
only the ports of 127.0.0.1 that it is to reach, so none of the checks under test is switched off;
on the same ports of other addresses listen servers that nobody may ever connect to. A resolver
that changes its mind cannot be put into another process: ``tests/ingest/test_network.py`` has one.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from tests.conftest import Commands
from tests.hostile_cases import (
    ORDER,
    SECRET,
    STUFFING,
    VISIBLE,
    good_pages,
    hostile_cases,
    slow_pages,
)
from tests.hostile_server import MEGABYTE
from tests.hostile_world import World, article_on, hostile_world, words_of

from footnoted.ingest.corpus import Corpus
from footnoted.ingest.fetching.addresses import shown

MOST_MEMORY = 600 * MEGABYTE


@pytest.fixture
def world() -> Iterator[World]:
    with hostile_world() as made:
        yield made


class Memory(threading.Thread):
    """Samples what a process and all its children hold in memory together.

    ``peak`` is in bytes; ``members`` are the megabytes of each process at that moment.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__()
        self._process = psutil.Process(process.pid)
        self.peak = 0
        self.members: list[int] = []

    def run(self) -> None:
        with suppress(psutil.NoSuchProcess):
            while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
                family = [self._process, *self._process.children(recursive=True)]
                held = [_resident(member) for member in family]
                if sum(held) > self.peak:
                    self.peak, self.members = sum(held), [h // MEGABYTE for h in held]
                time.sleep(0.05)


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):  # a child may end between two looks
        return int(process.memory_info().rss)
    return 0


@pytest.mark.timeout(900)
def test_the_worst_of_the_web_costs_no_other_source(
    world: World, commands: Commands, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(f"The password is {SECRET}.", "utf-8")
    hostile = hostile_cases(world, secret)
    good = good_pages(world, len(hostile))
    pairs = [pair for pairs in zip(hostile.items(), good.items(), strict=True) for pair in pairs]
    cases = slow_pages(world) | dict(pairs)
    article, folder = tmp_path / "keepers.html", tmp_path / "keepers"
    article.write_text(article_on({name: case.url for name, case in cases.items()}), "utf-8")

    process = commands.start("ingest", article, "--corpus", folder, "--json", **world.settings)
    memory = Memory(process)
    memory.start()
    try:
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
        memory.join()
    assert process.returncode == 0, err
    rows = dict(zip(cases, json.loads(out)["references"], strict=True))
    assert {name: row["access"] for name, row in rows.items()} == {
        name: case.access for name, case in cases.items()
    }
    for name, case in cases.items():
        reason = rows[name]["reason"]
        assert reason.endswith("."), reason
        assert case.words in reason, f"{name}: {reason}"
        assert shown(case.url) in reason, f"{name}: {reason}"
    assert world.web.contacts == [], "a forbidden address was contacted"

    texts = texts_of(folder)
    for name, case in cases.items():
        if case.access in ("fetched", "archived_copy"):
            sentences = 2 if name.startswith("slow-") else 4
            assert words_of(name, sentences) in texts[rows[name]["document_id"]], name
    for name, row in rows.items():
        if name.startswith("hides-"):
            assert VISIBLE in texts[row["document_id"]]
    said = (row["reason"] for row in rows.values())
    everything = "\n".join((*texts.values(), *said))
    for forbidden in (ORDER, STUFFING, SECRET, "haha", "\u200b", "\U000e0049"):
        assert forbidden not in everything
    assert not any(SECRET in request.path for request in world.archive.requests)

    # Nobody waits for the slow host: all other pages were asked for before it was done.
    assert max(one.at for one in world.good.requests) < max(one.at for one in world.slow.asked)
    assert [one.path for one in world.later.asked] == ["/robots.txt", "/later"]
    assert [one.path for one in world.closed.asked] == ["/robots.txt"]
    assert [one.path for one in world.led.asked] == ["/robots.txt"]
    assert [one.path for one in world.busy.asked] == ["/robots.txt", "/busy", "/busy"]

    verified = commands("verify", "--corpus", folder, "--json")
    assert verified.code == 0, verified.out
    assert memory.peak < MOST_MEMORY, f"megabytes of each process: {memory.members}"


def texts_of(folder: Path) -> dict[str, str]:
    with Corpus.open(folder) as corpus:
        return {key: document.text for key, document in corpus.documents.items()}
