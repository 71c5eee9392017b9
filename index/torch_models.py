"""Models of sentence-transformers, loaded from files that nobody has to trust.

Code that comes with a model is never run: no modules of its own, no objects out of pickled
weights. What a model can then do is compute.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from footnoted.errors import ModelError
from footnoted.index.models import ModelSource


def load(kind: str, source: ModelSource, device: str, **options: Any) -> Any:
    """A model of the class ``kind`` of sentence-transformers, in 32 bits with plain attention.

    ``ModelError`` when it is neither here nor reachable, damaged, of another kind, or would have
    to run code of its own; or when torch sees no such device.
    """
    import sentence_transformers  # noqa: PLC0415 - imports torch: 8 s

    check_device(device)
    where = str(source.folder) if source.folder else source.name
    try:
        with _quietly():
            model = getattr(sentence_transformers, kind)(
                where,
                device=device,
                trust_remote_code=False,
                # Both also hold against what a model's config.json asks for: half precision would
                # give other vectors, and the name of an attention may be that of code to fetch.
                model_kwargs={"attn_implementation": "eager", "dtype": "float32"},
                **options,
            )
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"The model {source.name} cannot be loaded: its weights are a pickle that holds more "
            "than weights. Nothing of it was run.",
            about=where,
            hint="Take the model from someone who saves it as safetensors.",
        ) from error
    except _loading_errors() as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"The model {source.name} cannot be loaded: {first}",
            about=where,
            hint="Name a folder saved by sentence-transformers. A name of the model hub needs "
            "the network the first time; without it, only models already in its cache load.",
        ) from error
    _limit_length(model)
    return model.eval()


def _limit_length(model: Any) -> None:
    """Have a model cut texts at the length that it can read, where it would fail beyond that.

    RoBERTa and its like number positions from behind that of the padding token: a length of 514
    in their configuration reads 512.
    """
    for name, part in model.named_modules():
        padding = getattr(part, "padding_idx", None)
        if name.endswith("position_embeddings") and padding is not None:
            readable = part.num_embeddings - padding - 1
            model.max_seq_length = min(model.max_seq_length or readable, readable)


def check_device(device: str) -> None:
    """``ModelError`` unless torch sees ``device``: ``cpu``, ``cuda``, ``cuda:1``, ``mps``."""
    import torch  # noqa: PLC0415 - takes seconds

    kind, _, number = device.partition(":")
    count = {
        "cpu": 1,
        "cuda": torch.cuda.device_count(),
        "mps": int(torch.backends.mps.is_available()),
    }.get(kind, 0)
    if (number or "0") not in map(str, range(count)):
        seen = f"{torch.cuda.device_count()} CUDA devices"
        mps = "and an Apple GPU" if torch.backends.mps.is_available() else "and no Apple GPU"
        raise ModelError(
            f"torch {torch.__version__} sees no device {device}: it sees {seen} {mps}.",
            about=device,
            hint="Install a build of torch for this machine's GPU (pytorch.org), or use cpu.",
        )


@contextmanager
def memory_errors(device: str) -> Iterator[None]:
    """Turn torch's complaint that ``device`` has no memory left into a ``ModelError``."""
    import torch  # noqa: PLC0415 - takes seconds

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"The device {device} has not enough memory for this model: {error}",
            about=device,
            hint="Stop what else uses it, name a smaller model, or use cpu.",
        ) from error


def _loading_errors() -> tuple[type[Exception], ...]:
    """What transformers and the hub raise for files that are missing, damaged or not a model."""
    from huggingface_hub import errors as hub  # noqa: PLC0415 - loads what only this needs
    from safetensors import SafetensorError  # noqa: PLC0415

    here = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError)
    names = ("HTTPError", "EntryNotFoundError", "StrictDataclassError")
    newer = ("RevisionResolutionError", "XetDownloadError")
    return (*here, SafetensorError, *(getattr(hub, n) for n in names + newer if hasattr(hub, n)))


@contextmanager
def _quietly() -> Iterator[None]:
    """Ours are the words for whoever waits: transformers has bars and reports of its own."""
    from transformers.utils import logging  # noqa: PLC0415 - imports torch: 8 s

    switch: Any = logging  # its switches have no types
    shown, verbosity = switch.is_progress_bar_enabled(), switch.get_verbosity()
    switch.disable_progress_bar()
    switch.set_verbosity_error()
    try:
        yield
    finally:
        switch.set_verbosity(verbosity)
        if shown:
            switch.enable_progress_bar()
