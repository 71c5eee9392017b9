"""Copies go to the end, and no document fills the top."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from footnoted.index.diversity import LEAST, LOOKED_AT, SHARE, Origin, spread


@dataclass
class Made:
    """Passages by name: document, voice, sentences."""

    passages: dict[str, tuple[str, str, tuple[str, ...]]]

    def text(self, passage_id: str) -> str:
        return " ".join(self.sentences(passage_id))

    def begins(self, _: str) -> int:
        return 0

    def origin(self, passage_id: str) -> Origin:
        document, voice, _ = self.passages[passage_id]
        return Origin(document, voice, "en")

    def sentences(self, passage_id: str) -> tuple[str, ...]:
        return self.passages[passage_id][2]


def sentence(n: int) -> str:
    return f"sentence{n:03}withmorethan20letters"


def one_each(names: str) -> Made:
    """Passages of the documents with these letters, each with a sentence of its own."""
    return Made({f"{d}{n}": (d, "source", (sentence(n),)) for n, d in enumerate(names)})


def placed(made: Made, k: int = 8, **options: bool) -> list[str]:
    names = list(made.passages)
    return [names[at] for at in spread(names, made, k, **options).order]


def test_no_document_fills_the_top_while_others_are_left() -> None:
    made = one_each("AAAAAAAABCB")
    order = [name[0] for name in placed(made)]
    assert "".join(order) == "AAAAABCBAAA"
    assert "".join(n[0] for n in placed(made, every_document=False)) == "AAAAAAAABCB"
    assert placed(one_each("AAAAAAAA")) == list(one_each("AAAAAAAA").passages)


def test_a_waiting_passage_comes_as_soon_as_there_is_room() -> None:
    assert "".join(n[0] for n in placed(one_each("AAAAAAABCDEFGHIJ"))) == "AAAAABCDEFAGAHIJ"


@settings(deadline=None)
@given(st.lists(st.sampled_from("ABC"), max_size=60), st.integers(1, 70))
def test_every_passage_stays_and_a_shorter_list_is_the_beginning_of_a_longer(
    documents: list[str], k: int
) -> None:
    made = one_each("".join(documents))
    names = list(made.passages)
    found = spread(names, made, k)
    assert sorted(found.order) == list(range(len(names)))
    assert found.order[:k] == spread(names, made, 100).order[:k]
    left = Counter(documents)
    for n, at in enumerate(found.order[: max(k, LOOKED_AT)], start=1):
        document = documents[at]
        above = Counter(documents[other] for other in found.order[:n])
        others = sum(left.values()) - left[document]
        assert above[document] <= max(LEAST, ceil(SHARE * n)) or not others
        left[document] -= 1


def test_copies_go_behind_everything_else_and_are_named() -> None:
    one, two = sentence(1), sentence(2)
    made = Made(
        {
            "first": ("A", "source", (one, two, "readmore")),
            "copy": ("B", "source", (two, one)),
            "other": ("C", "source", (sentence(3),)),
            "again": ("D", "source", (one, two, "seealso")),
        }
    )
    names = list(made.passages)
    found = spread(names, made, 8)
    assert [names[at] for at in found.order] == ["first", "other", "copy", "again"]
    assert {names[a]: names[b] for a, b in found.copies.items()} == {
        "copy": "first",
        "again": "first",
    }


def test_one_differing_sentence_makes_a_passage_its_own() -> None:
    same = tuple(sentence(n) for n in range(9))
    made = Made(
        {
            "one": ("A", "source", (*same, "herankedthirdinthemens94kg")),
            "two": ("B", "source", (*same, "herankedthirdinthemens85kg")),
        }
    )
    assert spread(list(made.passages), made, 8).copies == {}


def test_what_a_source_says_as_the_article_does_is_no_copy_of_it() -> None:
    made = Made(
        {
            "article": ("A", "article", (sentence(1),)),
            "source": ("B", "source", (sentence(1),)),
            "digest": ("C", "source digest", (sentence(1),)),
        }
    )
    assert spread(list(made.passages), made, 8).copies == {}


def test_a_short_part_of_a_passage_is_no_copy_of_it() -> None:
    made = Made(
        {
            "whole": ("A", "source", (sentence(1), sentence(2), sentence(3))),
            "part": ("B", "source", (sentence(2),)),
        }
    )
    assert spread(list(made.passages), made, 8).copies == {}


def test_other_windows_on_the_same_sentences_are_copies() -> None:
    made = Made(
        {
            "1-3": ("A", "source", (sentence(1), sentence(2), sentence(3))),
            "4-6": ("A", "source", (sentence(4), sentence(5), sentence(6))),
            "3-5": ("B", "source", (sentence(3), sentence(4), sentence(5))),
        }
    )
    assert spread(list(made.passages), made, 8).copies == {2: 1}


def test_passages_of_short_sentences_and_of_none() -> None:
    made = Made(
        {
            "size": ("A", "article", ("size3000",)),
            "again": ("B", "article", ("size3000",)),
            "signs": ("C", "article", ("",)),
            "nothing": ("D", "article", ()),
        }
    )
    names = list(made.passages)
    found = spread(names, made, 8)
    assert [names[at] for at in found.order] == ["size", "signs", "nothing", "again"]
    assert spread([], made, 8).order == []


def test_a_document_of_many_repeated_passages_costs_no_more_than_many_documents() -> None:
    """Waiting passages are not looked through again for each one that comes."""
    looked = Counter[str]()

    class Counting(Made):
        def origin(self, passage_id: str) -> Origin:
            looked["origin"] += 1
            return super().origin(passage_id)

    size = 3000
    made = Counting({str(n): ("A", "source", (sentence(n % 7),)) for n in range(size)})
    found = spread(list(made.passages), made, 8)
    assert len(found.order) == size
    assert len(found.copies) == size - 7
    assert looked["origin"] <= 4 * size
