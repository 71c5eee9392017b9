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
    "eval",
    "bench",
    "settings",
)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, ROOT / "docs" / "generate.py", folder], check=True, timeout=120)
    return folder


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "errors.md"])
def test_a_generated_page_is_fresh(made: Path, name: str) -> None:
    committed = (ROOT / "docs" / name).read_text("utf-8")
    assert committed == (made / name).read_text("utf-8"), "run `make docs` and commit the pages"


def test_every_command_and_setting_has_its_place(made: Path) -> None:
    commands = (made / "commands.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"# `footnoted {name}`" in commands
    settings = (made / "settings.md").read_text("utf-8")
    assert "FOOTNOTED_REFUSE_BELOW" in settings
    errors = (made / "errors.md").read_text("utf-8")
    assert re.search(r"NewerSchema +5 +503", errors)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
