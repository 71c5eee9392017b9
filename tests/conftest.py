"""What all tests share: where the development data lies, and when a missing tool is a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"


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
    if path is None or shutil.which("chromedriver") is None:
        missing("Chromium and chromedriver are not installed (Debian: chromium chromium-driver)")
    assert path is not None
    return path
