"""Footnoted answers questions about one article and everything it cites, with its citations.

    >>> from footnoted import Assistant
    >>> with Assistant.open("default") as assistant:
    ...     answer = assistant.ask("How many US soldiers were killed in Jordan on 28 January 2024?")
    >>> answer["statements"][0]["span"]
    'three'
    >>> [footnote["label"] for footnote in answer["citations"][0]["references"]]
    ['7', '8', '9', '10', '11']

``Client`` asks the same of a server. Names are loaded when they are first used (PEP 562), so that
``import footnoted`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from footnoted.client import Client
    from footnoted.domain import Answer, Citation, Refusal, Statement
    from footnoted.errors import FootnotedError
    from footnoted.service.assistant import Assistant
    from footnoted.settings import Settings

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Client",
    "FootnotedError",
    "Refusal",
    "Settings",
    "Statement",
    "__version__",
]

_HOMES = {
    "Answer": "footnoted.domain",
    "Assistant": "footnoted.service.assistant",
    "Citation": "footnoted.domain",
    "Client": "footnoted.client",
    "FootnotedError": "footnoted.errors",
    "Refusal": "footnoted.domain",
    "Settings": "footnoted.settings",
    "Statement": "footnoted.domain",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'footnoted' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
