from __future__ import annotations

import pytest

from footnoted.errors import UsageError
from footnoted.service.filters import EVERYTHING, Filter, given


@pytest.mark.parametrize(
    ("filters", "published", "fits"),
    [
        ({"since": "2023"}, "2023-10-25", True),
        ({"since": "2023-10-25"}, "2023-10-25", True),
        ({"since": "2023-10-26"}, "2023-10-25", False),
        ({"since": "2023-10-26"}, "2023-10", True),
        ({"since": "2023-10-26"}, "2023", True),
        ({"since": "2024"}, "2023", False),
        ({"until": "2023"}, "2023-12-31T10:00:00Z", True),
        ({"until": "2023-09"}, "2023-10-01", False),
        ({"until": "2023-09"}, "2023", True),
        ({"since": "2020", "until": "2021-06"}, "2021-07", False),
        ({"since": "2020"}, None, False),
        ({"until": "2020"}, "soon", False),
        ({}, None, True),
    ],
)
def test_dates_are_compared_as_far_as_they_are_known(filters, published, fits):
    assert Filter(**filters).dated(published) is fits


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"since": "soon"}, "since must be a date"),
        ({"until": "2023-02-30"}, "until must be a date"),
        ({"until": "2023-13"}, "until must be a date"),
        ({"since": "٢٠٢٣"}, "since must be a date"),
        ({"since": "2024", "until": "2023-12"}, "No day lies since 2024"),
        ({"kind": "book"}, "kind can be article, source or document"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(filters, message):
    with pytest.raises(UsageError, match=message) as caught:
        Filter(**filters)
    assert caught.value.hint


def test_what_is_not_given_narrows_nothing():
    assert Filter(**given(None, "", None)) == EVERYTHING
    assert given(kind="source", until="2023") == {"kind": "source", "until": "2023"}
    words = Filter("sources", kind="source", hidden=frozenset("ab")).in_words()
    assert words == "only sources, kind source, 2 documents hidden"
