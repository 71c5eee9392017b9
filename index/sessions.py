"""ONNX Runtime sessions over the graphs of an export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import onnxruntime
from onnxruntime import InferenceSession
from onnxruntime.capi import (
    onnxruntime_pybind11_state as ort,  # pyright: ignore[reportAttributeAccessIssue]
)

from footnoted.errors import ModelError

ORT_ERRORS = (
    *(ort.EPFail, ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.InvalidProtobuf),
    *(ort.NoModel, ort.NoSuchFile, ort.NotFound, ort.NotImplemented, ort.RuntimeException),
)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(path: Path, threads: int) -> InferenceSession:
    """A session on the CPU; ``threads`` 0 leaves the number to ONNX Runtime.

    ``ModelError`` for a graph that it cannot load.
    """
    options = onnxruntime.SessionOptions()
    # The export holds the optimised graph, its weights beside it: 0.06 s to load, not 0.3 s.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = threads
    # A plan for each length of text that was ever seen: 7 MB with the reader, and no faster.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except ORT_ERRORS as error:
        folder = path.parent
        raise ModelError(
            f"The exported model {folder} cannot be loaded: {error}",
            about=str(folder),
            hint=f"Remove {folder} and run the same command again: it is then exported anew.",
        ) from error


class PartOfGraph:
    """A session that computes what it is asked for and nothing else.

    Otherwise ONNX Runtime computes every output of the graph, whichever are fetched.
    """

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._options = onnxruntime.RunOptions()
        self._options.only_execute_path_to_fetches = True

    def run(self, outputs: Any, feeds: Any, /) -> Any:
        """The ``outputs`` of these names, in their order."""
        return self._session.run(outputs, feeds, self._options)


def part_with(graph: object, output: str) -> PartOfGraph | None:
    """The part of a session's graph that makes ``output``; ``None`` where nothing makes it."""
    if not isinstance(graph, InferenceSession):
        return None
    made = {one.name for one in graph.get_outputs()}
    return PartOfGraph(graph) if output in made else None
