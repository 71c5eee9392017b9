"""What all tests share: development data, tools, the exported model, the commands, a corpus."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from footnoted.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from footnoted.index.embedder import OnnxEmbedder

CHECKOUT = Path(__file__).parents[1]
SHARED = CHECKOUT.parent / "shared"
EXAMPLE = CHECKOUT / "ingest" / "packaged" / "example"


def missing(what: str) -> None:
    """Skip, or fail where FOOTNOTED_TEST_STRICT says that everything must be here (as in CI)."""
    if os.environ.get("FOOTNOTED_TEST_STRICT") == "1":
        pytest.fail(f"{what}; FOOTNOTED_TEST_STRICT=1 makes this a failure")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data beside the checkout."""
    if not (SHARED / "bench").is_dir():
        missing(f"the development data is not here: {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium, for tests that drive a real browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium is not installed (Debian: chromium)")
    assert path is not None
    return path


PATIENCE_MS = 30_000  # a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium, driven by Playwright, with a fresh profile.

    It lives as long as a file's tests: Playwright keeps an event loop in the thread, in which no
    other test could run one of its own.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        flags = ("--no-sandbox", "--disable-gpu", "--disable-quic")
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def model_cache(pytestconfig: pytest.Config) -> Path:
    """Where the exported model is kept from one run of the tests to the next."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("footnoted")


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> OnnxEmbedder:
    """The default model: the first run ever exports it, which takes about ten seconds."""
    # Imported here, so that on a checkout without links test_layout.py still runs and explains.
    from footnoted.index.embedder import OnnxEmbedder, open_embedder

    opened = open_embedder(DEFAULT_MODEL, model_cache, threads=1)
    assert isinstance(opened, OnnxEmbedder)
    return opened


_PAIR_WORDS = ["bridge", "toll", "the", "of", "a", "and", "two", "pence", ":", ",", "?"]


@pytest.fixture(scope="session")
def pair_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Saves a tiny random BERT for pairs, whose scores differ widely, and returns its folder."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = list(dict.fromkeys([*special, *letters, *(f"##{c}" for c in letters), *_PAIR_WORDS]))

    def save(*, head: bool = True, **options: Any) -> Path:
        torch.manual_seed(1)
        folder = tmp_path_factory.mktemp("pairs")
        (folder / "vocab.txt").write_text("\n".join(words))
        BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
        config = BertConfig(
            **{
                "vocab_size": len(words),
                "hidden_size": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "intermediate_size": 64,
                "max_position_embeddings": 48,
                "initializer_range": 0.4,
                "num_labels": 1,
                **options,
            }
        )
        (BertForSequenceClassification if head else BertModel)(config).save_pretrained(folder)
        return folder

    return save


@pytest.fixture(scope="session")
def cache_dir(
    model_cache: Path, embedder: OnnxEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A cache folder of this run's own, with the exported model in it."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "models").symlink_to(model_cache / "models")
    return folder


class Finished(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


class Commands:
    """Runs ``footnoted`` with folders of its own: in this process, or in a new one."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self._own = {
            "FOOTNOTED_DATA_DIR": str(self.data_dir),
            "FOOTNOTED_CACHE_DIR": str(cache_dir),
            "FOOTNOTED_CONFIG": str(folder / "footnoted.toml"),
            "FOOTNOTED_THREADS": "1",
            "FOOTNOTED_FETCH": "false",
            "COLUMNS": "100",
        }

    def environment(self, **extra: str) -> dict[str, str]:
        """The process's environment without its own settings of Footnoted, and with ours."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FOOTNOTED_")}
        return kept | self._own | extra

    def __call__(self, *arguments: object, cwd: Path | None = None, **extra: str) -> Finished:
        """Run a command in this process, as ``footnoted`` would."""
        from footnoted.cli.main import run

        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name in set(os.environ) - set(self.environment()):
                patch.delenv(name)
            for name, value in (self._own | extra).items():
                patch.setenv(name, value)
            patch.chdir(cwd or self.folder)
            with redirect_stdout(out), redirect_stderr(err):
                code = run([str(argument) for argument in arguments])
        return Finished(code, out.getvalue(), err.getvalue())

    def start(
        self, *arguments: object, cwd: Path | None = None, python: Sequence[str] = (), **extra: str
    ) -> subprocess.Popen[str]:
        """Start a command as a process of its own, its output in pipes.

        ``python`` are arguments of the interpreter, instead of ``-m footnoted``.
        """
        return subprocess.Popen(
            [sys.executable, *(python or ("-m", "footnoted")), *map(str, arguments)],
            cwd=cwd or self.folder,
            env=self.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # A shell starts what it runs in the background deaf to Ctrl+C, and children inherit it.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - takes no lock
        )

    def process(
        self, *arguments: object, cwd: Path | None = None, python: Sequence[str] = (), **extra: str
    ) -> Finished:
        """Run a command as a process of its own, to its end."""
        process = self.start(*arguments, cwd=cwd, python=python, **extra)
        out, err = process.communicate(timeout=120)
        return Finished(process.returncode, out, err)


@pytest.fixture(scope="session")
def commands(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """The ``footnoted`` program; its data folder is shared by all tests of a run."""
    return Commands(tmp_path_factory.mktemp("commands"), cache_dir)


class Supplied(NamedTuple):
    """A corpus made by ``ingest`` with supplied sources, and the document that it printed."""

    folder: Path
    document: dict[str, Any]

    @property
    def states(self) -> dict[str, dict[str, Any]]:
        """The references' rows by label."""
        return {row["label"]: row for row in self.document["references"]}


@pytest.fixture(scope="session")
def bridge(commands: Commands) -> Supplied:
    """The invented bridge's article with sources of every kind, supplied as files.

    1 is a PDF, 2 HTML, 4 HTML in Latin-1, 6 plain text, 8 Arabic; 5 has only a digest, 9 both.
    """
    notes = commands.folder / "notes.md"
    notes.write_text(
        "Digest-Of: Rivers of Ostervey\nWritten: 2026-01-02\n\n"
        "The council voted eleven to nine for a steel bridge in 1904. \U0001f309\n",
        "utf-8",
    )
    files = {
        "1": "report-1984.pdf",
        "2": "museum-hammer.html",
        "4": "brunnoe-sallowick.html",
        "6": "tolls-1912.txt",
        "8": "arabic-engineer.html",
        "9": "gazette-flood-1931.html",
    }
    given = [f"--source={key}={EXAMPLE / 'sources' / name}" for key, name in files.items()]
    given += [f"--digest={key}={notes}" for key in ("5", "9")]
    folder = commands.folder / "bridge"
    done = commands("ingest", EXAMPLE / "article.html", "--corpus", folder, "--json", *given)
    assert done.code == 0, done.err
    return Supplied(folder, done.document)


@pytest.fixture(scope="session")
def light(commands: Commands) -> Path:
    """A small corpus, quick to index: the invented lighthouse's article, without its sources."""
    article = CHECKOUT / "tests" / "fixtures" / "articles" / "lighthouse.txt"
    folder = commands.folder / "light"
    done = commands("ingest", article, "--corpus", folder, "--no-fetch")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def copied(light: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a copy of the small corpus with its index, to be damaged or changed."""

    def copy() -> Path:
        return Path(shutil.copytree(light, tmp_path / "light"))

    return copy


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this working tree, built from a copy of the files that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        missing(f"this is no git checkout: {listed.stderr.strip()}")
    copy = tmp_path_factory.mktemp("tree")
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).exists() and not name.startswith("tests/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, copy / name, follow_symlinks=False)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    (found,) = (copy / "dist").glob("*.whl")
    return found
