"""The program as processes: what it loads, interruptions, full disks, two writers, closed pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ARTICLE = Path(__file__).parents[1] / "fixtures" / "articles" / "lighthouse.txt"
QUESTION = "When was it lit for the first time?"

LOADED = """
import json, sys
from footnoted.cli.main import run
code = run(sys.argv[1:])
sys.stderr.write("\\nloaded " + json.dumps([code, sorted(sys.modules)]))
"""
NEVER = {
    "torch",
    "transformers",
    "sentence_transformers",
    "fastapi",
    "starlette",
    "uvicorn",
    "trafilatura",
    "lxml",
    "selectolax",
    "nupunkt",
    "py3langid",
    "scipy",
    "sklearn",
    "onnx",
    "pypdf",
    "httpx",
    "httpx2",
}


def loaded(commands, *arguments: object) -> tuple[int, set[str]]:
    done = commands.process(*arguments, python=("-c", LOADED))
    code, modules = json.loads(done.err.rpartition("loaded ")[2])
    return code, {name.partition(".")[0] for name in modules} | set(modules)


def test_asking_loads_neither_torch_nor_the_readers(commands, light):
    code, modules = loaded(commands, "ask", QUESTION, "--corpus", light)
    assert code in (0, 3)
    assert {"onnxruntime", "faiss", "tantivy"} <= modules  # it did look for an answer
    assert not NEVER & modules
    assert not {"footnoted.eval", "footnoted.ingest.pipeline", "footnoted.service.app"} & modules


def test_help_loads_no_stage(commands):
    code, modules = loaded(commands, "ask", "--help")
    assert code == 0
    assert not (NEVER | {"onnxruntime", "faiss", "tantivy", "numpy"}) & modules
    assert not any(name.startswith("footnoted.index") for name in modules)


FULL_DISK = """
import json, os, resource, sys
from footnoted.cli.main import run
from footnoted.ingest.language import detect_language

detect_language("The language model unpacks itself into a temporary file of its own.")
article, corpus, limits = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
codes = []
for command, limit in limits:
    arguments = {"ingest": ["ingest", article], "index": ["index", "rebuild"]}[command]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    codes.append(run([*arguments, "--corpus", corpus]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    codes.append(run(["search", "How high is it?", "--corpus", corpus]))
    codes.append(run(["verify", "--corpus", corpus]))
sys.stderr.write("\\ncodes " + json.dumps(codes))
"""


# Bytes: the first file that cannot grow is the lock's holder, a capture, or the database.
INGEST_LIMITS = (0, 10, 1_500, 6_000, 15_000, 19_000, 30_000, 60_000, 90_000, 120_000)


def test_a_full_disk_at_any_moment_loses_nothing(commands, copied, tmp_path):
    """Whatever file is the first that cannot grow, the earlier revision and its index answer."""
    folder = copied()
    changed = tmp_path / "changed.txt"
    changed.write_text(ARTICLE.read_text("utf-8").replace("41 m", "52 m"), "utf-8")
    generation = next((folder / "index" / "generations").iterdir())
    vectors = (generation / "dense.faiss").stat().st_size
    limits = [("index", limit) for limit in (0, 500, vectors - 1, vectors + 1)]
    limits += [("ingest", limit) for limit in INGEST_LIMITS]
    done = commands.process(changed, folder, json.dumps(limits), python=("-c", FULL_DISK))
    codes = json.loads(done.err.rpartition("codes ")[2])
    ingests, answers, checks = codes[0::3], codes[1::3], codes[2::3]
    assert set(ingests) == {6}, done.err
    assert set(answers) == {0}
    assert set(checks) == {0}
    assert "41 m" in done.out
    assert "52 m" not in done.out
    assert done.err.count("No space left while writing") == len(limits)
    assert "Traceback" not in done.err
    after = commands("ingest", changed, "--corpus", folder)
    assert after.code == 0, after.err
    assert commands("verify", "--corpus", folder).code == 0
    assert "52 m" in commands("search", "How high is it?", "--corpus", folder).out


FULL_WHILE_READING = """
import resource, sys
from footnoted.cli.main import run
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
sys.exit(run(["ingest", *sys.argv[1:]]))
"""


def test_a_full_temporary_folder_is_no_internal_error(commands, tmp_path):
    folder = tmp_path / "made"
    done = commands.process(ARTICLE, "--corpus", folder, python=("-c", FULL_WHILE_READING))
    assert done.code == 6
    assert "No space left" in done.err
    assert not folder.exists()


HOLDER = """
import sys
from pathlib import Path
from footnoted.ingest.store import writing
with writing(Path(sys.argv[1])):
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_refuses_and_names_the_first(commands, copied):
    folder = copied()
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdin is not None
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == "writing\n"
        for arguments in (
            ("ingest", ARTICLE, "--corpus", folder),
            ("corpora", "remove", folder, "--yes"),
        ):
            second = commands(*arguments)
            assert second.code == 6
            assert f"is being written by process {first.pid}" in second.err
        assert commands("search", QUESTION, "--corpus", folder).code == 0
        waiting = commands.start("ingest", ARTICLE, "--corpus", folder, FOOTNOTED_LOCK_WAIT="60")
        time.sleep(0.2)
        assert waiting.poll() is None
    finally:
        first.stdin.close()
        first.wait()
        first.stdout.close()
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert commands("verify", "--corpus", folder).code == 0


def test_a_killed_ingest_leaves_the_lock_free_and_the_corpus_whole(commands, copied, tmp_path):
    folder = copied()
    changed = tmp_path / "changed.txt"
    changed.write_text(ARTICLE.read_text("utf-8").replace("41 m", "52 m"), "utf-8")
    for stopped_by in (signal.SIGKILL, signal.SIGINT):
        process = commands.start("ingest", changed, "--corpus", folder)
        deadline = time.monotonic() + 60
        while not (folder / "writer").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(stopped_by)
        _, err = process.communicate(timeout=60)
        if stopped_by == signal.SIGINT:
            assert process.returncode == 130, err
            assert "Interrupted. What was finished is kept." in err
            assert not (folder / "writer").exists()
        assert "Traceback" not in err
        # Killed before or after the revision was published: in each case the corpus is whole.
        found = commands("search", "How high is it?", "--corpus", folder)
        assert found.code == 0, found.err
        assert "41 m" in found.out or "52 m" in found.out
        (folder / "writer").unlink(missing_ok=True)
    assert commands("ingest", changed, "--corpus", folder).code == 0
    assert commands("verify", "--corpus", folder).code == 0


@pytest.mark.parametrize(
    "arguments", [("article",), ("sources", "--json"), ("corpora", "list"), ("--help",)]
)
def test_a_closed_pipe_is_no_failure(commands, arguments):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "footnoted", *arguments],
        env=commands.environment(FOOTNOTED_CORPUS="default"),
        cwd=commands.folder,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_terminal_that_knows_only_ascii(commands):
    shown = commands.process("sources", "--corpus", "example", PYTHONIOENCODING="ascii")
    assert shown.code == 0, shown.err
    assert "Salim Al-Darwani" in shown.out
    assert "\\u0633" in shown.out  # seen letters of an Arabic title, as they can be written
    as_json = commands.process("sources", "--corpus", "example", "--json", PYTHONIOENCODING="ascii")
    titles = [row["csl"].get("title") for row in as_json.document["references"]]
    assert "ستة أيام مع جسر سالوويك" in titles


def test_bytes_that_are_no_text_in_a_question(commands, light):
    done = subprocess.run(
        [sys.executable, "-m", "footnoted", "ask", b"who \xff\xfe", "--corpus", light, "--json"],
        env=commands.environment(),
        cwd=commands.folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["detail"].startswith("The question is not UTF-8 text")


FORGED = """
import sys
from footnoted.index import models
models.WEIGHTS_SHA256 = "0" * 64
models.find_model.__globals__["WEIGHTS_SHA256"] = "0" * 64
from footnoted.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def test_weights_with_a_wrong_hash_are_not_run(commands, light, tmp_path):
    """A model package whose weights were changed stops before anything of it is loaded."""
    done = commands.process(
        *("ask", QUESTION, "--corpus", light, "--json"),
        python=("-c", FORGED),
        FOOTNOTED_CACHE_DIR=str(tmp_path),
    )
    assert done.code == 5, done.err
    assert done.document["type"] == "urn:footnoted:problem:model-error"
    assert "are not the published ones" in done.document["detail"]
    assert "pip install --force-reinstall" in done.document["hint"]
    assert not list(tmp_path.rglob("*.onnx"))


def test_a_read_only_folder(commands, copied):
    folder = copied()
    (folder / "index").rename(folder.parent / "index")
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user (root) may write into every folder")
    try:
        done = commands("ingest", ARTICLE, "--corpus", folder)
        assert done.code == 6
        assert "cannot be written" in done.err
        asked = commands("search", QUESTION, "--corpus", folder)
        assert asked.code == 0, asked.err
        assert sorted(path.name for path in folder.iterdir()) == [
            "captures-00001.warc.gz",
            "corpus.sqlite",
            "writer.lock",
        ]
    finally:
        folder.chmod(0o755)


CRASH = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 2")  # pages reach the file before the commit
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE documents SET title = title || hex(randomblob(20000))")
os._exit(9)
"""


def test_a_writer_killed_while_it_commits_does_not_stop_readers(commands, copied):
    folder = copied()
    subprocess.run([sys.executable, "-c", CRASH, folder / "corpus.sqlite"], check=False)
    assert (folder / "corpus.sqlite-journal").stat().st_size > 0
    done = commands("search", QUESTION, "--corpus", folder)
    assert done.code == 0, done.err
