"""The HTTP API from Python: ``Client`` has the methods of ``Assistant``, asked of a server.

    >>> from footnoted import Client
    >>> with Client("http://127.0.0.1:8321") as client:
    ...     answer = client.ask("How many US soldiers were killed in Jordan on 28 January 2024?")
    >>> answer["statements"][0]["span"]
    'three'

What goes wrong is raised as the same errors that ``Assistant`` raises (``footnoted.errors``); a
server that cannot be reached, or is none of ours, is a ``FetchError``.
"""

from __future__ import annotations

from footnoted.client.client import Client, Step

__all__ = ["Client", "Step"]
