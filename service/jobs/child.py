"""In a process of its own: one ingest, told what to read on standard input, telling what it does.

It gets one line of JSON (``order``), and writes lines ``{"kind": …, "data": …}``: ``progress``,
``notice``, and at the end ``done`` or ``failed``. Standard input stays open as long as the server
process lives; when it closes, this process and all that it started end at once. What was read is
kept by then, and the same ingest goes on from there.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any, TextIO

import msgspec

from footnoted.domain import Json
from footnoted.errors import EXIT_FAILED, EXIT_INTERRUPTED, FootnotedError, problem
from footnoted.settings import Settings, load_settings

_NICER = 5


def order(source: str, folder: Path, options: Json, settings: Settings) -> bytes:
    """What the process is to be told: the article, the corpus's folder, options, settings."""
    told = {
        "source": source,
        "folder": str(folder),
        "options": options,
        "settings": msgspec.to_builtins(settings, enc_hook=str),
    }
    return json.dumps(told).encode() + b"\n"


def main() -> int:
    """Do what standard input orders."""
    # A server that was started in the background is deaf to interrupts, and so are its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.nice(_NICER)  # whoever asks the server meanwhile comes first
    ordered = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what libraries print must not end up among what is told
        try:
            _tell(out, "done", _ingest(ordered, out))
        except FootnotedError as error:
            _tell(out, "failed", problem(error))
            return EXIT_FAILED
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the last resort; the server's log has the rest
            traceback.print_exc()
            fault = FootnotedError(
                f"This is a fault in Footnoted: {type(error).__name__}.",
                hint="The server's log has the rest; please report it.",
            )
            _tell(out, "failed", problem(fault))
            return EXIT_FAILED
    return 0


def _ingest(ordered: Json, out: TextIO) -> Json:
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415 - with the rest

    from footnoted.service import ingestion  # noqa: PLC0415 - it takes a second, and can fail

    def progress(stage: str, done: int, total: int) -> None:
        if "/" not in stage:  # the parts of a stage, hosts say, are hundreds
            _tell(out, "progress", {"stage": stage, "done": done, "total": total})

    set_on_retry_hooks([])
    options: dict[str, Any] = ordered["options"]
    changed = {name: options[name] for name in ("fetch", "jobs") if name in options}
    settings = load_settings(**(ordered["settings"] | changed))
    with tempfile.TemporaryDirectory() as folder:
        links = Path(folder) / "links.json"
        links.write_text(json.dumps(options.get("links", {})), "utf-8")
        request = ingestion.request_for(
            ordered["source"],
            settings,
            corpus=ordered["folder"],
            links=links,
            form=options.get("form"),
            revision=options.get("revision"),
            web=ingestion.Web(
                refresh=options.get("refresh", False),
                from_captures=options.get("from_captures", False),
            ),
        )
    document = ingestion.ingest_and_index(
        request, notify=lambda words: _tell(out, "notice", {"message": words}), progress=progress
    )
    corpus = {key: value for key, value in document["corpus"].items() if key != "folder"}
    told = {"counts": document["counts"], "corpus": corpus}
    return told | ({"changes": document["changes"]} if "changes" in document else {})


def _tell(out: TextIO, kind: str, data: Json) -> None:
    out.write(json.dumps({"kind": kind, "data": data}) + "\n")
    out.flush()


def _end_with_the_server() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
