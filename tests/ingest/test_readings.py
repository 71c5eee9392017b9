from __future__ import annotations

import pytest

from footnoted.domain import Access, Json, Reference
from footnoted.ingest.readings import OfflineReader


@pytest.mark.parametrize(
    ("group", "csl", "urls", "access"),
    [
        ("", {"type": "webpage"}, ("https://example.org/",), Access.NOT_ATTEMPTED),
        ("", {"type": "book"}, ("https://example.org/",), Access.NOT_ATTEMPTED),
        ("", {"type": "book"}, (), Access.NOT_ONLINE),
        ("", {"type": "chapter"}, (), Access.NOT_ONLINE),
        ("lower-alpha", {}, (), Access.NOT_ONLINE),
        ("lower-alpha", {"issued": {"date-parts": [[2004]]}}, (), Access.URL_UNKNOWN),
        ("", {"type": "article-newspaper"}, (), Access.URL_UNKNOWN),
    ],
)
def test_a_source_that_was_not_read_says_why(
    group: str, csl: Json, urls: tuple[str, ...], access: Access
):
    unread = OfflineReader().read(Reference("id", "1", group, "Work", csl, urls))
    assert unread.access is access
    assert unread.reason.endswith(".")
    assert all(url in unread.reason for url in urls)
