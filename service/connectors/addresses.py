"""Addresses of citations, for programs that show a link with every quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from footnoted.service.display import web_link

_BEST_FIRST = ("fragment_url", "url", "archive_url")


class Addresses(NamedTuple):
    """Where quotes of one corpus can be read.

    ``base`` is the address of this server without its last slash, empty where there is none:
    then a quote is named and not located (RFC 8141).
    """

    base: str
    corpus: str

    def of(self, citation: Mapping[str, Any]) -> str:
        """The web page of a citation's source, at its words; else our page that shows the quote."""
        links = (web_link(citation[key]) for key in _BEST_FIRST)
        return next(filter(None, links), None) or self._own(citation["citation_id"])

    def _own(self, identity: str) -> str:
        if not self.base:
            return f"urn:footnoted:citation:{quote(self.corpus, safe='')}:{quote(identity)}"
        return f"{self.base}/shared?{urlencode({'c': identity, 'corpus': self.corpus})}"


def base_address(public_url: str, asked: str = "") -> str:
    """The address that links of ours begin with: the setting, else the one that was asked."""
    return (public_url or asked).rstrip("/")
