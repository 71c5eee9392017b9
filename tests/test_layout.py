"""The four stages stand at the top level, are linked into the package, and go into its wheel."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import footnoted

CHECKOUT = Path(__file__).parents[1]
STAGES = ("ingest", "index", "service", "eval")


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_is_linked_into_the_package(stage):
    link = CHECKOUT / "src" / "footnoted" / stage
    assert link.is_symlink(), (
        f"{link} is no symbolic link. This checkout was made without them: on Windows switch "
        "developer mode on, then `git config core.symlinks true` and `git checkout -- src`."
    )
    assert link.readlink() == Path("../..") / stage, "the link must be relative"
    assert link.resolve() == CHECKOUT / stage
    assert (CHECKOUT / stage / "__init__.py").is_file()


def test_a_stage_is_imported_as_part_of_the_package(tmp_path):
    from importlib.util import find_spec

    for stage in STAGES:
        spec = find_spec(f"footnoted.{stage}")
        assert spec is not None
        assert Path(str(spec.origin)).resolve() == CHECKOUT / stage / "__init__.py"


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_the_wheel_installs_footnoted_and_nothing_else(names, wheel):
    info = f"footnoted-{footnoted.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"footnoted", info}
    assert f"{info}/licenses/LICENSE" in names
    assert wheel.name == f"footnoted-{footnoted.__version__}-py3-none-any.whl"


def test_every_module_is_in_the_wheel(names):
    for stage in STAGES:
        modules = {
            f"footnoted/{stage}/{path.relative_to(CHECKOUT / stage).as_posix()}"
            for path in (CHECKOUT / stage).glob("*.py")
        }
        assert len(modules) > 5
        assert modules <= set(names)
    for module in ("domain", "errors", "settings", "__main__", "cli/main"):
        assert f"footnoted/{module}.py" in names


def test_the_data_is_in_the_wheel(names):
    wanted = {"footnoted/py.typed", "footnoted/eval/sets/default.jsonl"}
    for corpus in ("default", "example"):
        folder = f"footnoted/ingest/packaged/{corpus}"
        wanted |= {f"{folder}/corpus.sqlite", f"{folder}/captures-00001.warc.gz"}
    page = CHECKOUT / "service" / "page"
    files = [path for path in page.rglob("*") if path.is_file()]
    assert any(path.suffix == ".css" for path in files)
    assert any(path.suffix == ".html" for path in files)
    wanted |= {f"footnoted/service/page/{path.relative_to(page).as_posix()}" for path in files}
    assert wanted <= set(names)


def test_nothing_of_a_development_machine_is_in_the_wheel(names):
    for name in names:
        parts = set(name.split("/"))
        assert not parts & {"tests", "__pycache__", ".venv", "index.lock", "writer.lock"}, name
        assert not name.endswith((".pyc", ".sqlite-journal", ".sqlite-wal")), name
