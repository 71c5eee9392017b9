"""Commands that ask and that make keys load nothing of what only a server needs."""

from __future__ import annotations

import json

SERVER = ("prometheus_client", "fastapi", "uvicorn", "starlette", "multiprocessing.connection")
LOADED = """
import json, sys
from footnoted.cli.main import run
code = run(sys.argv[1:])
sys.stderr.write("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def loaded(commands, *arguments: object, **extra: str) -> tuple[int, set[str]]:
    done = commands.process(*arguments, python=("-c", LOADED), **extra)
    code, modules = json.loads(done.err.splitlines()[-1])
    return code, set(modules)


def test_asking_loads_no_server(commands, light) -> None:
    code, modules = loaded(commands, "ask", "Who built it?", "--corpus", light)
    assert code in (0, 3)
    assert not modules & set(SERVER)


def test_keys_are_made_without_server_or_index(commands, tmp_path) -> None:
    state = {"FOOTNOTED_STATE_DIR": str(tmp_path)}
    code, modules = loaded(commands, "keys", "add", "ana", **state)
    assert code == 0
    assert not modules & {*SERVER, "faiss", "onnxruntime", "numpy"}
