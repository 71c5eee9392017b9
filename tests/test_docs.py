"""Pages made from code are fresh, and links inside the documentation lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMANDS = (
    "ingest",
    "ask",
    "search",
    "sources",
    "article",
    "passage",
    "verify",
    "corpora",
    "serve",
    "mcp",
    "keys",
    "notes",
    "export",
    "eval",
    "bench",
    "settings",
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FIGURE = re.compile(r"(?<![\w.])\.\d{3}(?: \[[^\]]+\])?")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, ROOT / "docs" / "generate.py", folder], check=True, timeout=120)
    return folder


@pytest.mark.parametrize(
    "name", ["commands.md", "settings.md", "errors.md", "python-api.md", "http-routes.md"]
)
def test_a_generated_page_is_fresh(made: Path, name: str) -> None:
    committed = (ROOT / "docs" / name).read_text("utf-8")
    assert committed == (made / name).read_text("utf-8"), "run `make docs` and commit the pages"


def test_every_command_and_setting_has_its_place(made: Path) -> None:
    commands = (made / "commands.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"# `footnoted {name}`" in commands
    settings = (made / "settings.md").read_text("utf-8")
    assert "FOOTNOTED_REFUSE_BELOW" in settings
    api = (made / "python-api.md").read_text("utf-8")
    assert re.search(r"Assistant\.ask\(\n +question: str,", api)
    assert "Client(\n    base_url: str = 'http://127.0.0.1:8321'," in api
    assert re.search(r"text_sha256 +str", api)
    errors = (made / "errors.md").read_text("utf-8")
    assert re.search(r"NewerSchema +5 +503", errors)


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda p: p.name,
)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        found = page.parent / target if target else page
        assert found.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in _anchors(found), f"{page.name} links to {link}"


def _anchors(page: Path) -> set[str]:
    """The names of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_figures_are_those_that_were_measured() -> None:
    measured = (ROOT / "docs" / "measurements.md").read_text("utf-8").replace("**", "")
    quoted = 0
    for page in (ROOT / "docs" / "explanations").glob("*.md"):
        for figure in FIGURE.findall(page.read_text("utf-8")):
            quoted += 1
            assert figure in measured, f"{page.name} has {figure}, docs/measurements.md has not"
    assert quoted > 15


def test_every_page_is_reached_from_the_first() -> None:
    """By links, from page to page."""
    first = ROOT / "docs" / "index.md"
    seen, waiting = {first}, [first]
    while waiting:
        page = waiting.pop()
        for link in LINK.findall(page.read_text("utf-8")):
            found = (page.parent / link.partition("#")[0]).resolve()
            if found.suffix == ".md" and found.is_file() and found not in seen:
                seen.add(found)
                waiting.append(found)
    pages = {page.resolve() for page in (ROOT / "docs").rglob("*.md")}
    lost = pages - seen - set((ROOT / "docs" / "decisions").glob("*.md"))
    assert not lost
