from __future__ import annotations

import pytest

from footnoted.ingest.glosses import gloss


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("Size", "members"),
        ("Leaders", "leads"),
        ("Leader(s):", "leads"),
        ("LENGTH", "long"),
        ("Designer", "designed"),
        ("Opened.", "began"),
        ("Number of employees", "how many"),
    ],
)
def test_a_label_is_called_what_questions_call_it(label, word):
    assert word in gloss(label)


def test_a_label_that_nobody_calls_otherwise_has_none():
    assert gloss("Website") == gloss("") == gloss("Group(s)") == ""
