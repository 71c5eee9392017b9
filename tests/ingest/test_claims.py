"""Claims: one text without signs, and to which sentence or value each sign belongs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from footnoted import ids
from footnoted.domain import Article, Kind, Reference, Section
from footnoted.ingest.claims import Block, Heading, Page, Prose, Row, build_article
from footnoted.ingest.markers import Flag, Line, Marked, Sign, take_out
from footnoted.ingest.normalise import normalise

LABELS = [str(n) for n in range(1, 10)]


def article(*blocks: Block, language: str = "en") -> Article:
    references = [Reference(f"id-{label}", label, "", f"Source {label}") for label in LABELS]
    footnotes = {r.label: r.reference_id for r in references}
    return build_article(
        Page("Light", "https://x.example/Light", language, "test", blocks, references, footnotes)
    )


def line(raw: str) -> Line:
    return take_out(raw, LABELS)


def labels(built: Article) -> list[list[str]]:
    return [[marker.label for marker in claim.markers] for claim in built.claims]


def test_signs_belong_to_the_sentence_that_they_end_or_stand_in() -> None:
    built = article(
        Prose(line("It was lit.[1][2] The lamp,[3] it shone.[4] “Why?”[5] Nobody knew."))
    )
    assert [claim.text for claim in built.claims] == [
        "It was lit.",
        "The lamp, it shone.",
        "“Why?”",
        "Nobody knew.",
    ]
    assert labels(built) == [["1", "2"], ["3", "4"], ["5"], []]
    assert built.claims[0].reference_ids == ("id-1", "id-2")
    assert [marker.position for marker in built.markers] == [11, 11, 21, 31, 38]


def test_a_sign_behind_a_full_stop_ends_the_sentence_that_the_words_leave_open() -> None:
    plain = article(Prose(line("He moved to Washington D.C. Police came.")))
    signed = article(Prose(line("He moved to Washington D.C.[1] Police came.[2]")))
    assert len(plain.claims) == 1
    assert [claim.text for claim in signed.claims] == [
        "He moved to Washington D.C.",
        "Police came.",
    ]
    assert labels(signed) == [["1"], ["2"]]
    initials = article(Prose(line("It was J.[1] Smith who came.")))
    assert [claim.text for claim in initials.claims] == ["It was J. Smith who came."]


def test_signs_after_the_full_stops_of_other_scripts() -> None:
    arabic = article(Prose(line("أضيئت المنارة.[1] هل رآها أحد؟[2] نعم.[3]")), language="ar")
    assert labels(arabic) == [["1"], ["2"], ["3"]]
    chinese = article(Prose(line("灯塔建成。[1]它很高。[2]")), language="zh")
    assert labels(chinese) == [["1"], ["2"]]
    urdu = article(Prose(line("یہ مینار ہے۔[1] وہ روشن ہے۔[2]")), language="ur")
    assert labels(urdu) == [["1"], ["2"]]


def test_a_row_is_one_line_and_each_value_a_claim() -> None:
    built = article(
        Row(line("Size"), (line("70,000"),)),
        Row(line("Allies[3]"), (line("Iran"), line("Syria (until 2024)[1]"), line("Russia"))),
        Prose(line("It was lit.")),
    )
    assert built.text == "Size: 70,000\nAllies: Iran; Syria (until 2024); Russia\n\nIt was lit."
    rows = built.claims[:-1]
    assert [(claim.label, claim.text) for claim in rows] == [
        ("Size", "Size: 70,000"),
        ("Allies", "Allies: Iran"),
        ("Allies", "Allies: Syria (until 2024)"),
        ("Allies", "Allies: Russia"),
    ]
    assert [claim.span.of(built.text) for claim in rows] == [
        "Size: 70,000",
        "Allies: Iran",
        "Syria (until 2024)",
        "Russia",
    ]
    assert labels(built) == [[], ["3"], ["1"], [], []]
    assert built.claims[-1].label is None


def test_headings_are_lines_of_their_own() -> None:
    built = article(
        Prose(line("It was lit.")), Heading(line("History[1]"), 1), Prose(line("Work began."))
    )
    assert built.text == "It was lit.\n\nHistory\n\nWork began."
    assert built.sections == (Section("History", 1, 13),)
    assert [marker.position for marker in built.markers] == [20]
    assert labels(built) == [[], []]


def test_list_items_are_tight_rows_whole_and_captions_silent() -> None:
    built = article(
        Prose(line("One. Two.")),
        Prose(line("Three."), tight=True),
        Prose(line("1888 | A. B. | 4. Five[1]"), whole=True),
        Prose(line("The lamp[2]"), silent=True),
    )
    assert built.text == "One. Two.\nThree.\n\n1888 | A. B. | 4. Five\n\nThe lamp"
    assert [claim.text for claim in built.claims] == [
        "One.",
        "Two.",
        "Three.",
        "1888 | A. B. | 4. Five",
    ]
    assert [marker.label for marker in built.markers] == ["1", "2"]


def test_signs_without_words_belong_to_what_stands_before_them() -> None:
    stray = Line("", (Marked(0, Sign("1", targets=("1",))),))
    built = article(Row(line("Size"), (line("4"), stray)), Prose(line("It was lit.")), Prose(stray))
    assert labels(built) == [["1"], ["1"]]
    assert built.markers[-1].position == len(built.text)
    empty_row = article(Prose(line("It was lit.")), Row(line("Battles"), (stray,)))
    assert empty_row.text == "It was lit."
    assert labels(empty_row) == [["1"]]


def test_flags_and_orphans() -> None:
    remark = Line("It shone.", (Marked(9, Flag("citation_needed")), Marked(9, Sign("a"))))
    built = article(Prose(remark))
    (claim,) = built.claims
    assert claim.flags == ("citation_needed",)
    assert [(m.label, m.reference_ids) for m in claim.markers] == [("a", ())]


def test_claim_ids_are_made_from_the_article_and_the_words() -> None:
    built = article(Prose(line("It shone. It shone.")))
    document = ids.document_id(Kind.ARTICLE, "https://x.example/Light")
    assert [claim.claim_id for claim in built.claims] == ids.claim_ids(
        document, ["It shone.", "It shone."]
    )


RAW = st.lists(
    st.sampled_from(
        ["It was lit", ".", " ", "[1]", "[2]", "The", "U.S.", "؟", "。", "نعم", '"', "e\u0301"]
    )
).map("".join)
BLOCKS = st.lists(
    st.one_of(
        st.builds(lambda raw, tight: Prose(line(raw), tight), RAW, st.booleans()),
        st.builds(lambda raw: Prose(line(raw), whole=True), RAW),
        st.builds(lambda raw: Heading(line(raw), 1), RAW),
        st.builds(
            lambda values: Row(line("Size"), tuple(map(line, values))), st.lists(RAW, max_size=3)
        ),
    ),
    max_size=6,
)


@given(BLOCKS)
def test_what_holds_for_any_article(blocks: list[Block]) -> None:
    built = article(*blocks)
    assert built.text == normalise(built.text)
    for section in built.sections:
        assert built.text.startswith(section.title, section.start)
    for claim in built.claims:
        assert claim.text.endswith(claim.span.of(built.text).removeprefix(f"{claim.label}: "))
        assert claim.label is not None or claim.text == claim.span.of(built.text)
    owned = [marker for claim in built.claims for marker in claim.markers]
    assert all(owned.count(marker) <= built.markers.count(marker) for marker in owned)
    assert all(0 <= marker.position <= len(built.text) for marker in built.markers)
