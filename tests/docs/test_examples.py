"""Every example in the README and the documentation does what its page says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
from tests.conftest import missing
from tests.docs.reading import RUN, Command, blocks, commands_of, missing_line
from tests.documented_examples import DOCS, PRINTED

CHECKOUT = DOCS.parent
ELSEWHERE = {
    "mcp.md": "tests/e2e/test_mcp.py",
    "openai.md": "tests/service/chat/test_openai_client.py",
    "operating.md": "tests/service/operations/test_deploy.py",
    "many-machines.md": "tests/service/test_milvus.py",
    "python.md": "tests/test_python_api.py",
}
"""Pages whose examples other tests run: those need servers or libraries of their own."""
_ASSIGNS = re.compile(r"[A-Z_]+=.*")
PAGES = [
    page
    for page in (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
    if page.name not in ELSEWHERE
    and page.parent.name != "decisions"
    and any(block.language in RUN for block in blocks(page))
]


@pytest.fixture(scope="module")
def address(commands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `footnoted serve` with both packaged corpora."""
    state = tmp_path_factory.mktemp("state")
    served = ("serve", "-c", "default", "-c", "example", "--port", "0")
    process = commands.start(*served, FOOTNOTED_STATE_DIR=str(state))
    assert process.stderr is not None
    found = None
    while found is None:
        line = process.stderr.readline()
        assert line, "the server ended"
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
    yield found[0]
    process.terminate()
    process.communicate(timeout=30)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_the_examples_of_a_page(page, commands, address, tmp_path, monkeypatch) -> None:
    """In a folder in which the checkout's files lie, from the first example to the last."""
    for entry in ("docs", "eval", "ingest", "README.md"):
        (tmp_path / entry).symlink_to(CHECKOUT / entry)
    state = tmp_path / "state"
    environment = commands.environment(
        FOOTNOTED_DATA_DIR=str(tmp_path / "data"), FOOTNOTED_STATE_DIR=str(state)
    )
    for name in set(os.environ) - set(environment):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    ran = 0
    for block in blocks(page):
        if block.why is not None or block.language not in RUN:
            continue
        ran += 1
        if block.language == "python":
            code = block.code.replace(PRINTED, address)
            exec(compile(code, f"{page.name}: {block.code[:40]!r}", "exec"), names)
            continue
        for command in commands_of(block):
            code, printed = _run(command, commands, address, tmp_path)
            assert code == command.code, f"{command.line}\n{printed}"
            lost = missing_line(command.shown, printed)
            assert lost is None, f"{command.line}\n— did not print: {lost}\n— but:\n{printed}"
    assert ran or all(block.why for block in blocks(page) if block.language in RUN)


def _run(command: Command, commands, address: str, folder: Path) -> tuple[int, str]:
    """The exit code of a command and what it printed, on both streams."""
    words = shlex.split(command.line, comments=True)
    given = dict(word.split("=", 1) for word in takewhile(_ASSIGNS.fullmatch, words))
    words = words[len(given) :]
    if words[0] == "footnoted" and not set(words) & {"|", ">", "&&", "<"}:
        done = commands(
            *words[1:],
            cwd=folder,
            FOOTNOTED_DATA_DIR=str(folder / "data"),
            FOOTNOTED_STATE_DIR=str(folder / "state"),
            **given,
        )
        return done.code, done.out + done.err
    if words[0] == "curl" and shutil.which("curl") is None:
        missing("curl is not installed")
    line = command.line.replace(PRINTED, address).replace("localhost:8321", address)
    shell = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return shell.returncode, shell.stdout + shell.stderr


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_what_is_not_run_says_why(page) -> None:
    """And what is run elsewhere is run by a test that is there."""
    if page.parent.name == "decisions":
        return
    if page.name in ELSEWHERE:
        test = CHECKOUT / ELSEWHERE[page.name]
        assert test.is_file(), f"no test runs the examples of {page.name}"
        return
    languages = {block.language for block in blocks(page)}
    assert not languages & {"bash", "sh", "shell"}, "write `console` with `$ `, which is run"
    assert not re.search(r"^ +```", page.read_text("utf-8"), re.MULTILINE), "an indented block"
    for block in blocks(page):
        if block.language == "console":
            assert commands_of(block), f"no command begins with `$ `: {block.code}"
        if block.why is not None:
            assert len(block.why.split()) >= 3, f"why is this not run? {block.code}"


def test_an_example_that_prints_something_else_is_found() -> None:
    shown = ("one", "…", "three  four")
    assert missing_line(shown, "zero\none\ntwo\nthree four\n") is None
    assert missing_line(shown, "one\nthree\n") == "three  four"
    assert missing_line(("b", "a"), "a\nb\n") == "a"
    assert missing_line(("a … c",), "a b c") is None
