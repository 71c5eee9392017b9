"""Printed citations, dates and COinS spans to CSL-JSON."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footnoted.domain import Json
from footnoted.ingest.csl_coins import read_coins, read_name
from footnoted.ingest.csl_dates import csl_date
from footnoted.ingest.references import parse_reference


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        ("22 October 2020", [[2020, 10, 22]]),
        ("October 22, 2020", [[2020, 10, 22]]),
        ("Oct. 22nd, 2020", [[2020, 10, 22]]),
        ("2011-07-12", [[2011, 7, 12]]),
        ("2011-07", [[2011, 7]]),
        ("March 1990", [[1990, 3]]),
        ("(2007)", [[2007]]),
        ("2007b", [[2007]]),
        ("c. 1890", [[1890]]),
        ("1899–1902", [[1899], [1902]]),
        ("1904–05", [[1904], [1905]]),
        ("19. März 2017", [[2017, 3, 19]]),
        ("30 juin 2017", [[2017, 6, 30]]),
        ("3 de mayo de 1888", [[1888, 5, 3]]),
        ("24.12.1999", [[1999, 12, 24]]),
        ("2010年9月3日", [[2010, 9, 3]]),
        ("3–5 May 1888", [[1888, 5, 3]]),
    ],
)
def test_dates(printed: str, parts: list[list[int]]) -> None:
    assert csl_date(printed) == {"date-parts": parts}


def test_a_season_and_what_is_no_date() -> None:
    assert csl_date("Spring 2004") == {"date-parts": [[2004]], "season": 1}
    for printed in ("n.d.", "May", "Haymarket Books", "12345", "32 May 1888", ""):
        assert csl_date(printed) is None


CITATIONS: list[tuple[str, Json]] = [
    (
        (
            'Holm, Ada (3 May 1889). "Out of the Dark? The Future of Varna\'s Light". '
            "Centre for Lamps at North Point. Retrieved 11 May 2024."
        ),
        {
            "type": "webpage",
            "author": [{"family": "Holm", "given": "Ada"}],
            "issued": {"date-parts": [[1889, 5, 3]]},
            "title": "Out of the Dark? The Future of Varna's Light",
            "container-title": "Centre for Lamps at North Point",
            "accessed": {"date-parts": [[2024, 5, 11]]},
        },
    ),
    (
        (
            'Reck-Holm, Jo; Holm, Ada (2007). "10: Lamps, Oils". Lights of Varna. Varna: Harbour '
            "Press. p. 297. ISBN 978-1931859-44-8."
        ),
        {
            "type": "chapter",
            "author": [
                {"family": "Reck-Holm", "given": "Jo"},
                {"family": "Holm", "given": "Ada"},
            ],
            "issued": {"date-parts": [[2007]]},
            "title": "10: Lamps, Oils",
            "container-title": "Lights of Varna",
            "publisher": "Harbour Press",
            "publisher-place": "Varna",
            "page": "297",
            "ISBN": "978-1931859-44-8",
        },
    ),
    (
        'Ada Holm; Jo Reck (30 April 2021). "Keepers tout lamps". The Long Light Journal.',
        {
            "type": "webpage",
            "author": [{"literal": "Ada Holm"}, {"literal": "Jo Reck"}],
            "issued": {"date-parts": [[2021, 4, 30]]},
            "title": "Keepers tout lamps",
            "container-title": "The Long Light Journal",
        },
    ),
    (
        '"Lamp, oil attacks on U.S. lights". Coast (via News.example). 19 October 2023.',
        {
            "type": "webpage",
            "title": "Lamp, oil attacks on U.S. lights",
            "container-title": "Coast (via News.example)",
            "issued": {"date-parts": [[2023, 10, 19]]},
        },
    ),
    (
        (
            '"Three lamps lost, Holm says". Al Manara. 28 January 2024. Archived from the original '
            "on 28 January 2024."
        ),
        {
            "type": "webpage",
            "title": "Three lamps lost, Holm says",
            "container-title": "Al Manara",
            "issued": {"date-parts": [[2024, 1, 28]]},
            "custom": {"archived_on": "28 January 2024"},
        },
    ),
    (
        "Dask, Merrin (1958). Rivers of the North. Varna: Lowmere Press. p. 141.",
        {
            "type": "webpage",
            "author": [{"family": "Dask", "given": "Merrin"}],
            "issued": {"date-parts": [[1958]]},
            "title": "Rivers of the North",
            "publisher": "Lowmere Press",
            "publisher-place": "Varna",
            "page": "141",
        },
    ),
    (
        'Leroy G, Phocas F (2015). "Lamp size". Vet. J. 203 (1): 74–8. doi:10.5555/j.2014.11.',
        {
            "type": "article-journal",
            "author": [{"family": "Leroy", "given": "G"}, {"family": "Phocas", "given": "F"}],
            "issued": {"date-parts": [[2015]]},
            "title": "Lamp size",
            "container-title": "Vet. J",
            "volume": "203",
            "issue": "1",
            "page": "74–8",
            "DOI": "10.5555/j.2014.11",
        },
    ),
    (
        (
            'Holm, W.C. (2005). "Lamp species". In Wilson, D.E.; Reeder, D.M. (eds.). Lamp Species '
            "of the World (3rd ed.). Bay University Press. pp. 534–535. ISBN 978-0-8018-8221-0."
        ),
        {
            "type": "chapter",
            "author": [{"family": "Holm", "given": "W.C."}],
            "editor": [
                {"family": "Wilson", "given": "D.E."},
                {"family": "Reeder", "given": "D.M."},
            ],
            "issued": {"date-parts": [[2005]]},
            "title": "Lamp species",
            "container-title": "Lamp Species of the World",
            "edition": "3rd",
            "publisher": "Bay University Press",
            "page": "534–535",
            "ISBN": "978-0-8018-8221-0",
        },
    ),
    (
        "Holm et al. (Spring 2004). “The ‘dark’ lamp”. Lamps. Vol. 3, no. 2. Accessed 2011-07-12.",
        {
            "type": "article-journal",
            "author": [{"literal": "Holm"}, {"literal": "et al."}],
            "issued": {"date-parts": [[2004]], "season": 1},
            "title": "The ‘dark’ lamp",
            "container-title": "Lamps",
            "volume": "3",
            "issue": "2",
            "accessed": {"date-parts": [[2011, 7, 12]]},
        },
    ),
    (
        'Darwish, Salma. "منارة" [A lighthouse]. دفاتر (in Arabic). "Nobody slept that night."',
        {
            "type": "webpage",
            "author": [{"family": "Darwish", "given": "Salma"}],
            "title": "منارة",
            "container-title": "دفاتر",
            "language": "Arabic",
            "custom": {
                "translated_title": "A lighthouse",
                "quote": "Nobody slept that night.",
            },
        },
    ),
    (
        "Pillar 2006, p. 17.",
        {
            "type": "book",
            "author": [{"literal": "Pillar"}],
            "issued": {"date-parts": [[2006]]},
            "page": "17",
        },
    ),
    ("Lamp demonstration", {"type": "document", "title": "Lamp demonstration"}),
    (
        "The old calendar ran late. It was dropped in time.",
        {"type": "document", "note": "The old calendar ran late. It was dropped in time."},
    ),
    (
        "Lamp list, https://lamps.example/list.",
        {"type": "webpage", "title": "Lamp list", "URL": "https://lamps.example/list"},
    ),
]


@pytest.mark.parametrize(("text", "item"), CITATIONS)
def test_printed_citations(text: str, item: Json) -> None:
    assert parse_reference(text) == item


def test_a_quotation_in_a_title_does_not_end_it() -> None:
    assert parse_reference('"Is "dark" a word?". Lamp Review.')["title"] == 'Is "dark" a word?'
    assert parse_reference("«Ein „Licht“ im Norden». Blatt.")["title"] == "Ein „Licht“ im Norden"


def test_numbers_in_a_title_are_no_details() -> None:
    item = parse_reference('"No. 5, p. 7 and Vol. 3 retrieved". Lamp Review. p. 9.')
    assert item["title"] == "No. 5, p. 7 and Vol. 3 retrieved"
    assert (item["page"], "issue" in item, "volume" in item) == ("9", False, False)


@given(
    st.one_of(
        st.text(),
        st.lists(st.sampled_from(['"', "“", "”", "(2007)", "p. 5", ". ", "Holm, A.", "In ", "[x]",
                                  "ISBN 0-306-40615-2", "; ", "Retrieved", "May 1888",
                                  "12 (3): 4"]))
        .map("".join),
    )
)  # fmt: skip
def test_any_text_gives_an_item_with_a_type(text: str) -> None:
    item = parse_reference(text)
    assert item["type"]
    assert item.get("title") != ""
    assert all(value not in (None, [], {}) for value in item.values())


@pytest.mark.parametrize("unit", ["“a ", "A. ", "Aaa; ", '"a', "12 (3) ", "may ", "Smith A, "])
def test_an_overlong_note_takes_no_more_than_its_share_of_time(unit: str) -> None:
    start = time.perf_counter()
    parse_reference(unit * 10_000)
    assert time.perf_counter() - start < 5  # 0.2 s here; a quadratic search took minutes


COINS = (
    "ctx_ver=Z39.88-2004&rft_val_fmt=info%3Aofi%2Ffmt%3Akev%3Amtx%3Ajournal&rft.genre=article"
    "&rft.jtitle=Lamp+Review&rft.atitle=Colza+%3Fand%3F+kerosene&rft.volume=81&rft.issue=6"
    "&rft.pages=97-98&rft.date=1890-10&rft_id=info%3Adoi%2F10.5555%2Flamp&rft_id=https%3A%2F%2F"
    "lamps.example%2F81&rft.issn=1234-567X&rft.aulast=Holm&rft.aufirst=Ada&rft.au=Reck%2C+Jonas"
    "&rft.au=Holm%2C+Ada&rft.aucorp=Lamp+Society"
)


def test_coins_of_a_journal() -> None:
    assert read_coins(COINS, "citation journal cs1") == {
        "type": "article-journal",
        "title": "Colza ?and? kerosene",
        "container-title": "Lamp Review",
        "volume": "81",
        "issue": "6",
        "page": "97-98",
        "ISSN": "1234-567X",
        "issued": {"date-parts": [[1890, 10]]},
        "author": [
            {"family": "Holm", "given": "Ada"},
            {"family": "Reck", "given": "Jonas"},
            {"literal": "Lamp Society"},
        ],
        "DOI": "10.5555/lamp",
        "URL": "https://lamps.example/81",
    }


@pytest.mark.parametrize(
    ("genre", "template", "kind"),
    [("unknown", "citation web cs1", "webpage"),
     ("unknown", "citation news cs1", "article-newspaper"),
     ("bookitem", "citation book cs1", "chapter"), ("book", "citation book cs1", "book"),
     ("report", "", "report"), ("unknown", "", "webpage"), ("book", "", "book"),
     ("unknown", "citation thesis cs1", "thesis")],
)  # fmt: skip
def test_the_template_names_the_type(genre: str, template: str, kind: str) -> None:
    coins = f"rft_val_fmt=info:ofi/fmt:kev:mtx:book&rft.genre={genre}&rft.btitle=Lamps"
    assert read_coins(coins, template) == {"type": kind, "title": "Lamps"}


def test_what_is_no_context_object_gives_nothing() -> None:
    assert read_coins("a title of some span") == {}
    assert read_coins("") == {}


def test_only_a_comma_tells_family_names() -> None:
    assert read_name("Holm, Ada") == {"family": "Holm", "given": "Ada"}
    assert read_name("BBC News") == {"literal": "BBC News"}
    assert read_name("Holm,") == {"literal": "Holm"}
