"""Whether two addresses are one site or page, and whether two titles are one."""

from __future__ import annotations

import pytest

from footnoted.ingest.states.likeness import address, original_url, same_site, titles_agree


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.example.org/a", "https://news.example.org/b", True),
        ("http://example.org/", "http://a.b.example.org/", True),
        ("http://one.co.uk/", "http://two.co.uk/", False),
        ("http://www.one.co.uk/", "http://shop.one.co.uk/", True),
        ("http://one.github.io/", "http://two.github.io/", False),
        ("http://github.io/", "http://two.github.io/", False),
        ("http://example.org/", "http://notexample.org/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/", False),
        ("http://10.0.0.1/", "http://11.0.0.1/", False),
        ("http://münchen.example.de/", "http://xn--mnchen-3ya.example.de/", True),
    ],
)
def test_sites_are_told_apart_by_their_names(one: str, other: str, same: bool) -> None:
    a, b = address(one), address(other)
    assert a is not None
    assert b is not None
    assert same_site(a, b) is same
    assert same_site(b, a) is same


def test_addresses_are_compared_without_what_makes_no_difference() -> None:
    plain = address("http://example.org/a%20b?x=1")
    assert plain == address("HTTPS://WWW.Example.org:443/a b/?x=1&utm_medium=y#part")
    assert plain != address("http://example.org/a%20b?x=2")
    assert address("ftp://example.org/") is None
    assert address("http://[broken") is None
    assert original_url("https://archive.ph/AbC12") == "https://archive.ph/AbC12"
    for archived in (
        "https://web.archive.org/web/20200101000000id_/https://example.org/x?y=1",
        "https://web.archive.org/web/2020*/example.org/x?y=1",
        "http://archive.today/20200101/http://example.org/x?y=1",
    ):
        assert address(original_url(archived)) == address("http://example.org/x?y=1")


def test_titles_agree_in_spite_of_additions_cuts_and_accents() -> None:
    assert titles_agree("A new lamp for the headland", "A New Lamp for the Headland | Mail")
    assert titles_agree("Lamp, headland: a history of two storms", "Lamp, headland")
    assert titles_agree("Les pêcheurs du cap", "LES PECHEURS DU CAP")
    assert titles_agree("المنارة القديمة", "منارة قديمة")
    assert not titles_agree("A new lamp for the headland", "Mail")
    assert not titles_agree("A new lamp for the headland", "Garden chairs for the spring")
    assert not titles_agree("!?", "A new lamp")
