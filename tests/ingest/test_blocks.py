from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Section
from footnoted.ingest.blocks import Block, BlockBuilder, assemble
from footnoted.ingest.normalise import normalise

BLOCKS = st.lists(
    st.builds(Block, st.text(max_size=30), st.integers(0, 6), st.integers(0, 2)), max_size=12
)


@given(BLOCKS)
def test_the_assembled_text_is_normalised_and_its_headings_are_lines(blocks: list[Block]) -> None:
    text, headings = assemble(blocks)
    assert normalise(text) == text
    for heading in headings:
        end = heading.start + len(heading.title)
        assert text[heading.start : end] == heading.title
        assert heading.start == 0 or text[heading.start - 1] == "\n"
        assert end == len(text) or text[end] == "\n"


def test_items_of_one_list_follow_line_by_line() -> None:
    blocks = [Block("One\u00a0 two", 2), Block("a", 0, 1), Block("b", 0, 1), Block("c", 0, 2)]
    text, headings = assemble([*blocks, Block(" \u200b "), Block("end", 3)])
    assert text == "One two\n\na\nb\n\nc\n\nend"
    assert headings == (Section("One two", 2, 0), Section("end", 3, 17))


def walk(builder: BlockBuilder, markup: str) -> list[Block]:
    for part in markup.split("|"):
        if part.startswith("</"):
            builder.close(part[2:-1])
        elif part.startswith("<"):
            builder.open(part[1:-1])
        else:
            builder.text(part)
    return builder.blocks()


def test_a_row_of_values_is_a_line_and_a_row_of_columns_is_not() -> None:
    row = "<table>|<tr>|<th>|<p>|Size|</p>|</th>|<td>|{}|<br>|m|</td>|</tr>|</table>"
    short = walk(BlockBuilder(preformatted=True), row.format("96"))
    assert short == [Block("Size | 96 m", 0, 1)]
    long = walk(BlockBuilder(preformatted=True), row.format("word " * 60))
    assert [block.group for block in long] == [0, 0]
    assert long[0].text == "Size"


def test_white_space_counts_only_where_it_is_preformatted() -> None:
    markup = "<p>|a\n  b|</p>|<pre>|c\n  d|</pre>"
    kept = walk(BlockBuilder(preformatted=True), markup)
    assert [block.text for block in kept] == ["a b", "c\n  d"]
    lost = walk(BlockBuilder(preformatted=False), markup)
    assert [block.text for block in lost] == ["a b", "c d"]
