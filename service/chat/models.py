"""Corpora as models: ``footnoted`` is the default one, ``footnoted/NAME`` any that is served."""

from __future__ import annotations

from footnoted.domain import Json
from footnoted.errors import NotFound
from footnoted.service.shelf import Shelf

NAME = "footnoted"


def corpus_of(shelf: Shelf, model: str) -> str:
    """The name of the corpus that a model's id means; ``NotFound`` for one that means none."""
    if model == NAME:
        return shelf.name(None)
    prefix, _, corpus = model.partition("/")
    if prefix != NAME or corpus not in shelf.corpora:
        raise NotFound(
            f"There is no model {model[:100]!r} here.",
            about="model",
            hint=f"Models: {', '.join(_ids(shelf))}.",
        )
    return corpus


def model_document(shelf: Shelf, model: str, created: int) -> Json:
    """One model as OpenAI's API lists them, with the title of its article as its ``name``."""
    corpus = corpus_of(shelf, model)
    article = shelf.named(corpus).info()["article"]
    return {
        "id": model,
        "object": "model",
        "created": created,
        "owned_by": NAME,
        "name": f"Footnoted: {article['title'] if article else corpus}",
    }


def models_document(shelf: Shelf, created: int) -> Json:
    """Every model, the default first."""
    data = [model_document(shelf, model, created) for model in _ids(shelf)]
    return {"object": "list", "data": data}


def _ids(shelf: Shelf) -> list[str]:
    default = shelf.name(None)
    return [NAME, *(f"{NAME}/{name}" for name in shelf.corpora if name != default)]
