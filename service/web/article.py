"""The Article view: the text with its footnotes, cut into headings, paragraphs and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from footnoted.domain import Json
from footnoted.service.shelf import Answers


class Sign(NamedTuple):
    """A footnote sign, and the reference that it stands for; ``None`` for an orphan."""

    label: str
    reference: Mapping[str, Any] | None


class Sentence(NamedTuple):
    """Words of the article; ``claim`` is ``None`` for words between sentences."""

    text: str
    claim: Mapping[str, Any] | None = None
    signs: Sequence[Sign] = ()


@dataclass(slots=True)
class Block:
    """A heading or a paragraph; ``tight`` where it follows the last one on the next line."""

    heading: str | None = None
    sentences: list[Sentence] = field(default_factory=list)
    tight: bool = False


class InfoboxRow(NamedTuple):
    """A row of the infobox, and its values."""

    label: str
    values: Sequence[Sentence]


def reading(answers: Answers) -> Json:
    """The article's document as the view shows it."""
    with answers.held() as told:
        article = told.article()
        references = {row["reference_id"]: row for row in told.sources()["references"]}
    return {
        "document": article,
        "infobox": _infobox(article, references),
        "blocks": blocks(article, references),
    }


def blocks(article: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> list[Block]:
    """The body, in order; joined with what lies between them, their words are the text's."""
    text, made, at, after_row = article["text"], [Block()], 0, False
    for claim in sorted(article["claims"], key=lambda claim: (claim["start"], claim["end"])):
        if claim["start"] < at:  # a sentence within the last one
            continue
        is_row = claim["label"] is not None
        _between(made, text[at : claim["start"]], after_row=after_row, before_row=is_row)
        at, after_row = claim["end"], is_row
        if not is_row:
            words = text[claim["start"] : claim["end"]]
            made[-1].sentences.append(Sentence(words, claim, signs(claim, references)))
    _between(made, text[at:], after_row=after_row, before_row=False)
    return [block for block in made if block.heading or block.sentences]


def _between(made: list[Block], gap: str, *, after_row: bool, before_row: bool) -> None:
    """Add what stands between two sentences: loose words, a new paragraph, headings."""
    first, *lines = gap.split("\n")
    if not lines:
        if first and not (after_row or before_row):
            made[-1].sentences.append(Sentence(first))
        return
    if first.strip() and not after_row:
        made[-1].sentences.append(Sentence(first))
    *headings, last = lines
    made.extend(Block(heading=line.strip()) for line in headings if line.strip())
    made.append(Block(tight=len(lines) == 1 and bool(made[-1].sentences)))
    if last.strip() and not before_row:
        made[-1].sentences.append(Sentence(last))


def _infobox(
    article: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]
) -> list[InfoboxRow]:
    rows: list[InfoboxRow] = []
    for claim in article["claims"]:
        label = claim["label"]
        if label is None:
            continue
        value = claim["text"].removeprefix(f"{label}:").strip()
        sentence = Sentence(value, claim, signs(claim, references))
        if rows and rows[-1].label == label:
            rows[-1] = InfoboxRow(label, [*rows[-1].values, sentence])
        else:
            rows.append(InfoboxRow(label, [sentence]))
    return rows


def signs(claim: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> list[Sign]:
    """The footnote signs of a claim, joined with the references that it cites."""
    cited: Iterable[Mapping[str, Any]] = [
        references[r] for r in claim["reference_ids"] if r in references
    ]
    by_label = {row["label"]: row for row in cited}
    return [Sign(label, by_label.get(label)) for label in claim["markers"]]
