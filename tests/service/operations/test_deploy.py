"""What lies in deploy/ and stands in the operators' page names settings, metrics and commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from footnoted.service.operations.metrics import Metrics
from footnoted.settings import Settings, setting_fields

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
UNIT = ROOT / "deploy" / "footnoted.service"
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
OF_CORPORA = {"footnoted_generation_info", "footnoted_corpus_healthy", "footnoted_sources"}


@pytest.fixture(scope="module")
def metrics() -> set[str]:
    body = Metrics().exposition("").body.decode()
    return set(re.findall(r"^# TYPE (footnoted_\w+) ", body, re.MULTILINE)) | OF_CORPORA


def base(name: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", name)


def test_the_dashboard_shows_metrics_that_there_are(metrics: set[str]) -> None:
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {
        base(name) for expression in asked for name in re.findall(r"footnoted_\w+", expression)
    }
    assert named <= metrics
    assert metrics - named == {"footnoted_build_info"}, "each has its place"
    assert all(expression.count("(") == expression.count(")") for expression in asked)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_page_lists_every_metric(metrics: set[str]) -> None:
    listed = re.findall(r"`(footnoted_\w+)`", PAGE.partition("| metric |")[2].partition("\n\n")[0])
    assert set(listed) == metrics


def test_every_setting_that_is_named_exists() -> None:
    known = set(setting_fields())
    for text in (UNIT.read_text(), CONTAINER):
        named = {name.lower() for name in re.findall(r"FOOTNOTED_([A-Z_]+)=", text)}
        assert named
        assert named <= known | {"config"}
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    Settings(**tomllib.loads(example))


def test_every_file_that_the_container_copies_exists() -> None:
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", CONTAINER, re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
    packaged = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert packaged <= set(" ".join(copied).split())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_unit() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", UNIT], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert said == []
