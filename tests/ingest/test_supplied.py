from __future__ import annotations

import json

import pytest

from footnoted.domain import Reference
from footnoted.errors import UnreadableFile, UsageError
from footnoted.ingest.supplied import (
    SuppliedFile,
    by_reference,
    read_file,
    read_keyed_files,
    read_links,
    reference_for,
    with_links,
)


def reference(reference_id: str, label: str, group: str = "", *urls: str) -> Reference:
    return Reference(reference_id, label, group, f"Work {label}", {"title": label}, urls)


REFERENCES = (
    reference("aaaa", "1"),
    reference("bbbb", "2", "", "https://example.org/two"),
    reference("cccc", "1", "note"),
    reference("dddd", "a", "lower-alpha"),
    reference("eeee", "x", "note"),
    reference("ffff", "x", "upper-roman"),
)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("aaaa", "aaaa"),
        ("cccc", "cccc"),
        ("1", "aaaa"),  # the plain reference before a note with the same label
        ("note:1", "cccc"),
        ("lower-alpha:a", "dddd"),
        ("a", "dddd"),
        ("upper-roman:x", "ffff"),
    ],
)
def test_a_key_names_one_reference(key, found):
    assert reference_for(key, REFERENCES).reference_id == found


@pytest.mark.parametrize(
    ("key", "what"),
    [("3", "no reference"), ("x", "several"), ("note:2", "no"), ("", "no"), ("aaa", "no")],
)
def test_a_key_that_names_none_or_several(key, what):
    with pytest.raises(UsageError, match=f"names {what}") as caught:
        reference_for(key, REFERENCES)
    assert "1, 2, note:1, lower-alpha:a, note:x, upper-roman:x" in str(caught.value.hint)


def test_files_by_key(tmp_path):
    page = tmp_path / "a=b.html"
    page.write_bytes(b"<p>Words.</p>")
    files = read_keyed_files([f"1={page}", f"note:1={page}"], limit_mb=1)
    assert files["1"] == SuppliedFile("a=b.html", b"<p>Words.</p>")
    assert files["1"].media_type == "text/html"
    found = by_reference(files, REFERENCES)
    assert set(found) == {"aaaa", "cccc"}


def test_media_types_by_name():
    names = ("a.html", "a.HTM", "a.txt", "a.pdf", "a.md", "a", "a.nonsense")
    types = [SuppliedFile(name, b"x").media_type for name in names]
    assert types == [
        "text/html",
        "text/html",
        "text/plain",
        "application/pdf",
        "text/markdown",
        "application/octet-stream",
        "application/octet-stream",
    ]


def test_files_that_cannot_be_read(tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(1_000_001)
    with pytest.raises(UnreadableFile, match="at most 1 MB") as caught:
        read_file(large, limit_mb=1)
    assert "FOOTNOTED_MAX_ARTICLE_MB" in str(caught.value.hint)
    (tmp_path / "blank").write_bytes(b" \n")
    for name, words in {"blank": "is empty", "none": "not a file", "x" * 300: "too long"}.items():
        with pytest.raises(UnreadableFile, match=words):
            read_file(tmp_path / name, limit_mb=1)


def test_links_go_before_the_articles_own_addresses():
    body = json.dumps({"2": ["https://a.example/", "https://example.org/two"], "1": "http://b/"})
    links = read_links(SuppliedFile("links.json", body.encode()))
    linked = {r.reference_id: r.urls for r in with_links(REFERENCES, links)}
    assert linked["bbbb"] == ("https://a.example/", "https://example.org/two")
    assert linked["aaaa"] == ("http://b/",)
    assert linked["cccc"] == ()
    assert with_links(REFERENCES, {}) == REFERENCES


@pytest.mark.parametrize("body", [b"{", b"[]", b"3", b'{"1": {}}', b'{"1": [1]}', b"\xff\xfe{"])
def test_links_that_are_none(body):
    with pytest.raises(UnreadableFile, match=r"links\.json"):
        read_links(SuppliedFile("links.json", body))
