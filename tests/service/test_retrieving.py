from __future__ import annotations

import pytest

from footnoted.errors import UsageError
from footnoted.service.retrieving import EVERYTHING, Filter


@pytest.mark.parametrize("only", ["", "both", "Article", "source"])
def test_only_has_two_words(only):
    with pytest.raises(UsageError, match="only can be article or sources"):
        Filter(only)


def test_a_filter_without_anything_is_everything():
    assert Filter() == EVERYTHING
    assert Filter("article") != EVERYTHING
    assert Filter(reference="7") != EVERYTHING
